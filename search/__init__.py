"""The library: what a role is, the index that holds roles, and how it is asked. Imports nothing else of this project."""

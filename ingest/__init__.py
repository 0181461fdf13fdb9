"""Files in, index entries out: reading, parsing, chunking, and keeping an index in step with folders. Imports `search`."""

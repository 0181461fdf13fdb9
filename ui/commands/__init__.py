"""The commands of `rolesearch`, a function each; `ui.cli` puts them together. Heavy libraries are imported inside them, so that `--help` answers at once."""

"""Files to documents: one module a format, one row in READERS each. What a role is, is decided elsewhere (ingest/parsing.py)."""

from ingest.readers.files import Part, read, read_stream
from ingest.readers.formats import READERS, UNREAD_DOCUMENTS, FileKind, Reader, is_readable, kind_of

__all__ = ["READERS", "UNREAD_DOCUMENTS", "FileKind", "Part", "Reader", "is_readable", "kind_of", "read", "read_stream"]

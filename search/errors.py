"""Errors that a user can cause and cure. Each face translates them once; anything else is a bug and keeps its traceback.

RoleSearchError
├── UsageError          wrong arguments, settings or query syntax                       exit 2
│   └── NoSuchRole      the index has no role of the id that was named
├── UnusableIndex       the index cannot be used as it is
│   ├── IndexMissing    there is no published generation yet
│   ├── IndexMismatch   made by another model, chunker or schema than this program's
│   └── IndexDamaged    a file of it does not hold what was written, or its parts do not hold the same chunks
├── IndexBusy           another process is writing                                      exit 4
├── ServerUnreachable   the Chroma server that holds the vectors does not answer
├── StorageFailed       the disk is full, read-only, failing, or not this user's
├── MassRemoval         an ingest would remove more than half of the roles
├── ModelError          the embedding model is missing or not the one expected
└── Refused             one file cannot be read; the batch goes on without it
"""


class RoleSearchError(Exception):
    """Base of all; the message says what is wrong, with its number, and what to do about it."""

    exit_code = 1


class UsageError(RoleSearchError):
    """Wrong arguments, settings or query syntax."""

    exit_code = 2


class NoSuchRole(UsageError):
    """The index has no role of the id that was named."""


class UnusableIndex(RoleSearchError):
    """The index cannot be used as it is."""


class IndexMissing(UnusableIndex):
    """There is no published generation at the place."""


class IndexMismatch(UnusableIndex):
    """The index was made by another model, chunker or schema."""


class IndexDamaged(UnusableIndex):
    """A file of a generation does not hold what was written, or its parts do not agree with each other."""


class IndexBusy(RoleSearchError):
    """Another process is writing to the index."""

    exit_code = 4


class ServerUnreachable(RoleSearchError):
    """The Chroma server that holds the vectors does not answer, or refuses to."""


class StorageFailed(RoleSearchError):
    """The system refuses to read or write the index: the disk is full, read-only or failing, or this user has no permission."""


class MassRemoval(RoleSearchError):
    """An ingest would remove more than half of the roles it looks after."""


class ModelError(RoleSearchError):
    """The embedding model is missing, or its weights are not the expected ones."""


class Refused(RoleSearchError):
    """A file, or a record in it, cannot be read as a role. Never stops a batch."""

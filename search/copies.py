"""Folders of a reader's own, in the temporary folder: each goes when its reader does, or, where that was killed, when another reader looks for such."""

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "rolesearch-reader-"
# Locked as long as the reader lives: the system unlocks it when the process ends, however it ends.
_LOCK = "in-use"
# Younger folders are left alone: their reader may be about to lock them.
_YOUNGEST_SWEPT_SECONDS = 60
_DELETED_AT_MOST = 5


class ReaderFolder:
    """A new folder at `path`, until `close`. The first one of a process sweeps away what readers left that were killed."""

    def __init__(self) -> None:
        _sweep_once(tempfile.gettempdir())
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # Closed by whichever thread comes to it.
        self._lock = FileLock(self.path / _LOCK, thread_local=False)
        self._lock.acquire()

    def close(self) -> None:
        """Delete the folder, again where it is still there: Tantivy looks at what it opened once more, in a thread of its own, and leaves a lock there."""
        for _ in range(_DELETED_AT_MOST):
            shutil.rmtree(self.path, ignore_errors=True)
            if not self.path.exists():
                break
        self._lock.release(force=True)


@cache
def _sweep_once(folder: str) -> None:
    for place in Path(folder).glob(f"{_PREFIX}*"):
        # Another's folder, or one that goes at this moment, is none of ours.
        with suppress(OSError, Timeout):
            status = place.lstat()
            is_ours = stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
            if is_ours and (place / _LOCK).is_file() and time.time() - status.st_mtime > _YOUNGEST_SWEPT_SECONDS:
                with FileLock(place / _LOCK, timeout=0):
                    shutil.rmtree(place, ignore_errors=True)

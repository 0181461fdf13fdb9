"""Small files that lie beside an index, written by one at a time, each replaced whole or not at all; and what is said when the disk refuses."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from search.errors import IndexBusy, IndexDamaged, RoleSearchError, StorageFailed

# What a system refuses, by number, in one vocabulary for the files themselves and for SQLite.
_SQLITE_CODES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
_ELSEWHERE = "or name another folder with --index"
_CURES = {
    errno.ENOSPC: "free some room there",
    errno.EDQUOT: "free some room there",
    errno.EFBIG: "let this process write larger files",
    errno.EROFS: f"make it writable, {_ELSEWHERE}",
    errno.EACCES: f"give this user the right to it, {_ELSEWHERE}",
    errno.EPERM: f"give this user the right to it, {_ELSEWHERE}",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def storage_failures(folder: Path) -> Iterator[None]:
    """What the system or SQLite refuses while the index in `folder` is read or written is said as StorageFailed, a broken database as IndexDamaged."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise storage_failure(folder, error) from error


def storage_failure(folder: Path, error: OSError | sqlite3.Error) -> RoleSearchError:
    """What to tell a person of an error that came up while the index in `folder` was read or written; what was published is untouched by it."""
    if isinstance(error, sqlite3.Error):
        if is_damage(error):
            return IndexDamaged(f"the index in {folder} is damaged: {error}; run `rolesearch doctor --repair --index {folder}`")
        number, reason, place = _SQLITE_CODES.get(_code(error)), str(error), folder
    else:
        number, reason, place = error.errno, error.strerror or str(error), Path(os.fsdecode(error.filename)) if error.filename else folder
    cure = _CURES.get(number or 0, "look at the disk that it lies on")
    return StorageFailed(
        f"the index in {folder} cannot be used: {reason} ({place}{_room(folder, number)}); {cure}, then try again. What was published before is as it was"
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file is no database, or not a whole one."""
    return _code(error) in _DAMAGED


def _code(error: sqlite3.Error) -> int:
    # The low byte is the kind of error, what is above it says more about it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _room(folder: Path, number: int | None) -> str:
    if number not in (errno.ENOSPC, errno.EDQUOT):
        return ""
    place = next((parent for parent in (folder, *folder.absolute().parents) if parent.exists()), Path())
    return f", {shutil.disk_usage(place).free // 1_000_000} MB free"


@contextmanager
def alone_in(folder: Path, failed: str, seconds: float) -> Iterator[None]:
    """Write to a folder beside the index, alone: `held`, and what the system refuses meanwhile is said as RoleSearchError."""
    with _translated(folder, failed), held(folder, failed, seconds):
        yield


@contextmanager
def held(folder: Path, failed: str, seconds: float) -> Iterator[None]:
    """Hold the folder's lock, waiting for it so many seconds; the folder is made, but not the index that it lies in.

    Raises IndexBusy when another keeps the lock, RoleSearchError when the folder cannot be made; `failed` begins both messages.
    """
    lock = FileLock(folder / "lock", timeout=seconds)
    with _translated(folder, failed):
        # Without `parents`: what lies in an index goes with it, and a page that is still open brings neither back.
        folder.mkdir(exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _translated(folder: Path, failed: str) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise IndexBusy(f"{failed}: another process is writing to {folder}; try again") from None
    except OSError as error:
        raise RoleSearchError(f"{failed}: {folder} cannot be written to ({error.strerror or error})") from error


def replace_files(contents: Mapping[Path, Sequence[str]]) -> None:
    """Write files of lines, durably: each is replaced at once, and none before all new ones are on the disk."""
    fresh = {path: path.with_name(f"{path.name}.new") for path in contents}
    try:
        for path, lines in contents.items():
            with fresh[path].open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
        for path in contents:
            fresh[path].replace(path)
            sync(path.parent)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

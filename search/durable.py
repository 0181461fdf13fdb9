"""Small files that lie beside an index: written by one at a time, each replaced whole or not at all."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from search.errors import IndexBusy, RoleSearchError


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
            _sync_folder(path.parent)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The files of a corpus: found below folders in a stable order, named, hashed. Nothing is parsed here."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.errors import Refused, UsageError


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below `root`; `name` is its path below the root with forward slashes, from which role ids are made."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder below `root` that could not be listed: nothing is known about what it holds now."""

    path: Path
    root: Path
    reason: str

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix() + "/"


def walk(paths: Sequence[Path]) -> Iterator[FoundFile | UnreadableFolder]:
    """Every file in the given folders, and the given files, once each, in an order that depends on their names only.

    Hidden files and folders (.git, .DS_Store) are passed over, links to folders are not followed. Raises UsageError for a path that does not exist.
    """
    seen: set[Path] = set()
    for given in paths:
        if not given.exists():
            raise UsageError(f"there is no file or folder {given}; give the folder that holds the role descriptions")
        place = given.resolve()
        found = _below(place) if place.is_dir() else iter([FoundFile(place, place.parent)])
        for entry in found:
            if entry.path not in seen:
                seen.add(entry.path)
                yield entry


def covers(given: Path, path: Path) -> bool:
    """Whether an ingest of `given` looks after `path`: both absolute; the same file, or a file below the folder."""
    return path == given or given in path.parents


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content. Raises Refused for what is no regular file or cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refused("not a regular file")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror or error}") from error


def _below(root: Path) -> Iterator[FoundFile | UnreadableFolder]:
    unreadable: list[UnreadableFolder] = []

    def remember(error: OSError) -> None:
        unreadable.append(UnreadableFolder(Path(error.filename), root, f"cannot be listed: {error.strerror or error}"))

    for folder, subfolders, files in os.walk(root, onerror=remember):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield FoundFile(Path(folder) / name, root)
    yield from unreadable

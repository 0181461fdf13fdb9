"""The files of a corpus: found below folders in a stable order, named, hashed. Nothing is parsed here."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ingest.places import Place, as_place, lies_below
from search.errors import Refused, UsageError

# Read at once; most role descriptions are smaller.
_BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _BelowRoot:
    """`location` is an absolute path as text: to make a Path of it takes as long as to read and hash a small file."""

    location: str
    root: Path

    @property
    def path(self) -> Path:
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class FoundFile(_BelowRoot):
    """A file below `root`; `name` is its path below the root with forward slashes, from which role ids are made."""

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()


@dataclass(frozen=True, slots=True)
class UnreadableFolder(_BelowRoot):
    """A folder below `root` that could not be listed: nothing is known about what it holds now."""

    reason: str

    @property
    def name(self) -> str:
        return _readable(self.path.relative_to(self.root)) + "/"

    def covers(self, location: str) -> bool:
        """Whether what is known of a file, by its absolute path, stays as it is."""
        return location == self.location or lies_below(location, self.location)


@dataclass(frozen=True, slots=True)
class MissingPlace:
    """A place of a list that is not there, or where nothing is: a slip, a disk that is not mounted, or a file that is gone. It does not say which."""

    place: Place
    reason: str

    @property
    def location(self) -> str:
        return str(self.place.path)

    @property
    def path(self) -> Path:
        return self.place.path

    @property
    def name(self) -> str:
        """What the list says, with a replacement character for each byte that is no text."""
        return _readable(self.place.said)

    def covers(self, location: str) -> bool:
        """Whether what is known of a file, by its absolute path, stays as it is."""
        return self.place.covers(location)


@dataclass(frozen=True, slots=True)
class UnnamableFile(_BelowRoot):
    """A file below `root` whose path is no text: it could not be named in an index or a report."""

    @property
    def name(self) -> str:
        """The path below the root, with a replacement character for each byte that is no text."""
        return _readable(self.path.relative_to(self.root))


Found: TypeAlias = FoundFile | UnreadableFolder | UnnamableFile | MissingPlace


def walk(given: Sequence[Path | Place]) -> Iterator[Found]:
    """Every file in the given folders, the given files, and what matches the given patterns, once each, in an order that depends on their names only.

    Hidden files and folders (.git, .DS_Store) are passed over, links to folders are not followed. Raises UsageError for an argument that does not exist, that
    matches nothing, or is no text; what stands in a list comes as MissingPlace instead.
    """
    seen: set[str] = set()
    for place in map(as_place, given):
        try:
            found = _in_place(place)
        except (UsageError, OSError) as error:
            if not place.line:
                raise
            reason = str(error) if isinstance(error, UsageError) else f"cannot be looked at: {error.strerror or error}"
            yield MissingPlace(place, f"{reason} ({place.line})")
            continue
        for entry in found:
            if entry.location not in seen:
                seen.add(entry.location)
                yield entry


def _in_place(place: Place) -> Iterator[Found]:
    """Raises UsageError where there is nothing."""
    if not _is_text(str(place.path)):
        raise UsageError(f"the path {os.fsencode(place.path)!r} is not UTF-8; rename the file or folder")
    if not place.path.exists():
        cure = "" if place.line else "; give the folder that holds the role descriptions"
        raise UsageError(f"there is no file or folder {place.path if place.pattern else place.said}{cure}")
    if not place.path.is_dir():
        return iter([FoundFile(str(place.path), place.root or place.path.parent)])
    if not place.pattern:
        return _below(place.path)
    matches = [entry for entry in _below(place.path) if isinstance(entry, UnreadableFolder) or place.covers(entry.location)]
    if not matches:
        raise UsageError(f"no file matches {place.said}; `**` stands for folders in any depth, and hidden files are passed over")
    return iter(matches)


def digest_of(path: str | Path, root: Path | None = None) -> str:
    """SHA-256 of a file's content. Raises Refused for what is no regular file or cannot be read, and for a link that leads out of the folder `root`."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            if root is not None and root not in Path(os.path.realpath(path)).parents:
                raise Refused("a link that leads out of the folder; put the file itself there, or ingest the folder that it lies in")
            status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused("not a regular file")
        return _sha256(path)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror or error}") from error


def _sha256(path: str | Path) -> str:
    # By the system's own calls: file objects, and the buffer that hashlib.file_digest makes, take longer than a small file.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        digest = hashlib.sha256()
        while block := os.read(file, _BLOCK_BYTES):
            digest.update(block)
        return digest.hexdigest()
    finally:
        os.close(file)


def _readable(path: str | Path) -> str:
    """A path for a report, with a replacement character for each byte that is no text."""
    return os.fsencode(path).decode("utf-8", "replace")


def _is_text(path: str) -> bool:
    """Whether a path can be written as UTF-8; on Linux names are bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _below(root: Path) -> Iterator[FoundFile | UnreadableFolder | UnnamableFile]:
    unreadable: list[UnreadableFolder] = []

    def remember(error: OSError) -> None:
        unreadable.append(UnreadableFolder(error.filename, root, f"cannot be listed: {error.strerror or error}"))

    for folder, subfolders, files in os.walk(root, onerror=remember):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        before = folder.rstrip(os.sep) + os.sep
        for name in sorted(files):
            if not name.startswith("."):
                location = before + name
                yield FoundFile(location, root) if _is_text(location) else UnnamableFile(location, root)
    yield from unreadable

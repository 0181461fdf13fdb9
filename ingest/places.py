"""What an ingest is asked to look after: folders, files and patterns, given as arguments or in a list. What lies there is found in `ingest.corpus`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from search.errors import UsageError

STDIN = "-"
_WILDCARDS = frozenset("*?[")
_ANY_DEPTH = "**"


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a folder with all that lies below it, or what matches a pattern below a folder.

    `path` is absolute; of a pattern it is the folder before the first wildcard, and `pattern` holds the parts after it. `root` is where the name of a file,
    and with it the ids of its roles, begins; None: at the folder around it. Names below a folder begin at the folder. `said` is what the user wrote.
    `line` says where that stands in a list; "" for an argument. What is not there is an error in an argument, and one refusal among others in a list.
    """

    path: Path
    said: str
    pattern: tuple[str, ...] = ()
    root: Path | None = None
    line: str = ""

    def covers(self, path: str | Path) -> bool:
        """Whether an ingest of this place looks after a file, by its absolute path, be it there or not."""
        location, folder = str(path), str(self.path)
        if location == folder:
            return not self.pattern
        return lies_below(location, folder) and (not self.pattern or _begins_with_match(Path(location).relative_to(folder).parts, self.pattern))


def lies_below(path: str | Path, folder: str | Path) -> bool:
    """Whether a path leads into a folder, both absolute. By their text: this is asked of every file, and making the parents of a path takes long."""
    return str(path).startswith(str(folder).rstrip(os.sep) + os.sep)


def as_place(given: Path | Place) -> Place:
    """The place that an argument names. A path with `*`, `?` or `[` is a pattern, unless there is a file or folder of just that name."""
    if isinstance(given, Place):
        return given
    return _place(given, Path())


def listed_places(content: bytes, origin: str, folder: Path, *, nul_separated: bool = False) -> list[Place]:
    """The places in a list: a path or a pattern a line, relative to `folder`; empty lines and lines that begin with # are passed over.

    With `nul_separated` each entry is a path as it stands, without patterns and comments, as `find -print0` writes them. Files below `folder` are named by
    their path from there. `origin` says in messages which list it is. Raises UsageError where lines hold NUL characters.
    """
    if not nul_separated and b"\0" in content:
        raise UsageError(f"{origin} holds NUL characters; where they separate paths, add --null")
    root = folder.resolve()
    places = []
    for number, entry in enumerate(content.split(b"\0" if nul_separated else b"\n"), start=1):
        text = os.fsdecode(entry if nul_separated else entry.removeprefix(b"\xef\xbb\xbf").strip())
        if not text or (not nul_separated and text.startswith("#")):
            continue
        place = _place(Path(text), folder, patterns=not nul_separated)
        named_from = root if not place.pattern and root in place.path.parents else None
        places.append(replace(place, root=named_from, line=f"line {number} of {origin}"))
    return places


def read_list(path: Path, *, nul_separated: bool = False) -> list[Place]:
    """The places that a file lists; relative ones count from the folder that it lies in. Raises UsageError when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the list {path} cannot be read: {error.strerror or error}") from error
    return listed_places(content, path.name, path.parent, nul_separated=nul_separated)


def _place(given: Path, folder: Path, *, patterns: bool = True) -> Place:
    path = folder / given
    first = next((number for number, part in enumerate(path.parts) if _WILDCARDS & set(part)), None)
    if not patterns or first is None or os.path.lexists(path):
        return Place(Path(os.path.realpath(path)), str(given))
    return Place(Path(os.path.realpath(Path(*path.parts[:first]))), str(given), _without_repetitions(path.parts[first:]))


def _without_repetitions(parts: Sequence[str]) -> tuple[str, ...]:
    """`**/**` means what `**` means, and would take long to match."""
    return tuple(part for number, part in enumerate(parts) if part != _ANY_DEPTH or number == 0 or parts[number - 1] != _ANY_DEPTH)


def _begins_with_match(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the pattern matches the path, or a folder that the path lies in; `**` stands for any number of folders, also none."""
    if not pattern:
        return True
    if not parts:
        return False
    if pattern[0] == _ANY_DEPTH:
        return _begins_with_match(parts, pattern[1:]) or _begins_with_match(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _begins_with_match(parts[1:], pattern[1:])

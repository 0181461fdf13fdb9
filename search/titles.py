"""The titles of all roles, by row: derived from the manifest, which takes ten times as long to find them when a question first meets these roles."""

from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np

from search.arrays import Numbers, mapped
from search.errors import IndexDamaged

_BYTES, _ENDS = "titles.txt", "titles.npy"


class Titles:
    """Titles as they are written, one behind the other; a role's row is its place by id."""

    def __init__(self, written: bytes | mmap, ends: Numbers) -> None:
        """`written` is the text of all, in UTF-8; `ends` says at which byte each ends, a zero before the first."""
        self._written = written
        self._ends = ends

    def at(self, rows: Numbers) -> list[str]:
        """The titles of the roles in these rows."""
        places = zip(self._ends[rows].tolist(), self._ends[rows + 1].tolist(), strict=True)
        return [self._written[start:end].decode() for start, end in places]


def read_titles(folder: Path) -> Titles | None:
    """What `write_titles` wrote into `folder`; None for an index of before, which has none. Raises IndexDamaged when it cannot be read."""
    try:
        ends = mapped(folder / _ENDS)
        with (folder / _BYTES).open("rb") as file:
            # An empty file cannot be mapped.
            written = mmap(file.fileno(), 0, access=ACCESS_READ) if ends[-1] else b""
        if len(written) != ends[-1]:
            raise ValueError(f"{len(written)} bytes where there should be {ends[-1]}")
        return Titles(written, ends)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise IndexDamaged(f"the titles of the roles, in {folder}, cannot be read: {error}; run `rolesearch rebuild`") from error


def write_titles(folder: Path, titles: Iterable[str]) -> None:
    """Write the titles of all roles, in the order of their ids, into `folder`."""
    encoded = [title.encode() for title in titles]
    (folder / _BYTES).write_bytes(b"".join(encoded))
    np.save(folder / _ENDS, np.cumsum([0, *map(len, encoded)], dtype=np.int64), allow_pickle=False)

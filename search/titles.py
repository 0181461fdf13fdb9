"""The titles of all roles, by row: derived from the manifest, which takes ten times as long to find them when a question first meets these roles."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from search.arrays import Numbers, mapped
from search.errors import IndexDamaged

_BYTES, _ENDS = "titles.txt", "titles.npy"


class Titles:
    """Titles as they are written, one behind the other; a role's row is its place by id."""

    def __init__(self, written: Numbers, ends: Numbers) -> None:
        """`written` are the bytes of all, in UTF-8; `ends` says where each ends, a zero before the first."""
        self._written = written
        self._ends = ends

    def at(self, rows: Numbers) -> list[str]:
        """The titles of the roles in these rows."""
        places = zip(self._ends[rows].tolist(), self._ends[rows + 1].tolist(), strict=True)
        return [self._written[start:end].tobytes().decode() for start, end in places]


def read_titles(folder: Path) -> Titles | None:
    """What `write_titles` wrote into `folder`; None for an index of before, which has none. Raises IndexDamaged when it cannot be read."""
    try:
        ends = mapped(folder / _ENDS)
        # An empty file cannot be mapped.
        written = np.asarray(np.memmap(folder / _BYTES, dtype=np.uint8, mode="r")) if ends[-1] else np.empty(0, dtype=np.uint8)
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

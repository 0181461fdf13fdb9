"""Which roles hold a value of an attribute that queries wish for, by row: derived from the manifest, so that a wish is an array that is there already."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from search.arrays import Numbers, mapped
from search.errors import IndexDamaged

_ROWS, _VALUES = "holders.npy", "holders.json"


class Holders:
    """Rows of roles by key and value, as they are written; a role's row is its place by id."""

    def __init__(self, places: Mapping[str, Mapping[str, tuple[int, int]]], rows: Numbers) -> None:
        """`places` says by key and value from where to where in `rows` its roles stand."""
        self._places = places
        self._rows = rows

    def rows(self, key: str, value: str) -> Numbers:
        """The roles that have this value of this attribute, ascending."""
        start, end = self._places.get(key, {}).get(value, (0, 0))
        return self._rows[start:end]


def read_holders(folder: Path) -> Holders | None:
    """What `write_holders` wrote into `folder`; None for an index of before, which has none. Raises IndexDamaged when it cannot be read."""
    try:
        return Holders(json.loads((folder / _VALUES).read_text(encoding="utf-8")), mapped(folder / _ROWS))
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError) as error:
        raise IndexDamaged(f"the values that roles hold, in {folder}, cannot be read: {error}; run `rolesearch rebuild`") from error


def write_holders(folder: Path, statements: Iterable[tuple[str, str, str]], role_ids: Iterable[str]) -> None:
    """Write `statements`, of role id, key and value, the ids ascending, into `folder`; `role_ids` are all that there are, sorted."""
    numbers = {role_id: row for row, role_id in enumerate(role_ids)}
    held: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for role_id, key, value in statements:
        held[key][value].append(numbers[role_id])
    ends = 0
    places = {key: {value: (ends, ends := ends + len(rows)) for value, rows in values.items()} for key, values in held.items()}
    (folder / _VALUES).write_text(json.dumps(places, ensure_ascii=False), encoding="utf-8")
    joined = np.array([row for values in held.values() for rows in values.values() for row in rows], dtype=np.int32)
    np.save(folder / _ROWS, joined, allow_pickle=False)

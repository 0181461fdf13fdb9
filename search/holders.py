"""Which roles hold a value of an attribute, by row: derived from the manifest, so that a wish, or the roles to be counted, are an array that is there already.

What queries wish for is kept apart from all other values: that is little, and every search opens it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from search.arrays import Mask, Numbers, mapped
from search.errors import IndexDamaged

# Names of the files of what is wished for, and of all values.
WISHES, ALL = "holders", "values"


class Holders:
    """Rows of roles by key and value, as they are written; a role's row is its place by id."""

    def __init__(self, places: Mapping[str, Mapping[str, tuple[int, int]]], rows: Numbers) -> None:
        """`places` says by key and value from where to where in `rows` its roles stand."""
        self._places = places
        self._rows = rows

    @cached_property
    def _starts(self) -> Numbers:
        """Where in the rows those of each value begin; found when first counted, since what is wished for never is."""
        return np.array([start for values in self._places.values() for start, _ in values.values()], dtype=np.intp)

    def rows(self, key: str, value: str) -> Numbers:
        """The roles that have this value of this attribute, ascending."""
        start, end = self._places.get(key, {}).get(value, (0, 0))
        return self._rows[start:end]

    def counts(self, among: Mask | None = None) -> dict[str, dict[str, int]]:
        """Key to its values, each with the number of roles that have it, most frequent first, ties by value; of the roles that `among` marks, when given."""
        if not len(self._rows):
            return {}
        held = np.ones(len(self._rows), dtype=np.bool_) if among is None else among[self._rows]
        totals = np.add.reduceat(held, self._starts, dtype=np.int64)
        found: dict[str, dict[str, int]] = {}
        begin = 0
        for key, values in self._places.items():
            names, counts = list(values), totals[begin : (begin := begin + len(values))]
            order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
            if len(order):
                found[key] = {names[place]: count for place, count in zip(order.tolist(), counts[order].tolist(), strict=True)}
        return found


def read_holders(folder: Path, name: str) -> Holders | None:
    """What `write_holders` wrote into `folder` under this name; None for an index of before, which has none. Raises IndexDamaged when it cannot be read."""
    try:
        return Holders(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")), mapped(folder / f"{name}.npy"))
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError) as error:
        raise IndexDamaged(f"the values that roles hold, in {folder}, cannot be read: {error}; run `rolesearch rebuild`") from error


def write_holders(folder: Path, held: Iterable[tuple[str, str, Numbers]], wished: Collection[str]) -> None:
    """Write into `folder` each key and value of `held` with the rows of the roles that hold it, ascending; those with a key that is wished for twice."""
    by_key: dict[str, dict[str, Numbers]] = defaultdict(dict)
    for key, value, rows in held:
        by_key[key][value] = rows
    # In order, so that of values which equally many roles have the first comes first.
    ordered = {key: dict(sorted(by_key[key].items())) for key in sorted(by_key)}
    for name, values_by_key in ((ALL, ordered), (WISHES, {key: values for key, values in ordered.items() if key in wished})):
        ends = 0
        places = {key: {value: (ends, ends := ends + len(rows)) for value, rows in values.items()} for key, values in values_by_key.items()}
        (folder / f"{name}.json").write_text(json.dumps(places, ensure_ascii=False), encoding="utf-8")
        joined = [rows for values in values_by_key.values() for rows in values.values()]
        np.save(folder / f"{name}.npy", np.concatenate([np.empty(0, dtype=np.int32), *joined], dtype=np.int32), allow_pickle=False)

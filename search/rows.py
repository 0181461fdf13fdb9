"""Which roles a filter leaves, as masks over all roles of one generation: joining conditions is array work, and what was once looked up is remembered.

A role's row is its place by id.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

import numpy as np

from search.chunk_vectors import Mask
from search.manifest import Manifest
from search.records import Condition, Filters

# Conditions whose masks are kept: one byte a role each.
_REMEMBERED = 256


class Kept(Collection[str]):
    """The ids of the roles that a mask marks, not listed before somebody asks for them."""

    def __init__(self, rows: "RoleRows", mask: Mask) -> None:
        self._rows = rows
        self._mask = mask
        self._count = int(np.count_nonzero(mask))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows.ids(self._mask))

    def __contains__(self, role_id: object) -> bool:
        row = self._rows.row(role_id)
        return row is not None and bool(self._mask[row])


class RoleRows:
    """Ids of roles to rows and back, and the rows of the roles that meet conditions."""

    def __init__(self, manifest: Manifest, ids: Sequence[str]) -> None:
        """`ids` are those of all roles of the manifest, sorted."""
        self._manifest = manifest
        self._ids = ids
        self._meeting = lru_cache(_REMEMBERED)(self._looked_up)

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {role_id: row for row, role_id in enumerate(self._ids)}

    def row(self, role_id: object) -> int | None:
        """The row of a role; None when there is no such role."""
        return self._rows.get(role_id)  # type: ignore[call-overload, no-any-return]

    def mask(self, ids: Iterable[str]) -> Mask:
        """The mask that marks these roles; ids that are unknown are passed over."""
        made = np.zeros(len(self), dtype=np.bool_)
        made[[row for role_id in ids if (row := self._rows.get(role_id)) is not None]] = True
        return made

    def ids(self, mask: Mask) -> list[str]:
        """The ids of the roles that a mask marks, sorted."""
        return [self._ids[row] for row in np.flatnonzero(mask).tolist()]

    def meeting(self, filters: Filters) -> Mask:
        """The roles that meet all conditions; of several "=" on one key one must hold. What a condition asks: Manifest.role_ids_where."""
        left = np.ones(len(self), dtype=np.bool_)
        wanted: dict[str, Mask] = {}
        for condition in filters.conditions:
            found = self._meeting(condition)
            if condition.operator == "=":
                key = condition.key.casefold()
                wanted[key] = wanted[key] | found if key in wanted else found
            else:
                left &= ~found if condition.operator == "!=" else found
        for found in wanted.values():
            left &= found
        return left

    def _looked_up(self, condition: Condition) -> Mask:
        return self.mask(self._manifest.role_ids_where(condition))

"""Which roles a filter leaves, as masks over all roles of one generation: joining conditions is array work, and what was once looked up is remembered.

A role's row is its place by id.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np

from search.arrays import Mask, Numbers
from search.attributes.negation import negated
from search.holders import Holders
from search.lexical import LexicalIndex
from search.manifest import SOURCE, Manifest
from search.records import Condition, Filters
from search.titles import Titles
from search.words import phrase_spans

# Masks of each kind that are kept: one byte a role each.
_REMEMBERED = 256
# Where more roles than this hold a refused word, it is common and its context is not looked at: reading their texts would take longer than the search.
MOST_TEXTS_READ = 500


class Kept:
    """The roles that a mask marks, as the lexical index wants to know them."""

    def __init__(self, rows: "RoleRows", mask: Mask) -> None:
        self._rows = rows
        self._mask = mask
        self._count = int(np.count_nonzero(mask))

    def __len__(self) -> int:
        return self._count

    @property
    def share(self) -> float:
        """How many of all roles they are, from 0 to 1."""
        return self._count / max(1, len(self._mask))

    def role_ids(self) -> list[str]:
        """Their ids."""
        return self._rows.ids(self._mask)

    def marks(self, numbers: Numbers) -> Mask:
        """Which of the chunks with these places by id are theirs."""
        return np.asarray(self._mask[self._rows.owners[numbers]])


class RoleRows:
    """Ids of roles to rows and back, and the rows of the roles that meet conditions. Masks that it gives are not to be changed."""

    def __init__(
        self,
        manifest: Manifest,
        lexical: LexicalIndex,
        ids: Sequence[str],
        owners: Callable[[], Numbers],
        holders: Holders | None = None,
        titles: Titles | None = None,
        values: Callable[[], Holders | None] = lambda: None,
    ) -> None:
        """`ids` are those of all roles of the manifest, sorted. When first needed, `owners` gives the row of its role for each chunk, by the order of the
        chunks' ids, and `values` all values that roles hold; `holders` are those of what is wished for. Without `holders`, `titles` and `values` what these
        say is looked up in the manifest.
        """
        self._manifest = manifest
        self._find_owners = owners
        self._find_values = values
        self._lexical = lexical
        self._ids = ids
        self._holders = holders
        self._titles = titles
        self._meeting = lru_cache(_REMEMBERED)(self._looked_up)
        self.having = lru_cache(_REMEMBERED)(self._having)
        self.saying = lru_cache(_REMEMBERED)(self._saying)
        self.affirming = lru_cache(_REMEMBERED)(self._affirming)

    def __len__(self) -> int:
        return len(self._ids)

    def close(self) -> None:
        """Let go of everything, also of what is remembered, which refers to this object: until Python looked for garbage, the files would stay open."""
        self.__dict__.clear()

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {role_id: row for row, role_id in enumerate(self._ids)}

    @cached_property
    def owners(self) -> Numbers:
        """For each chunk the row of its role, in the order of the chunks' ids."""
        return self._find_owners()

    @cached_property
    def _values(self) -> Holders | None:
        return self._find_values()

    def mask(self, ids: Iterable[str]) -> Mask:
        """The mask that marks these roles; ids that are unknown are passed over."""
        made = np.zeros(len(self), dtype=np.bool_)
        made[[row for role_id in ids if (row := self._rows.get(role_id)) is not None]] = True
        return made

    def ids(self, mask: Mask) -> list[str]:
        """The ids of the roles that a mask marks, sorted."""
        return self.ids_at(np.flatnonzero(mask))

    def ids_at(self, rows: Numbers) -> list[str]:
        """The ids of the roles in these rows."""
        return [self._ids[row] for row in rows.tolist()]

    def titles(self, rows: Numbers) -> list[str]:
        """The titles of the roles in these rows."""
        if self._titles is not None:
            return self._titles.at(rows)
        ids = self.ids_at(rows)
        titles = self._manifest.titles(ids)
        return [titles[role_id] for role_id in ids]

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

    def facets(self, among: Mask | None = None) -> dict[str, dict[str, int]]:
        """Attribute key to its values, each with the number of roles that have it, most frequent first; of the roles that a mask marks, when given. Under
        SOURCE are the folders and files that roles come from.
        """
        if self._values is not None:
            return self._values.counts(among)
        ids = None if among is None else self.ids(among)
        return self._manifest.facets(ids) | ({SOURCE: places} if (places := self._manifest.places(ids)) else {})

    def _looked_up(self, condition: Condition) -> Mask:
        return self.mask(self._manifest.role_ids_where(condition))

    def _having(self, key: str, values: tuple[str, ...]) -> Mask:
        """The roles that have one of these values of an attribute."""
        if self._holders is None:
            return self.mask(self._manifest.role_ids_with(key, values))
        made = np.zeros(len(self), dtype=np.bool_)
        for value in values:
            made[self._holders.rows(key, value)] = True
        return made

    def _saying(self, phrase: str) -> Mask:
        """The roles that hold a word or phrase, as LexicalIndex.chunks_with has it."""
        made = np.zeros(len(self), dtype=np.bool_)
        made[self.owners[self._lexical.chunks_with(phrase)]] = True
        return made

    def _affirming(self, phrase: str) -> Mask:
        """The roles that hold the phrase and do not only deny it: "no desk" leaves in a role that says "no desk" itself."""
        holding = self.saying(phrase)
        if np.count_nonzero(holding) > MOST_TEXTS_READ:
            return holding
        roles = self._manifest.roles(self.ids(holding)).values()
        return self.mask(role.id for role in roles if _affirms(f"{role.title}\n{role.text}", phrase))


def _affirms(text: str, phrase: str) -> bool:
    return any(not negated(text, start, end) for start, end in phrase_spans(text, phrase))

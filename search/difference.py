"""What changes from one role to another that is nearly the same: word by word, and in what is stated of the post."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from rapidfuzz.distance import Indel

from search.duplicates import FACTS, LEVEL, advert_of
from search.records import Role
from search.sentences import Span
from search.shingles import COUNTED, resemblance

# Between two differences so few equal words are chance: one difference is read more easily than two.
_TOO_FEW_ALIKE = 2
_WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")


class Change(StrEnum):
    """What became of a stretch of a text in another."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of two texts that belong together, as spans in each; what was added has an empty span in the first, what was removed in the other."""

    change: Change
    first: Span
    other: Span


@dataclass(frozen=True, slots=True)
class Place:
    """A difference with the equal words on either side of it, as the first text has them; `removed` stands only there, `added` only in the other."""

    before: str
    removed: str
    added: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two roles and what changes from the first to the other. `share` is how many shingles both have of all that either has; `facts` are the attributes of the
    post in which they differ, with the values of each, () where it states none.
    """

    roles: tuple[Role, Role]
    share: float
    facts: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    title: tuple[Stretch, ...]
    text: tuple[Stretch, ...]

    def places(self) -> list[Place]:
        """Where the titles differ, then where the texts do."""
        first, other = self.roles
        return [*_places_in(self.title, first.title, other.title), *_places_in(self.text, first.text, other.text)]


def difference_of(role: Role, other: Role) -> Difference:
    """What changes from one role to another."""
    signatures = np.stack([advert_of(one).signature for one in (role, other)])
    values = {key: (_values(role, key), _values(other, key)) for key in (LEVEL, *FACTS)}
    return Difference(
        (role, other),
        float(resemblance(signatures, np.array([[0, 1]]))[0]),
        {key: pair for key, pair in values.items() if set(pair[0]) != set(pair[1])},
        tuple(difference(role.title, other.title)),
        tuple(difference(role.text, other.text)),
    )


def difference(text: str, other: str) -> list[Stretch]:
    """What changes from one text to another, case and punctuation aside: stretches in order, which together hold all words.

    The longest common subsequence of words (by `rapidfuzz.distance.Indel`); one or two equal words between two changes count as changed.

    >>> [(stretch.change.value, stretch.first, stretch.other) for stretch in difference("Bake bread daily", "Bake rye bread")]
    [('same', (0, 4), (0, 4)), ('changed', (5, 16), (5, 14))]
    """
    places, other_places = _word_places(text), _word_places(other)
    steps = Indel.opcodes([text[slice(*place)].casefold() for place in places], [other[slice(*place)].casefold() for place in other_places])
    runs = _smoothed([(step.tag == "equal", step.src_start, step.src_end, step.dest_start, step.dest_end) for step in steps])
    return [Stretch(_change(run), _span(places, *run[1:3]), _span(other_places, *run[3:])) for run in runs]


def _places_in(stretches: Sequence[Stretch], first: str, other: str) -> Iterator[Place]:
    said = ["", *(first[slice(*stretch.first)] for stretch in stretches), ""]
    for number, stretch in enumerate(stretches, start=1):
        if stretch.change is not Change.SAME:
            yield Place(said[number - 1], said[number], other[slice(*stretch.other)], said[number + 1])


def _values(role: Role, key: str) -> tuple[str, ...]:
    value = role.attributes.get(key, ())
    return value if isinstance(value, tuple) else (str(value),)


_Run = tuple[bool, int, int, int, int]


def _smoothed(runs: Sequence[_Run]) -> list[_Run]:
    """Neighbouring changes as one, together with the few equal words between them."""
    joined: list[_Run] = []
    for number, (same, *ends) in enumerate(runs):
        same = same and (number in (0, len(runs) - 1) or ends[1] - ends[0] > _TOO_FEW_ALIKE)
        if joined and joined[-1][0] == same:
            ends[0], ends[2] = joined[-1][1], joined[-1][3]
            joined.pop()
        joined.append((same, ends[0], ends[1], ends[2], ends[3]))
    return joined


def _change(run: _Run) -> Change:
    same, start, end, other_start, other_end = run
    if same:
        return Change.SAME
    if start == end:
        return Change.ADDED
    return Change.REMOVED if other_start == other_end else Change.CHANGED


def _word_places(text: str) -> list[Span]:
    """Where the words stand, without the numbers and letters that count the items of a list."""
    counted = [match.span() for match in COUNTED.finditer(text)]
    return [match.span() for match in _WORD.finditer(text) if not any(start <= match.start() < end for start, end in counted)]


def _span(places: Sequence[Span], start: int, end: int) -> Span:
    """From the first of these words to the last; where there are none, the place after the word before them."""
    if start < end:
        return places[start][0], places[end - 1][1]
    place = places[start - 1][1] if start else 0
    return place, place

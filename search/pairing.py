"""Sentences of two texts paired one to one by meaning, so that the sum of their nearness is the greatest; what is not near enough stays without a partner."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search.embedding import Vectors
from search.nearness import shortness
from search.quotes import Sentence, folded, skills_in
from search.words import telling_stems

# Two sentences are a pair from here on; those below the same heading from a little lower. Of the pairs in other words on the IC3 and IC5 pages of Dropbox's
# ladder, 34 of 41 were about the same; of 15 more between 0.44 and this, 2.
LEAST_NEARNESS, SAME_HEADING = 0.54, 0.1
# The first words of a role, above all headings, say what it is: a pair whatever words they find for it, unless they are quite apart.
BOTH_OPEN = 0.25
SHARED_WORDS, SAME_SKILL, SHORTNESS = 0.2, 0.14, 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence of each text; `same` where they are in the same words. `nearness` is about their cosine, see `pairs_of`."""

    first: Sentence
    other: Sentence
    nearness: float
    same: bool


@dataclass(frozen=True, slots=True)
class Paired:
    """Pairs in the order of the first text, and the sentences of each text that have no partner, in theirs."""

    pairs: tuple[Pair, ...]
    only_first: tuple[Sentence, ...]
    only_other: tuple[Sentence, ...]

    def changed(self) -> tuple[Pair, ...]:
        """The pairs in other words."""
        return tuple(pair for pair in self.pairs if not pair.same)

    def differences(self) -> list["Difference"]:
        """What differs, heading by heading: the first text's in its order, then those that the other has alone. A pair stands where its first sentence does."""
        changed = self.changed()
        of_first = sorted([*(pair.first for pair in changed), *self.only_first], key=lambda sentence: sentence.quote.start)
        return [
            Difference(
                heading,
                tuple(pair for pair in changed if pair.first.heading == heading),
                tuple(sentence for sentence in self.only_first if sentence.heading == heading),
                tuple(sentence for sentence in self.only_other if sentence.heading == heading),
            )
            for heading in dict.fromkeys(sentence.heading for sentence in (*of_first, *self.only_other))
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs below one heading, "" above all headings: pairs in other words, and the sentences of each text without a partner."""

    heading: str
    changed: tuple[Pair, ...]
    only_first: tuple[Sentence, ...]
    only_other: tuple[Sentence, ...]


def pairs_of(first: Sequence[Sentence], other: Sequence[Sentence], first_vectors: Vectors, other_vectors: Vectors) -> Paired:
    """Pair two texts' sentences: those in the same words first, then the rest so that the sum of nearness above the least is the greatest.

    The assignment problem (Kuhn 1955), solved by `linear_sum_assignment` (Crouse 2016). `first_vectors` has shape (len(first), width), `other_vectors`
    (len(other), width), rows of unit length. Nearness is the cosine, more for words that both have, a skill that both name and the same heading, less for short
    sentences.
    """
    # A third of a second that only a comparison should cost.
    from scipy.optimize import linear_sum_assignment

    same = _in_same_words(first, other)
    rows = [row for row in range(len(first)) if row not in same]
    columns = [column for column in range(len(other)) if column not in set(same.values())]
    nearness = _nearness([first[row] for row in rows], [other[column] for column in columns], first_vectors[rows], other_vectors[columns])
    gain = np.maximum(nearness - LEAST_NEARNESS, 0.0)
    matched = {
        rows[row]: (columns[column], float(nearness[row, column])) for row, column in zip(*linear_sum_assignment(-gain), strict=True) if gain[row, column] > 0
    }
    partners = {row: (column, 1.0) for row, column in same.items()} | matched
    pairs = [Pair(first[row], other[column], near, row in same) for row, (column, near) in sorted(partners.items())]
    taken = {column for column, _ in partners.values()}
    return Paired(
        tuple(pairs),
        tuple(sentence for row, sentence in enumerate(first) if row not in partners),
        tuple(sentence for column, sentence in enumerate(other) if column not in taken),
    )


def _in_same_words(first: Sequence[Sentence], other: Sequence[Sentence]) -> dict[int, int]:
    """Row to column for sentences in the same words; of those that a text says twice, the first with the first."""
    places = {key: column for column, key in enumerate(_numbered(other))}
    return {row: places[key] for row, key in enumerate(_numbered(first)) if key in places}


def _numbered(sentences: Sequence[Sentence]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    keys = []
    for sentence in sentences:
        words = folded(sentence.quote.text)
        keys.append((words, seen[words]))
        seen[words] += 1
    return keys


def _nearness(first: Sequence[Sentence], other: Sequence[Sentence], first_vectors: Vectors, other_vectors: Vectors) -> npt.NDArray[np.float64]:
    """Of each sentence to each, shape (len(first), len(other))."""
    cosines = np.asarray(first_vectors @ other_vectors.T, dtype=np.float64).reshape(len(first), len(other))
    short = [np.array([shortness(one.quote.text) for one in sentences]) for sentences in (first, other)]
    stems = [[telling_stems(one.quote.text) for one in sentences] for sentences in (first, other)]
    shared = np.array([[2 * len(ours & theirs) / max(1, len(ours) + len(theirs)) for theirs in stems[1]] for ours in stems[0]]).reshape(cosines.shape)
    place = np.array([[_same_place(one, two) for two in other] for one in first], dtype=np.float64).reshape(cosines.shape)
    skills = [[skills_in(one.quote.text) for one in sentences] for sentences in (first, other)]
    same_skill = np.array([[bool(ours & theirs) for theirs in skills[1]] for ours in skills[0]], dtype=np.float64).reshape(cosines.shape)
    nearness: npt.NDArray[np.float64] = cosines + SHARED_WORDS * shared + SAME_SKILL * same_skill + place - SHORTNESS * (short[0][:, None] + short[1][None, :])
    return nearness


def _same_place(one: Sentence, other: Sentence) -> float:
    """What it adds to stand in the same place: below the same heading, or above all headings."""
    if one.trail and other.trail:
        return SAME_HEADING if one.trail.casefold() == other.trail.casefold() else 0.0
    return BOTH_OPEN if one.section == other.section == "about" and one.trail == other.trail else 0.0

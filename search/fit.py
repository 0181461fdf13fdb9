"""A hit's score as a share that a person can read: of roles with such a score, how many were judged relevant. A curve fitted to judged queries, no search."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from search.records import Hit, Mode


class Strength(StrEnum):
    """How well a role fits, as a word."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Curve:
    """share = sigmoid(start + slope × score + bend × (score − knee, where that is above 0)); it never falls while slope and bend are not below 0."""

    start: float
    slope: float
    bend: float
    knee: float

    def share(self, score: float) -> float:
        """The estimated share of relevant roles, between 0 and 1."""
        log_odds = self.start + self.slope * score + self.bend * max(0.0, score - self.knee)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, log_odds))))


@dataclass(frozen=True, slots=True)
class Fit:
    """`percent`, from 1 to 99: of roles with such a score among the first ten of their queries, how many were judged relevant; `name` says it as a word.

    It is an average over the judged queries of two small corpora (docs/ranking.md, "The score that a person reads"), no statement about this one role, and no
    promise for another corpus: from one of the two to the other it was off by 6 points in the mean, by 20 and more where few hits lie. It is too low for the
    best hit of a query, too high below the tenth, and not measured for pasted pages or queries that liked roles steer.
    """

    percent: int
    name: Strength


# Printed by `make bench-fit`, which fits them to the first ten hits of 257 judged queries in two corpora; the knees were set where the share of relevant hits
# begins to rise faster. The number of words in the query is left out: with it, a curve from one corpus is far worse on the other.
CURVES: Mapping[Mode, Curve] = {
    Mode.HYBRID: Curve(start=-2.60, slope=2.97, bend=6.28, knee=0.85),
    Mode.DENSE: Curve(start=-2.33, slope=2.77, bend=9.35, knee=0.75),
}
# Least percents of the names.
_POSSIBLE, _GOOD, _STRONG = 25, 40, 60


def fit_of(hit: Hit, mode: Mode) -> Fit | None:
    """What the hit's score in this mode means; None for words alone, whose scores (BM25) depend on the query and say nothing from one query to the next."""
    if mode not in CURVES:
        return None
    percent = min(99, max(1, round(100 * CURVES[mode].share(hit.score))))
    return Fit(percent, strength_of(percent))


def strength_of(percent: int) -> Strength:
    """The word for a percentage."""
    if percent >= _STRONG:
        return Strength.STRONG
    if percent >= _GOOD:
        return Strength.GOOD
    return Strength.POSSIBLE if percent >= _POSSIBLE else Strength.FAR

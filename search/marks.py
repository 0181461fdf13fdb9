"""Words that mark one text against another: what it says far more often, for its length."""

import math
from collections import Counter
from collections.abc import Iterable

from search.words import telling_places

MOST_WORDS = 8
# The weight of both texts together as the prior: enough that a word said once weighs little.
PRIOR = 0.1
# From this score on a word marks a text: about one and a half standard deviations from what chance would give.
LEAST_SCORE = 1.4
_FEWEST = 2


def marking_words(first: Iterable[str], other: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of each text that mark it, the most telling first, each as it is written there most often.

    The log-odds ratio with an informative Dirichlet prior, over its standard deviation (Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 16, 19
    and 22), over stems; the prior is both texts together.
    """
    forms: tuple[dict[str, Counter[str]], dict[str, Counter[str]]] = (_forms(first), _forms(other))
    counts = [Counter({stem: written.total() for stem, written in one.items()}) for one in forms]
    scores = {stem: _log_odds(stem, counts[0], counts[1]) for stem in counts[0] | counts[1]}
    return _most(scores, counts[0], forms[0], 1), _most(scores, counts[1], forms[1], -1)


def _forms(texts: Iterable[str]) -> dict[str, Counter[str]]:
    """Each stem with the forms that it is written in."""
    found: dict[str, Counter[str]] = {}
    for text in texts:
        for stem, start, end in telling_places(text):
            found.setdefault(stem, Counter())[text[start:end].lower()] += 1
    return found


def _log_odds(stem: str, first: Counter[str], other: Counter[str]) -> float:
    prior = PRIOR * (first[stem] + other[stem])
    total = PRIOR * (first.total() + other.total())

    def odds(counts: Counter[str]) -> float:
        return math.log((counts[stem] + prior) / max(1, counts.total() + total - counts[stem] - prior))

    return (odds(first) - odds(other)) / math.sqrt(1 / (first[stem] + prior) + 1 / (other[stem] + prior))


def _most(scores: dict[str, float], counts: Counter[str], forms: dict[str, Counter[str]], sign: int) -> tuple[str, ...]:
    telling = [stem for stem, score in scores.items() if sign * score >= LEAST_SCORE and counts[stem] >= _FEWEST]
    best = sorted(telling, key=lambda stem: (-round(sign * scores[stem], 9), stem))[:MOST_WORDS]
    return tuple(min(forms[stem], key=lambda form: (-forms[stem][form], form)) for stem in best)

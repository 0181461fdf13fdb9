"""Joins the two halves of a search into one score a role. Pure functions over scores by id; where the scores come from is not known here."""

from collections.abc import Iterable, Mapping, Sequence

# Weight of the best word match against a cosine. Chosen on O*NET training titles, confirmed on others: docs/decisions.md, "Fusion".
LEXICAL_WEIGHT = 0.1


def fuse(cosines: Mapping[str, float], bm25: Mapping[str, float], lexical_weight: float = LEXICAL_WEIGHT) -> dict[str, float]:
    """Score by id: cosine + lexical_weight * BM25 / (best BM25), over the ids of both; what one half did not find counts 0 there.

    A convex combination of scores up to a constant factor, which beats fusion by ranks where one half is clearly the better one: S. Bruch, S. Gai, A. Ingber,
    "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023.
    """
    best = max(bm25.values(), default=0.0) or 1.0
    return {key: cosines.get(key, 0.0) + lexical_weight * bm25.get(key, 0.0) / best for key in cosines.keys() | bm25.keys()}


def ranked(scores: Mapping[str, float]) -> list[str]:
    """Ids by score, best first, ties by id."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def best_of_each(scores: Iterable[tuple[str, float]], owner: Mapping[str, str]) -> dict[str, float]:
    """The highest score of each owner: chunks' scores become roles' scores."""
    best: dict[str, float] = {}
    for key, score in scores:
        best[owner[key]] = max(score, best.get(owner[key], float("-inf")))
    return best


def best_by_part(scores: Mapping[str, Sequence[float]], owner: Mapping[str, str]) -> dict[str, float]:
    """Scores of chunks, one for each part of a query, to scores of their owners: the best chunk for each part, on the average over the parts."""
    best: dict[str, Sequence[float]] = {}
    for key, by_part in scores.items():
        known = best.get(owner[key])
        best[owner[key]] = by_part if known is None else tuple(map(max, known, by_part))
    return {key: sum(by_part) / len(by_part) for key, by_part in best.items()}

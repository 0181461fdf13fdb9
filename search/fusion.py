"""Joins the two halves of a search into one score a role. Pure functions over arrays of scores; where the scores come from is not known here."""

import numpy as np

from search.arrays import Numbers, Scores

# Weight of the best word match against a cosine. Chosen on O*NET training titles, confirmed on others: docs/decisions.md, "Fusion".
LEXICAL_WEIGHT = 0.1


def fuse(cosines: Scores, bm25: Scores, lexical_weight: float = LEXICAL_WEIGHT) -> Scores:
    """Cosine + lexical_weight * BM25 / (best BM25), one by one; what one half did not find counts 0 there.

    A convex combination of scores up to a constant factor, which beats fusion by ranks where one half is clearly the better one: S. Bruch, S. Gai, A. Ingber,
    "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023.
    """
    best = float(bm25.max(initial=0.0)) or 1.0
    return cosines + lexical_weight * bm25 / best


def ranked(scores: Scores) -> Numbers:
    """Places by score, best first, ties in the order that they have."""
    return np.argsort(-scores, kind="stable")


def best_of_each(scores: Scores, starts: Numbers) -> Scores:
    """The highest score of each owner: chunks' scores, of shape (chunks,) or (chunks, parts of the query), become roles' scores.

    An owner's chunks stand side by side; `starts` are the places where the next owner's begin.
    """
    return np.maximum.reduceat(scores, starts, axis=0)

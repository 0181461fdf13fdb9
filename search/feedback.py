"""Moves a query towards roles that are liked and away from those that are not."""

import numpy as np

from search.embedding import Vectors

# Of the mean of the liked roles, beside a query of weight 1, and of the mean of those that are not liked.
TOWARDS, AWAY = 0.75, 0.4


def steered(query: Vectors, liked: Vectors, unliked: Vectors) -> Vectors:
    """The query's vectors, shape (parts, width), each moved and brought to unit length again; without a query (no parts) what is liked is the query.

    `liked` and `unliked` are vectors of roles, shape (n, width), of unit length. By J. J. Rocchio, "Relevance Feedback in Information Retrieval", in The SMART
    Retrieval System, 1971: q + 0.75 * mean(liked) - 0.4 * mean(unliked). Its customary 0.15 for what is unliked left every such role's twin in its place.
    """
    if not len(liked) and not len(unliked):
        return query
    start = query if len(query) else _mean(liked)[np.newaxis, :]
    moved = start + TOWARDS * _mean(liked) - AWAY * _mean(unliked)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _mean(vectors: Vectors) -> Vectors:
    """The mean, shape (width,); of none, zeros."""
    return np.asarray(vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1]), dtype=np.float32)

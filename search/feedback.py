"""Moves a query towards roles and phrases that are liked and away from those that are not."""

import numpy as np

from search.embedding import Vectors, of_unit_length

# Of the mean of what is liked, beside a query of weight 1, and of the mean of what is not liked.
TOWARDS, AWAY = 0.75, 0.4


def steered(query: Vectors, liked: Vectors, unliked: Vectors) -> Vectors:
    """The query's vectors, shape (parts, width), each moved and brought to unit length again; without a query (no parts) what is liked is the query.

    `liked` and `unliked` are vectors of roles and phrases, shape (n, width), of unit length; each counts alike. By J. J. Rocchio, "Relevance Feedback in
    Information Retrieval", in The SMART Retrieval System, 1971: q + 0.75 * mean(liked) - 0.4 * mean(unliked). Its customary 0.15 for what is unliked left every
    such role's twin in its place.
    """
    if not len(liked) and not len(unliked):
        return query
    start = query if len(query) else _mean(liked)[np.newaxis, :]
    return of_unit_length(start + TOWARDS * _mean(liked) - AWAY * _mean(unliked))


def direction(vectors: Vectors) -> Vectors:
    """Where several vectors, shape (n, width), point together: their mean, brought to unit length, shape (1, width)."""
    return of_unit_length(_mean(vectors)[np.newaxis, :])


def _mean(vectors: Vectors) -> Vectors:
    """The mean, shape (width,); of none, zeros."""
    return np.asarray(vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1]), dtype=np.float32)

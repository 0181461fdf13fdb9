"""Positions on a map: roles that mean the same lie near each other.

The layout is t-SNE (L. van der Maaten, G. Hinton: Visualizing Data using t-SNE, Journal of Machine Learning Research 9, 2008) with Barnes-Hut sums
(L. van der Maaten, 2014). Neighbourhoods are kept, distances between far groups say nothing. Measured: docs/decisions.md, "Map of the roles".
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from search.arrays import is_first
from search.embedding import Vectors

Points: TypeAlias = npt.NDArray[np.float32]

# With fewer, there are no neighbourhoods to keep: they are shown from the side from which most of their differences are seen (principal components).
FEWEST_FOR_NEIGHBOURHOODS = 10
# Of more distinct vectors an even sample is laid out, and the others lie beside the nearest of the sample: time grows with what is laid out.
MOST_LAID_OUT = 5_000

_PERPLEXITY = 30.0
_ITERATIONS = 500
_ANGLE = 0.8
# How far apart those are spread that share a place, in halves of the map's width, and the turn from one to the next: the golden angle, as in a sunflower.
_SPREAD = 0.004
_TURN = np.pi * (3 - np.sqrt(5))
_COMPARED_AT_ONCE = 2_000


def lay_out(vectors: Vectors) -> Points:
    """Positions, float32, shape (n, 2), of unit vectors, shape (n, width): finite, centred, within about -1 and 1. One input has one answer.

    Equal vectors lie side by side. Takes about 9 s for 5,000 vectors of width 384, and not much longer for more.
    """
    distinct, places = np.unique(np.asarray(vectors, dtype=np.float32), axis=0, return_inverse=True)
    anchors, nearest = _anchors(distinct)
    owners = nearest[places.reshape(-1)]
    points = _scaled(_positions(anchors))
    return (points[owners] + _spread(owners)).astype(np.float32)


def _anchors(distinct: Vectors) -> tuple[Vectors, npt.NDArray[np.intp]]:
    """The vectors that are laid out, and for each distinct vector the row of the one that it lies at."""
    if len(distinct) <= MOST_LAID_OUT:
        return distinct, np.arange(len(distinct))
    anchors = distinct[np.linspace(0, len(distinct) - 1, MOST_LAID_OUT).astype(int)]
    blocks = [distinct[start : start + _COMPARED_AT_ONCE] for start in range(0, len(distinct), _COMPARED_AT_ONCE)]
    return anchors, np.concatenate([np.argmax(block @ anchors.T, axis=1) for block in blocks])


def _positions(vectors: Vectors) -> npt.NDArray[np.float64]:
    if len(vectors) < FEWEST_FOR_NEIGHBOURHOODS:
        return _main_directions(vectors)
    # Imported here: it takes a second, which only the map needs.
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    # Of unit vectors, distance orders as the cosine does. With several threads beside a busy process, 122 roles took 35 s instead of 1: OpenMP's threads wait
    # for each other by spinning.
    layout = TSNE(perplexity=min(_PERPLEXITY, (len(vectors) - 1) / 3), init="pca", random_state=0, max_iter=_ITERATIONS, angle=_ANGLE, n_jobs=1)
    with threadpool_limits(1):
        return np.asarray(layout.fit_transform(vectors), dtype=np.float64)


def _main_directions(vectors: Vectors) -> npt.NDArray[np.float64]:
    positions = np.zeros((len(vectors), 2))
    if len(vectors) > 1:
        left, sizes, _ = np.linalg.svd(vectors.astype(np.float64) - vectors.mean(axis=0), full_matrices=False)
        positions[:, : len(sizes[:2])] = left[:, :2] * sizes[:2]
    return positions


def _scaled(positions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if not len(positions):
        return positions
    centred = positions - (positions.min(axis=0) + positions.max(axis=0)) / 2
    largest = np.abs(centred).max()
    return np.asarray(centred / largest if largest > 0 else centred)


def _spread(owners: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """What to add to each position so that those with one owner do not cover each other; nothing for the first of each."""
    numbers = np.zeros(len(owners))
    order = np.argsort(owners, kind="stable")
    starts = np.flatnonzero(is_first(owners[order]))
    numbers[order] = np.arange(len(owners)) - np.repeat(starts, np.diff(starts, append=len(owners)))
    radius, angle = _SPREAD * np.sqrt(numbers), _TURN * numbers
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

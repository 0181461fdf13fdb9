"""The map's positions: their shape, that one input has one answer, and that what means the same lies together."""

import numpy as np
import pytest

from search import landscape
from search.embedding import Vectors
from search.landscape import Points, lay_out

WIDTH = 24


def unit_vectors(number: int, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(number, WIDTH)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def two_clusters(each: int) -> Vectors:
    """Vectors around two directions, the first half around one."""
    centres = np.repeat(np.eye(2, WIDTH, dtype=np.float32) * 3, each, axis=0)
    vectors = centres + unit_vectors(2 * each)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def distances(points: Points) -> Points:
    return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=2), dtype=np.float32)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 9, 10, 11, 60])
def test_each_vector_has_a_finite_position_within_the_map_however_few_there_are(number: int) -> None:
    points = lay_out(unit_vectors(number))
    assert points.dtype == np.float32
    assert points.shape == (number, 2)
    assert np.isfinite(points).all()
    assert np.abs(points).max(initial=0) <= 1.05
    apart = distances(points)[~np.eye(number, dtype=bool)]
    assert (apart > 0.001).all()


def test_two_roles_lie_at_the_ends_and_one_in_the_middle() -> None:
    assert lay_out(unit_vectors(1)).tolist() == [[0, 0]]
    assert np.abs(lay_out(unit_vectors(2))[:, 0]) == pytest.approx([1, 1])


@pytest.mark.parametrize("number", [5, 60])
def test_the_same_vectors_lie_at_the_same_places_in_whatever_order(number: int) -> None:
    vectors = unit_vectors(number)
    points = lay_out(vectors)
    assert (lay_out(vectors) == points).all()
    assert (lay_out(vectors[::-1])[::-1] == points).all()


@pytest.mark.parametrize("number", [2, 12, 200])
def test_vectors_that_are_all_equal_lie_side_by_side(number: int) -> None:
    points = lay_out(np.repeat(unit_vectors(1), number, axis=0))
    assert np.isfinite(points).all()
    assert np.linalg.norm(points, axis=1).max() < 0.06
    assert distances(points)[~np.eye(number, dtype=bool)].min() > 0.001


def test_equal_vectors_lie_together_among_others() -> None:
    vectors = unit_vectors(60)
    vectors[[7, 30, 59]] = vectors[7]
    apart = distances(lay_out(vectors))
    assert apart[7, [30, 59]].max() < 0.01
    assert apart[7, [number for number in range(60) if number not in (7, 30, 59)]].min() > 0.01


@pytest.mark.parametrize("each", [4, 30])
def test_two_clusters_stay_apart(each: int) -> None:
    apart = distances(lay_out(two_clusters(each)))
    same = np.kron(np.eye(2), np.ones((each, each))).astype(bool)
    assert apart[~same].min() > 0.3
    nearest = np.argsort(apart, axis=1)[:, 1]
    assert (nearest // each == np.arange(2 * each) // each).all()


def test_of_very_many_roles_a_sample_is_laid_out_and_the_others_lie_beside_their_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landscape, "MOST_LAID_OUT", 40)
    monkeypatch.setattr(landscape, "_COMPARED_AT_ONCE", 7)
    vectors = two_clusters(60)
    points = lay_out(vectors)
    assert points.dtype == np.float32
    assert points.shape == (120, 2)
    assert (lay_out(vectors) == points).all()
    first, second = points[:60], points[60:]
    assert np.linalg.norm(first - first.mean(axis=0), axis=1).max() < np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert len(np.unique(points, axis=0)) == 120

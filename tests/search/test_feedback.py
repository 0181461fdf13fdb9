"""A query is moved towards what is liked and away from what is not, and stays a direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.embedding import Vectors
from search.feedback import AWAY, TOWARDS, steered

NONE = np.empty((0, 3), dtype=np.float32)
X, Y, Z = np.eye(3, dtype=np.float32)


def unit(*components: float) -> Vectors:
    vector = np.array(components, dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


components = st.lists(st.integers(-8, 8), min_size=3, max_size=3).filter(any).map(lambda found: unit(*found))


def vectors(fewest: int, most: int) -> st.SearchStrategy[Vectors]:
    return st.lists(components, min_size=fewest, max_size=most).map(lambda found: np.stack(found) if found else NONE)


def test_without_likes_and_dislikes_the_query_stays_as_it_is() -> None:
    query = np.stack([X, unit(1, 2, 3)])
    assert steered(query, NONE, NONE).tolist() == query.tolist()


def test_a_query_lies_between_itself_and_the_mean_of_what_is_liked() -> None:
    liked = np.stack([Y, Z])
    np.testing.assert_allclose(steered(X[np.newaxis], liked, NONE), [unit(1, TOWARDS / 2, TOWARDS / 2)], atol=1e-6)


def test_a_query_turns_away_from_the_mean_of_what_is_not_liked() -> None:
    np.testing.assert_allclose(steered(X[np.newaxis], NONE, np.stack([Y, Z])), [unit(1, -AWAY / 2, -AWAY / 2)], atol=1e-6)


def test_both_together() -> None:
    np.testing.assert_allclose(steered(X[np.newaxis], Y[np.newaxis], Z[np.newaxis]), [unit(1, TOWARDS, -AWAY)], atol=1e-6)


def test_without_a_query_what_is_liked_is_the_query() -> None:
    np.testing.assert_allclose(steered(NONE, np.stack([X, Y]), NONE), [unit(1, 1, 0)], atol=1e-6)


def test_each_part_of_a_long_query_is_moved_by_itself() -> None:
    both = steered(np.stack([X, Y]), Z[np.newaxis], NONE)
    np.testing.assert_allclose(both, [unit(1, 0, TOWARDS), unit(0, 1, TOWARDS)], atol=1e-6)


def test_one_role_that_is_liked_often_counts_as_once() -> None:
    np.testing.assert_allclose(steered(X[np.newaxis], np.stack([Y] * 9), NONE), steered(X[np.newaxis], Y[np.newaxis], NONE), atol=1e-6)


def test_what_cancels_out_is_no_direction_and_no_error() -> None:
    assert steered(NONE, np.stack([X, -X]), NONE).tolist() == [[0.0, 0.0, 0.0]]


@given(vectors(0, 3), vectors(0, 4), vectors(0, 4))
def test_the_result_has_unit_length_and_one_vector_a_part(query: Vectors, liked: Vectors, unliked: Vectors) -> None:
    moved = steered(query, liked, unliked)
    assert moved.dtype == np.float32
    assert moved.shape == (len(query) or int(bool(len(liked) or len(unliked))), 3)
    lengths = np.linalg.norm(moved, axis=1)
    assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)


@given(vectors(1, 3), components)
def test_what_is_liked_comes_no_farther_and_what_is_not_liked_no_nearer(query: Vectors, role: Vectors) -> None:
    before = query @ role
    assert np.all(steered(query, role[np.newaxis], NONE) @ role >= before - 1e-5)
    assert np.all(steered(query, NONE, role[np.newaxis]) @ role <= before + 1e-5)

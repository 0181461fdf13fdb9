import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from search.arrays import Scores
from search.fusion import best_of_each, fuse, ranked


def scores(*values: float) -> Scores:
    return np.array(values, dtype=np.float64)


def test_a_score_is_the_cosine_plus_the_weighted_share_of_the_best_word_match() -> None:
    fused = fuse(scores(0.5, 0.4, 0.0), scores(0.0, 8.0, 4.0), lexical_weight=0.2)
    assert fused.tolist() == pytest.approx([0.5, 0.6, 0.1])
    assert ranked(fused).tolist() == [1, 0, 2]


def test_without_word_matches_the_cosines_remain() -> None:
    assert_array_equal(fuse(scores(0.5, -0.4), scores(0, 0)), scores(0.5, -0.4))


def test_without_cosines_the_shares_of_the_best_remain() -> None:
    assert fuse(scores(0, 0), scores(3, 12), lexical_weight=0.1).tolist() == pytest.approx([0.025, 0.1])


def test_two_empty_halves_give_nothing() -> None:
    assert len(fuse(scores(), scores())) == len(ranked(scores())) == 0


def test_weight_zero_leaves_the_cosines() -> None:
    assert_array_equal(fuse(scores(0.5, 0), scores(9, 3), lexical_weight=0), scores(0.5, 0))


def test_equal_scores_are_ranked_by_place() -> None:
    assert ranked(scores(0.5, 0.5, 0.7, 0.5)).tolist() == [2, 0, 1, 3]


def test_an_owner_counts_as_much_as_its_best_also_below_zero() -> None:
    assert_array_equal(best_of_each(scores(0.2, 0.7, -0.5), np.array([0, 2])), scores(0.7, -0.5))


def test_an_owner_counts_for_each_part_as_much_as_its_best_for_this_part() -> None:
    by_part = np.array([[0.2, 0.6], [0.7, 0.1], [-0.5, 0.3]])
    assert_array_equal(best_of_each(by_part, np.array([0, 2])), [[0.7, 0.6], [-0.5, 0.3]])


def test_the_given_scores_are_left_as_they_are() -> None:
    cosines, bm25 = scores(0.5, 0.1), scores(2, 1)
    fuse(cosines, bm25)
    assert (cosines.tolist(), bm25.tolist()) == ([0.5, 0.1], [2, 1])


BOTH = st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 40, allow_subnormal=False)), max_size=8).map(
    lambda pairs: (scores(*(cosine for cosine, _ in pairs)), scores(*(bm25 for _, bm25 in pairs)))
)


@given(BOTH, st.floats(0, 2))
def test_fusion_stays_within_its_bounds_and_ranking_keeps_each_place_once(both: tuple[Scores, Scores], weight: float) -> None:
    fused = fuse(*both, weight)
    assert sorted(ranked(fused).tolist()) == list(range(len(fused)))
    assert (fused >= both[0]).all()
    assert (fused <= both[0] + weight + 1e-9).all()


@given(BOTH, st.floats(0.01, 100))
def test_the_scale_of_the_word_scores_makes_no_difference(both: tuple[Scores, Scores], factor: float) -> None:
    cosines, bm25 = both
    assert fuse(cosines, factor * bm25).tolist() == pytest.approx(fuse(cosines, bm25).tolist(), abs=1e-9)


@given(BOTH, st.floats(0.01, 2))
def test_who_is_better_in_both_halves_is_better_in_both_together(both: tuple[Scores, Scores], weight: float) -> None:
    cosines, bm25 = both
    fused = fuse(cosines, bm25, weight)
    for one in range(len(fused)):
        for other in range(len(fused)):
            if cosines[one] >= cosines[other] and bm25[one] >= bm25[other]:
                assert fused[one] >= fused[other]

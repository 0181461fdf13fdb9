from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import best_of_each, fuse, ranked


def test_a_score_is_the_cosine_plus_the_weighted_share_of_the_best_word_match() -> None:
    fused = fuse({"a": 0.5, "b": 0.4}, {"b": 8.0, "c": 4.0}, lexical_weight=0.2)
    assert fused == {"a": 0.5, "b": pytest.approx(0.6), "c": pytest.approx(0.1)}
    assert ranked(fused) == ["b", "a", "c"]


def test_without_word_matches_the_cosines_remain() -> None:
    assert fuse({"a": 0.5, "b": -0.4}, {}) == {"a": 0.5, "b": -0.4}


def test_without_cosines_the_shares_of_the_best_remain() -> None:
    assert fuse({}, {"a": 3.0, "b": 12.0}, lexical_weight=0.1) == {"a": pytest.approx(0.025), "b": pytest.approx(0.1)}


def test_two_empty_halves_give_nothing() -> None:
    assert fuse({}, {}) == {}
    assert ranked({}) == []


def test_weight_zero_leaves_the_cosines_and_still_every_id() -> None:
    assert fuse({"a": 0.5}, {"a": 9.0, "b": 3.0}, lexical_weight=0) == {"a": 0.5, "b": 0.0}


def test_word_scores_of_zero_do_not_divide_by_zero() -> None:
    assert fuse({"a": 0.5}, {"a": 0.0, "b": 0.0}) == {"a": 0.5, "b": 0.0}


def test_equal_scores_are_ranked_by_id() -> None:
    assert ranked({"c": 0.5, "a": 0.5, "d": 0.7, "b": 0.5}) == ["d", "a", "b", "c"]


def test_an_owner_counts_as_much_as_its_best_also_below_zero() -> None:
    owner = {"a1": "a", "a2": "a", "b1": "b"}
    assert best_of_each([("a1", 0.2), ("b1", -0.5), ("a2", 0.7)], owner) == {"a": 0.7, "b": -0.5}
    assert best_of_each([], owner) == {}


def test_the_given_scores_are_left_as_they_are() -> None:
    cosines, bm25 = {"a": 0.5}, {"a": 2.0, "b": 1.0}
    fuse(cosines, bm25)
    assert (cosines, bm25) == ({"a": 0.5}, {"a": 2.0, "b": 1.0})


IDS = st.sampled_from("abcdefgh")
COSINES = st.dictionaries(IDS, st.floats(-1, 1))
BM25 = st.dictionaries(IDS, st.floats(0, 40, allow_subnormal=False))


@given(COSINES, BM25, st.randoms())
def test_scores_and_ranking_do_not_depend_on_the_order_of_the_input(cosines: dict[str, float], bm25: dict[str, float], random: Random) -> None:
    mixed_cosines, mixed_bm25 = (dict(random.sample(sorted(scores.items()), len(scores))) for scores in (cosines, bm25))
    assert fuse(mixed_cosines, mixed_bm25) == fuse(cosines, bm25)
    assert ranked(fuse(mixed_cosines, mixed_bm25)) == ranked(fuse(cosines, bm25))


@given(COSINES, BM25, st.floats(0, 2))
def test_fusion_keeps_every_id_once_and_stays_within_its_bounds(cosines: dict[str, float], bm25: dict[str, float], weight: float) -> None:
    fused = fuse(cosines, bm25, weight)
    assert sorted(ranked(fused)) == sorted(cosines.keys() | bm25.keys())
    for key, score in fused.items():
        assert cosines.get(key, 0.0) <= score <= cosines.get(key, 0.0) + weight + 1e-9


@given(COSINES, BM25, st.floats(0.01, 100))
def test_the_scale_of_the_word_scores_makes_no_difference(cosines: dict[str, float], bm25: dict[str, float], factor: float) -> None:
    scaled = fuse(cosines, {key: score * factor for key, score in bm25.items()})
    assert scaled == pytest.approx(fuse(cosines, bm25), abs=1e-9)


@given(COSINES, BM25, st.floats(0.01, 2))
def test_who_is_better_in_both_halves_is_better_in_both_together(cosines: dict[str, float], bm25: dict[str, float], weight: float) -> None:
    both = sorted(cosines.keys() & bm25.keys())
    fused = fuse(cosines, bm25, weight)
    for one in both:
        for other in both:
            if cosines[one] >= cosines[other] and bm25[one] >= bm25[other]:
                assert fused[one] >= fused[other]

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.embedding import Embedder
from search.fit import CURVES, Curve, Fit, Strength, fit_of, strength_of
from search.index import IndexReader
from search.records import Hit, Mode, Query
from search.searcher import Searcher

scores = st.floats(-2, 4)
modes = st.sampled_from(sorted(CURVES))


def hit_of(score: float) -> Hit:
    return Hit("role.md", "Engineer", "role.md", score, {}, {}, ())


def percent(score: float, mode: Mode) -> int:
    fit = fit_of(hit_of(score), mode)
    assert fit is not None
    return fit.percent


@given(scores, scores, modes)
def test_a_higher_score_is_never_a_lower_percentage(one: float, other: float, mode: Mode) -> None:
    lower, higher = sorted((one, other))
    assert percent(lower, mode) <= percent(higher, mode)


@given(st.floats(allow_nan=False), modes)
def test_nothing_is_certain_and_nothing_is_ruled_out(score: float, mode: Mode) -> None:
    assert 1 <= percent(score, mode) <= 99


@given(scores, modes)
def test_the_name_is_that_of_the_percentage(score: float, mode: Mode) -> None:
    fit = fit_of(hit_of(score), mode)
    assert fit is not None
    assert fit.name is strength_of(fit.percent)


@pytest.mark.parametrize(
    ("percent", "name"),
    [(99, "strong"), (60, "strong"), (59, "good"), (40, "good"), (39, "possible"), (25, "possible"), (24, "far"), (1, "far")],
)
def test_names_begin_at_their_thresholds(percent: int, name: str) -> None:
    assert strength_of(percent) is Strength(name)


def test_a_score_of_words_alone_says_nothing() -> None:
    assert fit_of(hit_of(12.5), Mode.LEXICAL) is None


def test_a_curve_is_steeper_above_its_knee_and_has_no_step_there() -> None:
    curve = Curve(start=0.0, slope=1.0, bend=4.0, knee=1.0)
    assert curve.share(0.0) == 0.5
    assert curve.share(1.0 + 1e-9) == pytest.approx(curve.share(1.0))
    assert curve.share(1.5) - curve.share(1.0) > curve.share(1.0) - curve.share(0.5)


@pytest.fixture
def searcher(corpus_index: Path, shipped_model: Embedder) -> Iterator[Searcher]:
    made = Searcher(IndexReader(corpus_index, shipped_model.fingerprint), shipped_model)
    yield made
    made.close()


@pytest.mark.model
@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("site reliability engineer", {Strength.STRONG, Strength.GOOD}),
        ("someone who manages the volunteers in trials of new heart medicines", {Strength.STRONG, Strength.GOOD}),
        ("zebra zookeeper volcano", {Strength.FAR}),
    ],
)
def test_the_best_hit_of_a_clear_query_is_near_and_that_of_nonsense_is_far(searcher: Searcher, mode: Mode, text: str, names: set[Strength]) -> None:
    (hit,) = searcher.search(Query(text, 1, mode)).hits
    fit = fit_of(hit, mode)
    assert isinstance(fit, Fit)
    assert fit.name in names

import math
from collections.abc import Callable, Mapping, Sequence

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import UsageError
from search.evaluation import DEPTH, MEASURES, Change, Evaluation, QueryScore, compare, evaluate
from search.judgements import JudgedQuery
from search.records import Asked, Hit, Query, Results, Understood
from search.significance import interval, p_value


def answer(ranking: Sequence[str], took_ms: float = 1.0, score: float = 1.0) -> Results:
    """Results with these roles in this order, all with one score."""
    hits = tuple(Hit(role_id, role_id, role_id, score, {}, {}, ()) for role_id in ranking)
    return Results(Query(""), Understood(Asked("")), hits, (), took_ms, "000001")


def answering(rankings: Mapping[str, Sequence[str]]) -> Callable[[str, int], Results]:
    """A search that answers a query's text with a fixed ranking."""
    return lambda text, k: answer(rankings.get(text, ())[:k])


def measured(grades: dict[str, int], ranking: Sequence[str]) -> dict[str, float]:
    (score,) = evaluate([JudgedQuery("q", "text", grades)], answering({"text": ranking})).scores
    return score.measures


def by_hand(grades: Mapping[str, int], ranking: Sequence[str]) -> dict[str, float]:
    """The textbook's formulas: gains are grades, discounts log2(rank + 1); relevant is what has a grade above 0."""
    gains = [max(0, grades.get(role_id, 0)) for role_id in ranking[:DEPTH]]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)

    def discounted(values: Sequence[int]) -> float:
        return sum(value / math.log2(rank + 1) for rank, value in enumerate(values[:DEPTH], start=1))

    first = next((rank for rank, gain in enumerate(gains, start=1) if gain), math.inf)
    return {"nDCG@10": discounted(gains) / discounted(ideal), "MRR@10": 1 / first, "R@10": sum(gain > 0 for gain in gains) / len(ideal)}


@pytest.mark.parametrize(
    ("grades", "ranking", "expected"),
    [
        ({"a": 3, "b": 1}, ["a", "b"], (1.0, 1.0, 1.0)),
        ({"a": 3, "b": 1}, ["b", "a"], ((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)), 1.0, 1.0)),
        ({"a": 3, "b": 1}, ["x", "y", "a"], (3 / math.log2(4) / (3 + 1 / math.log2(3)), 1 / 3, 0.5)),
        ({"a": 2, "b": 0}, ["b", "a"], (1 / math.log2(3), 0.5, 1.0)),
        ({"a": 1}, ["x"], (0.0, 0.0, 0.0)),
        ({"a": 1}, [*"0123456789", "a"], (0.0, 0.0, 0.0)),
        ({"a": 1}, [*"012345678", "a"], (1 / math.log2(11), 0.1, 1.0)),
        ({str(number): 1 for number in range(20)}, [*"0123456789"], (1.0, 1.0, 0.5)),
    ],
)
def test_measures_are_what_the_formulas_give(grades: dict[str, int], ranking: list[str], expected: tuple[float, float, float]) -> None:
    assert measured(grades, ranking) == pytest.approx(dict(zip(("nDCG@10", "MRR@10", "R@10"), expected, strict=True)))
    assert by_hand(grades, ranking) == pytest.approx(measured(grades, ranking))


ROLES = [f"role-{number}" for number in range(15)]
GRADES = st.dictionaries(st.sampled_from(ROLES), st.integers(-1, 3), min_size=1).filter(lambda grades: max(grades.values()) > 0)
RANKING = st.lists(st.sampled_from(ROLES), unique=True)


@given(st.lists(st.tuples(GRADES, RANKING), min_size=1, max_size=4))
def test_on_random_judgements_the_values_are_those_of_the_formulas_and_of_ir_measures(cases: list[tuple[dict[str, int], list[str]]]) -> None:
    queries = [JudgedQuery(f"q{number}", f"text {number}", grades) for number, (grades, _) in enumerate(cases)]
    evaluation = evaluate(queries, answering({f"text {number}": ranking for number, (_, ranking) in enumerate(cases)}))
    assert [score.query for score in evaluation.scores] == queries
    for score, (grades, ranking) in zip(evaluation.scores, cases, strict=True):
        assert score.ranking == tuple(ranking[:DEPTH])
        assert score.measures == pytest.approx(by_hand(grades, ranking))
    qrels = [ir_measures.Qrel(query.id, role_id, grade) for query in queries for role_id, grade in query.grades.items()]
    run = [
        ir_measures.ScoredDoc(f"q{number}", role_id, 100.0 - rank) for number, (_, ranking) in enumerate(cases) for rank, role_id in enumerate(ranking[:DEPTH])
    ]
    theirs = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, run) if run else dict.fromkeys(MEASURES.values(), 0.0)
    assert evaluation.means() == pytest.approx({name: theirs[measure] for name, measure in MEASURES.items()})


@given(GRADES, RANKING)
def test_measures_lie_between_0_and_1_and_a_relevant_role_on_top_never_harms(grades: dict[str, int], ranking: list[str]) -> None:
    before = measured(grades, ranking)
    best = max(grades, key=lambda role_id: grades[role_id])
    after = measured(grades, [best, *(role_id for role_id in ranking if role_id != best)])
    for name in MEASURES:
        assert -1e-9 <= before[name] <= after[name] + 1e-9 <= 1 + 2e-9
    assert after["MRR@10"] == 1


def test_roles_with_equal_scores_count_in_the_order_in_which_they_are_shown() -> None:
    assert measured({"z": 1}, ["z", "a", "b"])["MRR@10"] == 1.0
    assert measured({"z": 1}, ["a", "z", "b"])["MRR@10"] == 0.5


def test_a_query_that_finds_nothing_counts_as_zero_and_pulls_the_mean_down() -> None:
    queries = [JudgedQuery("found", "bread", {"a": 1}), JudgedQuery("lost", "fish", {"b": 1})]
    evaluation = evaluate(queries, answering({"bread": ["a"]}))
    assert [score.measures for score in evaluation.scores] == [dict.fromkeys(MEASURES, 1.0), dict.fromkeys(MEASURES, 0.0)]
    assert evaluation.means() == dict.fromkeys(MEASURES, 0.5)


def test_when_no_query_finds_anything_all_is_zero() -> None:
    assert evaluate([JudgedQuery("q", "fish", {"b": 1})], answering({})).means() == dict.fromkeys(MEASURES, 0.0)


def test_queries_without_a_relevant_role_are_counted_and_neither_asked_nor_measured() -> None:
    asked: list[tuple[str, int]] = []

    def search(text: str, k: int) -> Results:
        asked.append((text, k))
        return answer(["a"])

    evaluation = evaluate([JudgedQuery("1", "bread", {"a": 2}), JudgedQuery("2", "none", {}), JudgedQuery("3", "bad", {"a": 0, "b": -1})], search)
    assert (asked, evaluation.unjudged, len(evaluation.scores)) == ([("bread", DEPTH)], 2, 1)


def test_without_any_relevant_role_there_is_nothing_to_measure() -> None:
    for queries in ([], [JudgedQuery("1", "bread", {})]):
        with pytest.raises(UsageError, match="nothing can be measured"):
            evaluate(queries, answering({}))


@pytest.mark.parametrize(
    ("times", "p50", "p95"), [([7], 7, 7), ([3, 1], 1, 3), ([4, 2, 1, 3], 2, 4), (list(range(1, 101)), 50, 95), (list(range(1, 22)), 11, 20)]
)
def test_times_at_a_percentile_are_the_nearest_rank(times: list[float], p50: float, p95: float) -> None:
    query = JudgedQuery("q", "text", {"a": 1})
    evaluation = Evaluation(tuple(QueryScore(query, {}, time, ()) for time in times), 0)
    assert (evaluation.milliseconds(50), evaluation.milliseconds(95)) == (p50, p95)
    assert (evaluation.milliseconds(0), evaluation.milliseconds(100)) == (min(times), max(times))


def test_the_time_of_a_query_is_the_one_that_the_search_reports() -> None:
    evaluation = evaluate([JudgedQuery("q", "bread", {"a": 1})], lambda text, k: answer(["a"], took_ms=12.5))
    assert [score.took_ms for score in evaluation.scores] == [12.5]


def scored(**values: float | tuple[float, float, float]) -> Evaluation:
    """Queries by id with their three measures, or one value for all three; underscores in the ids are hyphens."""
    scores = []
    for name, value in values.items():
        measures = dict(zip(MEASURES, value if isinstance(value, tuple) else (value,) * 3, strict=True))
        scores.append(QueryScore(JudgedQuery(name.replace("_", "-"), f"text of {name}", {"a": 1}), measures, 1.0, ()))
    return Evaluation(tuple(scores), 0)


def test_intervals_are_those_of_each_measure_over_the_queries() -> None:
    values = [(0.2, 0.5, 1.0), (0.4, 0.0, 1.0), (0.9, 1.0, 1.0), (0.0, 0.25, 1.0)]
    evaluation = scored(**{f"q_{number}": value for number, value in enumerate(values)})
    found = evaluation.intervals()
    assert found == {name: interval(list(column)) for name, column in zip(MEASURES, zip(*values, strict=True), strict=True)}
    assert {name: one.mean for name, one in found.items()} == pytest.approx(evaluation.means())
    assert found["nDCG@10"].low < found["nDCG@10"].mean < found["nDCG@10"].high
    assert (found["R@10"].low, found["R@10"].high) == (1, 1)


def test_kinds_come_in_the_order_of_the_queries_and_each_query_is_in_one() -> None:
    evaluation = scored(skill_01=0.2, level_01=1.0, skill_02=0.6, plain=0.5)
    kinds = evaluation.by_kind()
    assert list(kinds) == ["skill", "level", "plain"]
    assert {kind: [score.query.id for score in one.scores] for kind, one in kinds.items()} == {
        "skill": ["skill-01", "skill-02"],
        "level": ["level-01"],
        "plain": ["plain"],
    }
    assert {kind: one.means()["nDCG@10"] for kind, one in kinds.items()} == pytest.approx({"skill": 0.4, "level": 1.0, "plain": 0.5})


def test_a_comparison_is_of_each_query_with_itself_after_minus_before() -> None:
    before = {"q-2": dict.fromkeys(MEASURES, 0.5), "q-1": {"nDCG@10": 0.25, "MRR@10": 1.0, "R@10": 0.0}}
    after = scored(q_1=(0.75, 0.5, 0.0), q_2=(0.5, 0.5, 0.75))
    comparison = compare(before, after)
    assert comparison.changes == (
        Change(after.scores[0].query, {"nDCG@10": 0.5, "MRR@10": -0.5, "R@10": 0.0}),
        Change(after.scores[1].query, {"nDCG@10": 0.0, "MRR@10": 0.0, "R@10": 0.25}),
    )
    assert comparison.intervals() == {"nDCG@10": interval([0.5, 0.0]), "MRR@10": interval([-0.5, 0.0]), "R@10": interval([0.0, 0.25])}
    assert comparison.p_values() == {"nDCG@10": p_value([0.5, 0.0]), "MRR@10": p_value([-0.5, 0.0]), "R@10": p_value([0.0, 0.25])}


def test_only_queries_that_both_answered_are_compared() -> None:
    zeros = dict.fromkeys(MEASURES, 0.0)
    comparison = compare({"q-1": zeros, "q-9": zeros}, scored(q_1=0.5, q_2=0.5))
    assert [change.query.id for change in comparison.changes] == ["q-1"]


def test_without_a_query_in_common_there_is_nothing_to_compare() -> None:
    with pytest.raises(UsageError, match="no query in common"):
        compare({"q-9": dict.fromkeys(MEASURES, 0.0)}, scored(q_1=0.5))


def test_what_got_worse_is_told_by_ndcg_the_greatest_loss_first() -> None:
    before = {f"q-{number}": dict.fromkeys(MEASURES, 0.5) for number in range(5)}
    after = scored(q_0=0.4, q_1=0.5, q_2=0.1, q_3=0.9, q_4=(0.5, 0.0, 0.0))
    assert [change.query.id for change in compare(before, after).worse()] == ["q-2", "q-0"]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_comparison_the_other_way_round_has_the_other_sign(pairs: list[tuple[float, float]]) -> None:
    first = scored(**{f"q_{number}": one for number, (one, _) in enumerate(pairs)})
    second = scored(**{f"q_{number}": two for number, (_, two) in enumerate(pairs)})
    there, back = (compare({score.query.id: score.measures for score in before.scores}, after) for before, after in ((first, second), (second, first)))
    assert there.intervals()["nDCG@10"].mean == pytest.approx(-back.intervals()["nDCG@10"].mean)
    assert there.p_values() == back.p_values()
    assert {change.query.id for change in there.worse()} == {f"q-{number}" for number, (one, two) in enumerate(pairs) if two < one}

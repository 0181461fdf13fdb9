import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import UsageError
from search.evaluation import DEPTH, MEASURES, Evaluation, JudgedQuery, QueryScore, evaluate, read_judged_queries
from search.records import Hit, Query, Results


def answer(ranking: Sequence[str], took_ms: float = 1.0, score: float = 1.0) -> Results:
    """Results with these roles in this order, all with one score."""
    hits = tuple(Hit(role_id, role_id, role_id, score, {}, {}, ()) for role_id in ranking)
    return Results(Query(""), hits, (), took_ms, "000001")


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


# Files ---------------------------------------------------------------------------------------------------------------


def files(folder: Path, queries: str, qrels: str) -> tuple[Path, Path]:
    (folder / "queries.tsv").write_bytes(queries.encode())
    (folder / "qrels").write_bytes(qrels.encode())
    return folder / "queries.tsv", folder / "qrels"


def test_queries_are_read_with_their_judgements_in_the_order_of_the_queries(tmp_path: Path) -> None:
    queries = 'q2\tBäcker "früh" -spät\n\nq1\ttwo\ttabs\nq3\tnobody fits\n'
    judged = read_judged_queries(*files(tmp_path, queries, "q1 0 teams/b.md 2\nq2\t0\ta.md\t3\n\nq1 0 c.md -1\nq9 0 a.md 1\n"))
    assert judged == [
        JudgedQuery("q2", 'Bäcker "früh" -spät', {"a.md": 3}),
        JudgedQuery("q1", "two\ttabs", {"teams/b.md": 2, "c.md": -1}),
        JudgedQuery("q3", "nobody fits", {}),
    ]


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    assert read_judged_queries(*files(tmp_path, "\ufeffq1\tbread\r\n", "\ufeffq1 0 a.md 1\r\n")) == [JudgedQuery("q1", "bread", {"a.md": 1})]


@pytest.mark.parametrize("line", ["q1 0 a.md", "q1 0 a.md high", "q1 0 a.md 1.5", "q1 0 a.md 1 more", "q1 0 a.md --3", "q1 0 a.md ²", "q1 0 a.md -", "bread"])
def test_a_wrong_judgement_is_wrong_usage_that_names_its_line(tmp_path: Path, line: str) -> None:
    queries, qrels = files(tmp_path, "q1\tbread\n", f"q1 0 b.md 1\n\n{line}\n")
    with pytest.raises(UsageError, match="qrels, line 3: expected `query 0 doc grade`") as refused:
        read_judged_queries(queries, qrels)
    assert repr(line) in str(refused.value)


@pytest.mark.parametrize("line", ["no tab", "\tno id", "q3\t", "q3\t  ", " \tbread"])
def test_a_wrong_query_is_wrong_usage_that_names_its_line(tmp_path: Path, line: str) -> None:
    queries, qrels = files(tmp_path, f"q1\tbread\n\n{line}\nq2\tfish\n", "q1 0 a.md 1\n")
    with pytest.raises(UsageError, match=r"queries\.tsv, line 3: expected `id<TAB>text`"):
        read_judged_queries(queries, qrels)


def test_an_id_given_twice_is_wrong_usage_that_names_the_second_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"queries\.tsv, line 2: the id 'q1'"):
        read_judged_queries(*files(tmp_path, "q1\tbread\nq1\tfish\n", "q1 0 a.md 1\n"))


def test_a_file_without_queries_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no queries"):
        read_judged_queries(*files(tmp_path, "\n \n", "q1 0 a.md 1\n"))


@pytest.mark.parametrize("missing", ["queries.tsv", "qrels"])
def test_a_missing_or_unreadable_file_is_wrong_usage_that_names_it(tmp_path: Path, missing: str) -> None:
    paths = files(tmp_path, "q1\tbread\n", "q1 0 a.md 1\n")
    (tmp_path / missing).write_bytes(b"q1\t\xff\xfe")
    with pytest.raises(UsageError, match=f"{missing} cannot be read"):
        read_judged_queries(*paths)
    (tmp_path / missing).unlink()
    with pytest.raises(UsageError, match=f"{missing} cannot be read"):
        read_judged_queries(*paths)

"""How good the ranking is: nDCG@10, MRR@10 and R@10 of a set of judged queries, per query first, and how two settings differ. The measures are ir-measures'."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, R, nDCG

from search.errors import UsageError
from search.judgements import JudgedQuery
from search.records import Results
from search.significance import Interval, interval, p_value

DEPTH = 10
# Names as the field writes them, to ir-measures' objects. A grade of 1 counts as relevant for MRR and recall.
MEASURES = {"nDCG@10": nDCG @ DEPTH, "MRR@10": RR @ DEPTH, "R@10": R @ DEPTH}


@dataclass(frozen=True, slots=True)
class QueryScore:
    """How one query went: each measure's value between 0 and 1, the time in milliseconds, and the role ids that came back."""

    query: JudgedQuery
    measures: dict[str, float]
    took_ms: float
    ranking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of all queries that have relevant roles; `unjudged` counts those without, which no measure is defined for."""

    scores: tuple[QueryScore, ...]
    unjudged: int

    def means(self) -> dict[str, float]:
        """Each measure's mean over the queries."""
        return {name: statistics.fmean(score.measures[name] for score in self.scores) for name in MEASURES}

    def intervals(self) -> dict[str, Interval]:
        """Each measure's mean with its 95 % interval over the queries."""
        return {name: interval([score.measures[name] for score in self.scores]) for name in MEASURES}

    def by_kind(self) -> dict[str, "Evaluation"]:
        """The same, apart for each kind of query, in the order in which the kinds first occur."""
        kinds = dict.fromkeys(score.query.kind for score in self.scores)
        return {kind: Evaluation(tuple(score for score in self.scores if score.query.kind == kind), 0) for kind in kinds}

    def milliseconds(self, percentile: int) -> float:
        """The time a query took, at a percentile (nearest rank)."""
        times = sorted(score.took_ms for score in self.scores)
        return times[max(1, math.ceil(percentile * len(times) / 100)) - 1]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one query between two settings: each measure's value after, minus its value before."""

    query: JudgedQuery
    differences: dict[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two settings differ on the queries that both answered; `changes` in the order of the queries."""

    changes: tuple[Change, ...]

    def intervals(self) -> dict[str, Interval]:
        """Each measure's mean difference with its 95 % interval."""
        return {name: interval(self._of(name)) for name in MEASURES}

    def p_values(self) -> dict[str, float]:
        """Each measure's p-value, two-sided, by a paired randomization test."""
        return {name: p_value(self._of(name)) for name in MEASURES}

    def worse(self) -> tuple[Change, ...]:
        """The queries whose nDCG@10 went down, the greatest loss first."""
        return tuple(sorted((change for change in self.changes if change.differences["nDCG@10"] < 0), key=lambda change: change.differences["nDCG@10"]))

    def _of(self, name: str) -> list[float]:
        return [change.differences[name] for change in self.changes]


def compare(before: Mapping[str, Mapping[str, float]], after: Evaluation) -> Comparison:
    """The differences of `after` to measures by query id, such as an earlier evaluation's. Raises UsageError when they have no query in common."""
    changes = tuple(
        Change(score.query, {name: score.measures[name] - before[score.query.id][name] for name in MEASURES})
        for score in after.scores
        if score.query.id in before
    )
    if not changes:
        raise UsageError("the two evaluations have no query in common; evaluate the same queries twice")
    return Comparison(changes)


def evaluate(queries: Sequence[JudgedQuery], search: Callable[[str, int], Results]) -> Evaluation:
    """Ask each query with `search(text, k)` and score what comes back. Raises UsageError when no query has a relevant role.

    A query that finds nothing counts as zero.
    """
    answered = [(query, search(query.text, DEPTH)) for query in queries if any(grade > 0 for grade in query.grades.values())]
    if not answered:
        raise UsageError("none of the queries has a relevant role in the judgements; nothing can be measured")
    rankings = {query.id: tuple(hit.role_id for hit in results.hits) for query, results in answered}
    values = _values([query for query, _ in answered], rankings)
    scores = tuple(QueryScore(query, values[query.id], results.took_ms, rankings[query.id]) for query, results in answered)
    return Evaluation(scores, len(queries) - len(answered))


def _values(queries: Sequence[JudgedQuery], rankings: dict[str, tuple[str, ...]]) -> dict[str, dict[str, float]]:
    qrels = [ir_measures.Qrel(query.id, role_id, grade) for query in queries for role_id, grade in query.grades.items()]
    # The rank stands in for the score: trec_eval breaks ties of scores by document id, which would undo our order.
    run = [ir_measures.ScoredDoc(query.id, role_id, float(-rank)) for query in queries for rank, role_id in enumerate(rankings[query.id])]
    values = {query.id: dict.fromkeys(MEASURES, 0.0) for query in queries}
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(names), qrels, run):
        values[metric.query_id][names[metric.measure]] = float(metric.value)
    return values

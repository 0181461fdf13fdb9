"""`make bench-fit`: fits the curves of search/fit.py to the judged queries of two corpora and shows how far they hold.

A hit counts as relevant when its grade is at least 1; roles without a grade count as not relevant. All tables but the last leave out what they are checked
on: ten folds over the queries, then one corpus for the fit and the other for the check. Sets whose corpus is not on this machine are left out.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.quality import INDEXES, SETS, JudgedSet
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder
from search.fit import CURVES, Curve, Strength, strength_of
from search.index import IndexReader
from search.judgements import read_judged_queries
from search.records import Mode, Query
from search.searcher import Searcher

# What a page shows at first, and how far the judged pools reach.
FITTED_DEPTH = 10
DEPTH = 100
FOLDS = 10
# Keeps the curve finite where all hits above the knee are relevant.
RIDGE = 0.1
BINS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)
JUDGED = ("corpus", "ladders")

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Hits of judged queries, one a row, each array of shape (hits,); `queries` number the queries, `relevant` is 0 or 1."""

    scores: Numbers
    relevant: Numbers
    ranks: npt.NDArray[np.int64]
    queries: npt.NDArray[np.int64]

    def where(self, mask: npt.NDArray[np.bool_]) -> "Sample":
        """The hits that a mask of shape (hits,) leaves."""
        return Sample(self.scores[mask], self.relevant[mask], self.ranks[mask], self.queries[mask])

    def first(self, depth: int = FITTED_DEPTH) -> "Sample":
        """The first hits of each query."""
        return self.where(self.ranks <= depth)


def main() -> None:
    """Measure and print."""
    sets = [one for one in SETS if one.name in JUDGED and one.corpus.exists()]
    samples = {one.name: judged_hits(one) for one in sets}
    for mode in CURVES:
        print("\n".join(report(mode, {name: by_mode[mode] for name, by_mode in samples.items()})))


def judged_hits(judged_set: JudgedSet) -> dict[Mode, Sample]:
    """The first hundred hits of every query of a set, by mode."""
    embedder = open_embedder(SHIPPED_MODEL)
    index = INDEXES / f"{judged_set.name}-{SHIPPED_MODEL}"
    sync([judged_set.corpus], index, embedder)
    searcher = Searcher(IndexReader(index, embedder.fingerprint), embedder)
    judged = read_judged_queries(judged_set.queries, judged_set.qrels)
    try:
        return {
            mode: sample_of(
                (hit.score, one.grades.get(hit.role_id, 0) >= 1, rank, number)
                for number, one in enumerate(judged)
                for rank, hit in enumerate(searcher.search(Query(one.text, DEPTH, mode)).hits, start=1)
            )
            for mode in CURVES
        }
    finally:
        searcher.close()


def sample_of(rows: Iterator[tuple[float, bool, int, int]]) -> Sample:
    """Rows of score, relevance, rank and number of the query."""
    scores, relevant, ranks, queries = zip(*rows, strict=True)
    return Sample(np.array(scores, dtype=np.float64), np.array(relevant, dtype=np.float64), np.array(ranks), np.array(queries))


def joined(samples: Sequence[Sample]) -> Sample:
    """Several samples as one; the queries keep apart."""
    ends = np.cumsum([0, *(int(one.queries.max()) + 1 for one in samples)])
    return Sample(
        np.concatenate([one.scores for one in samples]),
        np.concatenate([one.relevant for one in samples]),
        np.concatenate([one.ranks for one in samples]),
        np.concatenate([one.queries + end for one, end in zip(samples, ends, strict=False)]),
    )


def fitted(sample: Sample, knee: float) -> Curve:
    """The curve of the greatest likelihood, by Newton's method, with a small penalty on slope and bend."""
    parts = np.stack([np.ones_like(sample.scores), sample.scores, np.maximum(0.0, sample.scores - knee)], axis=1)
    penalty = np.diag([0.0, RIDGE, RIDGE])
    weights = np.zeros(3)
    for _ in range(50):
        estimated = 1 / (1 + np.exp(-parts @ weights))
        gradient = parts.T @ (estimated - sample.relevant) + penalty @ weights
        weights -= np.linalg.solve((parts * (estimated * (1 - estimated))[:, np.newaxis]).T @ parts + penalty, gradient)
    start, slope, bend = (round(float(weight), 2) for weight in weights)
    return Curve(start, slope, bend, knee)


def shares(curve: Curve, sample: Sample) -> Numbers:
    """The curve's estimates for a sample, shape (hits,)."""
    return np.array([curve.share(score) for score in sample.scores.tolist()])


def held_out_shares(sample: Sample, knee: float) -> Numbers:
    """Estimates for each hit by a curve that never saw its query, shape (hits,)."""
    estimated = np.zeros_like(sample.scores)
    for fold in range(FOLDS):
        inside = sample.queries % FOLDS == fold
        estimated[inside] = shares(fitted(sample.where(~inside), knee), sample.where(inside))
    return estimated


def report(mode: Mode, samples: dict[str, Sample]) -> Iterator[str]:
    """The lines of one mode: the curve, its checks, and what it makes of hits that it was not fitted to."""
    everything = joined(list(samples.values()))
    shown, knee = everything.first(), CURVES[mode].knee
    curve = fitted(shown, knee)
    yield f"\n## {mode}\n\nfitted: {curve}\nin use: {CURVES[mode]}"
    held_out = held_out_shares(shown, knee)
    yield from reliability(f"ten folds over {len(np.unique(shown.queries))} queries", shown, held_out)
    yield from by_name(shown, held_out)
    for name, sample in samples.items():
        others = [other.first() for other_name, other in samples.items() if other_name != name]
        if others:
            yield from reliability(f"{name}, fitted on the other corpus", sample.first(), shares(fitted(joined(others), knee), sample.first()))
    yield from by_rank(everything, shares(curve, everything))


def reliability(title: str, sample: Sample, estimated: Numbers) -> Iterator[str]:
    """Estimated against observed share of relevant hits, and the mean distance between them over the hits."""
    distance = 0.0
    yield f"\n{title}\n\n| estimated | mean estimate | relevant | hits |\n|---|---:|---:|---:|"
    for low, high in itertools.pairwise(BINS):
        inside = (estimated >= low) & (estimated < high)
        if not inside.any():
            continue
        expected, observed = estimated[inside].mean(), sample.relevant[inside].mean()
        distance += abs(expected - observed) * inside.mean()
        yield f"| {low:.0%} to {min(high, 1.0):.0%} | {expected:.0%} | {observed:.0%} | {inside.sum()} |"
    yield f"\nMean distance: {100 * distance:.1f} points."


def by_name(sample: Sample, estimated: Numbers) -> Iterator[str]:
    """How often each name was given, and how many of its hits were relevant."""
    names = np.array([strength_of(round(100 * share)) for share in estimated.tolist()])
    yield "\n| name | hits | relevant | best hits | relevant |\n|---|---:|---:|---:|---:|"
    for name in Strength:
        inside, best = names == name, (names == name) & (sample.ranks == 1)
        yield f"| {name} | {inside.sum()} | {sample.relevant[inside].mean():.0%} | {best.sum()} | {sample.relevant[best].mean():.0%} |"


def by_rank(sample: Sample, estimated: Numbers) -> Iterator[str]:
    """Where in the list the curve says too little or too much."""
    yield "\n| place | mean estimate | relevant |\n|---|---:|---:|"
    for low, high in ((1, 1), (2, 3), (4, 10), (11, 20), (21, DEPTH)):
        inside = (sample.ranks >= low) & (sample.ranks <= high)
        yield f"| {low} to {high} | {estimated[inside].mean():.0%} | {sample.relevant[inside].mean():.0%} |"


if __name__ == "__main__":
    main()

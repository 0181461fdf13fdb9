"""`make bench-quality`: nDCG@10 of every judged set for {lexical, dense plain, hybrid plain, ours}, with 95 % intervals over the queries.

Plain takes the model's vectors and each role's best chunk as they are; ours is what a search does by default. Indexes are kept in .bench/ for the
next run; they follow their corpora by themselves. Sets whose corpus is not on this machine are named and left out.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder
from search.evaluation import Evaluation, compare, evaluate
from search.index import IndexReader
from search.judgements import JudgedQuery, read_judged_queries
from search.ranking import OURS, PLAIN, Ranking
from search.records import Mode, Query
from search.searcher import Searcher
from search.significance import Interval

ROOT = Path(__file__).resolve().parents[1]
INDEXES = ROOT / ".bench"
CORPORA = Path(os.environ.get("ROLESEARCH_CORPORA", ROOT.parent / "shared" / "corpora"))
KEPT = ROOT / "tests" / "data" / "quality.tsv"
MEASURE = "nDCG@10"


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A corpus with judged queries; `corpus` is what is ingested."""

    name: str
    corpus: Path
    queries: Path
    qrels: Path


@dataclass(frozen=True, slots=True)
class System:
    """A way of searching that is compared with others."""

    name: str
    mode: Mode
    ranking: Ranking


SETS = (
    JudgedSet("corpus", ROOT / "corpus", ROOT / "corpus" / "judgements" / "queries.tsv", ROOT / "corpus" / "judgements" / "qrels"),
    JudgedSet("ladders", CORPORA / "ladders", ROOT / "tests" / "data" / "ladders_sentences.queries.tsv", ROOT / "tests" / "data" / "ladders_sentences.qrels"),
    JudgedSet(
        "onet", CORPORA / "onet" / "occupations.jsonl.gz", CORPORA / "onet" / "reported_titles_dev.queries.tsv", CORPORA / "onet" / "reported_titles_dev.qrels"
    ),
)
SYSTEMS = (
    System("lexical", Mode.LEXICAL, PLAIN),
    System("dense plain", Mode.DENSE, PLAIN),
    System("hybrid plain", Mode.HYBRID, PLAIN),
    System("ours", Mode.HYBRID, OURS),
)
BASELINE = "dense plain"


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", choices=[one.name for one in SETS], help="only this set")
    arguments.add_argument("--kinds", action="store_true", help="also by kind of query")
    arguments.add_argument("--keep", action="store_true", help=f"keep our figures in {KEPT.relative_to(ROOT)}, below which CI fails")
    options = arguments.parse_args()
    kept: list[str] = []
    for judged_set in SETS:
        if options.only not in (None, judged_set.name):
            continue
        if not judged_set.corpus.exists():
            print(f"{judged_set.corpus} is not there; the set {judged_set.name} is left out. ROLESEARCH_CORPORA names another folder.")
            continue
        judged = read_judged_queries(judged_set.queries, judged_set.qrels)
        evaluations = {system.name: evaluated(system, judged_set, judged) for system in SYSTEMS}
        print("\n".join(table(judged_set.name, evaluations)))
        if options.kinds:
            print("\n".join(kinds(evaluations)))
        ours = evaluations["ours"].intervals()[MEASURE]
        kept.append(f"{judged_set.name}\t{ours.mean:.4f}\t{ours.low:.4f}\n")
    if options.keep:
        KEPT.write_text("".join(kept), encoding="utf-8")


def evaluated(system: System, judged_set: JudgedSet, judged: list[JudgedQuery]) -> Evaluation:
    """All queries of a set asked in one system."""
    embedder = open_embedder(SHIPPED_MODEL)
    index = INDEXES / f"{judged_set.name}-{SHIPPED_MODEL}"
    sync([judged_set.corpus], index, embedder)
    searcher = Searcher(IndexReader(index, embedder.fingerprint), embedder, system.ranking)
    try:
        searcher.search(Query(judged[0].text, 1, system.mode))
        return evaluate(judged, lambda text, k: searcher.search(Query(text, k, system.mode)))
    finally:
        searcher.close()


def table(name: str, evaluations: dict[str, Evaluation]) -> Iterator[str]:
    """The lines of one set's table."""
    count = len(next(iter(evaluations.values())).scores)
    yield f"\n{name}: {count} queries\n\n| system | {MEASURE} | against {BASELINE} | p | median time |\n|---|---:|---:|---:|---:|"
    before = {score.query.id: score.measures for score in evaluations[BASELINE].scores}
    for system, evaluation in evaluations.items():
        comparison = compare(before, evaluation)
        share = evaluation.means()[MEASURE] / evaluations[BASELINE].means()[MEASURE] - 1
        p_value = "–" if system == BASELINE else f"{comparison.p_values()[MEASURE]:.4f}"
        yield f"| {system} | {shown(evaluation.intervals()[MEASURE])} | {share:+.1%} | {p_value} | {evaluation.milliseconds(50):.1f} ms |"


def kinds(evaluations: dict[str, Evaluation]) -> Iterator[str]:
    """A row a kind of query, a column a system."""
    yield f"\n| kind | queries | {' | '.join(evaluations)} |\n|---|---:|{'---:|' * len(evaluations)}"
    by_kind = {name: evaluation.by_kind() for name, evaluation in evaluations.items()}
    for kind, first in next(iter(by_kind.values())).items():
        yield f"| {kind} | {len(first.scores)} | {' | '.join(f'{of_system[kind].means()[MEASURE]:.3f}' for of_system in by_kind.values())} |"


def shown(interval: Interval) -> str:
    """A mean with its bounds."""
    return f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


if __name__ == "__main__":
    main()

"""`make table`: measures the three modes on the judged queries and writes the table into the README."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder
from search.evaluation import MEASURES, Evaluation, evaluate
from search.index import IndexReader
from search.judgements import JudgedQuery, read_judged_queries
from search.records import Mode, Query
from search.searcher import Searcher

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
JUDGEMENTS = ROOT / "corpus" / "judgements"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def main() -> None:
    """Measure, and replace the table between its marks."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    README.write_text(before + BEGIN + table() + END + after, encoding="utf-8")


def table() -> str:
    """The Markdown table: a row a mode, a column a measure."""
    embedder = open_embedder(SHIPPED_MODEL)
    judged = read_judged_queries(JUDGEMENTS / "queries.tsv", JUDGEMENTS / "qrels")
    with tempfile.TemporaryDirectory() as scratch:
        sync([ROOT / "corpus"], Path(scratch) / "index", embedder)
        searcher = Searcher(IndexReader(Path(scratch) / "index"), embedder)
        evaluations = {mode: evaluated(judged, searcher, mode) for mode in Mode}
        searcher.close()
    head = f"| mode | {' | '.join(MEASURES)} |\n|---|{'---:|' * len(MEASURES)}\n"
    return head + "".join(row(mode.value, evaluation) for mode, evaluation in evaluations.items())


def evaluated(judged: Sequence[JudgedQuery], searcher: Searcher, mode: Mode) -> Evaluation:
    """All queries in one mode."""
    return evaluate(judged, lambda text, k: searcher.search(Query(text, k, mode)))


def row(name: str, evaluation: Evaluation) -> str:
    """One mode's means."""
    return f"| {name} | {' | '.join(f'{value:.3f}' for value in evaluation.means().values())} |\n"


if __name__ == "__main__":
    main()

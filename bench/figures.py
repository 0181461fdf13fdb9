"""`make bench`: what ingest and search cost on this machine, on the shipped corpus or on folders given as arguments.

Every figure stands beside a baseline measured in the same run: the bare forward pass of the model over the same texts, the bare embedding of the same queries.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ingest.pipeline import SyncReport, sync
from search.embedding import SHIPPED_MODEL, Embedder, open_embedder
from search.filters import parse_filters
from search.index import Index, IndexReader
from search.judgements import read_judged_queries
from search.records import Filters, Mode, Query
from search.searcher import Searcher

ROOT = Path(__file__).resolve().parents[1]
JUDGEMENTS = ROOT / "corpus" / "judgements"
ROUNDS = 3


def main() -> None:
    """Measure and print."""
    folders = [Path(argument) for argument in sys.argv[1:]] or [ROOT / "corpus"]
    embedder = open_embedder(SHIPPED_MODEL)
    embedder.encode_document(["a text that brings the model into memory"])
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        report = sync(folders, index, embedder)
        print_ingest(report, folders, index, embedder)
        print_search(index, embedder)


def print_ingest(report: SyncReport, folders: Sequence[Path], index: Path, embedder: Embedder) -> None:
    """A whole ingest against the bare forward pass over the same texts, and an ingest that finds nothing new."""
    opened = Index.open(index)
    texts = [chunk.embedded_text for chunk in opened.manifest.chunks(opened.manifest.chunk_ids()).values()]
    opened.close()
    forward = timed(lambda: embedder.encode_document(texts))
    again = min(timed(lambda: sync(folders, index, embedder)) for _ in range(ROUNDS))
    print(f"{report.added} roles, {report.chunks} chunks")
    print(f"ingest        {report.seconds:8.2f} s   {report.chunks / report.seconds:6.1f} chunks/s   {report.seconds / forward:5.2f} × the bare forward pass")
    print(f"forward pass  {forward:8.2f} s   {report.chunks / forward:6.1f} chunks/s")
    print(f"nothing new   {again:8.2f} s")


def print_search(index: Path, embedder: Embedder) -> None:
    """Each mode, and hybrid under a filter, against the bare embedding of the query; in turn for each query, so that noise falls on all alike."""
    searcher = Searcher(IndexReader(index), embedder)
    texts = [query.text for query in read_judged_queries(JUDGEMENTS / "queries.tsv", JUDGEMENTS / "qrels")]
    half = parse_filters([f"level={level}" for level in ("senior", "lead", "manager", "principal", "director")])
    asked: dict[str, Callable[[str], object]] = {"embedding only": lambda text: embedder.encode_query([text])}
    asked |= {mode.value: partial(ask, searcher, mode, Filters()) for mode in Mode}
    asked["hybrid, filtered"] = partial(ask, searcher, Mode.HYBRID, half)
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for text in texts:
            for name, action in asked.items():
                times[name].append(1000 * timed(partial(action, text)))
    baseline = statistics.median(times["embedding only"])
    print(f"{'':18} {'p50 ms':>8} {'p95 ms':>8}   p50 / embedding only")
    for name, taken in times.items():
        print(f"{name:18} {statistics.median(taken):8.1f} {statistics.quantiles(taken, n=20)[-1]:8.1f}   {statistics.median(taken) / baseline:5.2f}")
    searcher.close()


def ask(searcher: Searcher, mode: Mode, filters: Filters, text: str) -> object:
    """One query, answered in full."""
    return searcher.search(Query(text, 10, mode, filters))


def timed(action: Callable[[], object]) -> float:
    """Seconds that `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

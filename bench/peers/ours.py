"""This project: files in; hybrid search, understood and explained, and for comparison by meaning alone as the other systems do it."""

import sys
from collections.abc import Callable
from pathlib import Path

from bench.peers.driver import HITS, Ask, Task, drive
from ingest.pipeline import sync
from search import understanding
from search.embedding import SHIPPED_MODEL, open_embedder
from search.index import IndexReader
from search.ranking import OURS, PLAIN
from search.records import Mode, Query
from search.searcher import Searcher
from ui.present import results_json

MEANING_ALONE = "--meaning-alone"


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory, and what questions are read by."""
    embedder = open_embedder(SHIPPED_MODEL)
    embedder.encode_document(["a text that brings the model into memory"])
    understanding.load()
    alone = MEANING_ALONE in sys.argv

    def ingest() -> Ask:
        sync([Path(path) for path in task.paths], folder, embedder)
        searcher = Searcher(IndexReader(folder, embedder.fingerprint), embedder, PLAIN if alone else OURS)

        def ask(question: str) -> list[dict[str, object]]:
            answer = results_json(searcher.search(Query(question, HITS, Mode.DENSE if alone else Mode.HYBRID)))
            return [{"id": hit["role_id"], **hit} for hit in answer["hits"]]

        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

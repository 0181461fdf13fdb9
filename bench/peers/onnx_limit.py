"""A limit: our forward pass by itself, tokens made on the way, and an exact scan of the vectors; nothing stored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.peers.driver import Ask, Task, drive
from search.embedding import SHIPPED_MODEL, open_embedder

# All that are found, so that what others find can be compared with it.
FOUND = 200


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory."""
    embedder = open_embedder(SHIPPED_MODEL)
    embedder.encode_document(["a text that brings the model into memory"])

    def ingest() -> Ask:
        matrix = embedder.encode_document(task.texts)

        def ask(question: str) -> list[dict[str, object]]:
            scores = matrix @ embedder.encode_query([question])[0]
            best = np.argpartition(-scores, min(FOUND, len(scores)) - 1)[:FOUND]
            return [{"id": task.ids[row]} for row in best[np.argsort(-scores[best])]]

        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

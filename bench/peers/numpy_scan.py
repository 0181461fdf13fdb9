"""sentence-transformers and NumPy: all vectors in one array, every question compared with all of them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from bench.peers.driver import BATCH, HITS, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory."""
    model = SentenceTransformer(task.model, device="cpu", local_files_only=True)
    model.encode(["a text that brings the model into memory"])

    def ingest() -> Ask:
        matrix = model.encode(task.texts, batch_size=BATCH)
        np.save(folder / "vectors.npy", matrix)
        (folder / "texts.json").write_text(json.dumps([task.ids, task.texts]), encoding="utf-8")

        def ask(question: str) -> list[dict[str, object]]:
            scores = matrix @ model.encode([question])[0]
            best = np.argsort(-scores)[:HITS]
            return [{"id": task.ids[row], "text": task.texts[row], "score": float(scores[row])} for row in best]

        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

"""txtai: its Embeddings with content stored, saved to disk."""

from collections.abc import Callable
from pathlib import Path

from txtai import Embeddings

from bench.peers.driver import HITS, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory."""
    embeddings = Embeddings(path=task.model, content=True, gpu=False)
    embeddings.batchtransform(["a text that brings the model into memory"])

    def ask(question: str) -> list[dict[str, object]]:
        return [{"id": hit["id"], "text": hit["text"], "score": float(hit["score"])} for hit in embeddings.search(question, HITS)]

    def ingest() -> Ask:
        embeddings.index(zip(task.ids, task.texts, strict=True))
        embeddings.save(str(folder / "index"))
        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

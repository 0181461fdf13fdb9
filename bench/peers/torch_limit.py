"""A limit: the bare forward pass in PyTorch over the texts' tokens, made before the clock starts; batches of about equal length, nothing stored."""

from collections.abc import Callable
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from bench.peers.driver import BATCH, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory, and all batches."""
    model = SentenceTransformer(task.model, device="cpu", local_files_only=True)
    texts = sorted(task.texts, key=lambda text: -len(model.tokenizer(text, verbose=False)["input_ids"]))
    batches = [model.preprocess(texts[place : place + BATCH]) for place in range(0, len(texts), BATCH)]
    model.encode(["a text that makes the model ready"])

    def ask(question: str) -> list[dict[str, object]]:
        model.encode([question])
        return []

    def ingest() -> Ask:
        with torch.inference_mode():
            for batch in batches:
                model(dict(batch))
        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

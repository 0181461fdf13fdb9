"""Haystack's in-memory store with its sentence-transformers embedders, saved to disk."""

from collections.abc import Callable
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersDocumentEmbedder, SentenceTransformersTextEmbedder

from bench.peers.driver import BATCH, HITS, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The models in memory: one object for texts and one for questions, as Haystack has them."""
    cpu = ComponentDevice.from_str("cpu")
    documents = SentenceTransformersDocumentEmbedder(model=task.model, device=cpu, batch_size=BATCH, progress_bar=False)
    questions = SentenceTransformersTextEmbedder(model=task.model, device=cpu, progress_bar=False)
    store = InMemoryDocumentStore()
    writing, asking = Pipeline(), Pipeline()
    writing.add_component("embedder", documents)
    writing.add_component("writer", DocumentWriter(store))
    writing.connect("embedder.documents", "writer.documents")
    asking.add_component("embedder", questions)
    asking.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=HITS))
    asking.connect("embedder.embedding", "retriever.query_embedding")
    writing.warm_up()
    asking.warm_up()

    def ask(question: str) -> list[dict[str, object]]:
        found = asking.run({"embedder": {"text": question}})["retriever"]["documents"]
        return [{"id": one.id, "text": one.content, "score": one.score} for one in found]

    def ingest() -> Ask:
        writing.run({"embedder": {"documents": [Document(id=one, content=text) for one, text in zip(task.ids, task.texts, strict=True)]}})
        store.save_to_disk(str(folder / "store.json"))
        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

"""LangChain's Chroma store with its Hugging Face embeddings, kept on disk."""

from collections.abc import Callable
from pathlib import Path

from langchain_chroma import Chroma
from langchain_huggingface import HuggingFaceEmbeddings

from bench.peers.driver import HITS, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory."""
    model = HuggingFaceEmbeddings(model_name=task.model, model_kwargs={"device": "cpu"})
    model.embed_query("a text that brings the model into memory")

    def ingest() -> Ask:
        store = Chroma.from_texts(task.texts, model, ids=task.ids, persist_directory=str(folder))

        def ask(question: str) -> list[dict[str, object]]:
            return [{"id": found.id, "text": found.page_content, "score": score} for found, score in store.similarity_search_with_score(question, HITS)]

        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

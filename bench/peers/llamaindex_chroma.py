"""LlamaIndex over a Chroma collection, with its Hugging Face embeddings, kept on disk."""

from collections.abc import Callable
from pathlib import Path

import chromadb
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from bench.peers.driver import BATCH, HITS, Ask, Task, drive


def start(task: Task, folder: Path) -> Callable[[], Ask]:
    """The model in memory."""
    model = HuggingFaceEmbedding(task.model, embed_batch_size=BATCH, device="cpu")
    model.get_query_embedding("a text that brings the model into memory")

    def ingest() -> Ask:
        collection = chromadb.PersistentClient(str(folder)).create_collection("texts")
        context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        nodes = [TextNode(id_=one, text=text) for one, text in zip(task.ids, task.texts, strict=True)]
        retriever = VectorStoreIndex(nodes, storage_context=context, embed_model=model).as_retriever(similarity_top_k=HITS)

        def ask(question: str) -> list[dict[str, object]]:
            return [{"id": found.node.node_id, "text": found.node.get_content(), "score": found.score} for found in retriever.retrieve(question)]

        return ask

    return ingest


if __name__ == "__main__":
    drive(start)

"""The one place where the parts are put together for the faces: settings in, a searcher or an ingest out."""

from search.embedding import Embedder, open_embedder
from search.index import IndexReader
from search.searcher import Searcher
from search.settings import Settings
from search.vector_stores import VectorStore, vector_store


def open_searcher(settings: Settings, embedder: Embedder | None = None) -> Searcher:
    """A searcher over the index that the settings name, with its own model or a given one. The model is loaded at the first query that needs it."""
    embedder = embedder or open_embedder(settings.model)
    return Searcher(IndexReader(settings.index, embedder.fingerprint, open_store(settings)), embedder)


def open_store(settings: Settings) -> VectorStore:
    """Where the settings say that vectors are. A server is connected to at the first question that needs it."""
    return vector_store(settings.vectors, settings.vectors_token)

"""The vector index: chunk ids by nearness in meaning. The only module that imports chromadb."""

import errno
import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from search.embedding import Vectors

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection as ChromaCollection

COLLECTION = "chunks"
# Inner product of unit vectors: Chroma's distance is then 1 - cosine. With Chroma's own graph (16 neighbours, construction 100) reposts with one and the
# same vector cut other vectors off: they were never found again. Measured: docs/decisions.md, "Graph of the vectors".
_CONFIGURATION: "CreateCollectionConfiguration" = {"hnsw": {"space": "ip", "max_neighbors": 64, "ef_construction": 400, "ef_search": 200}}
# Up to so many ids that a filter leaves are compared one by one, which is exact and no slower than asking the graph.
EXACT_AT_MOST = 300


class VectorSource(Protocol):
    """Vectors by chunk id."""

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """The vectors of these ids in their order, shape (len(ids), width). Raises KeyError for an unknown id."""


class VectorIndex(VectorSource, Protocol):
    """Vectors by chunk id, to be added to, and the chunks nearest to a vector."""

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add vectors of unit length, shape (len(ids), width), or replace those that have these ids."""

    def remove(self, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are unknown are passed over."""

    def ids(self) -> set[str]:
        """All ids."""

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Up to `k` pairs (id, cosine), most similar first, ties by id; only ids in `among` when that is given. `vector` has shape (width,)."""

    def close(self) -> None:
        """Write everything and let go of the files."""


@contextmanager
def chroma_failures() -> Iterator[None]:
    """What Chroma reports is raised as OSError, with SQLite's reason for it where it tells one: it fails where the disk does."""
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as error:
        code = re.search(r"\(code: (\d+)\)", str(error))
        number = errno.ENOSPC if code and int(code[1]) & 0xFF == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, f"Chroma: {error}") from error


class ChromaVectors:
    """A collection of an embedded Chroma database in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        self._collection: ChromaCollection = self._client.get_or_create_collection(COLLECTION, embedding_function=None, configuration=_CONFIGURATION)
        self._batch = self._client.get_max_batch_size()

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        for start in range(0, len(ids), self._batch):
            self._collection.upsert(ids=list(ids[start : start + self._batch]), embeddings=vectors[start : start + self._batch])

    def remove(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), self._batch):
            self._collection.delete(ids=list(ids[start : start + self._batch]))

    def ids(self) -> set[str]:
        return set(self._collection.get(include=[])["ids"])

    def vectors(self, ids: Sequence[str]) -> Vectors:
        if not ids:
            return np.empty((0, 0), dtype=np.float32)
        by_id: dict[str, Vectors] = {}
        for start in range(0, len(ids), self._batch):
            found = self._collection.get(ids=list(ids[start : start + self._batch]), include=["embeddings"])
            by_id.update(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
        return np.stack([by_id[chunk_id] for chunk_id in ids])

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        available = self._collection.count() if among is None else len(among)
        if k < 1 or not available:
            return []
        if among is not None and len(among) <= EXACT_AT_MOST:
            return self._nearest_of(vector, k, sorted(among))
        found = self._collection.query(
            query_embeddings=vector[np.newaxis, :], n_results=min(k, available), ids=list(among) if among is not None else None, include=["distances"]
        )
        distances = found["distances"] or [[]]
        pairs = [(chunk_id, 1.0 - float(distance)) for chunk_id, distance in zip(found["ids"][0], distances[0], strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _nearest_of(self, vector: Vectors, k: int, ids: Sequence[str]) -> list[tuple[str, float]]:
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        if not found["ids"]:
            return []
        cosines = (np.asarray(found["embeddings"], dtype=np.float32) @ vector).tolist()
        return sorted(zip(found["ids"], cosines, strict=True), key=lambda pair: (-pair[1], pair[0]))[:k]

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]  # it is there, on the class that PersistentClient makes, not on the type it states

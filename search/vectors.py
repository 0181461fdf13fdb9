"""The vector index: chunk ids by nearness in meaning. The only module that imports chromadb."""

import errno
import re
import sqlite3
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from zipfile import BadZipFile

import numpy as np

from search.arrays import Ids, Numbers, as_ids, places_among, unpacked
from search.embedding import Vectors
from search.errors import ServerUnreachable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection as ChromaCollection

COLLECTION = "chunks"
# Beside the collections of a folder the ids that each holds, sorted.
_HELD = "held.npz"
# Vectors in one collection of a folder, at most: an ingest holds the graph of one in memory, and a small one is built sooner. A multiple of the blocks of an
# ingest, so that what is put last is enough to be written to the graph's own files. Measured: docs/decisions.md, "Chroma's vectors lie in several collections".
LARGEST = 4_096
# Inner product of unit vectors: Chroma's distance is then 1 - cosine. With Chroma's own graph (16 neighbours, construction 100) reposts with one and the
# same vector cut other vectors off: they were never found again. Measured: docs/decisions.md, "Graph of the vectors".
# What has not been written to the graph's own files, Chroma puts into the graph again whenever a folder is opened, so that must be little: at 10,000 vectors
# 785 of them took 1.4 s of processor time. Measured: docs/performance.md, "Ingest".
_CONFIGURATION: "CreateCollectionConfiguration" = {
    "hnsw": {"space": "ip", "max_neighbors": 64, "ef_construction": 400, "ef_search": 200, "sync_threshold": 100}
}
# Up to so many ids that a filter leaves are compared one by one, which is exact and no slower than asking the graph.
EXACT_AT_MOST = 300
# Seconds after which a server that cannot be reached, or does not answer, is given up. A request may have to wait for the graph of all that was put before it:
# the first removal after 3,000 additions took 48 s on a busy machine.
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 300.0


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

    def ids(self) -> Ids:
        """All ids, ascending."""

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Up to `k` pairs (id, cosine), most similar first, ties by id; only ids in `among` when that is given. `vector` has shape (width,)."""

    def close(self) -> None:
        """Write everything and let go of the files."""


@cache
def prepare() -> None:
    """Begin to import chromadb, beside what the caller does; who needs it then waits for what is left. What fails there fails again for who needs it."""

    def load() -> None:
        with suppress(Exception):
            import chromadb.api.rust  # noqa: F401 - what a folder's client is made of, which `import chromadb` leaves for later

    threading.Thread(target=load, name="import chromadb").start()


@contextmanager
def chroma_failures() -> Iterator[None]:
    """What Chroma reports is raised as OSError, with SQLite's reason for it where it tells one: it fails where the disk does."""
    try:
        yield
    except Exception as error:
        # Looked up, not imported: what is asked without Chroma, such as most searches, would wait for it.
        errors = sys.modules.get("chromadb.errors")
        if errors is None or not isinstance(error, errors.ChromaError):
            raise
        code = re.search(r"\(code: (\d+)\)", str(error))
        number = errno.ENOSPC if code and int(code[1]) & 0xFF == sqlite3.SQLITE_FULL else errno.EIO
        raise OSError(number, f"Chroma: {error}") from error


class _Collection:
    """A collection of a Chroma database, wherever that runs."""

    def __init__(self, client: "ClientAPI", collection: "ChromaCollection") -> None:
        self._client = client
        self._collection = collection
        self._batch = client.get_max_batch_size()

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        for start in range(0, len(ids), self._batch):
            self._collection.upsert(ids=list(ids[start : start + self._batch]), embeddings=vectors[start : start + self._batch])

    def remove(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), self._batch):
            self._collection.delete(ids=list(ids[start : start + self._batch]))

    def ids(self) -> Ids:
        return np.sort(as_ids(self._collection.get(include=[])["ids"]))

    def vectors(self, ids: Sequence[str]) -> Vectors:
        if not ids:
            return np.empty((0, 0), dtype=np.float32)
        by_id: dict[str, Vectors] = {}
        for start in range(0, len(ids), self._batch):
            found = self._collection.get(ids=list(ids[start : start + self._batch]), include=["embeddings"])
            by_id.update(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
        return np.stack([by_id[chunk_id] for chunk_id in ids])

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        if k < 1 or (among is not None and not among):
            return []
        if among is not None and len(among) <= EXACT_AT_MOST:
            return self._nearest_of(vector, k, sorted(among))
        # More than there are may be asked for. Not bounded by a count before: another's addition in between would cut off what is near.
        found = self._collection.query(
            query_embeddings=vector[np.newaxis, :], n_results=k, ids=list(among) if among is not None else None, include=["distances"]
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


class ChromaVectors:
    """The vectors in an embedded Chroma database in a folder of its own: in collections that are filled one after the other, and asked all together.

    Graphs that were needed once stay in memory. Safe to be asked from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open()

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        numbers = self._holders(ids)
        for number, rows in _by_holder(numbers):
            self._to_change(number).put([ids[row] for row in rows], vectors[rows])
        new = np.flatnonzero(numbers < 0).tolist()
        while new:
            if len(self._held[-1]) >= LARGEST:
                self._held.append(as_ids([]))
            room = LARGEST - len(self._held[-1])
            rows, new = new[:room], new[room:]
            added = [ids[row] for row in rows]
            self._to_change(len(self._held) - 1).put(added, vectors[rows])
            self._held[-1] = np.sort(np.concatenate([self._held[-1], as_ids(added)]), kind="stable")

    def remove(self, ids: Sequence[str]) -> None:
        for number, rows in _by_holder(self._holders(ids)):
            removed = [ids[row] for row in rows]
            self._to_change(number).remove(removed)
            self._held[number] = np.setdiff1d(self._held[number], as_ids(removed))

    def ids(self) -> Ids:
        self._held = self._read_ids()
        return np.sort(np.concatenate(self._held))

    def vectors(self, ids: Sequence[str]) -> Vectors:
        if not ids:
            return np.empty((0, 0), dtype=np.float32)
        numbers = self._holders(ids)
        if (numbers < 0).any():
            raise KeyError(ids[int(np.argmin(numbers))])
        places, parts = [], []
        for number, rows in _by_holder(numbers):
            places += rows
            parts.append(self._collection(number).vectors([ids[row] for row in rows]))
        found = np.concatenate(parts)
        found[places] = found.copy()
        return found

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        asked: Iterator[tuple[int, list[str] | None]] = ((number, None) for number in self._numbers())
        if among is not None:
            listed = sorted(among)
            asked = ((number, [listed[row] for row in rows]) for number, rows in _by_holder(self._holders(listed)))
        pairs = [pair for number, ids in asked for pair in self._collection(number).nearest(vector, k, ids)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[: max(0, k)]

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]  # it is there, on the class that PersistentClient makes, not on the type it states

    def _open(self) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(str(self._folder), settings=Settings(anonymized_telemetry=False))
        self._opened: dict[int, _Collection] = {}

    def _collection(self, number: int) -> _Collection:
        """The collection with this number, made where it is the next. The first is the one that an index had before there were several."""
        if number not in self._opened:
            name = f"{COLLECTION}-{number:04}" if number else COLLECTION
            found = self._client.get_or_create_collection(name, embedding_function=None, configuration=_CONFIGURATION)
            self._opened[number] = _Collection(self._client, found)
        return self._opened[number]

    def _to_change(self, number: int) -> _Collection:
        return self._collection(number)

    def _numbers(self) -> range:
        return range(max(1, self._client.count_collections()))

    @cached_property
    def _held(self) -> list[Ids]:
        """The ids that each collection holds, sorted."""
        return self._read_ids()

    def _read_ids(self) -> list[Ids]:
        return [self._collection(number).ids() for number in self._numbers()]

    def _holders(self, ids: Sequence[str]) -> Numbers:
        """For each id the number of the collection that holds it; -1 where none does."""
        wanted, numbers = as_ids(ids), np.full(len(ids), -1)
        for number, held in enumerate(self._held):
            numbers[places_among(wanted, held)[1]] = number
        return numbers


class StagedVectors(ChromaVectors):
    """The same to be written: the graph of one collection at a time is in memory.

    To read ids, Chroma brings the graph into memory, too; so which ids a collection holds stands beside it, and is asked of Chroma for those only that were
    changed since. The others are as they were when they were published.
    """

    def __init__(self, folder: Path) -> None:
        # Looked at before Chroma writes to its file, as it does when it opens it.
        self._noted = _noted_ids(folder)
        super().__init__(folder)
        self._changed: set[int] = set()

    def ids(self) -> Ids:
        self._held = [self._collection(number).ids() if number in self._changed else held for number, held in enumerate(self._held)]
        return np.sort(np.concatenate(self._held))

    def close(self) -> None:
        super().close()
        if "_held" in self.__dict__:
            np.savez(self._folder / _HELD, _state(self._folder), *self._held)

    @cached_property
    def _held(self) -> list[Ids]:
        return self._noted if len(self._noted) == len(self._numbers()) else self._read_ids()

    def _collection(self, number: int) -> _Collection:
        # Chroma lets go of a graph with the client alone.
        if self._opened and number not in self._opened:
            super().close()
            self._open()
        return super()._collection(number)

    def _to_change(self, number: int) -> _Collection:
        self._changed.add(number)
        return super()._to_change(number)


def _noted_ids(folder: Path) -> list[Ids]:
    """What was noted beside Chroma, as long as its file is the one that it was noted of; else nothing."""
    with suppress(OSError, ValueError, EOFError, KeyError, BadZipFile):
        state, *held = unpacked(folder / _HELD)
        return held if np.array_equal(state, _state(folder)) else []
    return []


def _state(folder: Path) -> Numbers:
    """Size and time of change of Chroma's file."""
    found = (folder / "chroma.sqlite3").stat()
    return np.array([found.st_size, found.st_mtime_ns], dtype=np.int64)


def _by_holder(numbers: Numbers) -> Iterator[tuple[int, list[int]]]:
    """Each collection that is named, with the rows that name it."""
    for number in np.unique(numbers[numbers >= 0]).tolist():
        yield number, np.flatnonzero(numbers == number).tolist()


class ServerVectors(_Collection):
    """A collection on a Chroma server. Every method raises ServerUnreachable when that does not answer. Safe to use from several threads."""

    def __init__(self, address: str, client: "ClientAPI", collection: "ChromaCollection") -> None:
        self._address = address
        super().__init__(client, collection)

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        with _server_failures(self._address):
            super().put(ids, vectors)

    def remove(self, ids: Sequence[str]) -> None:
        with _server_failures(self._address):
            super().remove(ids)

    def ids(self) -> Ids:
        with _server_failures(self._address):
            return super().ids()

    def vectors(self, ids: Sequence[str]) -> Vectors:
        with _server_failures(self._address):
            return super().vectors(ids)

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        with _server_failures(self._address):
            return super().nearest(vector, k, among)

    def close(self) -> None:
        """Nothing: the connection is the server's, which others use, too."""


class ChromaServer:
    """A Chroma server, `chroma run`, with its collections. Connects when it is first asked. Safe to use from several threads."""

    def __init__(self, address: str, token: str = "") -> None:
        """`address` is http://host:port, or https; `token` is sent as "Authorization: Bearer …" for the proxy that the server may stand behind."""
        self.address = address
        self._token = token
        self._lock = threading.Lock()
        self._connected: ClientAPI | None = None

    def collections(self, prefix: str) -> list[str]:
        """Names of the collections that begin so, sorted. Raises ServerUnreachable."""
        with _server_failures(self.address):
            return sorted(collection.name for collection in self._client().list_collections() if collection.name.startswith(prefix))

    def open(self, name: str) -> ServerVectors | None:
        """A collection; None when there is none of this name. Raises ServerUnreachable."""
        from chromadb.errors import NotFoundError

        with _server_failures(self.address):
            try:
                return ServerVectors(self.address, self._client(), self._client().get_collection(name, embedding_function=None))
            except NotFoundError:
                return None

    def create(self, name: str) -> ServerVectors:
        """A new, empty collection in the place of any that has this name. Raises ServerUnreachable."""
        self.drop(name)
        with _server_failures(self.address):
            return ServerVectors(self.address, self._client(), self._client().create_collection(name, embedding_function=None, configuration=_CONFIGURATION))

    def drop(self, name: str) -> None:
        """Delete a collection if it is there. Raises ServerUnreachable."""
        from chromadb.errors import NotFoundError

        with _server_failures(self.address), suppress(NotFoundError):
            self._client().delete_collection(name)

    def close(self) -> None:
        """Close the connection; it is made again when the server is asked again."""
        with self._lock:
            if self._connected is not None:
                self._connected.close()  # type: ignore[attr-defined]  # as above
            self._connected = None

    def _client(self) -> "ClientAPI":
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> "ClientAPI":
        import chromadb
        import httpx
        from chromadb.config import Settings

        parts = urlsplit(self.address)
        secure = parts.scheme == "https"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        client = chromadb.HttpClient(
            parts.hostname or "", parts.port or (443 if secure else 80), secure, headers, settings=Settings(anonymized_telemetry=False)
        )
        # Chroma waits for ever and has no setting for it.
        client._server._session.timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)  # type: ignore[attr-defined]
        return client


@contextmanager
def _server_failures(address: str) -> Iterator[None]:
    """What a server refuses, or that it is not there, is raised as ServerUnreachable."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    # Chroma makes a ValueError of a server that it cannot connect to, and orjson one of an answer that is no JSON.
    except (httpx.HTTPError, ChromaError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ServerUnreachable(
            f"the Chroma server at {address}, which holds the vectors, does not answer as it should: {reason}; "
            "start it, or set `vectors` (ROLESEARCH_VECTORS) to where it runs. The index is as it was"
        ) from error

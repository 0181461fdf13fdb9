"""Where the vectors of an index are kept, and what is asked for the chunks nearest to a question: the one place that a setting chooses from.

In the folder of each generation, with a matrix that is derived from them ("matrix", "chroma"), or in a collection on a Chroma server ("http://host:port").
A collection holds what several generations name: an ingest adds to it, publishes, and only then removes what no kept generation names. So a reader finds all
that its manifest knows, beside what it does not know and passes over.
"""

import logging
import re
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np

from search.arrays import Ids, Mask, Numbers, as_ids, as_texts, places_among, without
from search.chunk_vectors import ChunkVectors, quantize, write_chunk_vectors
from search.copies import ReaderFolder
from search.durable import replace_files
from search.embedding import Vectors
from search.errors import IndexDamaged, IndexMismatch, RoleSearchError, UnusableIndex
from search.manifest import Manifest
from search.vectors import ChromaServer, ChromaVectors, ServerVectors, StagedVectors, VectorIndex, VectorSource

log = logging.getLogger(__name__)

MATRIX, CHROMA = "matrix", "chroma"
# What a generation's build says of its vectors; one of before that was recorded has them in its folder.
EMBEDDED_KIND, SERVER_KIND = "embedded", "server"
# Beside the generations: what the collections of an index are named after.
ID_FILE = "id"

_ID = re.compile("[0-9a-f]{32}")
# So many more than are wanted are asked for at once, should some be of other generations.
_SPARE = 20
# A filter that leaves at least this share is applied to what is found; one that leaves less goes along as the list of ids that it leaves.
_OVERFETCHED_SHARE = 0.5
_MORE = 4


class DerivedVectors(VectorSource, Protocol):
    """What is searched of a generation, as far as publishing looks at it."""

    def ids(self) -> Ids:
        """The ids of all chunks that have a vector, ascending."""


class AskedVectors(DerivedVectors, Protocol):
    """The chunks of one generation, asked by rows: a chunk's row is its place by role id and place in the role."""

    def __len__(self) -> int:
        """Number of rows."""

    @property
    def owners(self) -> Numbers:
        """For each chunk's row the row of its role, by the order of the roles' ids; ascending."""

    @property
    def by_id(self) -> Numbers:
        """The rows of all chunks in the order of their ids."""

    def ids_at(self, rows: Numbers | slice) -> list[str]:
        """The ids of the chunks in these rows."""

    def rows(self, ids: Sequence[str]) -> Numbers:
        """The rows of these chunks. Raises KeyError for an id that is not there."""

    def cosines(self, rows: Numbers, vectors: Vectors) -> Vectors:
        """The cosine of each chunk, by its row, to each of the vectors, shape (len(rows), len(vectors))."""

    def nearest(self, vector: Vectors, k: int, among: Mask | None = None) -> list[tuple[str, float]]:
        """Up to `k` pairs (id, cosine), most similar first, ties by id; only chunks whose row `among` marks, when given. `vector` has shape (width,)."""

    def nearest_rows(self, vector: Vectors, k: int, among: Mask | None = None) -> tuple[Numbers, Vectors]:
        """The rows of the chunks that `nearest` names, in its order, and their cosines."""

    def close(self) -> None:
        """Let go of what is open."""


class StoredVectors:
    """The chunks that a manifest knows, in a vector index that may hold others; that is opened when it is first asked. Safe to use from several threads."""

    def __init__(self, open_stored: Callable[[], VectorIndex], manifest: Manifest, is_kept: Callable[[], bool] = lambda: True) -> None:
        """`is_kept` says whether the generation's vectors are all there still; where they are not, UnusableIndex is raised instead of half an answer."""
        self._open_stored = open_stored
        self._manifest = manifest
        self._is_kept = is_kept

    def __len__(self) -> int:
        return self._manifest.count_chunks()

    @property
    def owners(self) -> Numbers:
        return self._order[1]

    @cached_property
    def by_id(self) -> Numbers:
        """The rows of all chunks in the order of their ids."""
        return np.argsort(as_ids(self._order[0]), kind="stable")

    def ids(self) -> Ids:
        ids = self._stored.ids()
        return ids[places_among(ids, self._manifest.sorted_chunk_ids())[1]]

    def ids_at(self, rows: Numbers | slice) -> list[str]:
        return list(self._order[0][rows]) if isinstance(rows, slice) else [self._order[0][row] for row in rows.tolist()]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """As VectorSource has it, but for a chunk that the manifest knows and the index does not hold IndexDamaged is raised."""
        try:
            return self._stored.vectors(ids)
        except KeyError as error:
            self._check_kept()
            if not self._manifest.roles_of_chunks([str(error.args[0])]):
                raise
            raise IndexDamaged(f"chunk {error.args[0]} has no vector any more; run `rolesearch rebuild`") from error

    def nearest(self, vector: Vectors, k: int, among: Mask | None = None) -> list[tuple[str, float]]:
        pairs = self._nearest(vector, k, among) if k > 0 else []
        self._check_kept()
        return pairs

    def nearest_rows(self, vector: Vectors, k: int, among: Mask | None = None) -> tuple[Numbers, Vectors]:
        pairs = self.nearest(vector, k, among)
        return self.rows([chunk_id for chunk_id, _ in pairs]), np.array([cosine for _, cosine in pairs], dtype=np.float32)

    def rows(self, ids: Sequence[str]) -> Numbers:
        return np.array([self._rows[chunk_id] for chunk_id in ids], dtype=np.intp)

    def cosines(self, rows: Numbers, vectors: Vectors) -> Vectors:
        if not (len(rows) and len(vectors)):
            return np.zeros((len(rows), len(vectors)), dtype=np.float32)
        return np.asarray(self.vectors(self.ids_at(rows)) @ vectors.T)

    def _check_kept(self) -> None:
        if not self._is_kept():
            raise UnusableIndex("two further generations were published while this was being answered, and its vectors were removed; ask again")

    def _nearest(self, vector: Vectors, k: int, among: Mask | None) -> list[tuple[str, float]]:
        left = 1.0 if among is None else np.count_nonzero(among) / max(1, len(among))
        if among is not None and left < _OVERFETCHED_SHARE:
            return self._stored.nearest(vector, k, self.ids_at(np.flatnonzero(among)))
        wanted = round(k / left) + _SPARE
        while True:
            found = self._stored.nearest(vector, wanted)
            kept = self._kept([chunk_id for chunk_id, _ in found], among)
            pairs = [pair for pair in found if pair[0] in kept]
            if len(pairs) >= k or len(found) < wanted:
                return pairs[:k]
            wanted *= _MORE

    def close(self) -> None:
        if "_stored" in self.__dict__:
            self._stored.close()

    def _kept(self, ids: Sequence[str], among: Mask | None) -> Collection[str]:
        """Those of these chunks that the manifest knows and the mask marks."""
        if among is None:
            return self._manifest.roles_of_chunks(ids)
        rows = ((chunk_id, self._rows.get(chunk_id)) for chunk_id in ids)
        return {chunk_id for chunk_id, row in rows if row is not None and among[row]}

    @cached_property
    def _stored(self) -> VectorIndex:
        return self._open_stored()

    @cached_property
    def _order(self) -> tuple[list[str], Numbers]:
        """All chunk ids by row, and their owners; looked up for filters only."""
        chunks_of_roles = self._manifest.chunks_of_roles()
        owners = np.repeat(np.arange(len(chunks_of_roles), dtype=np.int32), [len(ids) for ids in chunks_of_roles.values()])
        return [chunk_id for ids in chunks_of_roles.values() for chunk_id in ids], owners

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {chunk_id: row for row, chunk_id in enumerate(self._order[0])}


@dataclass(frozen=True, slots=True)
class Staging:
    """A generation in the making: its index and its own folder, its name, its manifest, and the folder of the generation that it goes on from, if any."""

    folder: Path
    place: Path
    manifest: Manifest
    base: Path | None


class VectorStore(Protocol):
    """Where the vectors of an index are kept, for reading a generation and for making the next."""

    @property
    def kind(self) -> str:
        """What a generation records of it."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders that a generation has for it."""

    def asked(self, place: Path, manifest: Manifest, copy: Path) -> AskedVectors:
        """The vectors of the generation in `place`, to be searched; `copy` is a folder of the reader's own, which goes when they are closed."""

    def stored(self, place: Path, manifest: Manifest) -> AbstractContextManager[VectorIndex | AskedVectors]:
        """What the searched vectors of a generation come from, as a context manager, for comparing both."""

    def staged(self, staging: Staging) -> VectorIndex:
        """The vectors of the generation in the making, beginning with those of its base; records in the manifest where they are."""

    def derived(self, staging: Staging, chunks_of_roles: Mapping[str, Sequence[str]], vectors: VectorIndex) -> AbstractContextManager[DerivedVectors]:
        """What is searched, made from the finished vectors, as a context manager at whose end all of it is written."""

    def tidy(self, folder: Path, kept: Sequence[Path]) -> None:
        """Remove what none of the kept generations names, whose folders are given; called when another was published. A failure is logged only."""


@dataclass(frozen=True, slots=True)
class EmbeddedStore:
    """In the folder of each generation: the embedded Chroma database, and the matrix made from it. `by_graph` asks Chroma's graph instead of the matrix."""

    by_graph: bool = False
    kind: str = EMBEDDED_KIND
    parts: tuple[str, ...] = ("chroma", "chunks")

    def asked(self, place: Path, manifest: Manifest, copy: Path) -> AskedVectors:
        if not self.by_graph:
            vectors = ChunkVectors(place / "chunks")
            vectors.prepare()
            return vectors
        shutil.copytree(place / "chroma", copy / "chroma", copy_function=shutil.copyfile)
        return StoredVectors(lambda: ChromaVectors(copy / "chroma"), manifest)

    @contextmanager
    def stored(self, place: Path, manifest: Manifest) -> Iterator[VectorIndex | AskedVectors]:
        with closing(ReaderFolder()) as copy:
            shutil.copytree(place / "chroma", copy.path / "chroma", copy_function=shutil.copyfile)
            with closing(ChromaVectors(copy.path / "chroma")) as vectors:
                yield vectors

    def staged(self, staging: Staging) -> VectorIndex:
        if staging.base is not None:
            shutil.copytree(staging.base / "chroma", staging.place / "chroma")
        staging.manifest.set_build({"vectors": self.kind, "collection": ""})
        return StagedVectors(staging.place / "chroma")

    @contextmanager
    def derived(self, staging: Staging, chunks_of_roles: Mapping[str, Sequence[str]], vectors: VectorIndex) -> Iterator[DerivedVectors]:
        folder = staging.place / "chunks"
        earlier = _Mapped(staging.base / "chunks") if staging.base is not None else None
        width = int(staging.manifest.build().get("width", 0))
        write_chunk_vectors(folder, chunks_of_roles, vectors, width, earlier)
        # Beside what the caller does with the vectors: faiss lets go of the interpreter.
        with ThreadPoolExecutor(1, "quantize") as beside:
            quantizing = beside.submit(quantize, folder)
            yield _Mapped(folder)
            quantizing.result()

    def tidy(self, folder: Path, kept: Sequence[Path]) -> None:
        """Nothing: the vectors go with their generation."""


@dataclass(frozen=True, slots=True)
class ServerStore:
    """In a collection on a Chroma server. An index begins a new one when all is made anew, so that another model's vectors never take the place of any."""

    server: ChromaServer
    kind: str = SERVER_KIND
    parts: tuple[str, ...] = ()

    def asked(self, place: Path, manifest: Manifest, copy: Path) -> AskedVectors:
        # A generation is deleted before its vectors are: whoever finds it there after an answer was answered from all of them.
        return StoredVectors(lambda: self._opened(place.parents[1], manifest.build()["collection"]), manifest, place.is_dir)

    @contextmanager
    def stored(self, place: Path, manifest: Manifest) -> Iterator[VectorIndex | AskedVectors]:
        yield self.asked(place, manifest, place)

    def staged(self, staging: Staging) -> VectorIndex:
        name = staging.manifest.build()["collection"] if staging.base is not None else f"{_prefix(staging.folder)}{staging.place.name}"
        staging.manifest.set_build({"vectors": self.kind, "collection": name})
        return _Beside(self._opened(staging.folder, name) if staging.base is not None else self.server.create(name))

    @contextmanager
    def derived(self, staging: Staging, chunks_of_roles: Mapping[str, Sequence[str]], vectors: VectorIndex) -> Iterator[DerivedVectors]:
        yield StoredVectors(lambda: vectors, staging.manifest)

    def tidy(self, folder: Path, kept: Sequence[Path]) -> None:
        try:
            named = _named_by(kept)
            for name in self.server.collections(_prefix(folder)):
                if name not in named:
                    self.server.drop(name)
                elif (collection := self.server.open(name)) is not None:
                    collection.remove(as_texts(without(collection.ids(), np.unique(np.concatenate(named[name])))))
        except (RoleSearchError, sqlite3.Error) as error:
            log.warning("what no generation names any more stays on the Chroma server until the next ingest: %s", error)

    def _opened(self, folder: Path, name: str) -> ServerVectors:
        found = self.server.open(name)
        if found is None:
            raise IndexMismatch(
                f"the Chroma server at {self.server.address} has no collection {name}, which holds the vectors of the index in {folder}; set `vectors` "
                f"(ROLESEARCH_VECTORS) to the server that has it, or make it anew with `rolesearch rebuild --index {folder}`"
            )
        return found


class _Beside:
    """A collection that other generations are read from: what is removed is passed over, and removed when no kept generation names it any more."""

    def __init__(self, stored: VectorIndex) -> None:
        self._stored = stored
        self._removed: set[str] = set()

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        self._stored.put(ids, vectors)
        self._removed.difference_update(ids)

    def remove(self, ids: Sequence[str]) -> None:
        self._removed.update(ids)

    def ids(self) -> Ids:
        return without(self._stored.ids(), np.sort(as_ids(self._removed)))

    def vectors(self, ids: Sequence[str]) -> Vectors:
        if gone := self._removed.intersection(ids):
            raise KeyError(min(gone))
        return self._stored.vectors(ids)

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        if among is not None:
            return self._stored.nearest(vector, k, set(among) - self._removed)
        found = self._stored.nearest(vector, k + len(self._removed) if k > 0 else 0)
        return [pair for pair in found if pair[0] not in self._removed][: max(0, k)]

    def close(self) -> None:
        self._stored.close()


class _Mapped:
    """The matrix in a folder, mapped anew each time: what an ingest reads of it, which is all, does not add up to its memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ids(self) -> Ids:
        return ChunkVectors(self._folder).ids()

    def rows_of(self, ids: Ids, by_id: Numbers) -> Numbers:
        return ChunkVectors(self._folder).rows_of(ids, by_id)

    def at(self, rows: Numbers) -> Vectors:
        return ChunkVectors(self._folder).at(rows)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        return ChunkVectors(self._folder).vectors(ids)


EMBEDDED = EmbeddedStore()


def vector_store(vectors: str, token: str = "") -> VectorStore:
    """The store that a setting names: "matrix", "chroma", or the address of a Chroma server, with the token that a proxy before it wants to see."""
    if vectors in (MATRIX, CHROMA):
        return EmbeddedStore(by_graph=vectors == CHROMA)
    return ServerStore(ChromaServer(vectors.rstrip("/"), token))


def check_store(folder: Path, manifest: Manifest, store: VectorStore) -> None:
    """Raises IndexMismatch when the vectors of a generation are kept elsewhere than in this store."""
    build = manifest.build()
    kept = build.get("vectors", EMBEDDED_KIND)
    if kept == store.kind:
        return
    places = {EMBEDDED_KIND: "in its folder", SERVER_KIND: f"on a Chroma server (collection {build.get('collection')})"}
    named = {EMBEDDED_KIND: f'"{MATRIX}"', SERVER_KIND: "the address of that server"}
    raise IndexMismatch(
        f"the vectors of the index in {folder} are {places.get(kept, kept)}, the settings name another place; set `vectors` (ROLESEARCH_VECTORS) to "
        f"{named.get(kept, kept)}, or move them with `rolesearch rebuild --index {folder}`, which embeds nothing again"
    )


def _named_by(generations: Sequence[Path]) -> Mapping[str, Sequence[Ids]]:
    """Collection to the ids that each of these generations names in it."""
    named: dict[str, list[Ids]] = defaultdict(list)
    for place in generations:
        with closing(Manifest.open(place / "manifest.sqlite3")) as manifest:
            if collection := manifest.build().get("collection"):
                named[collection].append(manifest.sorted_chunk_ids())
    return named


def _prefix(folder: Path) -> str:
    """What the collections of an index are named after, made up when it is first asked for."""
    path = folder / ID_FILE
    if not path.exists():
        replace_files({path: [uuid4().hex]})
    found = path.read_text(encoding="ascii", errors="replace").strip()
    if not _ID.fullmatch(found):
        raise IndexDamaged(f"{path} holds no id; delete it, then run `rolesearch rebuild --index {folder}`")
    return f"rolesearch-{found}-"

"""The index: manifest, vectors and words in step, published as generations. Opening, staging, publishing; nothing about files or ranking.

<index>/CURRENT               name of the published generation, replaced atomically
<index>/lock                  held by the one writer
<index>/embeddings.sqlite3    EmbeddingCache, shared by all generations
<index>/generations/000007/   manifest.sqlite3, chroma/, lexical/, roles/: never written again once published
"""

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from search.embedding import Embedder
from search.embedding_cache import EmbeddingCache
from search.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing
from search.lexical import LexicalIndex, TantivyLexical
from search.manifest import SCHEMA_VERSION, Manifest
from search.role_vectors import RoleVectors, write_role_vectors
from search.vectors import ChromaVectors, VectorIndex

# Chunks that are embedded, kept in the cache and added to both indexes in one go: what an ingest that is killed loses at most.
BLOCK_CHUNKS = 128

DERIVED_PARTS = ("chroma", "lexical", "roles")

Progress = Callable[[int, int], None]
"""Called with (chunks done, chunks in all)."""


def current_generation(folder: Path) -> str | None:
    """Name of the published generation of the index in `folder`, or None when there is none."""
    try:
        return (folder / "CURRENT").read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


class Index:
    """One published generation, open for reading.

    Chroma and Tantivy write to a folder as soon as they open it, were it only to read (measured: docs/decisions.md, "Readers copy"). They are opened
    from a copy that goes when this object does: the published generation stays as it is, and may lie on a read-only disk.
    """

    def __init__(self, generation: str, manifest: Manifest, vectors: VectorIndex, lexical: LexicalIndex, role_vectors: RoleVectors, copy: Path) -> None:
        """`copy` is the folder that holds the derived parts as opened here."""
        self.generation = generation
        self.manifest = manifest
        self.vectors = vectors
        self.lexical = lexical
        self.role_vectors = role_vectors
        self._remove_copy = weakref.finalize(self, shutil.rmtree, copy, ignore_errors=True)

    @classmethod
    def open(cls, folder: Path, fingerprint: str | None = None) -> "Index":
        """The published generation of the index in `folder`.

        Raises IndexMissing when there is none, IndexMismatch when it was made with another schema, or with another model than `fingerprint` names
        (None accepts any), IndexDamaged when a part of it cannot be opened.
        """
        generation = current_generation(folder)
        if generation is None:
            raise IndexMissing(f"there is no index in {folder}; make one with `rolesearch ingest PATH --index {folder}`")
        place = _generation_folder(folder, generation)
        if not all((place / part).is_dir() for part in DERIVED_PARTS):
            raise IndexDamaged(f"generation {generation} of {folder} is not complete; run `rolesearch rebuild --index {folder}`")
        manifest = Manifest.open(place / "manifest.sqlite3")
        _check_schema(folder, manifest)
        if fingerprint is not None:
            _check_model(folder, manifest, fingerprint)
        copy = Path(tempfile.mkdtemp(prefix="rolesearch-"))
        try:
            for part in DERIVED_PARTS:
                shutil.copytree(place / part, copy / part, copy_function=shutil.copyfile)
            return cls(generation, manifest, ChromaVectors(copy / "chroma"), TantivyLexical(copy / "lexical"), RoleVectors(copy / "roles"), copy)
        except BaseException:
            manifest.close()
            shutil.rmtree(copy, ignore_errors=True)
            raise

    def close(self) -> None:
        """Let go of the files."""
        self.manifest.close()
        self.vectors.close()
        self.lexical.close()
        self._remove_copy()


class IndexReader:
    """The generation that is current, at every moment: moves on by itself when another is published. Safe to use from several threads."""

    def __init__(self, folder: Path, fingerprint: str | None = None) -> None:
        self.folder = folder
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._open: _Lease | None = None

    @contextmanager
    def current(self) -> Iterator[Index]:
        """The current generation, which stays open and whole until the block ends. Raises as Index.open does."""
        lease = self._acquire()
        try:
            yield lease.index
        finally:
            self._release(lease)

    def close(self) -> None:
        """Close the open generation as soon as nobody uses it."""
        with self._lock:
            self._retire()

    def _acquire(self) -> "_Lease":
        with self._lock:
            if self._open is None or self._open.index.generation != current_generation(self.folder):
                fresh = _Lease(Index.open(self.folder, self._fingerprint))
                self._retire()
                self._open = fresh
            self._open.users += 1
            return self._open

    def _release(self, lease: "_Lease") -> None:
        with self._lock:
            lease.users -= 1
            if lease.retired and not lease.users:
                lease.index.close()

    def _retire(self) -> None:
        if self._open is not None:
            self._open.retired = True
            if not self._open.users:
                self._open.index.close()
            self._open = None


@dataclass(slots=True)
class _Lease:
    index: Index
    users: int = 0
    retired: bool = False


class IndexWriter:
    """The next generation in the making. As a context manager it holds the writer's lock; what is not published at its end is dropped.

    Change the `manifest`, then call `derive`, then `publish`.
    """

    def __init__(self, folder: Path, embedder: Embedder, chunker_version: int, *, from_scratch: bool = False) -> None:
        """`from_scratch` derives both indexes anew from the manifest, with this model and chunker: the cure for IndexMismatch."""
        self.folder = folder
        self._embedder = embedder
        self._chunker_version = chunker_version
        self._from_scratch = from_scratch
        self._lock = FileLock(folder / "lock", timeout=0)
        self._published = False

    def __enter__(self) -> Self:
        """Raises IndexBusy when another process writes, IndexMismatch when the index was made with another model or chunker."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise IndexBusy(f"another process is writing to {self.folder}; wait for it to end, then try again") from None
        try:
            self.base = current_generation(self.folder)
            self._sweep()
            self.generation = f"{int(self.base or 0) + 1:06d}"
            self._place = _generation_folder(self.folder, self.generation)
            self.manifest = self._staged_manifest()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.manifest.close()
        finally:
            if not self._published:
                shutil.rmtree(self._place, ignore_errors=True)
            self._lock.release()

    @property
    def changed(self) -> bool:
        """Whether there is anything to publish."""
        return self._from_scratch or self.base is None or self.manifest.changes > 0

    def derive(self, progress: Progress = lambda done, total: None) -> int:
        """Bring vectors and words in step with the manifest; returns how many chunks the model embedded.

        Raises IndexDamaged when the three do not hold the same chunk ids afterwards.
        """
        self.manifest.commit()
        if self.base is not None and not self._from_scratch:
            for part in DERIVED_PARTS:
                shutil.copytree(_generation_folder(self.folder, self.base) / part, self._place / part)
        vectors, lexical = ChromaVectors(self._place / "chroma"), TantivyLexical(self._place / "lexical")
        cache = EmbeddingCache(self.folder / "embeddings.sqlite3")
        try:
            embedded = self._bring_in_step(vectors, lexical, cache, progress)
            check_in_step(self.manifest, vectors, lexical, self._role_vectors(vectors))
        finally:
            cache.close()
            vectors.close()
            lexical.close()
        return embedded

    def publish(self) -> str:
        """Make the staged generation the current one, durably, and return its name. Generations before the last are deleted."""
        self.manifest.set_build(self._build())
        self.manifest.commit()
        for path in [*self._place.rglob("*"), self._place]:
            _sync(path)
        staged = self.folder / "CURRENT.new"
        staged.write_text(self.generation + "\n", encoding="ascii")
        _sync(staged)
        staged.replace(self.folder / "CURRENT")
        _sync(self.folder)
        self._published = True
        self._sweep(keep={self.generation, self.base})
        return self.generation

    def _staged_manifest(self) -> Manifest:
        path = self._place / "manifest.sqlite3"
        if self.base is None:
            self._place.mkdir(parents=True)
            return Manifest.create(path)
        published = Manifest.open(_generation_folder(self.folder, self.base) / "manifest.sqlite3")
        try:
            _check_schema(self.folder, published)
            if not self._from_scratch:
                _check_model(self.folder, published, self._embedder.fingerprint)
                _check_chunker(self.folder, published, self._chunker_version)
        finally:
            published.close()
        self._place.mkdir(parents=True)
        shutil.copyfile(published.path, path)
        return Manifest.open(path, writable=True)

    def _bring_in_step(self, vectors: VectorIndex, lexical: LexicalIndex, cache: EmbeddingCache, progress: Progress) -> int:
        wanted = self.manifest.chunk_ids()
        in_vectors, in_lexical, wanted_set = vectors.ids(), lexical.ids(), set(wanted)
        vectors.remove(sorted(in_vectors - wanted_set))
        lexical.remove(sorted(in_lexical - wanted_set))
        missing = [chunk_id for chunk_id in wanted if chunk_id not in in_vectors or chunk_id not in in_lexical]
        embedded = 0

        def count(texts: int) -> None:
            nonlocal embedded
            embedded += texts

        for start in range(0, len(missing), BLOCK_CHUNKS):
            chunks = list(self.manifest.chunks(missing[start : start + BLOCK_CHUNKS]).values())
            encoded = cache.encode([chunk.embedded_text for chunk in chunks], self._embedder, count)
            self.manifest.set_build({"width": str(encoded.shape[1])})
            vectors.put([chunk.id for chunk in chunks], encoded)
            lexical.put(chunks)
            progress(start + len(chunks), len(missing))
        lexical.commit()
        return embedded

    def _role_vectors(self, vectors: VectorIndex) -> RoleVectors:
        place = self._place / "roles"
        earlier = RoleVectors(place) if place.exists() else None
        write_role_vectors(place, self.manifest.chunks_of_roles(), vectors, int(self.manifest.build().get("width", 0)), earlier)
        return RoleVectors(place)

    def _build(self) -> dict[str, str]:
        return {
            "generation": self.generation,
            "model": self._embedder.fingerprint,
            "chunker": str(self._chunker_version),
            "schema": str(SCHEMA_VERSION),
            "built": datetime.now(UTC).isoformat(timespec="seconds"),
            "roles": str(self.manifest.count_roles()),
            "chunks": str(self.manifest.count_chunks()),
        }

    def _sweep(self, keep: set[str | None] | None = None) -> None:
        """Delete generations other than `keep` (by default: the current one and those before it), such as what a killed ingest left."""
        for place in sorted((self.folder / "generations").glob("*")):
            kept = place.name in keep if keep is not None else self.base is not None and place.name <= self.base
            if not kept:
                shutil.rmtree(place, ignore_errors=True)


def _generation_folder(folder: Path, generation: str) -> Path:
    return folder / "generations" / generation


def _check_schema(folder: Path, manifest: Manifest) -> None:
    if manifest.schema_version != SCHEMA_VERSION:
        raise IndexMismatch(
            f"the index in {folder} has schema {manifest.schema_version}, this program reads {SCHEMA_VERSION}; "
            "ingest the folders into a new index with `rolesearch ingest PATH --index NEW`"
        )


def _check_model(folder: Path, manifest: Manifest, fingerprint: str) -> None:
    built_with = manifest.build()["model"]
    if built_with != fingerprint:
        raise IndexMismatch(
            f"the index in {folder} was made with the model {built_with}, the settings name {fingerprint}; "
            f"set that model again, or embed everything anew with `rolesearch rebuild --index {folder}`"
        )


def _check_chunker(folder: Path, manifest: Manifest, version: int) -> None:
    built_with = manifest.build()["chunker"]
    if built_with != str(version):
        raise IndexMismatch(f"the index in {folder} was cut by chunker {built_with}, this program has {version}; run `rolesearch rebuild --index {folder}`")


def check_in_step(manifest: Manifest, vectors: VectorIndex, lexical: LexicalIndex, role_vectors: RoleVectors) -> None:
    """Raises IndexDamaged unless the three hold the same chunk ids, and there is a vector for each role and no other."""
    wanted, in_vectors, in_lexical = set(manifest.chunk_ids()), vectors.ids(), lexical.ids()
    if not wanted == in_vectors == in_lexical:
        raise IndexDamaged(
            f"the parts do not agree: {len(wanted)} chunks in the manifest, {len(in_vectors)} in the vectors, {len(in_lexical)} in the words; "
            "run `rolesearch rebuild`"
        )
    if role_vectors.ids() != set(manifest.role_ids()):
        raise IndexDamaged(f"{manifest.count_roles()} roles are in the manifest, {len(role_vectors.ids())} have a vector; run `rolesearch rebuild`")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The index: manifest, vectors and words in step, published as generations. Opening, staging, publishing; nothing about files or ranking.

<index>/CURRENT               name of the published generation, replaced atomically
<index>/lock                  held by the one writer
<index>/embeddings.sqlite3    EmbeddingCache, shared by all generations
<index>/id                    where vectors are on a Chroma server: what its collections are named after
<index>/generations/000007/   manifest.sqlite3, chroma/, lexical/, chunks/, roles/, checksums.json: never written again once published
"""

import logging
import os
import re
import shutil
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from filelock import FileLock, Timeout

from search.arrays import Ids, as_ids, as_texts, without
from search.checksums import damage, write_checksums
from search.copies import ReaderFolder
from search.durable import replace_files, storage_failure, storage_failures, sync
from search.embedding import Embedder, EncodeBlocks, Vectors, in_turn
from search.embedding_cache import EMBEDDINGS, EmbeddingAhead, EmbeddingCache
from search.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, RoleSearchError
from search.holders import ALL, WISHES, read_holders, write_holders
from search.lexical import LexicalIndex, TantivyLexical, tantivy_failures
from search.manifest import SCHEMA_VERSION, SOURCE, Manifest
from search.memory import give_freed_blocks_back, give_small_blocks_back
from search.ranking import WISHED
from search.records import Chunk
from search.role_vectors import RoleVectors, write_role_vectors
from search.rows import RoleRows
from search.titles import read_titles, write_titles
from search.vector_stores import EMBEDDED, AskedVectors, DerivedVectors, Staging, VectorStore, check_store
from search.vectors import VectorIndex, chroma_failures

log = logging.getLogger(__name__)

# Chunks that are embedded, kept in the cache and added to both indexes in one go; an ingest that is killed loses two of these at most. The more, the less
# padding: batches are of texts of about equal length.
BLOCK_CHUNKS = 512

DERIVED_PARTS = ("chroma", "lexical", "chunks", "roles")
# Those that a generation has wherever its vectors are.
_ALWAYS = ("lexical", "roles")

_GENERATION = re.compile("[0-9]{6,}")
# A generation gets this ending before its files are deleted: whoever finds its name as it was finds it whole.
_LEAVING = ".leaving"

Progress = Callable[[int, int], None]
"""Called with (chunks done, chunks in all)."""


def current_generation(folder: Path) -> str | None:
    """Name of the published generation of the index in `folder`, or None when there is none.

    Raises IndexDamaged when the file that says so holds something else, StorageFailed when it cannot be read.
    """
    with storage_failures(folder):
        try:
            # Asked for by every search: without a buffer and a decoder it takes half the time.
            with (folder / "CURRENT").open("rb", buffering=0) as file:
                name = file.read().decode(errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
    if not _GENERATION.fullmatch(name):
        raise IndexDamaged(f"{folder / 'CURRENT'} names no generation; run `rolesearch doctor --repair --index {folder}`")
    return name


class Index:
    """One published generation, open for reading.

    Chroma and Tantivy write to a folder as soon as they open it, were it only to read (measured: docs/decisions.md, "Readers copy"). They are opened
    elsewhere, in a folder that goes when this object does: the published generation stays as it is, and may lie on a read-only disk. The matrices of
    vectors are mapped where they lie.
    """

    def __init__(
        self,
        generation: str,
        manifest: Manifest,
        vectors: AskedVectors,
        lexical: LexicalIndex,
        role_vectors: RoleVectors,
        roles: RoleRows,
        copy: ReaderFolder,
    ) -> None:
        """`copy` is the folder that holds what is opened elsewhere."""
        self.generation = generation
        self.manifest = manifest
        self.vectors = vectors
        self.lexical = lexical
        self.role_vectors = role_vectors
        self.roles = roles
        # What CURRENT named when this was opened; and what to tell of it where that is another generation.
        self.published = generation
        self.warning = ""
        self._remove_copy = weakref.finalize(self, copy.close)

    @classmethod
    def open(cls, folder: Path, fingerprint: str | None = None, store: VectorStore = EMBEDDED) -> "Index":
        """The published generation of the index in `folder`; where that is damaged, the one before it, with a warning that says so.

        Raises IndexMissing when there is none, IndexMismatch when it was made with another schema, or with another model than `fingerprint` names
        (None accepts any), or when its vectors are not in `store`, IndexDamaged when a file of it does not hold what was published or cannot be opened, and
        there is no earlier one that is whole; StorageFailed when the system refuses to read it.
        """
        while True:
            published = current_generation(folder)
            if published is None:
                raise IndexMissing(f"there is no index in {folder}; make one with `rolesearch ingest PATH --index {folder}`")
            try:
                return cls.open_generation(folder, published, fingerprint, store)
            except RoleSearchError as error:
                # Two further generations were published, and this one was deleted while it was being opened.
                if current_generation(folder) != published:
                    continue
                failure = error
                earlier = cls._open_earlier(folder, published, fingerprint, store) if isinstance(error, IndexDamaged) else None
                if earlier is None:
                    raise
            earlier.published = published
            built = earlier.manifest.build()["built"]
            earlier.warning = f"The last generation cannot be used; the one before it answers, of {built}. What is wrong: {failure}"
            log.warning("%s", earlier.warning)
            return earlier

    @classmethod
    def open_generation(cls, folder: Path, generation: str, fingerprint: str | None = None, store: VectorStore = EMBEDDED) -> "Index":
        """This generation and no other, published or not. Raises IndexMismatch, IndexDamaged and StorageFailed as `open` does."""
        with storage_failures(folder), chroma_failures():
            return cls._open(folder, generation, fingerprint, store)

    @classmethod
    def _open(cls, folder: Path, generation: str, fingerprint: str | None, store: VectorStore) -> "Index":
        place = generation_folder(folder, generation)
        if not place.is_dir():
            raise IndexDamaged(f"generation {generation} of {folder} is missing; run `rolesearch doctor --repair --index {folder}`")
        check_files(folder, generation)
        manifest = Manifest.open(place / "manifest.sqlite3")
        copy = ReaderFolder()
        try:
            _check_schema(folder, manifest)
            if fingerprint is not None:
                _check_model(folder, manifest, fingerprint)
            check_store(folder, manifest, store)
            if not all((place / part).is_dir() for part in (*_ALWAYS, *store.parts)):
                raise IndexDamaged(f"generation {generation} of {folder} is not complete; run `rolesearch doctor --repair --index {folder}`")
            _link(place / "lexical", copy.path / "lexical")
            vectors, lexical, role_vectors = store.asked(place, manifest, copy.path), TantivyLexical(copy.path / "lexical"), RoleVectors(place / "roles")
            roles = RoleRows(
                manifest,
                lexical,
                role_vectors.ordered_ids(),
                lambda: np.asarray(vectors.owners[vectors.by_id]),
                read_holders(place / "roles", WISHES),
                read_titles(place / "roles"),
                partial(read_holders, place / "roles", ALL),
            )
            opened = cls(generation, manifest, vectors, lexical, role_vectors, roles, copy)
            # Were it being deleted, a part could lack files without anybody noticing.
            place.stat()
            return opened
        except BaseException:
            manifest.close()
            copy.close()
            raise

    @classmethod
    def _open_earlier(cls, folder: Path, published: str, fingerprint: str | None, store: VectorStore) -> "Index | None":
        """The last generation before the published one that is whole; None when there is none."""
        for generation in reversed([name for name in generations(folder) if name < published]):
            try:
                return cls.open_generation(folder, generation, fingerprint, store)
            except RoleSearchError:
                continue
        return None

    def close(self) -> None:
        """Let go of the files."""
        self.vectors.close()
        self.manifest.close()
        self.lexical.close()
        self.roles.close()
        self._remove_copy()


@contextmanager
def stored_vectors(folder: Path, generation: str, store: VectorStore = EMBEDDED) -> Iterator[VectorIndex | AskedVectors]:
    """What is searched of a generation comes from these vectors: those of the embedded database, opened from a copy, or those on the server."""
    place = generation_folder(folder, generation)
    with closing(Manifest.open(place / "manifest.sqlite3")) as manifest, store.stored(place, manifest) as vectors:
        yield vectors


class IndexReader:
    """The generation that is current, at every moment: moves on by itself when another is published. Safe to use from several threads."""

    def __init__(self, folder: Path, fingerprint: str | None = None, store: VectorStore = EMBEDDED) -> None:
        self.folder = folder
        self._fingerprint = fingerprint
        self._store = store
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
            if self._open is None or self._open.index.published != current_generation(self.folder):
                fresh = _Lease(Index.open(self.folder, self._fingerprint, self._store))
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

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        chunker_version: int,
        *,
        from_scratch: bool = False,
        base: str | None = None,
        store: VectorStore = EMBEDDED,
    ) -> None:
        """`from_scratch` derives both indexes anew from the manifest, with this model, chunker and store of vectors: the cure for IndexMismatch.

        `base` is the generation to go on from, by default the published one, whose files are checked first.
        """
        self.base = base
        self._base_is_checked = base is not None
        self.folder = folder
        self._embedder = embedder
        self._chunker_version = chunker_version
        self._from_scratch = from_scratch
        self._store = store
        self._lock = FileLock(folder / "lock", timeout=0)
        self._ahead = EmbeddingAhead(folder / EMBEDDINGS, embedder)

    def __enter__(self) -> Self:
        """Raises IndexBusy when another process writes, IndexMismatch when the index was made with another model or chunker, IndexDamaged, StorageFailed."""
        give_freed_blocks_back()
        with storage_failures(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except Timeout:
                raise IndexBusy(f"another process is writing to {self.folder}{_holder(self.folder)}; wait for it to end, then try again") from None
            try:
                (self.folder / "lock").write_text(f"{os.getpid()}\n", encoding="ascii")
                self._stage()
            except BaseException:
                self._lock.release()
                raise
            return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """What the system refused since the beginning is raised as StorageFailed."""
        try:
            self._ahead.close()
            with suppress(sqlite3.Error) if error is not None else storage_failures(self.folder):
                self.manifest.close()
        finally:
            # Asked of the disk: what failed may have been the last step of publishing.
            with suppress(RoleSearchError):
                if current_generation(self.folder) != self.generation:
                    shutil.rmtree(self._place, ignore_errors=True)
            self._lock.release()
            give_small_blocks_back()
        if isinstance(error, OSError | sqlite3.Error):
            raise storage_failure(self.folder, error) from error

    @property
    def changed(self) -> bool:
        """Whether there is anything to publish."""
        return self._from_scratch or self.base is None or self.manifest.changes > 0

    def embed_ahead(self, chunks: Iterable[Chunk]) -> None:
        """Let the model begin with chunks that were put into the manifest, beside what the caller does before `derive`; that embeds what is left."""
        self._ahead.offer(chunk.embedded_text for chunk in chunks)

    def derive(self, progress: Progress = lambda done, total: None, encode: EncodeBlocks | None = None) -> int:
        """Bring vectors, words and groups of near-identical roles in step with the manifest; returns how many chunks the model embedded.

        `encode` runs the same model elsewhere; by default it is run here, on one block after the other.
        Raises IndexDamaged when the three do not hold the same chunk ids afterwards.
        """
        with chroma_failures(), tantivy_failures():
            return self._derive(progress, encode or in_turn(self._embedder))

    def _derive(self, progress: Progress, encode: EncodeBlocks) -> int:
        # Not with this module: all patterns of places come with it, which whoever only reads would wait for.
        from search.duplicates import bring_in_step

        bring_in_step(self.manifest)
        self.manifest.commit()
        base = generation_folder(self.folder, self.base) if self.base is not None and not self._from_scratch else None
        staging = Staging(self.folder, self._place, self.manifest, base)
        if base is not None:
            shutil.copytree(base / "lexical", self._place / "lexical")
        # SQLite, the disk and faiss let go of the interpreter.
        with (
            closing(self._store.staged(staging)) as vectors,
            closing(TantivyLexical(self._place / "lexical")) as lexical,
            ThreadPoolExecutor(2, "publish") as beside,
        ):
            # Most of what publishing would wait for is on the disk by then.
            begun = [beside.submit(_write_values_of, self._place), beside.submit(_sync_below, self._place)]
            ahead = self._ahead.close()
            with closing(EmbeddingCache(self.folder / EMBEDDINGS)) as cache:
                embedded = self._bring_in_step(vectors, lexical, base, cache, progress, encode)
            chunks_of_roles = self.manifest.chunks_of_roles()
            with self._store.derived(staging, chunks_of_roles, vectors) as chunk_vectors:
                # Here, since the vectors may be quantized beside it, which takes as long.
                lexical.commit()
                begun.append(beside.submit(_sync_below, self._place))
                roles, earlier = self._place / "roles", RoleVectors(base / "roles") if base is not None else None
                write_role_vectors(roles, chunks_of_roles, chunk_vectors, int(self.manifest.build().get("width", 0)), earlier)
                check_in_step(self.manifest, vectors, lexical, chunk_vectors, RoleVectors(roles))
            for one in begun:
                one.result()
        return ahead + embedded

    def publish(self) -> str:
        """Make the staged generation the current one, durably, and return its name. Generations before the last are deleted."""
        self.manifest.set_build(self._build())
        self.manifest.commit()
        write_checksums(self._place, generation_folder(self.folder, self.base) if self.base is not None else None)
        _sync_below(self._place)
        sync(self._place.parent)
        replace_files({self.folder / "CURRENT": [self.generation]})
        kept = [name for name in generations(self.folder) if name in (self.generation, self.base)]
        self._sweep([name for name in generations(self.folder) if name not in kept])
        self._store.tidy(self.folder, [generation_folder(self.folder, name) for name in kept])
        return self.generation

    def _stage(self) -> None:
        published = base_generation(self.folder)
        there = generations(self.folder)
        last_two = [name for name in there if published is not None and name <= published][-2:]
        self._sweep([name for name in there if name not in last_two])
        self.base = self.base or published
        self.generation = f"{int(published or 0) + 1:06d}"
        self._place = generation_folder(self.folder, self.generation)
        try:
            if self.base is not None and not self._base_is_checked:
                check_files(self.folder, self.base, "manifest.sqlite3" if self._from_scratch else "")
            manifest = self._place / "manifest.sqlite3"
            self.manifest = manifest_upon(
                self.folder, self.base, manifest, self._embedder, self._chunker_version, from_scratch=self._from_scratch, store=self._store
            )
        except BaseException:
            shutil.rmtree(self._place, ignore_errors=True)
            raise

    def _bring_in_step(
        self, vectors: VectorIndex, lexical: LexicalIndex, base: Path | None, cache: EmbeddingCache, progress: Progress, encode: EncodeBlocks
    ) -> int:
        missing = self._missing(vectors, lexical, base)
        embedded = done = 0
        asked: deque[list[Chunk]] = deque()

        def texts() -> Iterator[list[str]]:
            for start in range(0, len(missing), BLOCK_CHUNKS):
                asked.append(list(self.manifest.chunks(missing[start : start + BLOCK_CHUNKS]).values()))
                yield [chunk.embedded_text for chunk in asked[-1]]

        def count(texts: int) -> None:
            nonlocal embedded
            embedded += texts

        def put(chunks: Sequence[Chunk], encoded: Vectors) -> None:
            vectors.put([chunk.id for chunk in chunks], encoded)
            lexical.put(chunks)

        # A block is put while the model reads the next: neither holds up the interpreter, so no processor idles.
        with ThreadPoolExecutor(1) as beside:
            putting: Future[None] | None = None
            for encoded in cache.encode_blocks(texts(), self._embedder.fingerprint, encode, count):
                chunks = asked.popleft()
                self.manifest.set_build({"width": str(encoded.shape[1])})
                if putting is not None:
                    putting.result()
                putting = beside.submit(put, chunks, encoded)
                done += len(chunks)
                progress(done, len(missing))
            if putting is not None:
                putting.result()
        return embedded

    def _missing(self, vectors: VectorIndex, lexical: LexicalIndex, base: Path | None) -> list[str]:
        """Remove what the manifest does not know, and return what is not in both, by role and place. Ids of one part at a time are in memory.

        The words hold what the manifest in `base` knew when both were published in step: to read their ids would take ten times as long.
        """
        known, missing = self.manifest.sorted_chunk_ids(), as_ids([])
        for part, find in ((vectors, vectors.ids), (lexical, partial(ids_known_to, base))):
            there = find()
            part.remove(as_texts(without(there, known)))
            missing = np.union1d(missing, without(known, there))
        return self.manifest.chunk_ids(as_texts(missing) if len(missing) < len(known) else None)

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

    def _sweep(self, names: Sequence[str]) -> None:
        """Delete generations: those that nobody begins to read any more, or what a killed ingest left."""
        for name in names:
            place = generation_folder(self.folder, name)
            with suppress(OSError):
                place.rename(place.with_name(name + _LEAVING))
        for place in (self.folder / "generations").glob(f"*{_LEAVING}"):
            shutil.rmtree(place, ignore_errors=True)


def ids_known_to(base: Path | None) -> Ids:
    """The ids of the chunks of the generation in `base`, ascending; none where there is none."""
    if base is None:
        return as_ids([])
    with closing(Manifest.open(base / "manifest.sqlite3")) as manifest:
        return manifest.sorted_chunk_ids()


def _sync_below(place: Path) -> None:
    """Wait until a folder is on the disk with all that lies in it; what goes away meanwhile need not be."""
    for path in [*place.rglob("*"), place]:
        with suppress(FileNotFoundError):
            sync(path)


def _write_values_of(place: Path) -> None:
    """`write_values` of the generation in `place` as it was last committed, through a connection of its own: on one connection, threads wait for each other."""
    with closing(Manifest.open(place / "manifest.sqlite3")) as manifest:
        write_values(place / "roles", manifest)


def write_values(folder: Path, manifest: Manifest) -> None:
    """What stands by role in a generation beside the matrix: the values that roles hold, and their titles."""
    folder.mkdir(parents=True, exist_ok=True)
    own = (held for held in manifest.holders() if held[0] != SOURCE)
    places = ((SOURCE, place, rows) for place, rows in manifest.rows_by_place().items())
    write_holders(folder, chain(own, places), WISHED)
    write_titles(folder, manifest.all_titles())


def base_generation(folder: Path) -> str | None:
    """The published generation, which the next is made from; None when there is no index yet. Raises IndexDamaged when there must have been one."""
    published = current_generation(folder)
    if published is None and len(generations(folder)) > 1:
        raise IndexDamaged(f"{folder / 'CURRENT'} is missing; run `rolesearch doctor --repair --index {folder}`")
    return published


def manifest_upon(
    folder: Path, base: str | None, path: Path, embedder: Embedder, chunker_version: int, *, from_scratch: bool = False, store: VectorStore = EMBEDDED
) -> Manifest:
    """A copy of the manifest of generation `base` as the new file `path`, in a folder that is made for it, open for writing; empty where there is no base.

    Raises IndexMismatch when the index was made with another model or chunker, or its vectors are not in `store`, unless it is to be derived `from_scratch`;
    and IndexDamaged.
    """
    if base is None:
        path.parent.mkdir(parents=True)
        return Manifest.create(path)
    source = generation_folder(folder, base) / "manifest.sqlite3"
    published = Manifest.open(source)
    try:
        older = published.schema_version < SCHEMA_VERSION
        if not (older and from_scratch):
            _check_schema(folder, published)
        if not from_scratch:
            _check_model(folder, published, embedder.fingerprint)
            _check_chunker(folder, published, chunker_version)
            check_store(folder, published, store)
    finally:
        published.close()
    path.parent.mkdir(parents=True)
    if older:
        return Manifest.create_from(path, source)
    shutil.copyfile(source, path)
    return Manifest.open(path, writable=True)


def generations(folder: Path) -> list[str]:
    """Names of the generations that are there, published or not, oldest first."""
    return sorted(place.name for place in (folder / "generations").glob("*") if _GENERATION.fullmatch(place.name))


def generation_folder(folder: Path, generation: str) -> Path:
    """Where a generation of the index in `folder` lies."""
    return folder / "generations" / generation


def check_files(folder: Path, generation: str, below: str = "") -> None:
    """Raises IndexDamaged, naming the first, when files of a generation do not hold what was published; only those whose name begins with `below`."""
    found = damage(generation_folder(folder, generation), below=below)
    if found:
        more = f" and {len(found) - 1} more files" if len(found) > 1 else ""
        raise IndexDamaged(f"generation {generation} of {folder} is damaged: {found[0]}{more}; run `rolesearch doctor --repair --index {folder}`")


def _holder(folder: Path) -> str:
    """The process that writes, where it left its number."""
    try:
        return f" (process {int((folder / 'lock').read_text(encoding='ascii'))})"
    except (OSError, ValueError):
        return ""


def _check_schema(folder: Path, manifest: Manifest) -> None:
    version = manifest.schema_version
    if version != SCHEMA_VERSION:
        cure = f"run `rolesearch rebuild --index {folder}`, which reads no file again" if version < SCHEMA_VERSION else "use the later program that made it"
        raise IndexMismatch(f"the index in {folder} has schema {version}, this program reads {SCHEMA_VERSION}; {cure}")


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


def check_in_step(
    manifest: Manifest, vectors: VectorIndex | AskedVectors, lexical: LexicalIndex, chunk_vectors: DerivedVectors, role_vectors: RoleVectors
) -> None:
    """Raises IndexDamaged unless all hold the same chunk ids, the words by the right numbers, and there is a vector for each role and no other."""
    wanted = manifest.sorted_chunk_ids()

    def compared(part: VectorIndex | DerivedVectors | LexicalIndex) -> tuple[bool, int]:
        ids = part.ids()
        return np.array_equal(ids, wanted), len(ids)

    # One after the other: of all at once the ids would be what an ingest needs most memory for.
    (same_vectors, in_vectors), (same_lexical, in_lexical), (same_matrix, in_matrix) = map(compared, (vectors, lexical, chunk_vectors))
    if not (same_vectors and same_lexical and same_matrix):
        raise IndexDamaged(
            f"the parts do not agree: {len(wanted)} chunks in the manifest, {in_vectors} in the vectors, {in_lexical} in the words, "
            f"{in_matrix} in the matrix; run `rolesearch rebuild`"
        )
    if not lexical.is_numbered():
        raise IndexDamaged("the words answer with other chunks than hold them; run `rolesearch rebuild`")
    if role_vectors.ids() != set(manifest.role_ids()):
        raise IndexDamaged(f"{manifest.count_roles()} roles are in the manifest, {len(role_vectors.ids())} have a vector; run `rolesearch rebuild`")
    if alone := manifest.roles_without_advert():
        raise IndexDamaged(f"{len(alone)} roles were not compared with the others; run `rolesearch rebuild`")


def _link(source: Path, target: Path) -> None:
    """Make `target` a folder with what `source` holds: Tantivy's segments, which nobody changes, as links where the system can, the small files as copies.

    Its lock files stay behind: Tantivy opens them to write, which a link to a read-only disk does not allow, and makes those that are not there.
    """
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".lock":
            continue
        if path.suffix == ".json":
            shutil.copyfile(path, target / path.name)
            continue
        try:
            (target / path.name).symlink_to(path.resolve())
        except OSError:
            shutil.copyfile(path, target / path.name)

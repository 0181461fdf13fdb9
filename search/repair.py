"""Brings a damaged index back: from its manifest and the embeddings that are kept, or from the generation before. No file is read again."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from search.checksums import CHECKSUMS, damage, has_checksums
from search.chunk_vectors import ChunkVectors
from search.durable import replace_files, storage_failures
from search.embedding import Embedder
from search.embedding_cache import EMBEDDINGS, EmbeddingCache, kept_embeddings
from search.errors import IndexBusy, IndexDamaged
from search.health import Finding
from search.index import IndexWriter, Progress, current_generation, generation_folder, generations
from search.manifest import SCHEMA_VERSION, Manifest
from search.vector_stores import EMBEDDED, VectorStore

# What a damaged file of embeddings is called once it is set aside.
SET_ASIDE = f"{EMBEDDINGS}.damaged"

_CHUNKS_AT_ONCE = 5_000


def repair(
    folder: Path,
    embedder: Embedder,
    findings: Sequence[Finding],
    progress: Progress = lambda done, total: None,
    store: VectorStore = EMBEDDED,
) -> list[str]:
    """Cure what `search.health.examine` found of the index in `folder` and what can be cured; what was done, a sentence for each step.

    Where CURRENT is lost it is written anew and no more is done: examine the index again, then. Damaged parts are derived anew from the manifest, or where
    that is damaged, too, from that of the last generation whose manifest is whole. Raises IndexDamaged when there is none, IndexMismatch when the index is of
    another model than `embedder`, and IndexBusy.
    """
    wrong = {finding.check for finding in findings if finding.repairable}
    if not wrong:
        return []
    with _alone(folder), storage_failures(folder):
        named = list(_name_a_generation(folder))
        if named:
            return named
        done = list(_mend_embeddings(folder, embedder))
    if wrong - {"embeddings"}:
        done += _derive_anew(folder, embedder, progress, store)
    return done


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        with FileLock(folder / "lock", timeout=0):
            yield
    except Timeout:
        raise IndexBusy(f"another process is writing to {folder}; wait for it to end, then try again") from None


def _name_a_generation(folder: Path) -> Iterator[str]:
    """Write CURRENT anew where it is lost."""
    try:
        if current_generation(folder) is not None:
            return
    except IndexDamaged:
        pass
    generation = _last_with_whole_manifest(folder, None)
    replace_files({folder / "CURRENT": [generation]})
    yield f"generation {generation} is the published one again: CURRENT was lost"


def _mend_embeddings(folder: Path, embedder: Embedder) -> Iterator[str]:
    """Set damaged embeddings aside and keep those that the published vectors are, so that nothing is embedded again for what is in the index."""
    path = folder / EMBEDDINGS
    try:
        if path.exists():
            kept_embeddings(path, embedder.fingerprint)
            return
    except IndexDamaged:
        path.replace(folder / SET_ASIDE)
        yield f"the damaged embeddings were set aside as {SET_ASIDE}"
    for log in (f"{EMBEDDINGS}-wal", f"{EMBEDDINGS}-shm"):
        (folder / log).unlink(missing_ok=True)
    for generation in reversed(generations(folder)):
        place = generation_folder(folder, generation)
        if (place / "chunks").is_dir() and _whole(place, "manifest.sqlite3") and _whole(place, "chunks/"):
            count = _keep_vectors(path, place)
            yield f"{count} embeddings were taken from the vectors of generation {generation}"
            return
    yield "no whole vectors are left to take embeddings from; they are made anew"


def _keep_vectors(path: Path, place: Path) -> int:
    with closing(Manifest.open(place / "manifest.sqlite3")) as manifest, closing(EmbeddingCache(path)) as cache:
        vectors, model, ids = ChunkVectors(place / "chunks"), manifest.build()["model"], manifest.chunk_ids()
        for start in range(0, len(ids), _CHUNKS_AT_ONCE):
            batch = ids[start : start + _CHUNKS_AT_ONCE]
            chunks = manifest.chunks(batch)
            cache.keep(model, [chunks[chunk_id].embedded_text for chunk_id in batch], vectors.vectors(batch))
    return len(ids)


def _derive_anew(folder: Path, embedder: Embedder, progress: Progress, store: VectorStore) -> Iterator[str]:
    published = current_generation(folder)
    base = _last_with_whole_manifest(folder, published)
    with closing(Manifest.open(generation_folder(folder, base) / "manifest.sqlite3")) as manifest:
        chunker = int(manifest.build()["chunker"])
    if base != published:
        yield f"the manifest of generation {published} is damaged; that of {base} takes its place: ingest the folders again for what came since"
    with IndexWriter(folder, embedder, chunker, from_scratch=True, base=base, store=store) as writer:
        embedded = writer.derive(progress)
        yield f"generation {writer.publish()} was derived from the manifest of {base}; {embedded} chunks were embedded"


def _last_with_whole_manifest(folder: Path, published: str | None) -> str:
    """The published generation if its manifest is whole, else the last before it that has one; where none is published, the last that was."""
    for generation in reversed(generations(folder)):
        if (published is None or generation <= published) and _has_whole_manifest(generation_folder(folder, generation), published is not None):
            return generation
    raise IndexDamaged(
        f"no generation of {folder} has a manifest that is whole; delete {folder / 'generations'} and {folder / 'CURRENT'} and ingest the folders again: "
        "what was embedded is kept"
    )


def _has_whole_manifest(place: Path, was_published: bool) -> bool:
    """Whether a manifest can be built upon; of a generation of which it is not known that it was published, only where all of its files are whole.

    Where the checksums are damaged or gone, SQLite is asked alone.
    """
    if not was_published and not _whole(place, ""):
        return False
    if any(found.file != CHECKSUMS for found in damage(place, below="manifest.sqlite3", hash_at_most=None)):
        return False
    try:
        with closing(Manifest.open(place / "manifest.sqlite3")) as manifest:
            return not manifest.integrity() and manifest.schema_version == SCHEMA_VERSION and "chunker" in manifest.build()
    except IndexDamaged:
        return False


def _whole(place: Path, below: str) -> bool:
    """Whether the files of a generation whose name begins with `below` are there and hold what was published; not where nobody put down what that was."""
    return has_checksums(place) and not damage(place, below=below, hash_at_most=None)

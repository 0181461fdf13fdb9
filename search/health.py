"""Whether an index is sound: every part of the published generation is looked at, and what is wrong is said with its cure. Repairing is in search/repair.py."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from search.adapter import adapter_for
from search.checksums import Damage, damage, has_checksums
from search.chunk_vectors import ChunkVectors
from search.embedding import Embedder, Vectors
from search.embedding_cache import EMBEDDINGS, kept_embeddings
from search.errors import IndexDamaged, IndexMissing, RoleSearchError
from search.index import Index, check_in_step, current_generation, generation_folder, generations, stored_vectors
from search.manifest import SCHEMA_VERSION, Manifest
from search.records import Role
from search.vector_stores import EMBEDDED, VectorStore

# Vectors have unit length to within the precision of float32.
_UNIT_TOLERANCE = 1e-3
# Two sums of the same products may differ by this.
_SAME_COSINE = 1e-5
# What is held in memory at a time.
_CHUNKS_AT_ONCE = 5_000
_ROLES_AT_ONCE = 500
# Chunks that are asked for with their own vectors, and how many of the nearest are compared; below this share of them near ones are missed.
_ASKED = 50
_NEAREST = 50
_LEAST_RECALL = 0.95
# Chunks that the model embeds again; it must give the vectors that are stored, to within what another processor makes of it.
_EMBEDDED_AGAIN = 8
_LEAST_COSINE = 0.999
# An ingest stages the next generation beside the published one, and needs some room for embeddings.
_ROOM = 1.2


_REPAIR = "rolesearch doctor --repair"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `problem` is "" where all is well, and `cure` says what to do about it."""

    check: str
    found: str
    problem: str = ""
    cure: str = ""

    @property
    def repairable(self) -> bool:
        """Whether `search.repair` cures it."""
        return _REPAIR in self.cure


@dataclass(frozen=True, slots=True)
class _Patient:
    """What the checks look at. `index` is None where the generation cannot be opened; `repair` is the command that repairs it."""

    folder: Path
    generation: str
    embedder: Embedder
    chunker_version: int
    store: VectorStore
    index: Index | None

    @property
    def place(self) -> Path:
        return generation_folder(self.folder, self.generation)

    @property
    def opened(self) -> Index:
        if self.index is None:
            raise _NotLookedAt
        return self.index

    def command(self, name: str) -> str:
        return f"run `rolesearch {name} --index {self.folder}`"

    @property
    def repair(self) -> str:
        return self.command("doctor --repair")


class _NotLookedAt(Exception):
    """The generation cannot be opened, so that this check has nothing to look at."""


def examine(folder: Path, embedder: Embedder, chunker_version: int, store: VectorStore = EMBEDDED) -> list[Finding]:
    """Everything that can be checked of the index in `folder`, for a program with this model and chunker, its vectors in `store`.

    Reads all of it once: minutes where it has gigabytes. Raises IndexMissing when there is no index; all else that is wrong is in the findings.
    """
    try:
        generation = current_generation(folder)
    except IndexDamaged as error:
        return [Finding("generation", "", *_told(error))]
    if generation is None:
        if generations(folder):
            lost = f"{folder / 'CURRENT'} is missing"
            return [Finding("generation", "", lost, f"run `rolesearch doctor --repair --index {folder}`")]
        raise IndexMissing(f"there is no index in {folder}; make one with `rolesearch ingest PATH --index {folder}`")
    with _opened(folder, generation, store) as (index, failure):
        patient = _Patient(folder, generation, embedder, chunker_version, store, index)
        first = Finding("generation", generation, *(_told(failure) if failure is not None else ("", "")))
        return [first, *(found for check in _CHECKS for found in _findings(check, patient))]


@contextmanager
def _opened(folder: Path, generation: str, store: VectorStore) -> Iterator[tuple[Index | None, RoleSearchError | None]]:
    try:
        index = Index.open_generation(folder, generation, store=store)
    except RoleSearchError as error:
        yield None, error
    else:
        with closing(index):
            yield index, None


def _told(error: RoleSearchError) -> tuple[str, str]:
    """What is wrong, and its cure: the two halves of a message."""
    problem, _, cure = str(error).partition("; ")
    return problem, cure


def _findings(check: Callable[[_Patient], Iterator[Finding]], patient: _Patient) -> Iterator[Finding]:
    name = check.__name__.strip("_").replace("_", " ")
    try:
        yield from check(patient)
    except _NotLookedAt:
        yield Finding(name, "not looked at, since the generation cannot be opened")
    except IndexDamaged as error:
        problem, cure = _told(error)
        yield Finding(name, "", problem, patient.command("rebuild") if "rolesearch rebuild" in cure else patient.repair)
    except RoleSearchError as error:
        yield Finding(name, "", *_told(error))
    except (OSError, sqlite3.Error, KeyError, ValueError) as error:
        yield Finding(name, "", f"{type(error).__name__}: {error}", patient.repair)


def _writer(patient: _Patient) -> Iterator[Finding]:
    """Who holds the lock is no problem, but explains what else is found."""
    lock = patient.folder / "lock"
    if not lock.exists() or not os.access(lock, os.W_OK):
        yield Finding("writer", "none")
        return
    try:
        with FileLock(lock, timeout=0):
            yield Finding("writer", "none")
    except Timeout:
        yield Finding("writer", f"process {lock.read_text(encoding='ascii').strip() or 'unknown'} is writing")


def _files(patient: _Patient) -> Iterator[Finding]:
    if not has_checksums(patient.place):
        without = "the generation has no checksums, so that damage to its files would go unseen"
        yield Finding("files", "", without, patient.command("rebuild"))
        return
    found = damage(patient.place, hash_at_most=None)
    files = [path for path in patient.place.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    yield Finding("files", f"{len(files)} files, {size / 1e6:,.1f} MB, SHA-256 of each compared", _listed(found), patient.repair if found else "")


def _listed(found: Sequence[Damage]) -> str:
    more = [f"and {len(found) - 5} more"] if len(found) > 5 else []
    return "; ".join([*map(str, found[:5]), *more])


def _manifest(patient: _Patient) -> Iterator[Finding]:
    with closing(Manifest.open(patient.place / "manifest.sqlite3")) as manifest:
        wrong = manifest.integrity()
        if wrong:
            yield Finding("manifest", "", wrong, patient.repair)
            return
        found = f"schema {manifest.schema_version}, {manifest.count_roles()} roles, {manifest.count_chunks()} chunks, {len(manifest.sources())} files"
        if manifest.schema_version != SCHEMA_VERSION:
            yield Finding("manifest", found, f"this program reads schema {SCHEMA_VERSION}", patient.command("rebuild"))
            return
        built_with = manifest.build()["chunker"]
        other = built_with != str(patient.chunker_version)
        problem = f"the roles were cut by chunker {built_with}, this program has {patient.chunker_version}" if other else ""
        yield Finding("manifest", found, problem, patient.command("rebuild") if other else "")


def _ids(patient: _Patient) -> Iterator[Finding]:
    index = patient.opened
    with stored_vectors(patient.folder, patient.generation, patient.store) as stored:
        check_in_step(index.manifest, stored, index.lexical, index.vectors, index.role_vectors)
    yield Finding("ids", "manifest, vectors, their matrix and words hold the same chunks, and each role has its vector")


def _offsets(patient: _Patient) -> Iterator[Finding]:
    manifest = patient.opened.manifest
    wrong: list[str] = []
    ids = manifest.role_ids()
    for start in range(0, len(ids), _ROLES_AT_ONCE):
        roles = manifest.roles(ids[start : start + _ROLES_AT_ONCE])
        wrong += [text for role in roles.values() for text in _wrong_places(role)]
        for chunk in manifest.chunks(manifest.chunk_ids_of_roles(roles)).values():
            if not _within(chunk.start, chunk.end, roles[chunk.role_id].text):
                wrong.append(f"a chunk of {chunk.role_id} stands at {chunk.start} to {chunk.end}")
    problem = f"{len(wrong)} places lie outside their text: {'; '.join(wrong[:3])}" if wrong else ""
    cure = f"ingest the folders again, and if it stays so {patient.command('rebuild')}" if wrong else ""
    yield Finding("offsets", f"sections, readings and chunks of {len(ids)} roles compared with their texts", problem, cure)


def _wrong_places(role: Role) -> Iterator[str]:
    for section in role.sections:
        if not 0 <= section.start <= section.end <= len(role.text):
            yield f"the section {section.heading or section.name!r} of {role.id} stands at {section.start} to {section.end} of {len(role.text)}"
    for reading in role.readings:
        if not _within(reading.start, reading.end, role.title if reading.in_title else role.text):
            yield f"{reading.key} of {role.id} was read at {reading.start} to {reading.end}"


def _within(start: int, end: int, text: str) -> bool:
    """Whether a span says something of a text."""
    return 0 <= start <= end <= len(text) and (start < end or not text)


def _vectors(patient: _Patient) -> Iterator[Finding]:
    """All vectors, once: their lengths, whether both places hold the same, and the nearest of a sample among all, against what is found."""
    index = patient.opened
    ids = index.manifest.chunk_ids()
    width = int(index.manifest.build().get("width", 0))
    asked = ids[:: max(1, -(-len(ids) // _ASKED))]
    questions = index.vectors.vectors(asked) if asked else np.empty((0, width), dtype=np.float32)
    best = np.full((len(asked), 0), -np.inf, dtype=np.float32)
    bad = differing = 0
    with stored_vectors(patient.folder, patient.generation, patient.store) as stored:
        for start in range(0, len(ids), _CHUNKS_AT_ONCE):
            block = ids[start : start + _CHUNKS_AT_ONCE]
            vectors, kept = index.vectors.vectors(block), stored.vectors(block)
            bad += _not_unit(vectors)
            differing += int(np.sum(~(np.abs(vectors - kept).max(axis=1) < _UNIT_TOLERANCE)))
            best = -np.sort(-np.concatenate([best, questions @ vectors.T], axis=1), axis=1)[:, :_NEAREST]
        matrix = {"matrix": _recall(index.vectors.nearest, questions, best)} if isinstance(index.vectors, ChunkVectors) else {}
        recalls = matrix | {"Chroma": _recall(stored.nearest, questions, best)}
    bad_roles = _not_unit(index.role_vectors.vectors(sorted(index.role_vectors.ids()))) if index.role_vectors.ids() else 0
    wrong = [f"{bad} of {len(ids)} vectors of chunks and {bad_roles} of roles are not finite and of length 1"] if bad or bad_roles else []
    wrong += [f"{differing} are others in Chroma than in the matrix"] if differing else []
    yield Finding("vectors", f"{len(ids)} of width {width}, and one for each role", "; ".join(wrong), patient.repair if wrong else "")
    found = ", ".join(f"{name} {recall:.3f}" for name, recall in recalls.items())
    low = min(recalls.values()) < _LEAST_RECALL
    problem = f"below {_LEAST_RECALL}: near vectors are missed" if low else ""
    yield Finding("recall", f"R@{_NEAREST} of {len(asked)} chunks, against comparing with all: {found}", problem, patient.repair if low else "")


def _not_unit(vectors: Vectors) -> int:
    """How many of these are not finite or not of unit length."""
    return int(np.sum(~(np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT_TOLERANCE)))


def _recall(nearest: Callable[[Vectors, int], list[tuple[str, float]]], questions: Vectors, best: Vectors) -> float:
    """Share of what is nearest that is found; what is as near as the last of the nearest counts, whichever of several it is."""
    shares = []
    for question, cosines in zip(questions, best, strict=True):
        shares.append(sum(cosine >= cosines[-1] - _SAME_COSINE for _, cosine in nearest(question, len(cosines))) / len(cosines))
    return float(np.mean(shares)) if shares else 1.0


def _embeddings(patient: _Patient) -> Iterator[Finding]:
    path = patient.folder / EMBEDDINGS
    if not path.exists():
        yield Finding("embeddings", "", "those that are kept are gone, so that a rebuild would embed everything again", patient.repair)
        return
    yield Finding("embeddings", f"{kept_embeddings(path, patient.embedder.fingerprint)} kept for this model, {path.stat().st_size / 1e6:,.1f} MB")


def _model(patient: _Patient) -> Iterator[Finding]:
    """The weights are hashed as the model is loaded; then it must give the vectors that are stored."""
    manifest = patient.opened.manifest
    built_with, fingerprint = manifest.build()["model"], patient.embedder.fingerprint
    if built_with != fingerprint:
        cure = f"set that model again, or {patient.command('rebuild')}"
        yield Finding("model", built_with, f"the settings name another: {fingerprint}", cure)
        return
    ids = manifest.chunk_ids()
    chunks = list(manifest.chunks(ids[:: max(1, -(-len(ids) // _EMBEDDED_AGAIN))]).values())
    again = patient.embedder.encode_document([chunk.embedded_text for chunk in chunks])
    stored = patient.opened.vectors.vectors([chunk.id for chunk in chunks])
    other = int(np.sum(np.sum(again * stored, axis=1) < _LEAST_COSINE)) if chunks else 0
    problem = f"{other} of {len(chunks)} chunks that were embedded again have another vector" if other else ""
    yield Finding("model", f"{fingerprint}, {len(chunks)} chunks embedded again", problem, patient.command("rebuild") if other else "")


def _adapter(patient: _Patient) -> Iterator[Finding]:
    """Its file is hashed as it is read."""
    yield Finding("adapter", "sound" if adapter_for(patient.embedder.fingerprint) is not None else "none for this model")


def _disk(patient: _Patient) -> Iterator[Finding]:
    needed = _ROOM * sum(path.stat().st_size for path in patient.place.rglob("*") if path.is_file())
    free = shutil.disk_usage(patient.folder).free
    problem = f"an ingest needs about {needed / 1e6:,.0f} MB" if free < needed else ""
    yield Finding("disk", f"{free / 1e6:,.0f} MB free", problem, "free some room on the disk of the index" if problem else "")


def _versions(patient: _Patient) -> Iterator[Finding]:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("chromadb", "tantivy", "numpy"))
    yield Finding("versions", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}, schema {SCHEMA_VERSION}")


def _refusals(patient: _Patient) -> Iterator[Finding]:
    refusals = patient.opened.manifest.refusals()
    yield Finding("refusals", f"{len(refusals)} of files and records" if refusals else "none")


_CHECKS = (_writer, _files, _manifest, _ids, _offsets, _vectors, _embeddings, _model, _adapter, _disk, _versions, _refusals)

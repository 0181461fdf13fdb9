"""Keeps an index in step with folders: what is new, changed or gone in the files becomes a new generation. The one way into an index."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ingest.chunking import CHUNKER_VERSION, chunk_role
from ingest.corpus import Found, FoundFile, MissingPlace, UnnamableFile, UnreadableFolder, digest_of, walk
from ingest.engine import Engine, FileToRead, LocalEngine, ReadRole
from ingest.parsing import PARSER_VERSION
from ingest.places import Place, as_place, lies_below
from ingest.readers import FileKind, kind_of
from ingest.worker import RefusedPart
from search.draft import IndexDraft
from search.embedding import Embedder
from search.errors import MassRemoval, Refused
from search.index import IndexWriter
from search.manifest import Manifest, Refusal, Source
from search.records import Chunk, Role
from search.vector_stores import EMBEDDED, VectorStore
from search.vectors import prepare

# More than this share of the roles that an ingest looks after is not removed unasked: an unmounted disk looks like an empty folder.
LARGEST_UNASKED_REMOVAL = 0.5

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); the stages are "reading" (files) and "embedding" (chunks)."""


def _no_progress(stage: str, done: int, total: int) -> None:
    pass


def _left_for_later(chunks: Sequence[Chunk]) -> None:
    pass


def _nothing_to_prepare() -> None:
    pass


@dataclass(slots=True)
class SyncReport:
    """What an ingest did. Counts are roles, except `chunks` (in the index now) and `embedded` (texts that the model was run on).

    `changed` says whether a generation was published; `generation` is the one that is current.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0
    generation: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ingest would do: the report that it would give (but for `generation`, the one that is current now), and ids of roles in the order of reading.

    `mass_removal` is what it would stop with; None where nothing stops it.
    """

    report: SyncReport
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    mass_removal: MassRemoval | None = None


def sync(
    paths: Sequence[Path | Place],
    index: Path,
    embedder: Embedder,
    *,
    prune: bool = True,
    allow_mass_removal: bool = False,
    progress: Progress = _no_progress,
    store: VectorStore = EMBEDDED,
    engine: Engine | None = None,
) -> SyncReport:
    """Bring the index in `index` in step with the files below `paths`; roles from other places are left alone.

    A file that cannot be read is refused with its reason, and what was read from it earlier stays. `prune=False` keeps the roles of files that are gone.
    `engine` reads and embeds, with the same model as `embedder`; by default it is this program that does.
    Raises UsageError (no such path), MassRemoval, and what IndexWriter raises; the published generation is then as it was.
    """
    started = time.perf_counter()
    places, found = _found_in(paths, index)
    with IndexWriter(index, embedder, CHUNKER_VERSION, store=store) as writer:
        run = _Sync(writer.manifest, embedder, places, engine, writer.embed_ahead if engine is None else _left_for_later, prepare)
        run.bring_in_step(found, prune, progress)
        run.check_removals(allow_mass_removal)
        report = run.report
        # What was known of each file is memory that publishing needs itself.
        del run, found
        return _publish(writer, report, started, progress, engine)


def plan(
    paths: Sequence[Path | Place],
    index: Path,
    embedder: Embedder,
    *,
    prune: bool = True,
    allow_mass_removal: bool = False,
    progress: Progress = _no_progress,
    store: VectorStore = EMBEDDED,
) -> Plan:
    """What `sync` with the same arguments would do. The files are read, but nothing is embedded, and nothing is written to the index.

    Raises UsageError (no such path), and what IndexDraft raises.
    """
    started = time.perf_counter()
    places, found = _found_in(paths, index)
    with IndexDraft(index, embedder, CHUNKER_VERSION, store) as draft:
        run = _Sync(draft.manifest, embedder, places)
        run.bring_in_step(found, prune, progress)
        mass_removal = None
        try:
            run.check_removals(allow_mass_removal)
        except MassRemoval as error:
            mass_removal = error
        report = run.report
        report.changed = draft.changed
        report.embedded = draft.count_to_embed()
        report.chunks = draft.manifest.count_chunks()
        report.generation = draft.base or ""
        report.seconds = time.perf_counter() - started
        return Plan(report, tuple(run.added), tuple(run.updated), tuple(run.removed), mass_removal)


def _found_in(paths: Sequence[Path | Place], index: Path) -> tuple[list[Place], list[Found]]:
    """The places, and what lies there; of the index itself, should it lie below one of them, nothing."""
    places, own = [as_place(path) for path in paths], str(index.resolve())
    return places, [entry for entry in walk(places) if not _is_own(entry, own)]


def _is_own(entry: Found, index: str) -> bool:
    return lies_below(entry.location, index) and not isinstance(entry, MissingPlace) and index != str(entry.root) and not lies_below(entry.root, index)


def rebuild(index: Path, embedder: Embedder, *, progress: Progress = _no_progress, store: VectorStore = EMBEDDED) -> SyncReport:
    """Cut and embed every role of the index anew, with this model and chunker, from the texts in its manifest, its vectors in `store`; no file is read.

    Raises what IndexWriter raises; the published generation is then as it was.
    """
    started = time.perf_counter()
    with IndexWriter(index, embedder, CHUNKER_VERSION, from_scratch=True, store=store) as writer:
        manifest, report = writer.manifest, SyncReport()
        positions = manifest.positions_of_roles()
        for number, role_id in enumerate(manifest.role_ids(), start=1):
            role = manifest.roles([role_id])[role_id]
            manifest.put_role(role, *positions[role_id], chunk_role(role, embedder))
            report.updated += 1
            progress("reading", number, len(positions))
        return _publish(writer, report, started, progress)


def _publish(writer: IndexWriter, report: SyncReport, started: float, progress: Progress, engine: Engine | None = None) -> SyncReport:
    if writer.changed:
        report.embedded = writer.derive(lambda done, total: progress("embedding", done, total), engine.embed if engine is not None else None)
        report.chunks = writer.manifest.count_chunks()
        report.generation = writer.publish()
        report.changed = True
    else:
        report.chunks = writer.manifest.count_chunks()
        report.generation = writer.base or ""
    report.seconds = time.perf_counter() - started
    return report


class _Step(NamedTuple):
    """What is to become of an entry: `source` is set for a file of a kind that is read, `refusal` where it cannot be, `file` where it is new or changed."""

    entry: Found
    source: Source | None = None
    refusal: Refusal | None = None
    file: FileToRead | None = None


class _Sync:
    """One run of `sync` over one staged manifest."""

    def __init__(
        self,
        manifest: Manifest,
        embedder: Embedder,
        given: Sequence[Place],
        engine: Engine | None = None,
        embed_ahead: Callable[[Sequence[Chunk]], None] = _left_for_later,
        prepare: Callable[[], None] = _nothing_to_prepare,
    ) -> None:
        """`embed_ahead` is told of new chunks as they come, `prepare` that a file will be read: the index will change."""
        self._embed_ahead = embed_ahead
        self._prepare = prepare
        self.report = SyncReport()
        self.added: list[str] = []
        self.updated: list[str] = []
        self.removed: list[str] = []
        self._manifest = manifest
        self._local = LocalEngine(embedder)
        self._engine = engine or self._local
        self._known = {source.path: source for source in manifest.sources()}
        self._names = {source.name: source.path for source in self._known.values()}
        placed = manifest.positions_of_roles()
        self._path_of = {role_id: path for role_id, (path, _) in placed.items()}
        # As they were at the beginning, for files that have not changed: asked one by one they would take a third of the time that such a file takes.
        self._roles_before: dict[str, list[str]] = defaultdict(list)
        for role_id, (path, _) in sorted(placed.items(), key=lambda one: one[1]):
            self._roles_before[path].append(role_id)
        self._refused_before = manifest.refusals_of_sources()
        self._in_scope = {path for path in self._known if any(place.covers(path) for place in given)}
        self._looked_after = sum(path in self._in_scope for path in self._path_of.values())
        self._claimed: dict[str, str] = {}
        self._added_contents: set[bytes] = set()
        self._removed_contents: list[bytes] = []

    def bring_in_step(self, found: Sequence[Found], prune: bool, progress: Progress) -> None:
        """Read what is new or changed, in order, and with `prune` remove what is gone."""
        self._read_files(found, progress)
        if prune:
            self._remove_what_is_gone(found)

    def _read_files(self, found: Sequence[Found], progress: Progress) -> None:
        planned: deque[_Step] = deque()
        for number, parts in enumerate(self._engine.read(self._files_to_read(found, planned)), start=1):
            self._take(planned.popleft(), parts)
            progress("reading", number, len(found))

    def _remove_what_is_gone(self, found: Sequence[Found]) -> None:
        """Remove the roles of files that an earlier ingest read here and that are no longer there."""
        present = {entry.location for entry in found}
        unknown = [entry for entry in found if isinstance(entry, UnreadableFolder | MissingPlace)]
        for path in sorted(self._in_scope - present):
            if not any(entry.covers(path) for entry in unknown):
                self._remove([role for role in self._manifest.roles_of_source(path) if role.id not in self._claimed])
                self._manifest.remove_source(path)

    def check_removals(self, allowed: bool) -> None:
        """Raises MassRemoval when too much would go. Content that is found again under another name is not gone."""
        gone = sum(content not in self._added_contents for content in self._removed_contents)
        if not allowed and gone > LARGEST_UNASKED_REMOVAL * self._looked_after:
            raise MassRemoval(
                f"{gone} of {self._looked_after} roles would be removed, which is more than half; nothing was changed. "
                "If the files are really meant to be gone, repeat with --allow-mass-removal; to keep the roles, with --no-prune"
            )

    def _files_to_read(self, found: Sequence[Found], planned: deque[_Step]) -> Iterator[FileToRead | None]:
        """For each entry the file to be read, or None; what is to become of it goes into `planned`. An engine may be ahead of what is done with its answers."""
        for entry in found:
            step = self._plan(entry)
            if step.file is not None:
                self._prepare()
            planned.append(step)
            yield step.file

    def _plan(self, entry: Found) -> _Step:
        """Depends on the entries before it by their names alone, so that it does not matter how far ahead it is made."""
        if isinstance(entry, FoundFile):
            return self._plan_file(entry)
        if isinstance(entry, UnnamableFile):
            return _Step(entry, refusal=Refusal(entry.name, "its name, or that of a folder around it, is not UTF-8; rename it"))
        return _Step(entry, refusal=Refusal(entry.name, f"{entry.reason}; what was read there earlier is kept"))

    def _plan_file(self, entry: FoundFile) -> _Step:
        path = entry.location
        if kind_of(path) is FileKind.OTHER:
            return _Step(entry)
        known = self._known.get(path)
        try:
            digest = _digest(path, entry.root)
            name = known.name if known is not None else self._free_name(entry)
        except Refused as refused:
            source = Source(path, known.name if known is not None else entry.name, str(entry.root), "")
            self._names[source.name] = path
            return _Step(entry, source, Refusal(entry.name, _kept_note(refused, known)))
        self._names[name] = path
        source = Source(path, name, str(entry.root), digest)
        return _Step(entry, source, file=None if self._is_current(source) else FileToRead(entry.path, name))

    def _take(self, step: _Step, parts: Iterator[ReadRole | RefusedPart]) -> None:
        if step.source is None:
            if step.refusal is not None:
                self.report.refused.append(step.refusal)
            else:
                self.report.skipped.append(step.entry.name)
        elif step.refusal is not None:
            self._keep_all(step.source.path)
            self._put_source(step.source, [step.refusal])
        elif step.file is not None:
            self._read_changed(step.source, parts)
        elif self._is_current(step.source):
            self._keep_all(step.source.path)
            self.report.refused.extend(self._refused_before.get(step.source.path, ()))
        else:  # It lost a role to a file before it, after the engine had been told that it is as it was.
            self._read_changed(step.source, next(self._local.read([FileToRead(Path(step.source.path), step.source.name)])))

    def _read_changed(self, source: Source, parts: Iterator[ReadRole | RefusedPart]) -> None:
        before = {role.id: role.source for role in self._manifest.roles_of_source(source.path)}
        self._put_source(source, [])
        reading = _Reading(source)
        for position, read in enumerate(reading.roles(parts)):
            role = read.role
            owner = self._claimed.get(role.id)
            if owner is not None:
                reading.refuse(role.source, "", f"the id {role.id!r} is already that of a role in {self._known_name(owner)}; give it another id", role.id)
                reading.must_be_read_again = True
            else:
                self._put_role(read, source.path, position)
        kept = {role_id for role_id, role_source in before.items() if role_id not in self._claimed and reading.protects(role_id, role_source)}
        for role_id in kept:
            self._claim(role_id, source.path)
            self.report.unchanged += 1
        gone = [role_id for role_id in before if role_id not in self._claimed]
        self._remove(list(self._manifest.roles(gone).values()))
        is_whole = not reading.must_be_read_again and _holds(source)
        final = Source(source.path, source.name, source.root, source.digest if is_whole else "")
        self._put_source(final, reading.refusals(bool(kept)))

    def _put_role(self, read: ReadRole, path: str, position: int) -> None:
        role = read.role
        earlier_path = self._path_of.get(role.id)
        earlier = self._manifest.roles([role.id]).get(role.id) if earlier_path is not None else None
        self._claim(role.id, path)
        if earlier == role and earlier_path == path:
            self.report.unchanged += 1
            return
        if earlier_path is not None and earlier_path != path:
            self._ask_for_new_reading(earlier_path)
        chunks = read.chunks()
        self._manifest.put_role(role, path, position, chunks)
        self._embed_ahead(chunks)
        if earlier is None:
            self.added.append(role.id)
            self.report.added += 1
            self._added_contents.add(_content(role))
        else:
            self.updated.append(role.id)
            self.report.updated += 1

    def _claim(self, role_id: str, path: str) -> None:
        self._claimed[role_id] = path
        self._path_of[role_id] = path

    def _keep_all(self, path: str) -> None:
        for role_id in self._roles_before.get(path, ()):
            # Not one that a file before it has taken over.
            if self._path_of[role_id] == path:
                self._claim(role_id, path)
                self.report.unchanged += 1

    def _remove(self, roles: Sequence[Role]) -> None:
        for role in roles:
            self._manifest.remove_role(role.id)
            self.removed.append(role.id)
            self._removed_contents.append(_content(role))
            self.report.removed += 1

    def _put_source(self, source: Source, refusals: Sequence[Refusal]) -> None:
        if self._known.get(source.path) != source:
            self._manifest.put_source(source)
            self._known[source.path] = source
        if self._manifest.refusals(source.path) != sorted(refusals, key=lambda refusal: refusal.name):
            self._manifest.set_refusals(source.path, refusals)
        self.report.refused.extend(refusals)

    def _ask_for_new_reading(self, path: str) -> None:
        """A file lost a role to another: its digest no longer says that all of it is in the index."""
        loser = self._known[path]
        self._known[path] = Source(loser.path, loser.name, loser.root, "")
        self._manifest.put_source(self._known[path])

    def _is_current(self, source: Source) -> bool:
        """Whether what the index holds of the file is what is in it now."""
        known = self._known.get(source.path)
        return known is not None and known.digest == source.digest

    def _known_name(self, path: str) -> str:
        return self._known[path].name

    def _free_name(self, entry: FoundFile) -> str:
        """The file's name below its root; with the root's name in front when a file of another folder has that name already."""
        for name in (entry.name, f"{entry.root.name}/{entry.name}"):
            if self._names.get(name, entry.location) == entry.location:
                return name
        raise Refused(f"the name {entry.name!r} is already that of {self._names[entry.name]}; ingest the folder that holds both")


def _content(role: Role) -> bytes:
    """What a role says, in a few bytes: the texts of all roles would fill the memory."""
    return sha256(f"{role.title}\0{role.text}".encode(errors="surrogatepass")).digest()


def _digest(path: str, root: Path) -> str:
    return f"{PARSER_VERSION}:{digest_of(path, root)}"


def _holds(source: Source) -> bool:
    """Whether a file that was read still holds what it did before: what changed meanwhile, and changes back, must be read again."""
    try:
        return _digest(source.path, Path(source.root)) == source.digest
    except Refused:
        return False


class _Reading:
    """The roles of one file, and what of it was refused."""

    def __init__(self, source: Source) -> None:
        self.must_be_read_again = False
        self._source = source
        self._refused: list[tuple[str, str, str, str | None]] = []

    def refuse(self, name: str, part: str, reason: str, record_id: str | None = None) -> None:
        """Remember that `part` of the file or archive member `name` was refused; the id says which role it would have been."""
        self._refused.append((name, part, reason, record_id))

    def refusals(self, kept: bool) -> list[Refusal]:
        """For the report; `kept` says that earlier roles of the file stay in the index."""
        note = "; what was read from it earlier is kept" if kept else ""
        return [Refusal(f"{name}: {part}" if part else name, reason + note) for name, part, reason, _ in self._refused]

    def protects(self, role_id: str, role_source: str) -> bool:
        """Whether a role that was not read this time may be in a part that was refused."""
        return any(
            role_id == record_id if record_id is not None else role_source == name or (name == self._source.name and not part)
            for name, part, _, record_id in self._refused
        )

    def roles(self, parts: Iterator[ReadRole | RefusedPart]) -> Iterator[ReadRole]:
        """What the file holds, part by part; what cannot be read is remembered as refused."""
        try:
            for found in parts:
                if isinstance(found, ReadRole):
                    yield found
                else:
                    self.refuse(found.name, found.part, found.reason, found.record_id)
        except Refused as refusal:
            self.refuse(self._source.name, "", str(refusal))
        except OSError as error:
            self.must_be_read_again = True
            self.refuse(self._source.name, "", f"cannot be read: {error.strerror or error}")


def _kept_note(refusal: Refused, known: Source | None) -> str:
    return f"{refusal}; what was read from it earlier is kept" if known is not None else str(refusal)

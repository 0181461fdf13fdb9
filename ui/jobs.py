"""Ingests that run while the page answers: one at a time for a whole server, in a thread and with a model of their own. And files that were uploaded."""

import logging
import os
import tempfile
import threading
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePath

from ingest.pipeline import SyncReport, sync
from ingest.readers import READERS, UNREAD_DOCUMENTS, FileKind, kind_of
from search.embedding import Embedder
from search.errors import IndexBusy, MassRemoval, RoleSearchError, UsageError
from search.vector_stores import EMBEDDED, VectorStore

UPLOADS = "uploads"
# In bytes of UTF-8. File systems allow 255; ids are made from the name, and the temporary file has a few more.
LONGEST_NAME = 150
# Jobs that have ended and can still be asked for.
ENDED_KEPT = 100
# They pass through memory.
LARGEST_UPLOAD_MB = 100

log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """What was known of an ingest at one moment. `done` of `total` files (stage "reading") or chunks ("embedding"); `started` is in UTC.

    `report` is there when it is done, `error` when it failed. `prune` says whether the roles of files that are gone are removed. The jobs of a server are
    numbered from 1.
    """

    paths: tuple[Path, ...]
    started: datetime
    prune: bool = True
    state: JobState = JobState.RUNNING
    stage: str = ""
    done: int = 0
    total: int = 0
    report: SyncReport | None = None
    error: RoleSearchError | None = None
    number: int = 1

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.state is JobState.RUNNING

    @property
    def asks(self) -> bool:
        """Whether it stopped to ask if more than half of the roles may be removed."""
        return isinstance(self.error, MassRemoval)


class IngestJobs:
    """The ingests of one index: the one that runs, and the last ones that ran. Safe to use from several threads."""

    def __init__(self, index: Path, embedder: Callable[[], Embedder], store: VectorStore = EMBEDDED) -> None:
        """`embedder` opens a model; it is called in the job's thread, so that no search waits for a model that is busy with an ingest."""
        self.index = index
        self._embedder = embedder
        self._store = store
        self._lock = threading.Lock()
        self._latest: Job | None = None
        self._ended: deque[Job] = deque(maxlen=ENDED_KEPT)
        self._thread: threading.Thread | None = None

    @property
    def latest(self) -> Job | None:
        """The job that was started last, as it is now; None before the first."""
        return self._latest

    def job(self, number: int) -> Job | None:
        """One of the latest jobs, as it is now; None where there was none of this number, or so many after it that it was forgotten."""
        with self._lock:
            latest = self._latest
            return latest if latest is not None and latest.number == number else next((job for job in self._ended if job.number == number), None)

    def start(self, paths: Sequence[Path], *, prune: bool = True, allow_mass_removal: bool = False) -> Job:
        """Begin to bring the index in step with these folders and files. Raises IndexBusy while another job of this server runs."""
        with self._lock:
            if self._latest is not None and self._latest.running:
                raise IndexBusy("roles are being added already; wait until that has ended, then try again")
            if self._latest is not None:
                self._ended.append(self._latest)
            job = self._latest = Job(tuple(paths), datetime.now(UTC), prune, number=self._latest.number + 1 if self._latest else 1)
            # A daemon: a server that is stopped does not wait for it, and an ingest that is cut off leaves the index as it was.
            self._thread = threading.Thread(target=self._run, args=(job, allow_mass_removal), name="ingest", daemon=True)
            self._thread.start()
            return job

    def wait(self, seconds: float) -> Job | None:
        """The latest job when it has ended, or as it is after so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._latest

    def _run(self, job: Job, allow_mass_removal: bool) -> None:
        def progress(stage: str, done: int, total: int) -> None:
            self._latest = replace(job, stage=stage, done=done, total=total)

        try:
            report = sync(job.paths, self.index, self._embedder(), prune=job.prune, allow_mass_removal=allow_mass_removal, progress=progress, store=self._store)
            self._latest = replace(job, state=JobState.DONE, report=report)
        except RoleSearchError as error:
            self._latest = replace(job, state=JobState.FAILED, error=error)
        except Exception as error:  # Whatever it is, the page must say that the job ended; the traceback goes to the log.
            log.exception("the ingest of %s failed", ", ".join(map(str, job.paths)))
            said = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else f" ({type(error).__name__})"
            failure = RoleSearchError(f"the ingest broke off{said}; the index is as it was before. The server's log says more")
            self._latest = replace(job, state=JobState.FAILED, error=failure)


def keep_uploads(index: Path, files: Sequence[tuple[str, bytes]]) -> Path:
    """Write files, each a name and its content, into the folder of uploads beside the index, and return that folder.

    A file replaces an earlier upload of the same name. Raises UsageError, and writes nothing, when one of them cannot be taken.
    """
    folder = index / UPLOADS
    taken = {_folded(path.name): path.name for path in folder.glob("*")} if folder.is_dir() else {}
    named: list[tuple[str, bytes]] = []
    for name, content in files:
        safe = upload_name(name)
        if len(content) > LARGEST_UPLOAD_MB * 1024 * 1024:
            raise UsageError(f"{safe!r} has more than {LARGEST_UPLOAD_MB} MB; split it, or sync the folder that it lies in")
        if taken.setdefault(_folded(safe), safe) != safe or safe in dict(named):
            raise UsageError(f"there is an upload {taken[_folded(safe)]!r} already, which {safe!r} would replace; give it another name")
        named.append((safe, content))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in named:
        _write(folder / name, content)
    return folder


def upload_name(name: str) -> str:
    """The name that an uploaded file is kept under. Raises UsageError for one that is not plainly the name of a file in a format that is read."""
    safe = unicodedata.normalize("NFC", name)
    shown = repr(safe[:60] + ("…" if len(safe) > 60 else ""))
    if not safe or any(character in "/\\" or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in safe):
        raise UsageError(f"the name {shown} holds a path or characters that cannot be printed; rename the file")
    if safe != safe.strip() or safe.startswith("."):
        raise UsageError(f"the name {shown} begins with a dot, or begins or ends with a space; rename the file")
    if len(safe.encode()) > LONGEST_NAME:
        raise UsageError(f"the name {shown} has {len(safe.encode())} bytes, at most {LONGEST_NAME} are allowed; shorten it")
    suffix = PurePath(safe).suffix.lower()
    kind = kind_of(PurePath(safe))
    if kind is FileKind.UNREAD_DOCUMENT:
        raise UsageError(f"{shown} is in a format that is not read; {UNREAD_DOCUMENTS.get(suffix, 'convert it')} and upload that")
    if kind is not FileKind.READABLE:
        raise UsageError(f"{shown} is in no format of role descriptions; those are {' '.join(READERS)}, also packed as .gz or .zip")
    return safe


def _folded(name: str) -> str:
    """What names have in common that some file systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing; the temporary file's dot keeps an ingest from reading it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".upload-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

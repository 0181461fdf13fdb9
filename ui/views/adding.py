"""Adding roles: uploaded files, folders to keep in step with, and how far the ingest is that does it."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from ingest.pipeline import SyncReport
from ingest.readers import READERS
from search.errors import RoleSearchError, UsageError
from ui.jobs import LARGEST_UPLOAD_MB, UPLOADS, IngestJobs, Job, keep_uploads
from ui.views.markup import plain
from ui.views.parts import failure, notice

SUFFIXES = [*READERS, ".gz", ".zip"]
LOOK_SECONDS = 1.0
# Pixels; Streamlit breaks lines in rows of more than 64. Reasons end with what to do about them, which would be cut off.
_THREE_LINES = 72
_STAGES = {"": "Starting", "reading": "Reading:", "embedding": "Embedding:"}
_UNITS = {"reading": "files", "embedding": "chunks"}
_UPLOAD = "number of the upload"


def add_roles(jobs: IngestJobs, roots: Sequence[str]) -> None:
    """The ways to add roles; `roots` are the folders that were ingested before. Starts jobs, and draws the page anew when it did."""
    st.header("Add roles", anchor=False)
    job = jobs.latest
    if job is not None and job.running:
        st.fragment(_watch, run_every=LOOK_SECONDS)(jobs)
    elif job is not None:
        _outcome(jobs, job)
    busy = job is not None and job.running
    upload, folders = st.tabs(["Upload files", "Sync a folder"])
    with upload:
        _upload(jobs, busy)
    with folders:
        _folders(jobs, roots, busy)


def refused_table(refused: Sequence[tuple[str, str]], key: str) -> None:
    """Files, or parts of them, each with the reason why it was refused."""
    rows = [{"File": name, "Why it was refused": reason} for name, reason in refused]
    wide = {"File": st.column_config.TextColumn(width="small"), "Why it was refused": st.column_config.TextColumn(width="large")}
    st.dataframe(rows, hide_index=True, width="stretch", row_height=_THREE_LINES, column_config=wide, key=key, alt="Refused files and why")


def other_folder(text: str, index: Path) -> Path:
    """The folder that was typed. Raises UsageError, with the cure, for what is none, and for one that holds the index or lies in it."""
    if not text.strip() or "\0" in text:
        raise UsageError("type the path of the folder that holds the role descriptions, such as /home/me/roles")
    given = Path(os.path.expanduser(text.strip()))  # noqa: PTH111 - Path.expanduser breaks off where there is no such user
    if not given.is_absolute():
        raise UsageError(f"{text.strip()!r} is no whole path; begin with / or ~, such as /home/me/roles")
    if not os.path.isdir(given):  # noqa: PTH112 - Path.is_dir breaks off at names that are too long
        raise UsageError(f"there is no folder {given} on the machine where this page runs; look for a slip in the path, or upload the files instead")
    folder, own = given.resolve(), index.resolve()
    if folder == own or own in folder.parents or folder in own.parents:
        raise UsageError(f"the folder {given} holds the index itself, or lies in it; choose the one that holds only role descriptions")
    return folder


def counts_text(report: SyncReport) -> str:
    """What an ingest did, in numbers."""
    parts = [f"{number:,} {name}" for name, number in _counts(report).items() if number]
    return f"{', '.join(parts) or 'no files were found'} · {report.chunks:,} chunks in the index · {report.seconds:,.1f} s"


def _counts(report: SyncReport) -> dict[str, int]:
    roles = {name: getattr(report, name) for name in ("added", "updated", "removed", "unchanged")}
    return roles | {"refused": len(report.refused), "skipped": len(report.skipped)}


# The job


def _watch(jobs: IngestJobs) -> None:
    """How far the running job is; when it has ended, the whole page is drawn anew."""
    job = jobs.latest
    if job is None or not job.running:
        st.rerun(scope="app")
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    counts = f" {job.done:,} of {job.total:,} {_UNITS[job.stage]}" if job.total else "…"
    st.progress(share, text=f"{_STAGES[job.stage]}{counts}")
    seconds = (datetime.now(UTC) - job.started).total_seconds()
    st.caption(f"{plain(_place(jobs, job))} · {seconds:,.0f} s · searching goes on meanwhile")


def _outcome(jobs: IngestJobs, job: Job) -> None:
    if job.asks:
        _ask(jobs, job)
    elif job.error is not None:
        failure(job.error)
    elif job.report is not None:
        st.success(f"{plain(_place(jobs, job))}: {counts_text(job.report)}", icon=":material/check:")
        if job.report.refused:
            refused_table([(one.name, one.reason) for one in job.report.refused], key="refused by the job")


def _ask(jobs: IngestJobs, job: Job) -> None:
    said, _, _ = str(job.error).partition(". ")
    st.warning(f"{plain(_place(jobs, job))}: {plain(said)}. Is the folder whole, and its disk mounted?", icon=":material/help:")
    if st.button("Remove these roles", help="Repeats the sync and removes the roles of all files that are gone.", key="allow removal"):
        _start(jobs, lambda: jobs.start(job.paths, prune=job.prune, allow_mass_removal=True))


def _place(jobs: IngestJobs, job: Job) -> str:
    """What a job reads, as a person would call it."""
    return ", ".join("Uploaded files" if path == jobs.index / UPLOADS else str(path) for path in job.paths)


def _start(jobs: IngestJobs, begin: Callable[[], object]) -> None:
    """Begin a job and draw the page anew, or say why not."""
    try:
        begin()
    except RoleSearchError as error:
        failure(error)
        return
    except OSError as error:
        failure(UsageError(f"the files could not be kept: {error.strerror or error}"))
        return
    st.rerun()


# Uploads


def _upload(jobs: IngestJobs, busy: bool) -> None:
    state = st.session_state
    number = state.setdefault(_UPLOAD, 0)
    files = st.file_uploader(
        "Role descriptions",
        type=SUFFIXES,
        accept_multiple_files=True,
        key=f"upload {number}",
        max_upload_size=LARGEST_UPLOAD_MB,
        help="Each file may hold one role, or many: a line each in CSV and JSON Lines, a file each in a ZIP. A file replaces an earlier one of the same name.",
    )
    if st.button("Add these files", disabled=busy or not files, help="Wait until the roles before are added." if busy else None):

        def begin() -> None:
            jobs.start([keep_uploads(jobs.index, [(file.name, file.getvalue()) for file in files])], prune=False)
            state[_UPLOAD] = number + 1

        _start(jobs, begin)


# Folders


def _folders(jobs: IngestJobs, roots: Sequence[str], busy: bool) -> None:
    st.caption("What is new, changed or gone in a folder becomes so here; the files themselves are only read.")
    for root in roots:
        if st.button(f"Sync {plain(root)}", key=f"sync {root}", icon=":material/sync:", disabled=busy):
            _start(jobs, lambda root=root: jobs.start([Path(root)]))  # type: ignore[misc]
    with st.form("another folder", border=False):
        text = st.text_input("Another folder", placeholder="/home/me/roles", help="A folder on the machine where this page runs.", max_chars=4_000)
        if st.form_submit_button("Sync this folder", disabled=busy):
            _start(jobs, lambda: jobs.start([other_folder(text or "", jobs.index)]))
    if busy:
        notice("Roles are being added; the next folder can follow when that has ended.")

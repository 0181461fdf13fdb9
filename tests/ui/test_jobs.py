"""Ingests in the background, with the WordEmbedder; and what becomes of uploaded files, whatever they are called."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import WaitingEmbedder, WordEmbedder
from ingest.pipeline import SyncReport
from search.embedding import Embedder
from search.errors import IndexBusy, MassRemoval, ModelError, UsageError
from search.index import Index, current_generation
from ui.jobs import LONGEST_NAME, IngestJobs, Job, JobState, keep_uploads

NURSE = b"# Ward Nurse\n\nLooks after patients on a ward, day and night.\n"
COOK = b"# Head Cook\n\nPlans menus and leads a kitchen of nine.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "roles"
    place.mkdir()
    (place / "nurse.md").write_bytes(NURSE)
    (place / "cook.md").write_bytes(COOK)
    return place


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def waiting(index: Path) -> Iterator[tuple[IngestJobs, WaitingEmbedder]]:
    embedder = WaitingEmbedder()
    jobs = IngestJobs(index, lambda: embedder)
    yield jobs, embedder
    embedder.may.set()
    jobs.wait(30)


def ended(jobs: IngestJobs) -> Job:
    job = jobs.wait(30)
    assert job is not None
    assert not job.running
    return job


def report_of(job: Job) -> SyncReport:
    assert job.report is not None, job.error
    return job.report


def role_ids(index: Path) -> list[str]:
    opened = Index.open(index)
    try:
        return opened.manifest.role_ids()
    finally:
        opened.close()


def broken() -> Embedder:
    raise ModelError("the model is gone; put it back")


def test_a_job_makes_an_index_and_reports_what_it_did(index: Path, folder: Path) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    assert jobs.latest is None
    assert jobs.wait(0) is None
    job = jobs.start([folder])
    assert (job.state, job.paths, job.report, job.error) == (JobState.RUNNING, (folder,), None, None)
    job = ended(jobs)
    assert (job.state, report_of(job).added, report_of(job).refused) == (JobState.DONE, 2, [])
    assert role_ids(index) == ["cook.md", "nurse.md"]


def test_the_embedder_is_opened_in_the_jobs_own_thread(index: Path, folder: Path) -> None:
    opened_in: list[threading.Thread] = []

    def embedder() -> Embedder:
        opened_in.append(threading.current_thread())
        return WordEmbedder()

    jobs = IngestJobs(index, embedder)
    jobs.start([folder])
    ended(jobs)
    assert [(thread is threading.main_thread(), thread.daemon) for thread in opened_in] == [(False, True)]


def test_while_it_runs_its_stage_and_counts_are_known_and_a_second_start_is_refused(
    index: Path, folder: Path, waiting: tuple[IngestJobs, WaitingEmbedder]
) -> None:
    jobs, embedder = waiting
    started = jobs.start([folder])
    assert embedder.asked.wait(30)
    running = jobs.latest
    assert running is not None
    assert (running.state, running.stage, running.done, running.total, running.started) == (JobState.RUNNING, "reading", 2, 2, started.started)
    with pytest.raises(IndexBusy, match="wait until that has ended"):
        jobs.start([folder])
    assert current_generation(index) is None
    embedder.may.set()
    assert report_of(ended(jobs)).added == 2
    jobs.start([folder])
    assert report_of(ended(jobs)).unchanged == 2


def test_progress_goes_through_both_stages(index: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int, int]] = []
    jobs = IngestJobs(index, WordEmbedder)
    real = IngestJobs.__setattr__

    def watched(self: IngestJobs, name: str, value: object) -> None:
        if name == "_latest" and isinstance(value, Job) and value.running and value.stage:
            seen.append((value.stage, value.done, value.total))
        real(self, name, value)

    monkeypatch.setattr(IngestJobs, "__setattr__", watched)
    jobs.start([folder])
    ended(jobs)
    assert seen == [("reading", 1, 2), ("reading", 2, 2), ("embedding", 2, 2)]


@pytest.mark.parametrize(
    ("embedder", "said"),
    [
        (broken, "the model is gone"),
        (lambda: 1 / 0, r"broke off \(ZeroDivisionError\); the index is as it was before"),
        (lambda: Path("/no/such/file").read_text(), "No such file"),
    ],
)
def test_a_failure_is_said_and_the_published_index_stays(index: Path, folder: Path, embedder: Callable[[], Embedder], said: str) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([folder])
    ended(jobs)
    generation = current_generation(index)
    (folder / "clerk.md").write_text("# Clerk\n\nFiles papers.\n", encoding="utf-8")
    failing = IngestJobs(index, embedder)
    failing.start([folder])
    job = ended(failing)
    assert (job.state, job.report) == (JobState.FAILED, None)
    with pytest.raises(Exception, match=said):
        raise job.error or AssertionError
    assert (current_generation(index), role_ids(index)) == (generation, ["cook.md", "nurse.md"])


def test_a_folder_that_is_not_there_fails_with_the_cure(index: Path, tmp_path: Path) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([tmp_path / "none"])
    assert "give the folder" in str(ended(jobs).error)


def test_removing_more_than_half_is_asked_and_done_when_allowed(index: Path, folder: Path) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([folder])
    ended(jobs)
    for path in folder.iterdir():
        path.unlink()
    jobs.start([folder])
    job = ended(jobs)
    assert job.asks
    assert isinstance(job.error, MassRemoval)
    assert role_ids(index) == ["cook.md", "nurse.md"]
    jobs.start(job.paths, allow_mass_removal=True)
    assert report_of(ended(jobs)).removed == 2
    assert role_ids(index) == []


# Uploads


def uploaded(index: Path, *files: tuple[str, bytes]) -> Job:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([keep_uploads(index, files)], prune=False)
    return ended(jobs)


def test_an_uploaded_broken_file_is_refused_and_the_good_one_beside_it_is_in(index: Path) -> None:
    job = uploaded(index, ("nurse.md", NURSE), ("broken.pdf", b"%PDF-1.7 this is none"))
    assert report_of(job).added == 1
    assert [refusal.name for refusal in report_of(job).refused] == ["broken.pdf"]
    assert role_ids(index) == ["nurse.md"]


def test_the_same_name_replaces_the_earlier_upload(index: Path) -> None:
    uploaded(index, ("nurse.md", NURSE))
    job = uploaded(index, ("nurse.md", NURSE + b"\nAlso at weekends.\n"))
    assert (report_of(job).updated, report_of(job).added, report_of(job).removed) == (1, 0, 0)
    assert [path.name for path in (index / "uploads").iterdir()] == ["nurse.md"]


def test_an_upload_removes_no_role_of_files_that_are_gone_or_lie_elsewhere(index: Path, folder: Path) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([folder])
    ended(jobs)
    uploaded(index, ("porter.md", b"# Porter\n\nCarries luggage.\n"), ("clerk.md", b"# Clerk\n\nFiles papers.\n"))
    for path in [*folder.iterdir(), *(index / "uploads").iterdir()]:
        path.unlink()
    job = uploaded(index, ("guard.md", b"# Guard\n\nWatches the door.\n"))
    assert (report_of(job).added, report_of(job).removed) == (1, 0)
    assert role_ids(index) == ["clerk.md", "cook.md", "guard.md", "nurse.md", "porter.md"]


def test_a_role_that_a_folder_has_by_the_same_name_stays_beside_the_uploaded_one(index: Path, folder: Path) -> None:
    jobs = IngestJobs(index, WordEmbedder)
    jobs.start([folder])
    ended(jobs)
    uploaded(index, ("nurse.md", b"# Night Nurse\n\nWorks at night.\n"))
    assert role_ids(index) == ["cook.md", "nurse.md", "uploads/nurse.md"]


@pytest.mark.parametrize("second", ["NURSE.md", "nurse.MD", "Nurse.md"])
def test_a_case_variant_of_another_upload_is_refused(index: Path, second: str) -> None:
    keep_uploads(index, [("nurse.md", NURSE)])
    with pytest.raises(UsageError, match="already"):
        keep_uploads(index, [(second, COOK)])
    with pytest.raises(UsageError, match="already"):
        keep_uploads(index, [("cook.md", COOK), ("Cook.md", COOK)])
    assert [(path.name, path.read_bytes()) for path in (index / "uploads").iterdir()] == [("nurse.md", NURSE)]


def test_two_files_of_one_name_in_one_upload_are_refused(index: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        keep_uploads(index, [("cook.md", COOK), ("cook.md", NURSE)])
    assert not index.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../cook.md", "a path"),
        ("a\\cook.md", "a path"),
        ("co\x00ok.md", "cannot be printed"),
        ("cook\ud800.md", "cannot be printed"),
        (".cook.md", "begins with a dot"),
        (" cook.md", "a space"),
        ("", "rename"),
        (".md", "begins with a dot"),
        ("c" * LONGEST_NAME + ".md", "at most 150 are allowed"),
        ("cook", "those are .md"),
        ("cook.exe", "also packed as .gz or .zip"),
        ("cook.doc", "save it as .docx and upload that"),
        ("cook.md/", "a path"),
    ],
)
def test_a_name_that_is_not_plain_is_refused_with_the_cure_and_nothing_is_written(index: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        keep_uploads(index, [("good.md", NURSE), (name, COOK)])
    assert not index.exists()


@pytest.mark.parametrize("name", ["Köchin (Zürich) №1.md", "roles.jsonl.gz", "all.zip", "a b.PDF", "e\u0301.txt"])
def test_ordinary_names_are_taken(index: Path, name: str) -> None:
    folder = keep_uploads(index, [(name, COOK)])
    assert [path.read_bytes() for path in folder.iterdir()] == [COOK]


PIECES = st.sampled_from(
    ["../", "..", "/", "\\", "~", ":", "\x00", "\n", "\u202e", "\ud800", ".", " ", "con", "C:", "%2e%2e%2f", ".md", ".MD", ".pdf", ".gz", "ſ", "é"]
)
NAMES = st.lists(PIECES | st.text(st.characters(), max_size=8), max_size=8).map("".join).flatmap(lambda name: st.sampled_from([name, name + ".md"]))


@given(name=NAMES)
def test_whatever_its_name_a_file_lands_directly_in_the_folder_or_is_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    place = tmp_path_factory.mktemp("x")
    try:
        folder = keep_uploads(place / "index", [(name, COOK)])
    except UsageError:
        assert list(place.rglob("*")) == []
        return
    files = [path for path in place.rglob("*") if not path.is_dir()]
    assert folder == place / "index" / "uploads"
    assert [(path.parent, path.read_bytes()) for path in files] == [(folder, COOK)]
    assert not files[0].name.startswith(".")


def test_a_write_that_breaks_off_leaves_the_earlier_upload_whole(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = keep_uploads(index, [("nurse.md", NURSE)])

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        keep_uploads(index, [("nurse.md", COOK)])
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("nurse.md", NURSE)]


def test_searching_goes_on_while_a_job_runs(index: Path, folder: Path, waiting: tuple[IngestJobs, WaitingEmbedder]) -> None:
    from search.index import IndexReader
    from search.records import Mode, Query
    from search.searcher import Searcher

    first = IngestJobs(index, WordEmbedder)
    first.start([folder])
    ended(first)
    jobs, embedder = waiting
    (folder / "clerk.md").write_text("# Clerk\n\nFiles papers.\n", encoding="utf-8")
    jobs.start([folder])
    assert embedder.asked.wait(30)
    searcher = Searcher(IndexReader(index, WordEmbedder.fingerprint), WordEmbedder())
    started = time.perf_counter()
    assert [hit.role_id for hit in searcher.search(Query("ward nurse", 1, Mode.HYBRID)).hits] == ["nurse.md"]
    assert time.perf_counter() - started < 10
    embedder.may.set()
    ended(jobs)
    assert searcher.status().roles == 3
    searcher.close()

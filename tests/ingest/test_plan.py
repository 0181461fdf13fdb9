"""A plan says what an ingest would do, and does none of it."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from fakes import WordEmbedder
from ingest.pipeline import Plan, SyncReport, plan, sync
from search.durable import replace_files
from search.embedding_cache import count_unknown
from search.errors import IndexDamaged, IndexMismatch, MassRemoval, UsageError

TEXTS = {"baker.md": "Bakes bread at four in the morning.", "cook.md": "Prepares meals for ninety guests.", "guard.md": "Watches the gate by night."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roles").mkdir()
    for name, text in TEXTS.items():
        write(tmp_path / "roles" / name, text)
    return tmp_path / "roles"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(path: Path, text: str) -> None:
    path.write_text(f"# {path.stem.title()}\n\n{text}\n", encoding="utf-8")


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder, with its time of change and what it holds."""
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in [folder, *folder.rglob("*")]}


def counts(report: SyncReport) -> tuple[int, int, int, int, int, int, bool]:
    return report.added, report.updated, report.removed, report.unchanged, report.chunks, report.embedded, report.changed


def ids(planned: Plan) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return planned.added, planned.updated, planned.removed


def test_without_an_index_everything_would_be_added_and_no_index_is_made(folder: Path, index: Path) -> None:
    planned = plan([folder], index, WordEmbedder())
    assert ids(planned) == (("baker.md", "cook.md", "guard.md"), (), ())
    assert (counts(planned.report), planned.report.generation) == ((3, 0, 0, 0, 3, 3, True), "")
    assert not index.exists()


def test_a_plan_names_what_changes_and_is_what_the_ingest_does(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    write(folder / "cook.md", "Prepares soup.")
    (folder / "guard.md").unlink()
    write(folder / "porter.md", "Carries bags.")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    before = content(index)
    embedder = WordEmbedder()
    planned = plan([folder], index, embedder)
    assert ids(planned) == (("porter.md",), ("cook.md",), ("guard.md",))
    assert [refusal.name for refusal in planned.report.refused] == ["scan.pdf"]
    assert (embedder.embedded, content(index), planned.report.generation) == ([], before, "000001")
    done = sync([folder], index, WordEmbedder())
    assert counts(done) == counts(planned.report) == (1, 1, 1, 1, 3, 2, True)
    assert done.refused == planned.report.refused
    again = plan([folder], index, WordEmbedder())
    assert (ids(again), counts(again.report)) == (((), (), ()), (0, 0, 0, 3, 3, 0, False))


def test_texts_that_were_embedded_before_or_occur_twice_are_counted_as_the_model_would_be_run(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    for name in ("one", "two"):
        (folder / name).mkdir()
        shutil.copy(folder / "baker.md", folder / name / "baker.md")
        write(folder / name / "porter.md", "Carries bags.")
    planned = plan([folder], index, WordEmbedder())
    assert counts(planned.report) == (4, 0, 0, 3, 7, 1, True)
    assert counts(sync([folder], index, WordEmbedder())) == counts(planned.report)


def test_a_mass_removal_is_said_instead_of_raised(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    for name in ("baker.md", "cook.md"):
        (folder / name).unlink()
    planned = plan([folder], index, WordEmbedder())
    assert planned.removed == ("baker.md", "cook.md")
    assert str(planned.mass_removal).startswith("2 of 3 roles would be removed")
    with pytest.raises(MassRemoval, match="2 of 3 roles"):
        sync([folder], index, WordEmbedder())
    assert plan([folder], index, WordEmbedder(), allow_mass_removal=True).mass_removal is None
    kept = plan([folder], index, WordEmbedder(), prune=False)
    assert (kept.removed, kept.mass_removal) == ((), None)


def test_what_a_killed_ingest_had_embedded_counts_as_known(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its vectors are in SQLite's log, which nobody has cleared away."""
    sync([folder], index, WordEmbedder())
    write(folder / "porter.md", "Carries bags.")
    embeddings = index / "embeddings.sqlite3"
    held = sqlite3.connect(embeddings)
    held.execute("PRAGMA journal_mode = WAL")
    held.execute("SELECT count(*) FROM vectors").fetchone()
    from search import index as index_module

    class Killed(Exception):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(index_module, "check_in_step", die)
    with pytest.raises(Killed):
        sync([folder], index, WordEmbedder())
    monkeypatch.undo()
    assert embeddings.with_name("embeddings.sqlite3-wal").stat().st_size > 0
    known = content(index)
    assert plan([folder], index, WordEmbedder()).report.embedded == 0
    after = content(index)
    assert {path: after[path] for path in known if not path.endswith("-shm")} == {path: known[path] for path in known if not path.endswith("-shm")}
    held.close()


def test_a_plan_needs_no_lock_and_no_right_to_write(folder: Path, index: Path) -> None:
    from filelock import FileLock

    sync([folder], index, WordEmbedder())
    write(folder / "porter.md", "Carries bags.")
    for path in [index, *index.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert plan([folder], index, WordEmbedder()).added == ("porter.md",)
    finally:
        for path in [index, *index.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    with FileLock(index / "lock"):
        assert plan([folder], index, WordEmbedder()).added == ("porter.md",)


def test_what_stops_an_ingest_stops_its_plan(folder: Path, index: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        plan([folder / "gone"], index, WordEmbedder())
    sync([folder], index, WordEmbedder())
    other = WordEmbedder()
    other.fingerprint = "other@1"
    with pytest.raises(IndexMismatch, match="rolesearch rebuild"):
        plan([folder], index, other)
    (index / "generations" / "000001" / "manifest.sqlite3").write_bytes(b"nothing")
    with pytest.raises(IndexDamaged):
        plan([folder], index, WordEmbedder())
    replace_files({index / "CURRENT": ["nonsense"]})
    with pytest.raises(IndexDamaged, match="CURRENT"):
        plan([folder], index, WordEmbedder())


def test_embeddings_that_are_no_database_are_named(tmp_path: Path) -> None:
    (tmp_path / "embeddings.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(IndexDamaged, match="doctor --repair"):
        count_unknown(tmp_path / "embeddings.sqlite3", "words@1", [["bread"]])

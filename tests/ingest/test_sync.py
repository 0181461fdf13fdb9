"""An index follows its folders: what sync does with files that are new, changed, gone or broken."""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from fakes import WordEmbedder
from ingest import pipeline
from ingest.corpus import digest_of
from ingest.pipeline import SyncReport, rebuild, sync
from search.embedding import Vectors
from search.errors import IndexMismatch, MassRemoval, UsageError
from search.index import BLOCK_CHUNKS, Index, IndexReader, current_generation
from search.records import AttributeValue

COOK = "# Cook\n\nPrepares meals for ninety guests.\n"
BAKER = "# Baker\n\nBakes bread at four in the morning.\n"
GUARD = "# Guard\n\nWatches the gate by night.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three roles in three files."""
    return filled(tmp_path / "roles", {"baker.md": BAKER, "cook.md": COOK, "team/guard.md": GUARD})


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def filled(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


def titles(index: Path) -> dict[str, str]:
    opened = Index.open(index)
    try:
        return {role.id: role.title for role in opened.manifest.roles(opened.manifest.role_ids()).values()}
    finally:
        opened.close()


def texts(index: Path) -> dict[str, str]:
    opened = Index.open(index)
    try:
        return {role.id: role.text for role in opened.manifest.roles(opened.manifest.role_ids()).values()}
    finally:
        opened.close()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def test_roles_get_the_path_below_the_folder_as_id(folder: Path, index: Path) -> None:
    report = sync([folder], index, WordEmbedder())
    assert counts(report) == (3, 0, 0, 0)
    assert titles(index) == {"baker.md": "Baker", "cook.md": "Cook", "team/guard.md": "Guard"}
    assert (report.chunks, report.embedded, report.generation) == (3, 3, "000001")


INGEST = """
import pathlib, sys
from fakes import WordEmbedder
from ingest.pipeline import plan, sync
started = []
sys.addaudithook(lambda event, args: started.append(args[0]) if event == "subprocess.Popen" else None)
action = {"sync": sync, "plan": plan}[sys.argv[1]]
action([pathlib.Path(sys.argv[2])], pathlib.Path(sys.argv[3]), WordEmbedder())
print("chromadb" in sys.modules, len(started))
"""


@pytest.mark.parametrize(("action", "new_file", "outcome"), [("sync", False, "False 0"), ("plan", True, "False 1"), ("sync", True, "True 1")])
def test_chroma_is_imported_for_an_index_that_changes_and_a_reader_started_for_a_file_to_read(
    action: str, new_file: bool, outcome: str, folder: Path, index: Path
) -> None:
    sync([folder], index, WordEmbedder())
    if new_file:
        filled(folder, {"porter.md": "# Porter\n\nCarries bags.\n"})
    root = Path(pipeline.__file__).resolve().parents[1]
    command = [sys.executable, "-c", INGEST, action, str(folder), str(index)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert finished.stdout.strip() == outcome


def test_an_unchanged_folder_embeds_and_writes_nothing(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    before = snapshot(index)
    embedder = WordEmbedder()
    report = sync([folder], index, embedder)
    assert counts(report) == (0, 0, 0, 3)
    assert (report.embedded, embedder.embedded, report.generation, report.chunks) == (0, [], "000001", 3)
    assert snapshot(index) == before


def test_an_edit_changes_that_role_only(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    (folder / "cook.md").write_text("# Cook\n\nPrepares soup.\n", encoding="utf-8")
    embedder = WordEmbedder()
    assert counts(sync([folder], index, embedder)) == (0, 1, 0, 2)
    assert embedder.embedded == ["Cook: Prepares soup."]
    assert texts(index)["cook.md"] == "Prepares soup."


def test_a_renamed_file_is_not_embedded_again(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    for name in ("baker.md", "cook.md", "team/guard.md"):
        (folder / name).rename(folder / f"{Path(name).stem}-2026.md")
    report = sync([folder], index, WordEmbedder())
    assert (counts(report), report.embedded) == ((3, 0, 3, 0), 0)
    assert sorted(titles(index)) == ["baker-2026.md", "cook-2026.md", "guard-2026.md"]


def test_a_deleted_file_takes_its_role_along_unless_pruning_is_off(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    (folder / "cook.md").unlink()
    assert counts(sync([folder], index, WordEmbedder(), prune=False)) == (0, 0, 0, 2)
    assert sorted(titles(index)) == ["baker.md", "cook.md", "team/guard.md"]
    assert counts(sync([folder], index, WordEmbedder())) == (0, 0, 1, 2)
    assert sorted(titles(index)) == ["baker.md", "team/guard.md"]


def test_removing_more_than_half_needs_leave(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    (folder / "cook.md").unlink()
    (folder / "baker.md").unlink()
    with pytest.raises(MassRemoval, match="2 of 3 roles"):
        sync([folder], index, WordEmbedder())
    assert (len(titles(index)), current_generation(index)) == (3, "000001")
    assert counts(sync([folder], index, WordEmbedder(), allow_mass_removal=True)) == (0, 0, 2, 1)
    assert sorted(titles(index)) == ["team/guard.md"]


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path, index: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        sync([tmp_path / "nowhere"], index, WordEmbedder())
    assert not index.exists()


def test_each_folder_looks_after_its_own_roles(tmp_path: Path, folder: Path, index: Path) -> None:
    other = filled(tmp_path / "other", {"cook.md": "# Chef\n\nRuns the kitchen.\n", "driver.md": "# Driver\n\nDrives.\n"})
    sync([folder], index, WordEmbedder())
    assert counts(sync([other], index, WordEmbedder())) == (2, 0, 0, 0)
    assert titles(index) == {"baker.md": "Baker", "cook.md": "Cook", "driver.md": "Driver", "other/cook.md": "Chef", "team/guard.md": "Guard"}
    assert counts(sync([folder, other], index, WordEmbedder())) == (0, 0, 0, 5)


def test_a_part_of_a_folder_ingested_by_itself_keeps_its_ids(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    assert counts(sync([folder / "team"], index, WordEmbedder())) == (0, 0, 0, 1)
    assert counts(sync([folder / "team" / "guard.md"], index, WordEmbedder())) == (0, 0, 0, 1)
    assert sorted(titles(index)) == ["baker.md", "cook.md", "team/guard.md"]


def test_what_cannot_be_read_is_refused_and_the_rest_goes_in(tmp_path: Path, index: Path) -> None:
    folder = filled(tmp_path / "mixed", {"good.md": COOK, "empty.txt": "", "notes.odt": "x", "photo.png": "x"})
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    (folder / "zero.docx").write_bytes(b"")
    (folder / "binary.md").write_bytes(bytes(range(256)) * 20)
    (folder / "latin.txt").write_bytes("Café manager\n\nRésumé of the season in Zürich.\n".encode("latin-1"))
    report = sync([folder], index, WordEmbedder())
    reasons = {refusal.name: refusal.reason for refusal in report.refused}
    assert sorted(reasons) == ["binary.md", "broken.pdf", "empty.txt", "notes.odt", "zero.docx"]
    assert reasons["empty.txt"] == reasons["zero.docx"] == "empty: 0 bytes"
    assert "binary" in reasons["binary.md"]
    assert "not a PDF" in reasons["broken.pdf"]
    assert "save" in reasons["notes.odt"]
    assert report.skipped == ["photo.png"]
    assert texts(index) == {"good.md": "Prepares meals for ninety guests.", "latin.txt": "Résumé of the season in Zürich."}
    again = sync([folder], index, WordEmbedder())
    assert {refusal.name: refusal.reason for refusal in again.refused} == reasons


def test_a_file_that_breaks_keeps_what_was_read_from_it(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    (folder / "cook.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    report = sync([folder], index, WordEmbedder())
    assert counts(report) == (0, 0, 0, 3)
    assert [refusal.name for refusal in report.refused] == ["cook.md"]
    assert report.refused[0].reason.endswith("what was read from it earlier is kept")
    assert titles(index)["cook.md"] == "Cook"
    (folder / "cook.md").write_text(COOK, encoding="utf-8")
    assert (counts(sync([folder], index, WordEmbedder())), sync([folder], index, WordEmbedder()).refused) == ((0, 0, 0, 3), [])


def test_a_broken_line_keeps_the_roles_of_its_file_and_takes_in_the_others(tmp_path: Path, index: Path) -> None:
    lines = [json.dumps({"id": name, "title": name, "text": f"Work of {name}."}) for name in ("a", "b", "c")]
    folder = filled(tmp_path / "batch", {"jobs.jsonl": "\n".join(lines)})
    sync([folder], index, WordEmbedder())
    filled(folder, {"jobs.jsonl": "\n".join([lines[0], '{"id": "b", "title', lines[2].replace("Work", "Duty"), lines[0].replace('"a"', '"d"')])})
    report = sync([folder], index, WordEmbedder())
    assert counts(report) == (1, 1, 0, 2)
    assert [refusal.name for refusal in report.refused] == ["jobs.jsonl: line 2"]
    assert texts(index) == {"a": "Work of a.", "b": "Work of b.", "c": "Duty of c.", "d": "Work of a."}


def pay_of(amount: int) -> dict[str, AttributeValue]:
    """What a record's field for the pay says, under the keys that roles are compared by."""
    return {"salary_min": amount, "salary_max": amount, "salary_period": "year"}


def test_records_keep_their_own_ids_and_columns_become_attributes(tmp_path: Path, index: Path) -> None:
    folder = filled(tmp_path / "batch", {"jobs.csv": 'id,title,text,city,pay\nX1,Cook,"Makes soup,\nand bread",Bern,51000\nX2,Guard,Watches,Basel,48000\n'})
    sync([folder], index, WordEmbedder())
    opened = Index.open(index)
    assert {role.id: dict(role.attributes) for role in opened.manifest.roles(["X1", "X2"]).values()} == {
        "X1": {"city": "Bern", "pay": 51000, "place": ("Bern",), **pay_of(51000), "family": "food and hospitality"},
        "X2": {"city": "Basel", "pay": 48000, "place": ("Basel",), **pay_of(48000), "family": "public safety"},
    }
    opened.close()


def test_an_id_given_twice_belongs_to_the_first_until_that_goes(tmp_path: Path, index: Path) -> None:
    record = {"id": "same", "title": "Cook"}
    folder = filled(tmp_path / "batch", {"a.jsonl": json.dumps(record | {"text": "From a."}), "b.jsonl": json.dumps(record | {"text": "From b."})})
    report = sync([folder], index, WordEmbedder())
    assert (counts(report), texts(index)) == ((1, 0, 0, 0), {"same": "From a."})
    assert [refusal.name for refusal in report.refused] == ["b.jsonl"]
    assert "already that of a role in a.jsonl" in report.refused[0].reason
    (folder / "a.jsonl").unlink()
    assert (counts(sync([folder], index, WordEmbedder())), texts(index)) == ((0, 1, 0, 0), {"same": "From b."})


def test_archives_give_what_is_in_them(tmp_path: Path, index: Path) -> None:
    folder = filled(tmp_path / "packed", {})
    folder.mkdir()
    with zipfile.ZipFile(folder / "batch.zip", "w") as archive:
        archive.writestr("team/cook.md", COOK)
        archive.writestr("broken.pdf", b"%PDF-1.4")
    (folder / "guard.md.gz").write_bytes(gzip.compress(GUARD.encode()))
    report = sync([folder], index, WordEmbedder())
    assert titles(index) == {"batch.zip/team/cook.md": "Cook", "guard.md.gz": "Guard"}
    assert [refusal.name for refusal in report.refused] == ["batch.zip/broken.pdf"]


class OtherEmbedder(WordEmbedder):
    """Another model, as far as the index can tell."""

    fingerprint = "words@2"


def test_another_model_needs_a_rebuild_which_needs_no_files(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    before = texts(index)
    with pytest.raises(IndexMismatch, match="rolesearch rebuild"):
        sync([folder], index, OtherEmbedder())
    for path in folder.rglob("*.md"):
        path.unlink()
    embedder = OtherEmbedder()
    report = rebuild(index, embedder)
    assert (report.updated, report.embedded, len(embedder.embedded)) == (3, 3, 3)
    assert texts(index) == before
    Index.open(index, "words@2").close()


class InterruptedEmbedder(WordEmbedder):
    """A model that is stopped after the first texts."""

    def encode_document(self, texts: object) -> Vectors:
        if self.embedded:
            raise KeyboardInterrupt
        return super().encode_document(texts)  # type: ignore[arg-type]  # the parameter is widened only to say that it does not matter here


def test_an_interrupted_ingest_changes_nothing_and_the_next_goes_on_from_there(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    filled(folder, {f"more/role-{number:03}.md": f"# Role {number}\n\nDoes thing {number}.\n" for number in range(BLOCK_CHUNKS + 50)})
    interrupted = InterruptedEmbedder()
    with pytest.raises(KeyboardInterrupt):
        sync([folder], index, interrupted)
    assert (len(titles(index)), current_generation(index)) == (3, "000001")
    report = sync([folder], index, WordEmbedder())
    assert (report.added, report.embedded) == (BLOCK_CHUNKS + 50, BLOCK_CHUNKS + 50 - len(interrupted.embedded))
    # A block, or the smaller one that is embedded while files are read.
    assert len(interrupted.embedded) in (128, BLOCK_CHUNKS)


# Files that change while they are read, and a clock that goes backwards ----------------------------------------------


def test_a_file_that_vanishes_while_the_folder_is_read_is_refused_and_keeps_its_role_until_the_next_ingest(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    (folder / "cook.md").write_text(COOK + "And bakes.\n", encoding="utf-8")

    def vanish(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("reading", 1):
            (folder / "cook.md").unlink()

    report = sync([folder], index, WordEmbedder(), progress=vanish)
    assert [(refusal.name, refusal.reason) for refusal in report.refused] == [
        ("cook.md", "cannot be read: No such file or directory; what was read from it earlier is kept")
    ]
    assert titles(index) == {"baker.md": "Baker", "cook.md": "Cook", "team/guard.md": "Guard"}
    assert counts(sync([folder], index, WordEmbedder())) == (0, 0, 1, 2)
    assert titles(index) == {"baker.md": "Baker", "team/guard.md": "Guard"}


def test_a_file_that_changes_while_it_is_read_and_back_again_is_read_again(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync([folder], index, WordEmbedder())
    cook = folder / "cook.md"
    hashed: list[Path] = []
    cook.write_text("# Cook\n\nFirst.\n", encoding="utf-8")

    def change_after_it_was_hashed(path: str | Path, root: Path | None = None) -> str:
        digest = digest_of(path, root)
        if Path(path) == cook and not hashed:
            hashed.append(cook)
            cook.write_text("# Cook\n\nSecond.\n", encoding="utf-8")
        return digest

    monkeypatch.setattr(pipeline, "digest_of", change_after_it_was_hashed)
    sync([folder], index, WordEmbedder())
    assert texts(index)["cook.md"] == "Second."
    cook.write_text("# Cook\n\nFirst.\n", encoding="utf-8")
    assert counts(sync([folder], index, WordEmbedder())) == (0, 1, 0, 2)
    assert texts(index)["cook.md"] == "First."


def test_a_clock_that_goes_backwards_hides_no_change(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Yesteryear(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Yesteryear":
            return cls(2001, 1, 1, tzinfo=tz)

    sync([folder], index, WordEmbedder())
    reader = IndexReader(index)
    with reader.current() as opened:
        assert opened.generation == "000001"
    monkeypatch.setattr("search.index.datetime", Yesteryear)
    monkeypatch.setattr("time.time", lambda: 978_307_200.0)
    # Of the same length, and older than what was read before.
    (folder / "cook.md").write_text(COOK.replace("ninety", "eighty"), encoding="utf-8")
    os.utime(folder / "cook.md", (1_000, 1_000))
    assert counts(sync([folder], index, WordEmbedder())) == (0, 1, 0, 2)
    with reader.current() as opened:
        assert (opened.generation, opened.warning, opened.manifest.build()["built"]) == ("000002", "", "2001-01-01T00:00:00+00:00")
        assert opened.manifest.roles(["cook.md"])["cook.md"].text == "Prepares meals for eighty guests."
    reader.close()

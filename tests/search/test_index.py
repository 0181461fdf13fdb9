import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from builders import best_by_words, fill, make_chunk, make_role, publish
from fakes import ExactVectors, PlainLexical, WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from search.chunk_vectors import ChunkVectors, write_chunk_vectors
from search.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, StorageFailed
from search.index import BLOCK_CHUNKS, Index, IndexReader, IndexWriter, check_in_step, current_generation, stored_vectors
from search.manifest import SCHEMA_VERSION, Manifest
from search.records import Mode, Query, Role
from search.role_vectors import RoleVectors, write_role_vectors
from search.searcher import Searcher

BAKER = make_role("baker.md", "Baker", "Bake bread.", level="senior")
FISHER = make_role("fisher.md", "Fisher", "Catch cod.", level="junior")
WELDER = make_role("welder.md", "Welder", "Join steel.")

ON_THE_PATH = os.pathsep.join(str(folder) for folder in (Path(__file__).resolve().parents[1], Path(__file__).resolve().parents[2]))


class OtherModel(WordEmbedder):
    """The same vectors under another name."""

    fingerprint = "words@2"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template") / "index"
    publish(made, [BAKER, FISHER], WordEmbedder())
    return made


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """An index with the baker and the fisher, published once."""
    return shutil.copytree(template, tmp_path / "index")


def found(index: Index, text: str) -> tuple[list[str], list[str]]:
    """Ids of the roles that the words and the vectors find for a text, best first; the vectors' only when they share a word with it."""
    words = [chunk_id for chunk_id, _ in best_by_words(index.lexical, text)]
    near = [chunk_id for chunk_id, cosine in index.vectors.nearest(WordEmbedder().encode_query([text])[0], 10) if cosine > 0.01]
    owner = index.manifest.roles_of_chunks([*words, *near])
    return [owner[chunk_id] for chunk_id in words], [owner[chunk_id] for chunk_id in near]


def published(folder: Path) -> tuple[str, list[str], tuple[list[str], list[str]]]:
    """What a reader sees: the generation's name, its roles, and who bakes bread."""
    index = Index.open(folder, WordEmbedder.fingerprint)
    try:
        with stored_vectors(folder, index.generation) as stored:
            check_in_step(index.manifest, stored, index.lexical, index.vectors, index.role_vectors)
        return index.generation, index.manifest.role_ids(), found(index, "bread")
    finally:
        index.close()


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "generations").iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the generations, and CURRENT."""
    files = [folder / "CURRENT", *(path for path in (folder / "generations").rglob("*") if path.is_file())]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_is_published_can_be_opened_and_found_in_all_three_parts(folder: Path) -> None:
    assert published(folder) == ("000001", ["baker.md", "fisher.md"], (["baker.md"], ["baker.md"]))


def test_a_closed_index_lets_go_of_its_files_at_once(folder: Path) -> None:
    index = Index.open(folder)
    assert index.roles.saying("bread").any()
    held = weakref.ref(index.roles)
    gc.disable()
    try:
        index.close()
        del index
        assert held() is None
    finally:
        gc.enable()


def test_the_build_says_what_made_it(folder: Path) -> None:
    index = Index.open(folder)
    build = dict(index.manifest.build())
    index.close()
    assert build.pop("built").endswith("+00:00")
    assert build == {
        "generation": "000001",
        "model": WordEmbedder.fingerprint,
        "width": str(WordEmbedder.width),
        "chunker": str(CHUNKER_VERSION),
        "schema": str(SCHEMA_VERSION),
        "roles": "2",
        "chunks": "2",
        "vectors": "embedded",
        "collection": "",
    }


def test_a_role_that_was_added_is_found_and_one_that_was_removed_is_found_no_more(folder: Path) -> None:
    assert publish(folder, [FISHER, WELDER], WordEmbedder()) == "000002"
    assert published(folder) == ("000002", ["fisher.md", "welder.md"], ([], []))
    index = Index.open(folder)
    assert found(index, "steel") == (["welder.md"], ["welder.md"])
    index.close()


def test_a_role_that_was_changed_is_found_by_its_new_text_only(folder: Path) -> None:
    publish(folder, [make_role("baker.md", "Cook", "Boil soup."), FISHER], WordEmbedder())
    index = Index.open(folder)
    assert (found(index, "bread"), found(index, "soup")) == (([], []), (["baker.md"], ["baker.md"]))
    index.close()


def test_an_empty_index_can_be_published_and_filled_later(tmp_path: Path) -> None:
    publish(tmp_path / "index", [], WordEmbedder())
    assert published(tmp_path / "index") == ("000001", [], ([], []))
    publish(tmp_path / "index", [BAKER], WordEmbedder())
    assert published(tmp_path / "index") == ("000002", ["baker.md"], (["baker.md"], ["baker.md"]))


def test_nothing_is_embedded_twice_over_the_generations(folder: Path) -> None:
    embedder = WordEmbedder()
    publish(folder, [BAKER, FISHER, WELDER], embedder)
    assert embedder.embedded == ["Welder: Join steel."]
    publish(folder, [BAKER], embedder)
    publish(folder, [BAKER, FISHER], embedder)
    assert embedder.embedded == ["Welder: Join steel."]
    publish(folder, [BAKER, FISHER], embedder, from_scratch=True)
    assert embedder.embedded == ["Welder: Join steel."]


def test_derive_tells_how_far_it_is_and_how_much_the_model_embedded(tmp_path: Path) -> None:
    roles = [make_role(f"role-{number:04}.md", f"Title{number % 100}", "The same text.") for number in range(BLOCK_CHUNKS + 88)]
    told: list[tuple[int, int]] = []
    with IndexWriter(tmp_path, WordEmbedder(), CHUNKER_VERSION) as writer:
        fill(writer.manifest, roles, WordEmbedder())
        assert writer.derive(lambda done, total: told.append((done, total))) == 100
        writer.publish()
    assert told == [(BLOCK_CHUNKS, BLOCK_CHUNKS + 88), (BLOCK_CHUNKS + 88, BLOCK_CHUNKS + 88)]


def test_a_writer_knows_whether_there_is_anything_to_publish(tmp_path: Path, folder: Path) -> None:
    with IndexWriter(tmp_path / "new", WordEmbedder(), CHUNKER_VERSION) as writer:
        assert writer.changed
    with IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION) as writer:
        assert not writer.changed
        writer.manifest.remove_role("baker.md")
        assert writer.changed
    with IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION, from_scratch=True) as writer:
        assert writer.changed
    assert published(folder)[1] == ["baker.md", "fisher.md"]


# What cannot be opened -----------------------------------------------------------------------------------------------


def test_where_nothing_was_published_the_index_is_missing_and_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as missing:
        Index.open(tmp_path / "index")
    assert f"rolesearch ingest PATH --index {tmp_path / 'index'}" in str(missing.value)
    assert not (tmp_path / "index").exists()


def test_an_index_whose_first_ingest_failed_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), IndexWriter(tmp_path, WordEmbedder(), CHUNKER_VERSION):
        raise ZeroDivisionError
    assert generations(tmp_path) == []
    with pytest.raises(IndexMissing):
        Index.open(tmp_path)


def test_another_model_is_a_mismatch_that_names_both_and_the_cure(folder: Path) -> None:
    for attempt in (lambda: Index.open(folder, OtherModel.fingerprint), lambda: publish(folder, [BAKER], OtherModel())):
        with pytest.raises(IndexMismatch) as mismatch:
            attempt()
        for part in ("words@1", "words@2", f"rolesearch rebuild --index {folder}"):
            assert part in str(mismatch.value)
    assert published(folder)[0] == "000001"


def test_without_a_fingerprint_any_model_is_accepted(folder: Path) -> None:
    Index.open(folder, None).close()


def test_another_chunker_is_a_mismatch_for_a_writer_and_none_for_a_reader(folder: Path) -> None:
    with pytest.raises(IndexMismatch, match=rf"chunker {CHUNKER_VERSION}.*has {CHUNKER_VERSION + 1}.*rolesearch rebuild --index"):
        IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION + 1).__enter__()
    assert published(folder)[0] == "000001"


def test_from_scratch_cures_another_model_and_another_chunker(folder: Path) -> None:
    embedder = OtherModel()
    with IndexWriter(folder, embedder, CHUNKER_VERSION + 1, from_scratch=True) as writer:
        writer.derive()
        writer.publish()
    assert sorted(embedder.embedded) == ["Baker: Bake bread.", "Fisher: Catch cod."]
    index = Index.open(folder, OtherModel.fingerprint)
    assert found(index, "cod") == (["fisher.md"], ["fisher.md"])
    index.close()


def test_a_later_schema_is_a_mismatch_that_names_both_and_the_cure(folder: Path) -> None:
    with sqlite3.connect(folder / "generations" / "000001" / "manifest.sqlite3") as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    (folder / "generations" / "000001" / "checksums.json").unlink()
    for attempt in (
        lambda: Index.open(folder),
        lambda: publish(folder, [BAKER], WordEmbedder()),
        lambda: publish(folder, [], WordEmbedder(), from_scratch=True),
    ):
        with pytest.raises(IndexMismatch, match=f"schema {SCHEMA_VERSION + 1}, this program reads {SCHEMA_VERSION}; use the later program"):
            attempt()


def test_a_refused_writer_leaves_nothing_behind_and_the_lock_free(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(IndexMismatch):
        publish(folder, [], OtherModel())
    assert (generations(folder), contents(folder)) == (["000001"], before)
    assert publish(folder, [BAKER], WordEmbedder()) == "000002"


@pytest.mark.parametrize("part", ["chroma", "lexical", "chunks", "roles", "manifest.sqlite3", "."])
def test_a_generation_of_which_a_part_is_gone_is_damaged(folder: Path, part: str) -> None:
    place = folder / "generations" / "000001" / part
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    with pytest.raises(IndexDamaged, match=f"rolesearch doctor --repair --index {folder}"):
        Index.open(folder)


@pytest.mark.parametrize("part", ["chroma", "lexical", "chunks", "roles"])
def test_from_scratch_cures_a_lost_part(folder: Path, part: str) -> None:
    shutil.rmtree(folder / "generations" / "000001" / part)
    publish(folder, [BAKER, FISHER], WordEmbedder(), from_scratch=True)
    assert published(folder) == ("000002", ["baker.md", "fisher.md"], (["baker.md"], ["baker.md"]))


@pytest.mark.parametrize("lost", ["manifest", "vectors", "words", "matrix", "roles"])
def test_parts_that_do_not_hold_the_same_chunks_are_damaged_and_the_message_counts_them(tmp_path: Path, lost: str) -> None:
    manifest, vectors, lexical = Manifest.create(tmp_path / "manifest.sqlite3"), ExactVectors(), PlainLexical()
    roles = [BAKER, FISHER] if lost != "manifest" else [BAKER]
    fill(manifest, roles, WordEmbedder())
    both = tmp_path / "both"
    both.mkdir()
    complete = Manifest.create(both / "manifest.sqlite3")
    fill(complete, [BAKER, FISHER], WordEmbedder())
    ids = complete.chunk_ids()
    complete.close()
    vectors.put(ids[: 1 if lost == "vectors" else 2], np.eye(2, dtype=np.float32)[: 1 if lost == "vectors" else 2])
    lexical.put([make_chunk(chunk_id, "text") for chunk_id in ids[: 1 if lost == "words" else 2]])
    lexical.commit()
    counts = {
        "manifest": "1 chunks in the manifest, 2 in the vectors, 2",
        "vectors": "2 chunks in the manifest, 1 in the vectors, 2",
        "words": "2 chunks.*1 in the words",
        "matrix": "2 chunks.*1 in the matrix",
        "roles": "2 roles are in the manifest, 1 have a vector",
    }
    with_vector = [BAKER] if lost == "roles" else roles
    write_role_vectors(tmp_path / "roles", {role.id: [ids[0]] for role in with_vector}, vectors, 2)
    write_chunk_vectors(tmp_path / "chunks", {"a role": ids[: 1 if lost in ("vectors", "matrix") else 2]}, vectors, 2)
    with pytest.raises(IndexDamaged, match=counts[lost] + ".*rolesearch rebuild"):
        check_in_step(manifest, vectors, lexical, ChunkVectors(tmp_path / "chunks"), RoleVectors(tmp_path / "roles"))
    manifest.close()


# One writer ----------------------------------------------------------------------------------------------------------


def test_a_second_writer_in_the_same_process_is_told_that_the_index_is_busy(folder: Path) -> None:
    with IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION) as first:
        with pytest.raises(IndexBusy, match="another process is writing") as busy:
            publish(folder, [WELDER], WordEmbedder())
        assert busy.value.exit_code == 4
        fill(first.manifest, [BAKER], WordEmbedder())
        first.derive()
        first.publish()
    assert published(folder)[:2] == ("000002", ["baker.md"])


def test_a_writer_in_another_process_makes_the_index_busy_until_it_ends_and_reading_goes_on(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from fakes import WordEmbedder; from search.index import IndexWriter\n"
        f"with IndexWriter(Path(sys.argv[1]), WordEmbedder(), {CHUNKER_VERSION}):\n"
        "    print('writing', flush=True); sys.stdin.read()"
    )
    environment = os.environ | {"PYTHONPATH": ON_THE_PATH}
    with subprocess.Popen([sys.executable, "-c", program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        with pytest.raises(IndexBusy, match=rf"another process is writing to {folder} \(process {other.pid}\)"):
            publish(folder, [WELDER], WordEmbedder())
        assert published(folder)[:2] == ("000001", ["baker.md", "fisher.md"])
        other.communicate("")
    assert publish(folder, [WELDER], WordEmbedder()) == "000002"


# Failing and being killed --------------------------------------------------------------------------------------------


class Full(WordEmbedder):
    """A model that fails."""

    def encode_document(self, texts):  # type: ignore[no-untyped-def]
        raise MemoryError("the model has no room")


def test_a_failure_while_the_manifest_changes_leaves_all_as_it_was(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(ZeroDivisionError), IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION) as writer:
        fill(writer.manifest, [WELDER], WordEmbedder())
        raise ZeroDivisionError
    assert contents(folder) == before


def test_a_failure_of_the_model_leaves_all_as_it_was(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(MemoryError, match="no room"):
        publish(folder, [BAKER, WELDER], Full())
    assert (generations(folder), contents(folder)) == (["000001"], before)
    publish(folder, [BAKER, WELDER], WordEmbedder())
    assert published(folder)[:2] == ("000002", ["baker.md", "welder.md"])


def test_a_failure_after_all_is_derived_leaves_all_as_it_was(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(ZeroDivisionError), IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION) as writer:
        fill(writer.manifest, [WELDER], WordEmbedder())
        writer.derive()
        raise ZeroDivisionError
    assert (generations(folder), contents(folder)) == (["000001"], before)


def test_a_failure_while_publishing_is_reported_and_leaves_all_as_it_was(folder: Path) -> None:
    before = contents(folder)
    (folder / "CURRENT.new").mkdir()
    with pytest.raises(StorageFailed, match=r"Is a directory \(.*CURRENT.new\).*What was published before is as it was"):
        publish(folder, [WELDER], WordEmbedder())
    assert (generations(folder), contents(folder)) == (["000001"], before)


def test_a_writer_that_publishes_nothing_leaves_all_as_it_was(folder: Path) -> None:
    before = contents(folder)
    with IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION) as writer:
        fill(writer.manifest, [WELDER], WordEmbedder())
        writer.derive()
    assert contents(folder) == before


KILLED = f"""
import os, signal, sys
from pathlib import Path
from builders import fill, make_role
from fakes import WordEmbedder
from search.index import IndexWriter

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

def replace_and_die(self, target, replace=Path.replace):
    replace(self, target)
    die()

def write(folder, moment):
    with IndexWriter(folder, WordEmbedder(), {CHUNKER_VERSION}) as writer:
        fill(writer.manifest, [make_role("welder.md", "Welder", "Join steel.")], WordEmbedder())
        if moment == "staged":
            die()
        writer.derive()
        if moment == "derived":
            die()
        if moment == "synced":
            os.fsync = die
        if moment == "replacing":
            Path.replace = os.replace = die
        if moment == "replaced":
            Path.replace = replace_and_die
        writer.publish()

for moment in sys.argv[2:]:
    child = os.fork()
    if not child:
        write(Path(sys.argv[1], moment), moment)
        os._exit(0)
    print(moment, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed the POSIX way")
def test_a_writer_killed_at_any_moment_leaves_the_old_generation_or_the_new_one_and_the_next_sweeps_up(folder: Path, tmp_path: Path) -> None:
    old, new = ["baker.md", "fisher.md"], ["welder.md"]
    left = {"staged": old, "derived": old, "synced": old, "replacing": old, "replaced": new}
    for moment in left:
        shutil.copytree(folder, tmp_path / moment)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path, *left], env=os.environ | {"PYTHONPATH": ON_THE_PATH}, stdout=subprocess.PIPE, text=True, check=True
    )
    assert ended.stdout.splitlines() == [f"{moment} -9" for moment in left]
    for moment, roles in left.items():
        place = tmp_path / moment
        generation, seen, _ = published(place)
        assert (moment, generation, seen) == (moment, "000001" if roles is old else "000002", roles)
        assert generations(place) == ["000001", "000002"]
        following = publish(place, [BAKER], WordEmbedder())
        assert published(place) == (following, ["baker.md"], (["baker.md"], ["baker.md"]))
        assert generations(place) == [generation, following]


def test_leftovers_of_a_killed_writer_are_swept_by_the_next_one(folder: Path) -> None:
    for name in ("000002", "000007"):
        (folder / "generations" / name / "chroma").mkdir(parents=True)
        (folder / "generations" / name / "manifest.sqlite3").write_bytes(b"half")
    (folder / "CURRENT.new").write_text("000007\n")
    assert published(folder)[0] == "000001"
    with IndexWriter(folder, WordEmbedder(), CHUNKER_VERSION):
        assert generations(folder) == ["000001", "000002"]
    assert generations(folder) == ["000001"]
    publish(folder, [BAKER], WordEmbedder())
    assert published(folder)[:2] == ("000002", ["baker.md"])


def test_old_generations_go_but_the_last_two_stay(folder: Path) -> None:
    for number in range(2, 6):
        publish(folder, [make_role("baker.md", "Baker", f"Bread number {number}.")], WordEmbedder())
        assert generations(folder) == [f"{number - 1:06d}", f"{number:06d}"]
    assert current_generation(folder) == "000005"


# Reading while generations change -------------------------------------------------------------------------------------


@pytest.fixture
def reader(folder: Path) -> Iterator[IndexReader]:
    made = IndexReader(folder, WordEmbedder.fingerprint)
    yield made
    made.close()


def test_a_reader_moves_to_a_new_generation_by_itself(folder: Path, reader: IndexReader) -> None:
    with reader.current() as index:
        assert (index.generation, found(index, "steel")) == ("000001", ([], []))
    publish(folder, [WELDER], WordEmbedder())
    with reader.current() as index:
        assert (index.generation, found(index, "steel")) == ("000002", (["welder.md"], ["welder.md"]))


def test_a_reader_keeps_a_generation_open_while_nothing_changes(reader: IndexReader) -> None:
    with reader.current() as first, reader.current() as second:
        assert first is second
    with reader.current() as third:
        assert third is first


def test_who_still_uses_the_old_generation_keeps_it_whole_while_others_get_the_new_one(folder: Path, reader: IndexReader) -> None:
    with reader.current() as old:
        publish(folder, [WELDER], WordEmbedder())
        with reader.current() as new:
            assert (new.generation, new.manifest.role_ids(), found(new, "bread")) == ("000002", ["welder.md"], ([], []))
            assert (old.generation, old.manifest.role_ids(), found(old, "bread")) == ("000001", ["baker.md", "fisher.md"], (["baker.md"], ["baker.md"]))
        assert found(old, "cod") == (["fisher.md"], ["fisher.md"])
    with reader.current() as index:
        assert index.generation == "000002"


def test_a_reader_that_was_idle_over_several_generations_goes_on_with_the_last(folder: Path, reader: IndexReader) -> None:
    with reader.current() as index:
        assert found(index, "bread") == (["baker.md"], ["baker.md"])
    for roles in ([BAKER], [FISHER], [WELDER]):
        publish(folder, roles, WordEmbedder())
    for _ in range(2):
        with reader.current() as index:
            assert (index.generation, found(index, "steel")) == ("000004", (["welder.md"], ["welder.md"]))
    assert generations(folder) == ["000003", "000004"]


def test_a_generation_in_use_stays_whole_over_several_others_and_nothing_of_it_comes_back(folder: Path, reader: IndexReader) -> None:
    with reader.current() as index:
        for roles in ([BAKER], [FISHER], [WELDER]):
            publish(folder, roles, WordEmbedder())
        assert (index.generation, found(index, "bread"), found(index, "cod")) == ("000001", (["baker.md"], ["baker.md"]), (["fisher.md"], ["fisher.md"]))
    with reader.current() as index:
        assert (index.generation, found(index, "steel")) == ("000004", (["welder.md"], ["welder.md"]))
    assert generations(folder) == ["000003", "000004"]


def test_a_reader_waits_for_the_first_generation(tmp_path: Path) -> None:
    reader = IndexReader(tmp_path / "index")
    with pytest.raises(IndexMissing), reader.current():
        pass
    publish(tmp_path / "index", [BAKER], WordEmbedder())
    with reader.current() as index:
        assert index.manifest.role_ids() == ["baker.md"]
    reader.close()


def test_a_reader_refuses_a_generation_of_another_model_that_came_later(folder: Path, reader: IndexReader) -> None:
    with reader.current() as index:
        assert index.generation == "000001"
    publish(folder, [BAKER], OtherModel(), from_scratch=True)
    with pytest.raises(IndexMismatch), reader.current():
        pass
    publish(folder, [BAKER], WordEmbedder(), from_scratch=True)
    with reader.current() as index:
        assert index.generation == "000003"


def test_a_closed_reader_lets_its_user_finish_and_opens_again_when_asked(reader: IndexReader) -> None:
    with reader.current() as index:
        reader.close()
        assert found(index, "bread") == (["baker.md"], ["baker.md"])
    with reader.current() as index:
        assert found(index, "cod") == (["fisher.md"], ["fisher.md"])


def test_two_readers_of_one_folder_do_not_disturb_each_other(folder: Path, reader: IndexReader) -> None:
    other = IndexReader(folder)
    with reader.current() as mine, other.current() as theirs:
        assert found(mine, "bread") == found(theirs, "bread")
    other.close()
    with reader.current() as mine:
        assert found(mine, "cod") == (["fisher.md"], ["fisher.md"])


def test_reading_leaves_the_published_files_as_they_are_and_nothing_elsewhere(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    before = contents(folder)
    assert published(folder)[2] == (["baker.md"], ["baker.md"])
    reader = IndexReader(folder)
    with reader.current() as index:
        assert found(index, "cod") == (["fisher.md"], ["fisher.md"])
        publish(folder, [WELDER], WordEmbedder())
    with reader.current() as index:
        assert index.generation == "000002"
    reader.close()
    assert {name: content for name, content in contents(folder).items() if name.startswith("generations/000001/")} == {
        name: content for name, content in before.items() if name != "CURRENT"
    }
    assert list(elsewhere.iterdir()) == []


def test_a_copy_into_which_something_is_put_while_it_is_deleted_goes_all_the_same(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Tantivy does when it looks at its folder at that moment: found by `make soak`, two of 20,000 copies."""
    elsewhere, rmdir, late = tmp_path / "elsewhere", os.rmdir, ["lock"]
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    index = Index.open(folder)

    def rmdir_after_a_lock_came(name: str, *, dir_fd: int | None = None) -> None:
        if name == "lexical" and late:
            next(elsewhere.iterdir()).joinpath("lexical", late.pop()).touch()
        rmdir(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "rmdir", rmdir_after_a_lock_came)
    index.close()
    assert late == []
    assert list(elsewhere.iterdir()) == []


def edition(number: int) -> list[Role]:
    """Roles that all say which edition they are of; from one edition to the next some roles go and others come."""
    return [make_role(f"role-{place}.md", f"Edition{number} baker", f"Bake bread for edition{number}.", edition=number) for place in range(number, number + 6)]


def test_every_answer_is_from_one_generation_while_generations_are_published(tmp_path: Path) -> None:
    folder, editions, readers = tmp_path / "index", 8, 4
    publish(folder, edition(1), WordEmbedder())
    searcher = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder())
    answered = [threading.Event() for _ in range(readers)]
    done = threading.Event()

    def ask(number: int) -> set[int]:
        seen: set[int] = set()
        while True:
            last = done.is_set()
            results = searcher.search(Query("bread baker", k=20, mode=(Mode.HYBRID, Mode.DENSE, Mode.LEXICAL)[len(seen) % 3]))
            shown = int(results.generation)
            assert {hit.attributes["edition"] for hit in results.hits} == {shown}
            assert {hit.role_id for hit in results.hits} == {role.id for role in edition(shown)}
            assert {passage.text for hit in results.hits for passage in hit.passages} == {f"Bake bread for edition{shown}."}
            seen.add(shown)
            answered[number].set()
            if last:
                return seen

    with ThreadPoolExecutor(readers) as threads:
        asking = [threads.submit(ask, number) for number in range(readers)]
        try:
            for number in range(2, editions + 1):
                # Two generations are kept: the next one comes when everybody has answered since the last, or has failed.
                for event, one in zip(answered, asking, strict=True):
                    while not event.wait(0.1) and not one.done():
                        pass
                    event.clear()
                publish(folder, edition(number), WordEmbedder())
        finally:
            done.set()
        seen = [one.result() for one in asking]
    searcher.close()
    assert all(editions in one for one in seen)
    assert set().union(*seen) >= {1, editions}

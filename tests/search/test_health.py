"""`doctor` on a good index and on ways of breaking it: each is named, and repaired without embedding anything, or its cure is said."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from builders import make_role, publish
from fakes import WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from search import chunk_vectors, health
from search.checksums import write_checksums
from search.errors import IndexBusy, IndexDamaged, IndexMissing, ModelError
from search.health import Finding, examine
from search.index import Index, current_generation
from search.manifest import SCHEMA_VERSION
from search.quantized_vectors import QuantizedVectors
from search.repair import SET_ASIDE, repair

ROLES = [make_role(f"{name}.md", name.title(), f"Does what a {name} does.", ("Requirements", f"Knows {name}s.")) for name in ("baker", "fisher", "welder")]
CHECKS = ["generation", "writer", "files", "manifest", "ids", "offsets", "vectors", "recall", "embeddings", "model", "adapter", "disk", "versions", "refusals"]
PUBLISHED = Path("generations", "000002")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template") / "index"
    publish(made, ROLES[:2], WordEmbedder())
    publish(made, ROLES, WordEmbedder())
    return made


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """An index of two generations: baker and fisher, and then the welder, too."""
    return shutil.copytree(template, tmp_path / "index")


def problems(findings: list[Finding]) -> dict[str, str]:
    return {finding.check: f"{finding.problem}; {finding.cure}" for finding in findings if finding.problem}


def roles_of(folder: Path) -> list[str]:
    index = Index.open(folder, WordEmbedder.fingerprint)
    try:
        assert not index.warning
        return index.manifest.role_ids()
    finally:
        index.close()


def flip(folder: Path, pattern: str) -> None:
    path = max((folder / PUBLISHED).glob(pattern), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def unlink(folder: Path, pattern: str) -> None:
    for path in (folder / PUBLISHED).glob(pattern):
        path.unlink()


def change(folder: Path, statement: str) -> None:
    """Change the manifest as a program with a mistake would, which checksums do not show."""
    with sqlite3.connect(folder / PUBLISHED / "manifest.sqlite3") as connection:
        connection.execute(statement)
    connection.close()
    write_checksums(folder / PUBLISHED)


def lengthen_vectors(folder: Path) -> None:
    path = folder / PUBLISHED / "chunks" / "vectors.npy"
    vectors = np.load(path)
    vectors[1] *= 3
    vectors[2, 0] = np.nan
    np.save(path, vectors)
    write_checksums(folder / PUBLISHED)


@dataclass(frozen=True, slots=True)
class Break:
    """A way of breaking an index: the check that must name it, and words of what it says."""

    how: Callable[[Path], object]
    check: str
    said: str
    roles_after: tuple[str, ...] = ("baker.md", "fisher.md", "welder.md")


OLD = ("baker.md", "fisher.md")
REPAIRED = {
    "a truncated manifest": Break(
        lambda folder: os.truncate(folder / PUBLISHED / "manifest.sqlite3", 8192), "files", "the manifest (manifest.sqlite3) has 8,192", OLD
    ),
    "a manifest that is gone": Break(lambda folder: unlink(folder, "manifest.sqlite3"), "manifest", "cannot be opened", OLD),
    "a missing segment of Chroma": Break(lambda folder: unlink(folder, "chroma/*/data_level0.bin"), "files", "data_level0.bin) is missing"),
    "a truncated database of Chroma": Break(
        lambda folder: os.truncate(folder / PUBLISHED / "chroma" / "chroma.sqlite3", 5000), "generation", "chroma.sqlite3) has 5,000"
    ),
    "a flipped bit of the words": Break(lambda folder: flip(folder, "lexical/*.term"), "files", "the words (lexical/"),
    "a flipped bit of the matrix": Break(lambda folder: flip(folder, "chunks/vectors.npy"), "files", "chunks/vectors.npy) does not hold"),
    "vectors of whole roles that are gone": Break(
        lambda folder: shutil.rmtree(folder / PUBLISHED / "roles"), "files", "the vectors of whole roles (roles/holders.json) is missing"
    ),
    "damaged checksums": Break(lambda folder: flip(folder, "checksums.json"), "files", "checksums.json does not hold"),
    "a generation that is gone": Break(lambda folder: shutil.rmtree(folder / PUBLISHED), "generation", "generation 000002", OLD),
    "a lost name of the generation": Break(lambda folder: (folder / "CURRENT").unlink(), "generation", "CURRENT is missing"),
    "a garbled name of the generation": Break(lambda folder: (folder / "CURRENT").write_bytes(b"\0\0\0"), "generation", "CURRENT names no generation"),
    "damaged embeddings": Break(lambda folder: os.truncate(folder / "embeddings.sqlite3", 9000), "embeddings", "the embeddings that are kept"),
    "embeddings that are gone": Break(lambda folder: (folder / "embeddings.sqlite3").unlink(), "embeddings", "are gone"),
    "vectors that are no unit vectors": Break(lengthen_vectors, "vectors", "2 of 6 vectors of chunks and 0 of roles are not finite and of length 1"),
}
CURED_OTHERWISE = {
    "a chunk that the manifest lost": Break(
        lambda folder: change(folder, "DELETE FROM chunks WHERE role_id = 'baker.md' AND \"start\" > 0"),
        "ids",
        "the parts do not agree: 5 chunks in the manifest, 6 in the vectors, 6 in the words, 6 in the matrix; run `rolesearch rebuild --index",
    ),
    "another chunker": Break(lambda folder: change(folder, "UPDATE build SET value = '0' WHERE key = 'chunker'"), "manifest", "rolesearch rebuild --index"),
    "another model": Break(
        lambda folder: change(folder, "UPDATE build SET value = 'other@1' WHERE key = 'model'"),
        "model",
        "the settings name another: words@1; set that model again",
    ),
    "an older schema": Break(
        lambda folder: change(folder, "PRAGMA user_version = 1"), "generation", f"schema 1, this program reads {SCHEMA_VERSION}; run `rolesearch rebuild"
    ),
    "a chunk beyond its text": Break(
        lambda folder: change(folder, 'UPDATE chunks SET "end" = 900 WHERE role_id = \'baker.md\' AND "start" = 0'),
        "offsets",
        "a chunk of baker.md stands at 0 to 900",
    ),
    "no checksums": Break(lambda folder: unlink(folder, "checksums.json"), "files", "rolesearch rebuild --index"),
}


def test_of_a_good_index_every_check_finds_it_well(folder: Path) -> None:
    findings = examine(folder, WordEmbedder(), CHUNKER_VERSION)
    assert [finding.check for finding in findings] == CHECKS
    assert problems(findings) == {}
    found = {finding.check: finding.found for finding in findings}
    assert found["manifest"] == f"schema {SCHEMA_VERSION}, 3 roles, 6 chunks, 3 files"
    assert found["recall"].endswith("matrix 1.000, Chroma 1.000")
    assert found["embeddings"].startswith("6 kept for this model")
    embedder = WordEmbedder()
    assert repair(folder, embedder, findings) == []
    assert (current_generation(folder), embedder.embedded) == ("000002", [])


@pytest.mark.parametrize("name", REPAIRED)
def test_what_is_broken_is_named_and_repaired_without_embedding_anything(folder: Path, name: str) -> None:
    broken = REPAIRED[name]
    broken.how(folder)
    findings = examine(folder, WordEmbedder(), CHUNKER_VERSION)
    assert broken.said in problems(findings)[broken.check]
    assert f"rolesearch doctor --repair --index {folder}" in problems(findings)[broken.check]
    embedder = WordEmbedder()
    done: list[str] = []
    while steps := repair(folder, embedder, examine(folder, WordEmbedder(), CHUNKER_VERSION)):
        done += steps
    assert done
    assert embedder.embedded == []
    assert problems(examine(folder, WordEmbedder(), CHUNKER_VERSION)) == {}
    assert tuple(roles_of(folder)) == broken.roles_after
    assert any("ingest the folders again for what came since" in step for step in done) == (broken.roles_after == OLD)
    assert publish(folder, ROLES, WordEmbedder()) > "000002"


@pytest.mark.parametrize("name", CURED_OTHERWISE)
def test_what_cannot_be_repaired_is_named_with_its_cure(folder: Path, name: str) -> None:
    broken = CURED_OTHERWISE[name]
    broken.how(folder)
    assert broken.said in problems(examine(folder, WordEmbedder(), CHUNKER_VERSION))[broken.check]


def test_damaged_embeddings_are_set_aside_not_thrown_away(folder: Path) -> None:
    os.truncate(folder / "embeddings.sqlite3", 9000)
    done = repair(folder, WordEmbedder(), examine(folder, WordEmbedder(), CHUNKER_VERSION))
    assert done == [f"the damaged embeddings were set aside as {SET_ASIDE}", "6 embeddings were taken from the vectors of generation 000002"]
    assert (folder / SET_ASIDE).stat().st_size == 9000
    assert current_generation(folder) == "000002"


def test_where_no_manifest_is_whole_the_cure_is_said(folder: Path) -> None:
    for generation in ("000001", "000002"):
        os.truncate(folder / "generations" / generation / "manifest.sqlite3", 100)
    findings = examine(folder, WordEmbedder(), CHUNKER_VERSION)
    assert "manifest" in problems(findings)
    with pytest.raises(
        IndexDamaged, match=r"no generation of .* has a manifest that is whole; delete .* and ingest the folders again: what was embedded is kept"
    ):
        repair(folder, WordEmbedder(), findings)


def test_a_matrix_whose_quantized_vectors_mislead_misses_near_vectors_and_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They choose what is compared exactly in large matrices only; here in a small one, and few."""
    folder = tmp_path / "index"
    publish(
        folder, [make_role(f"{number:03}.md", f"Baker {number}", f"Bakes bread {number % 7} of kind {number % 11}.") for number in range(300)], WordEmbedder()
    )
    for name, small in (("EXACT_AT_MOST", 0), ("CHOSEN_A_RESULT", 3), ("CHOSEN_A_ROOT", 1)):
        monkeypatch.setattr(chunk_vectors, name, small)
    assert problems(examine(folder, WordEmbedder(), CHUNKER_VERSION)) == {}
    chunks = folder / "generations" / "000001" / "chunks"
    vectors = np.load(chunks / "vectors.npy")
    np.save(tmp_path / "others.npy", np.random.default_rng(1).standard_normal(vectors.shape, np.float32))
    QuantizedVectors.of(tmp_path / "others.npy").write(chunks / "quantized.faiss")
    write_checksums(folder / "generations" / "000001")
    findings = examine(folder, WordEmbedder(), CHUNKER_VERSION)
    assert set(problems(findings)) == {"recall"}
    assert problems(findings)["recall"] == f"below 0.95: near vectors are missed; run `rolesearch doctor --repair --index {folder}`"
    assert re.fullmatch(r"R@50 of 50 chunks, against comparing with all: matrix 0\.\d{3}, Chroma 1\.000", {one.check: one.found for one in findings}["recall"])
    assert len(repair(folder, WordEmbedder(), findings)) == 1
    assert (folder / "generations" / "000002" / "chunks" / "quantized.faiss").exists()
    assert problems(examine(folder, WordEmbedder(), CHUNKER_VERSION)) == {}


def test_a_damaged_adapter_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(fingerprint: str) -> None:
        raise ModelError("the query adapter does not hold what was trained; install the program again")

    monkeypatch.setattr(health, "adapter_for", damaged)
    said = problems(examine(folder, WordEmbedder(), CHUNKER_VERSION))
    assert said == {"adapter": "the query adapter does not hold what was trained; install the program again"}


def test_too_little_room_for_the_next_ingest_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10, 10, 100_000))  # type: ignore[attr-defined]
    assert problems(examine(folder, WordEmbedder(), CHUNKER_VERSION)) == {"disk": "an ingest needs about 1 MB; free some room on the disk of the index"}


def test_a_model_that_gives_other_vectors_than_those_stored_is_a_problem(folder: Path) -> None:
    class Drifted(WordEmbedder):
        def encode_document(self, texts):  # type: ignore[no-untyped-def]
            return super().encode_document([f"{text} drifted away" for text in texts])

    said = problems(examine(folder, Drifted(), CHUNKER_VERSION))
    assert set(said) == {"model"}
    assert said["model"].startswith("6 of 6 chunks that were embedded again have another vector; run `rolesearch rebuild")


def test_a_writer_at_work_is_named_and_stops_a_repair(folder: Path) -> None:
    (folder / "embeddings.sqlite3").unlink()
    with FileLock(folder / "lock"):
        (folder / "lock").write_text("4711\n")
        findings = examine(folder, WordEmbedder(), CHUNKER_VERSION)
        assert Finding("writer", "process 4711 is writing") in findings
        with pytest.raises(IndexBusy):
            repair(folder, WordEmbedder(), findings)


def test_where_there_is_no_index_there_is_nothing_to_examine(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        examine(tmp_path, WordEmbedder(), CHUNKER_VERSION)

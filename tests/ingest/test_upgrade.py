"""Indexes saved by each schema of the program: each opens, or is refused with the command that brings it up to this one. See tests/data/indexes/."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from builders import best_by_words
from fakes import WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from ingest.pipeline import rebuild, sync
from search.embedding import Embedder
from search.errors import IndexMismatch
from search.health import examine
from search.index import Index, IndexReader
from search.manifest import SCHEMA_VERSION, Refusal
from search.records import Query
from search.searcher import Searcher

ROOT = Path(__file__).resolve().parents[2]
SAVED = ROOT / "tests" / "data" / "indexes"
ROLES = ["design-intern.md", "internal-auditor.md", "junior-site-reliability-engineer.md"]
EARLIER = list(range(1, SCHEMA_VERSION))
ALL = [*EARLIER, SCHEMA_VERSION]


def saved_index(version: int, folder: Path) -> Path:
    """An index that the program made when it had this schema: three roles of the corpus, and a broken PDF that was refused."""
    with zipfile.ZipFile(SAVED / f"schema-{version}.zip") as archive:
        archive.extractall(folder)
    return folder


def test_each_schema_has_its_saved_index() -> None:
    assert {path.name for path in SAVED.iterdir()} == {f"schema-{version}.zip" for version in ALL}
    assert all(path.stat().st_size < 300_000 for path in SAVED.iterdir())


@pytest.mark.parametrize("version", EARLIER)
def test_an_index_of_an_earlier_schema_is_refused_with_the_command_that_brings_it_up(version: int, tmp_path: Path) -> None:
    folder = saved_index(version, tmp_path / "index")
    (tmp_path / "roles").mkdir()
    said = rf"schema {version}, this program reads {SCHEMA_VERSION}; run `rolesearch rebuild --index {folder}`"
    for attempt in (lambda: Index.open(folder), lambda: sync([tmp_path / "roles"], folder, WordEmbedder())):
        with pytest.raises(IndexMismatch, match=said):
            attempt()


@pytest.mark.parametrize("version", ALL)
def test_rebuild_brings_up_all_that_a_schema_held(version: int, tmp_path: Path) -> None:
    folder = saved_index(version, tmp_path / "index")
    assert rebuild(folder, WordEmbedder()).updated == 3
    index = Index.open(folder, WordEmbedder.fingerprint)
    assert (index.generation, index.manifest.schema_version, index.manifest.role_ids()) == ("000002", SCHEMA_VERSION, ROLES)
    role = index.manifest.roles(["junior-site-reliability-engineer.md"])["junior-site-reliability-engineer.md"]
    assert (role.title, role.attributes["level"]) == ("Junior Site Reliability Engineer", "junior")
    assert [section.heading for section in role.sections if role.text[section.start : section.end].strip()]
    (refused,) = index.manifest.refusals()
    assert refused == Refusal("broken.pdf", refused.reason)
    assert refused.reason.startswith("not a PDF that can be read")
    assert len(index.manifest.sources()) == 4
    assert index.manifest.facets()["level"]["junior"] == 1
    index.close()
    searcher = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder())
    assert searcher.search(Query("junior site reliability engineer")).hits[0].role_id == "junior-site-reliability-engineer.md"
    searcher.close()


def test_an_index_saved_with_this_schema_opens_as_it_is(tmp_path: Path) -> None:
    folder = saved_index(SCHEMA_VERSION, tmp_path / "index")
    with closing(Index.open(folder)) as index:
        assert (index.generation, index.warning, index.manifest.role_ids()) == ("000001", "", ROLES)
        best = best_by_words(index.lexical, "site reliability", 1)[0][0]
        assert index.manifest.roles_of_chunks([best]) == {best: "junior-site-reliability-engineer.md"}
        assert len(index.vectors) == index.manifest.count_chunks() == 19


@pytest.mark.model
def test_an_index_saved_with_this_schema_answers_and_every_check_finds_it_well(tmp_path: Path, shipped_model: Embedder) -> None:
    folder = saved_index(SCHEMA_VERSION, tmp_path / "index")
    searcher = Searcher(IndexReader(folder, shipped_model.fingerprint), shipped_model)
    assert searcher.search(Query("keeps services running at night")).hits[0].role_id == "junior-site-reliability-engineer.md"
    searcher.close()
    assert [finding for finding in examine(folder, shipped_model, CHUNKER_VERSION) if finding.problem] == []


@pytest.mark.model
@pytest.mark.parametrize("version", EARLIER)
def test_the_command_that_is_named_works_and_embeds_nothing(version: int, tmp_path: Path) -> None:
    folder = saved_index(version, tmp_path / "index")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def rolesearch(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ui.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=300, check=False)

    refused = rolesearch("search", "site reliability", "--index", str(folder))
    assert refused.returncode == 1
    named = refused.stderr.split("`")[1]
    assert named.split() == ["rolesearch", "rebuild", "--index", str(folder)]
    rebuilt = rolesearch(*named.split()[1:], "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert json.loads(rebuilt.stdout)["embedded"] == 0
    answer = rolesearch("search", "site reliability", "-k", "1", "--json", "--index", str(folder))
    assert [hit["role_id"] for hit in json.loads(answer.stdout)["hits"]] == ["junior-site-reliability-engineer.md"]
    shutil.rmtree(folder)

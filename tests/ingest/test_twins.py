"""The same roles ingested again under other file names and in other formats are found to be the same, each with its own twin and with no other."""

from pathlib import Path

import pytest

from conftest import CORPUS
from fakes import WordEmbedder
from ingest.pipeline import sync
from role_files import WRITERS
from search.index import IndexReader
from search.records import Role
from search.searcher import Searcher


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, dict[str, Role], Path]:
    """The corpus, and all of its roles again in another format each; the roles of the corpus by id, and the folder of the copies."""
    folder = tmp_path_factory.mktemp("twice")
    sync([CORPUS], folder / "index", WordEmbedder())
    searcher = Searcher(IndexReader(folder / "index"), WordEmbedder())
    originals = {role_id: searcher.role(role_id) for role_id in searcher.contents().ids}
    (folder / "copies").mkdir()
    for number, role in enumerate(originals.values()):
        others = [suffix for suffix in WRITERS if suffix != Path(role.source).suffix]
        suffix = others[number % len(others)]
        WRITERS[suffix](role, folder / "copies" / f"advert-{number:03}{suffix}")
    report = sync([folder / "copies"], folder / "index", WordEmbedder())
    assert (report.added, report.refused) == (len(originals), [])
    return searcher, originals, folder


def test_each_role_of_the_corpus_has_its_copy_as_its_twin_and_no_other(twice: tuple[Searcher, dict[str, Role], Path]) -> None:
    searcher, originals, _ = twice
    copies = [role_id for role_id in searcher.contents().ids if role_id not in originals]
    for number, role_id in enumerate(originals):
        (copy,) = [name for name in copies if name.startswith(f"advert-{number:03}")]
        assert [twin.role_id for twin in searcher.twins(role_id)] == [copy], (role_id, copy)
        assert [twin.role_id for twin in searcher.twins(copy)] == [role_id]

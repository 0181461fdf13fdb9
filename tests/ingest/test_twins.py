"""The same roles ingested again under other file names and in other formats are found to be the same: each has its own twin and no other."""

from collections import Counter
from pathlib import Path

from conftest import CORPUS
from fakes import WordEmbedder
from ingest.pipeline import sync
from role_files import WRITERS
from search.index import IndexReader
from search.records import Grade, Query
from search.searcher import Searcher


def test_each_role_of_the_corpus_has_its_copy_in_another_format_as_its_twin_and_no_other(tmp_path: Path) -> None:
    index = tmp_path / "index"
    sync([CORPUS], index, WordEmbedder())
    searcher = Searcher(IndexReader(index), WordEmbedder())
    originals = [searcher.role(role_id) for role_id in searcher.contents().ids]
    assert not [role.id for role in originals if searcher.twins(role.id)]
    (tmp_path / "copies").mkdir()
    copies = {}
    for number, role in enumerate(originals):
        others = [suffix for suffix in WRITERS if suffix != Path(role.source).suffix]
        name = f"advert-{number:03}{others[number % len(others)]}"
        WRITERS[Path(name).suffix](role, tmp_path / "copies" / name)
        copies[role.id] = name
    report = sync([tmp_path / "copies"], index, WordEmbedder())
    assert (report.added, report.refused) == (len(originals), [])
    twins = {role_id: [twin.role_id for twin in searcher.twins(role_id)] for role_id in searcher.contents().ids}
    assert twins == {role_id: [copy] for role_id, copy in copies.items()} | {copy: [role_id] for role_id, copy in copies.items()}
    # The few others lost a capital, or state their pay by the month in one format and by the year in the other.
    grades = Counter(searcher.twins(role.id)[0].grade for role in originals)
    assert grades[Grade.CERTAIN] > 0.95 * len(originals)
    found = searcher.search(Query(originals[0].title, 300, collapsed=True)).hits
    assert all(len(hit.twins) == 1 for hit in found)
    assert len({frozenset({hit.role_id, hit.twins[0].role_id}) for hit in found}) == len(found)
    again = sync([CORPUS, tmp_path / "copies"], index, WordEmbedder())
    assert (again.unchanged, again.generation) == (2 * len(originals), report.generation)
    searcher.close()

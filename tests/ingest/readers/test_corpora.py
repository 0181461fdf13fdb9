"""The readers on real text, where it is at hand: nothing is lost, nothing comes twice."""

from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ingest.documents import Document
from ingest.readers import is_readable, read
from ingest.readers.blocks import has_words

CORPORA = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no corpora at {CORPORA}")
LADDERS = sorted(path for path in CORPORA.glob("ladders/*/*") if is_readable(path)) if CORPORA.is_dir() else []


@pytest.mark.parametrize("path", LADDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_ladder_is_one_document_with_text(path: Path) -> None:
    (part,) = read(path)
    assert isinstance(part.content, Document)
    assert any(has_words(block.text) for block in part.content.blocks)


@pytest.mark.parametrize("path", [path for path in LADDERS if path.parent.name == "dropbox"], ids=lambda path: path.name)
def test_pages_come_out_whole_and_without_their_table_of_contents(path: Path) -> None:
    (part,) = read(path)
    assert isinstance(part.content, Document)
    content = BeautifulSoup(path.read_text(encoding="utf-8"), "lxml").find(id="doc-container")
    assert content is not None
    expected = Counter("".join(filter(str.isalnum, content.get_text())))
    assert Counter("".join(filter(str.isalnum, "".join(block.text for block in part.content.blocks)))) == expected
    assert part.content.title == content.find("h1").get_text(" ", strip=True)  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "count"), [("onet/occupations.jsonl.gz", 1016), ("usajobs/postings.jsonl.gz", 5000)])
def test_every_record_is_read(name: str, count: int) -> None:
    parts = list(read(CORPORA / name))
    assert len(parts) == count
    for part in parts:
        assert isinstance(part.content, Document) and part.content.record_id and part.content.title
        assert part.content.blocks[0].text != part.content.title


def test_the_role_that_the_project_began_with() -> None:
    (part,) = read(CORPORA / "brief" / "senior-engineer-role.txt")
    assert isinstance(part.content, Document)
    assert [(block.kind.value, block.text.split()[0]) for block in part.content.blocks] == [
        ("heading", "About"), ("paragraph", "A"), ("paragraph", "Typical"), ("paragraph", "The"), ("paragraph", "Typical"), ("paragraph", "In"),
    ]  # fmt: skip

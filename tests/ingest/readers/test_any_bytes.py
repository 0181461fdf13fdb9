"""Any bytes under any name give documents and refusals, or are refused as a whole: nothing else comes out of a reader."""

import gzip
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.documents import Document, ReaderRefusal
from ingest.readers import READERS, read
from search.errors import Refused

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FRAGMENTS = r"""--- +++ { } [ ] "text" : , # ## * - | <p> </p> <ul> <li> <table> <tr> <td> <dl> <dt> <dd> <h1> <br> <script> <!-- --> &lt; &amp; &#0; ``` ~~~
title id text description @type JobPosting @graph === \ é ł 東 &x *x ? ! 1. %PDF-1.4 NaN 1e999 2026-99-99"""
PIECES = [*FRAGMENTS.split(), "\n", "\n\n", "\r", "\t", " ", "\x00", "\ufeff", "\u2028", "\ud7ff", "PK\x03\x04"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)
ENCODED = st.tuples(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "cp1252"])).map(lambda pair: pair[0].encode(pair[1], "ignore"))
ANYTHING = st.binary(max_size=400) | ENCODED


def check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        contents = [part.content for part in read(path)]
    except Refused as refusal:
        assert str(refusal)
        return
    assert contents
    for content in contents:
        assert (isinstance(content, ReaderRefusal) and content.reason) or isinstance(content, Document)
        for text in texts_of(content):
            assert text == " ".join(unicodedata.normalize("NFC", text).split())
            assert not any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in text)


def texts_of(content: Document | ReaderRefusal) -> Iterator[str]:
    if isinstance(content, Document):
        yield from (block.text for block in content.blocks)
        yield from filter(None, (content.title, content.record_id))
        yield from (value for value in content.attributes.values() if isinstance(value, str))


@pytest.mark.parametrize("suffix", READERS)
@CALM
@given(data=ANYTHING)
@example(data=b"---\n- a\n---\n")
@example(data=b"---\n2026-99-99: [x\n---\n")
@example(data=b'title,text\n"a')
@example(data=b'{"@type": "JobPosting", "description": [{"name": {}}], "baseSalary": {"value": []}}')
@example(data=b"<dl><dl><dt><dd><table><tr><dl><p>x")
@example(data=b"[" * 3000)
@example(data=b'{"a":' * 3000)
@example(data=b"> " * 3000 + b"x")
@example(data=b"- " * 3000 + b"x")
def test_any_bytes(suffix: str, data: bytes, tmp_path: Path) -> None:
    check(tmp_path / f"role{suffix}", data)
    check(tmp_path / f"role{suffix}.gz", gzip.compress(data))


@pytest.mark.parametrize("name", ["role.pdf", "role.docx", "role.zip", "role.md.gz"])
@CALM
@given(places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=30), cut=st.floats(0.2, 1))
def test_damaged_files(name: str, places: list[tuple[float, int]], cut: float, same_role: dict[str, bytes], tmp_path: Path) -> None:
    data = bytearray(same_role[name][: int(cut * len(same_role[name]))])
    for place, value in places:
        data[int(place * len(data))] = value
    check(tmp_path / name, bytes(data))


@CALM
@given(xml=ENCODED)
@example(xml=b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>")
@example(
    xml=b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:pPr><w:pStyle/></w:pPr></w:p></w:body></w:document>"
)
def test_any_xml_within_a_word_document(xml: bytes, same_role: dict[str, bytes], tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(same_role["role.docx"])) as good, zipfile.ZipFile(stream, "w") as bad:
        for member in good.infolist():
            bad.writestr(member, xml if member.filename == "word/document.xml" else good.read(member))
    check(tmp_path / "role.docx", stream.getvalue())

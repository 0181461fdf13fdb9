"""Word documents: styles, lists, tables, and what hides in the XML."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from ingest.documents import Document
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def saved(fill: Callable[[Any], None], title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    fill(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def append(xml: str) -> Callable[[Any], None]:
    """Puts XML at the end of the document's body."""

    def fill(document: Any) -> None:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))

    return fill


def shape(document: Document) -> list[tuple[str, int, str, bool]]:
    return [(block.kind.value, block.level, block.text, block.bold) for block in document.blocks]


def test_headings_lists_and_bold_lines(only: Only) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Duties", 1)
        document.add_heading("Daily", 2)
        document.add_paragraph("Plan", style="List Bullet")
        document.add_paragraph("Design", style="List Bullet 2")
        document.add_paragraph("• Typed bullet")
        document.add_paragraph().add_run("Your week").bold = True
        mixed = document.add_paragraph("Grade: ")
        mixed.add_run("7").bold = True
        document.add_paragraph("   ")

    assert shape(only("role.docx", saved(fill))) == [
        ("heading", 1, "Duties", False),
        ("heading", 2, "Daily", False),
        ("item", 0, "Plan", False),
        ("item", 1, "Design", False),
        ("item", 0, "Typed bullet", False),
        ("paragraph", 0, "Your week", True),
        ("paragraph", 0, "Grade: 7", False),
    ]


def test_a_title_stands_above_the_headings(only: Only) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Lead", 0)
        document.add_heading("Duties", 1)
        document.add_paragraph("You lead.")

    assert [(level, text) for _, level, text, _ in shape(only("role.docx", saved(fill)))] == [(1, "Lead"), (2, "Duties"), (0, "You lead.")]


def test_numbering_given_to_the_paragraph_itself(only: Only) -> None:
    def fill(document: Any) -> None:
        for level, text in [(0, "Plan"), (2, "Deep")]:
            properties = document.add_paragraph(text)._p.get_or_add_pPr()
            properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'))
        off = document.add_paragraph("No item", style="List Bullet")._p.get_or_add_pPr()
        off.append(parse_xml(f'<w:numPr {W}><w:numId w:val="0"/></w:numPr>'))

    assert [(kind, level, text) for kind, level, text, _ in shape(only("role.docx", saved(fill)))] == [
        ("item", 0, "Plan"), ("item", 2, "Deep"), ("paragraph", 0, "No item"),
    ]  # fmt: skip


def test_outline_level_makes_a_heading_in_any_language(only: Only) -> None:
    xml = f'<w:p {W}><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Aufgaben</w:t></w:r></w:p>'
    assert shape(only("role.docx", saved(append(xml)))) == [("heading", 2, "Aufgaben", False)]


def test_tables_in_the_order_of_the_text(only: Only) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Before")
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "Grade", "7"
        table.cell(1, 0).text = "Duties"
        table.cell(1, 1).text = ""
        table.cell(1, 1).add_paragraph("Plan", style="List Bullet")
        table.cell(1, 1).add_paragraph("Build", style="List Bullet")
        wide = document.add_table(rows=1, cols=3)
        for place, text in enumerate("abc"):
            wide.cell(0, place).text = text
        merged = document.add_table(rows=1, cols=2)
        merged.cell(0, 0).merge(merged.cell(0, 1)).text = "Merged"
        document.add_paragraph("After")

    assert [(kind, text) for kind, _, text, _ in shape(only("role.docx", saved(fill)))] == [
        ("paragraph", "Before"),
        ("paragraph", "Grade: 7"),
        ("paragraph", "Duties"),
        ("item", "Plan"),
        ("item", "Build"),
        ("paragraph", "a; b; c"),
        ("paragraph", "Merged"),
        ("paragraph", "After"),
    ]


@pytest.mark.parametrize(
    ("xml", "texts"),
    [
        pytest.param(
            "<w:p {W}><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>", ["new"], id="tracked changes",
        ),
        pytest.param("<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>inside</w:t></w:r></w:p></w:sdtContent></w:sdt>", ["inside"], id="content control"),
        pytest.param("<w:p {W}><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:tab/><w:t>x</w:t></w:r></w:p>", ["link x"], id="link and tab"),
        pytest.param("<w:p {W}><w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r></w:p>", ["a", "b"], id="line break"),
        pytest.param("<w:p {W}><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r></w:p>", ["7"], id="field"),
        pytest.param(
            "<w:p {W} {MC}><w:r><w:t>out</w:t><mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>"
            "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>", ["out", "box"], id="text box once",
        ),
    ],
)  # fmt: skip
def test_what_hides_in_the_xml(xml: str, texts: list[str], only: Only) -> None:
    data = saved(append(xml.replace("{W}", W).replace("{MC}", MC)))
    assert [block.text for block in only("role.docx", data).blocks] == texts


@pytest.mark.parametrize(("title", "found"), [("Lead Engineer", "Lead Engineer"), ("Word Document", None), ("role.docx", None), ("", None)])
def test_the_title_of_the_properties_only_where_it_says_something(title: str, found: str | None, only: Only) -> None:
    assert only("role.docx", saved(lambda document: document.add_paragraph("You lead."), title)).title == found
    assert only("role.docx", saved(lambda document: document.add_heading("In the text", 0), title)).title is None


def zipped(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: 0 bytes"),
        (b"hello", "not a Word document"),
        (b"PK\x03\x04cut short", "not a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "an old .doc file or one that is protected by a password"),
        (zipped(other="x"), "holds no document.xml"),
        (zipped(word__document="<broken"), "not a Word document that can be read"),
        (saved(lambda document: None), "no text"),
    ],
)
def test_files_that_are_refused(data: bytes, reason: str, only: Only) -> None:
    with pytest.raises(Refused, match=reason):
        only("role.docx", data)


def test_a_document_that_swells_is_refused(only: Only, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.word.MAX_MEMBER_BYTES", 10_000)
    with pytest.raises(Refused, match="too large"):
        only("role.docx", saved(lambda document: document.add_paragraph("You lead.")))

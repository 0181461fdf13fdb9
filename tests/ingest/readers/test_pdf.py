"""PDF: paragraphs, headings, lists and pages put together again from lines."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate

from ingest.documents import Document
from ingest.readers import pdf
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]

STYLES = getSampleStyleSheet()
BODY, TITLE, HEADING = STYLES["BodyText"], STYLES["Title"], STYLES["Heading2"]
SENTENCE = "You run the platform that thirty product teams build on, and you make it dull to operate."


def built(*story: Flowable, on_page: Callable[[Canvas, Any], None] | None = None, **settings: Any) -> bytes:
    stream = io.BytesIO()
    template = SimpleDocTemplate(stream, **settings)
    extra = {"onFirstPage": on_page, "onLaterPages": on_page} if on_page else {}
    template.build(list(story), **extra)
    return stream.getvalue()


def drawn(lines: list[tuple[float, float, str]], font: str = "Helvetica", size: float = 10) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for x, y, text in lines:
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)
    canvas.save()
    return stream.getvalue()


def shape(document: Document) -> list[tuple[str, int, str, bool]]:
    return [(block.kind.value, block.level, block.text, block.bold) for block in document.blocks]


def test_headings_by_size_and_weight(only: Only) -> None:
    document = only(
        "role.pdf",
        built(
            Paragraph("Lead Engineer", TITLE),
            Paragraph("About", HEADING),
            Paragraph(SENTENCE * 3, BODY),
            Paragraph("<b>What you bring</b>", BODY),
            Paragraph(SENTENCE * 2, BODY),
            Paragraph(f"<b>{SENTENCE}</b>", BODY),
        ),
    )
    assert document.title == "Lead Engineer"
    assert shape(document) == [
        ("heading", 1, "Lead Engineer", False),
        ("heading", 2, "About", False),
        ("paragraph", 0, SENTENCE * 3, False),
        ("heading", 3, "What you bring", False),
        ("paragraph", 0, SENTENCE * 2, False),
        ("paragraph", 0, SENTENCE, True),
    ]


def test_lists_nest_and_wrap(only: Only) -> None:
    inner = ListFlowable([ListItem(Paragraph("Inner", BODY))], bulletType="bullet")
    story = ListFlowable([ListItem([Paragraph(SENTENCE * 2, BODY), inner]), ListItem(Paragraph("Second", BODY))], bulletType="1", bulletFormat="%s.")
    assert shape(only("role.pdf", built(Paragraph(SENTENCE, BODY), story))) == [
        ("paragraph", 0, SENTENCE, False),
        ("item", 0, SENTENCE * 2, False),
        ("item", 1, "Inner", False),
        ("item", 0, "Second", False),
    ]


def test_bullets_drawn_apart_from_their_text(only: Only) -> None:
    lines: list[tuple[float, float, str]] = [(72, 700, SENTENCE), (72, 680, "o"), (90, 680, "Linux"), (72, 668, "•"), (90, 668, "Go")]
    assert [(kind, text) for kind, _, text, _ in shape(only("role.pdf", drawn(lines)))][1:] in (
        [("item", "Linux"), ("item", "Go")],
        [("paragraph", "o Linux"), ("item", "Go")],
    )


def test_running_lines_and_page_numbers_go_and_sentences_flow_on(only: Only) -> None:
    def frame(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 800, "Acme Ltd – Confidential")
        canvas.drawString(280, 30, f"Page {canvas.getPageNumber()} of 3")

    pages = [Paragraph("Lead Engineer", TITLE), Paragraph("You begin this sentence", BODY), PageBreak(), Paragraph("and end it here.", BODY)]
    document = only("role.pdf", built(*pages, Paragraph("A new one.", BODY), PageBreak(), Paragraph("The end.", BODY), on_page=frame))
    assert [text for _, _, text, _ in shape(document)] == ["Lead Engineer", "You begin this sentence and end it here.", "A new one.", "The end."]


def test_a_footer_of_one_page_goes_with_its_number(only: Only) -> None:
    def frame(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 30, "acme.example.com/jobs 1")

    assert [text for _, _, text, _ in shape(only("role.pdf", built(Paragraph(SENTENCE, BODY), on_page=frame)))] == [SENTENCE]


def test_the_same_heading_at_the_same_place_on_each_page_stays(only: Only) -> None:
    story: list[Flowable] = []
    for name in ("One", "Two", "Three"):
        story += [Paragraph(f"Role {name}", TITLE), Paragraph("About the role", HEADING), Paragraph(SENTENCE * 3, BODY), PageBreak()]
    assert [text for _, _, text, _ in shape(only("role.pdf", built(*story)))].count("About the role") == 3


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("You look after the infra-", "structure of the company and", "infrastructure of"),
        ("You lead several cross-", "functional teams and their", "cross-functional teams"),
        ("This is on-site. You do on-", "site work in Leeds, and more", "do on-site work"),
        ("A well known place, Stratford-", "Upon-Avon in England", "Stratford-Upon-Avon"),
    ],
)
def test_hyphens_at_the_ends_of_lines(first: str, second: str, joined: str, only: Only) -> None:
    (block,) = only("role.pdf", drawn([(72, 700, first), (72, 688, second)])).blocks
    assert joined in block.text


@pytest.mark.parametrize(
    ("title", "found"),
    [("Lead Engineer", "Lead Engineer"), ("Microsoft Word - x.doc", None), ("untitled", None), ("role-final.pdf", None), ("(anonymous)", None)],
)
def test_the_title_of_the_properties_only_where_it_says_something(title: str, found: str | None, only: Only) -> None:
    assert only("role.pdf", built(Paragraph(SENTENCE * 2, BODY), title=title)).title == found


def test_no_title_where_the_largest_size_is_that_of_all_headings(only: Only) -> None:
    document = only("role.pdf", built(*(Paragraph(text, style) for name in ("About", "Duties") for text, style in [(name, HEADING), (SENTENCE * 2, BODY)])))
    assert [(level, text) for kind, level, text, _ in shape(document) if kind == "heading"] == [(2, "About"), (2, "Duties")]
    assert document.title is None


def test_sizes_that_are_scaled(only: Only) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for scale, y, text in [(20, 700, "Lead Engineer"), (10, 660, SENTENCE[:60]), (10, 648, SENTENCE[60:])]:
        canvas.saveState()
        canvas.translate(72, y)
        canvas.scale(scale, scale)
        canvas.setFont("Helvetica", 1)
        canvas.drawString(0, 0, text)
        canvas.restoreState()
    canvas.save()
    assert [text for _, _, text, _ in shape(only("role.pdf", stream.getvalue()))] == ["Lead Engineer", SENTENCE.replace("  ", " ")]


def test_a_scan_is_refused_with_its_cure(only: Only) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for _ in range(2):
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    with pytest.raises(Refused, match=r"scanned: 2 pages, no text layer; run OCR on it, such as `ocrmypdf in.pdf out.pdf`, and ingest again"):
        only("role.pdf", stream.getvalue())


def test_an_encrypted_file_is_refused_with_its_cure(only: Only) -> None:
    locked = built(Paragraph(SENTENCE, BODY), encrypt=StandardEncryption("secret", ownerPassword="owner"))
    with pytest.raises(Refused, match=r"encrypted: it opens only with a password; .*qpdf --decrypt"):
        only("role.pdf", locked)
    # Without a password to open it, restrictions on printing and copying do not concern us.
    assert only("role.pdf", built(Paragraph(SENTENCE, BODY), encrypt=StandardEncryption("", ownerPassword="owner"))).blocks[0].text == SENTENCE


@pytest.mark.parametrize("data", [b"%PDF-1.7 garbage", b"hello", b"\0" * 100])
def test_a_broken_file_is_refused(data: bytes, only: Only) -> None:
    with pytest.raises(Refused, match="not a PDF that can be read"):
        only("role.pdf", data)


def test_too_many_pages(only: Only, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    document = pypdfium2.PdfDocument.new()
    for _ in range(3):
        document.new_page(100, 100)
    stream = io.BytesIO()
    document.save(stream)
    with pytest.raises(Refused, match="too long: 3 pages, at most 2; split it"):
        only("role.pdf", stream.getvalue())


def test_two_lines_of_one_heading_are_one(only: Only) -> None:
    wide = ParagraphStyle("wide", parent=TITLE, fontSize=30, leading=34)
    document = only("role.pdf", built(Paragraph("Senior Machine Learning Engineer, Recommendations", wide), Paragraph(SENTENCE * 2, BODY)))
    assert document.title == "Senior Machine Learning Engineer, Recommendations"

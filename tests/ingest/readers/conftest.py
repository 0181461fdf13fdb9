"""Ways to read bytes as if they were a file, and one role written in every format."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import TypeAlias

import docx
import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, ListFlowable, ListItem, Paragraph, SimpleDocTemplate

from ingest.documents import Document, ReaderRefusal
from ingest.readers import read

Contents: TypeAlias = Callable[[str, bytes | str], list[Document | ReaderRefusal]]
Only: TypeAlias = Callable[[str, bytes | str], Document]

TITLE = "Senior Platform Engineer"
INTRO = (
    "You look after the platform that thirty product teams build on, and you make it so dull to operate that nobody talks about it. "
    "You will be based in Zürich, Kraków or at home."
)
DUTIES = [
    "Run the Kubernetes clusters in three regions, from capacity planning to the upgrade that nobody notices because it was rehearsed twice",
    "Mentor four engineers & review their designs",
    "Take part in an on-call rota of six people",
]
NEEDS = ["Five years of Linux in production", "Go or Python, well tested"]
TERMS = "Thirty days of holiday, a pension and a quiet desk; salary by agreement."


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """Reads bytes under a name: what the file holds."""

    def contents_of(name: str, data: bytes | str) -> list[Document | ReaderRefusal]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return [part.content for part in read(path)]

    return contents_of


@pytest.fixture
def only(contents: Contents) -> Only:
    """Reads bytes under a name that hold a single document."""

    def only_document(name: str, data: bytes | str) -> Document:
        (content,) = contents(name, data)
        assert isinstance(content, Document)
        return content

    return only_document


@pytest.fixture
def same_role() -> dict[str, bytes]:
    """One role in every format, by file name."""
    text = _text()
    html = _html()
    posting = {"@context": "https://schema.org", "@type": "JobPosting", "title": TITLE, "description": html}
    record = {"id": "17", "title": TITLE, "text": text}
    page = f"<html><head><title>{TITLE} | Acme</title></head><body><nav><a href='/'>Jobs</a></nav><main><h1>{TITLE}</h1>{html}</main></body></html>"
    markdown = _markdown()
    return {
        "role.md": markdown.encode(),
        "role.markdown": markdown.encode("utf-16"),
        "role.txt": f"{TITLE}\n\n{text}".encode(),
        "role.text": f"{TITLE}\r\n\r\n{text}".replace("\n", "\r\n").encode("cp1252"),
        "role.html": page.encode(),
        "role.htm": page.encode("cp1252"),
        "role.pdf": _pdf(),
        "role.docx": _docx(),
        "role.csv": _csv(text),
        "role.json": json.dumps([record]).encode(),
        "role.jsonl": json.dumps(record).encode(),
        "role.ndjson": json.dumps({**record, "text": html}).encode(),
        "role.jsonld": json.dumps({"@graph": [posting]}).encode(),
        "role.md.gz": gzip.compress(markdown.encode()),
        "role.zip": _zip("roles/platform.md", markdown.encode()),
    }


@pytest.fixture
def expected_role() -> tuple[str, list[tuple[str, str]]]:
    """The title of that role, and its blocks below the title."""
    blocks = [
        ("paragraph", INTRO),
        ("heading", "Responsibilities"),
        *(("item", duty) for duty in DUTIES),
        ("heading", "Requirements"),
        *(("item", need) for need in NEEDS),
        ("heading", "Benefits"),
        ("paragraph", TERMS),
    ]
    return TITLE, blocks


def _text() -> str:
    wrapped = fill(INTRO, 72)
    duties = "\n".join(fill(duty, 72, initial_indent="- ", subsequent_indent="  ") for duty in DUTIES)
    needs = "\n".join(f"* {need}" for need in NEEDS)
    return f"{wrapped}\n\nResponsibilities\n----------------\n{duties}\n\nRequirements:\n{needs}\n\nBenefits\n--------\n\n{TERMS}\n"


def _markdown() -> str:
    duties = "\n".join(f"* {duty}" for duty in DUTIES)
    needs = "\n".join(f"1. {need}" for need in NEEDS)
    return f"# {TITLE}\n\n{INTRO}\n\n##Responsibilities\n\n{duties}\n\n## Requirements\n\n{needs}\n\nBenefits\n--------\n{TERMS}\n"


def _html() -> str:
    duties = "".join(f"<li>{duty.replace('&', '&amp;')}</li>" for duty in DUTIES)
    needs = "".join(f"<li><p>{need}</p></li>" for need in NEEDS)
    return f"<p>{INTRO}</p><h2>Responsibilities</h2><ul>{duties}</ul><h2><button>Requirements</button></h2><ol>{needs}</ol><h2>Benefits</h2><div>{TERMS}</div>"


def _csv(text: str) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["Job ID", "Job Title", "Description"])
    writer.writerow(["17", TITLE, text])
    return stream.getvalue().encode("utf-8-sig")


def _pdf() -> bytes:
    styles = getSampleStyleSheet()

    def items(texts: list[str]) -> Flowable:
        return ListFlowable([ListItem(Paragraph(text.replace("&", "&amp;"), styles["BodyText"])) for text in texts], bulletType="bullet")

    stream = io.BytesIO()
    SimpleDocTemplate(stream, title="Microsoft Word - x.doc").build(
        [
            Paragraph(TITLE, styles["Title"]),
            Paragraph(INTRO, styles["BodyText"]),
            Paragraph("Responsibilities", styles["Heading2"]),
            items(DUTIES),
            Paragraph("Requirements", styles["Heading2"]),
            items(NEEDS),
            Paragraph("Benefits", styles["Heading2"]),
            Paragraph(TERMS, styles["BodyText"]),
        ]
    )
    return stream.getvalue()


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading(TITLE, 0)
    document.add_paragraph(INTRO)
    document.add_heading("Responsibilities", 1)
    for duty in DUTIES:
        document.add_paragraph(duty, style="List Bullet")
    document.add_heading("Requirements", 1)
    for need in NEEDS:
        document.add_paragraph(need, style="List Number")
    document.add_heading("Benefits", 1)
    document.add_paragraph(TERMS)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _zip(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()

"""Roles written as files of every format that an ingest reads, the way people would write them."""

import html
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from docx import Document
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import ListFlowable, ListItem, Paragraph, SimpleDocTemplate

from ingest.documents import BlockKind
from search.records import Role


def parts_of(role: Role) -> Iterator[tuple[BlockKind, str]]:
    """The headings, paragraphs and list items of a role's text, in order; an item without its hyphen."""
    headings = {section.start - 1 - len(section.heading): section.heading for section in role.sections if section.heading}
    place = 0
    for line in role.text.split("\n"):
        stripped = line.strip()
        if stripped and any(place <= start < place + len(line) + 1 and heading in line for start, heading in headings.items()):
            yield BlockKind.HEADING, stripped
        elif stripped:
            yield (BlockKind.ITEM, stripped.removeprefix("- ")) if stripped.startswith("- ") else (BlockKind.PARAGRAPH, stripped)
        place += len(line) + 1


def write_markdown(role: Role, path: Path) -> None:
    """Headings with #, items with *."""
    signs = {BlockKind.HEADING: "## ", BlockKind.ITEM: "* ", BlockKind.PARAGRAPH: ""}
    path.write_text("\n\n".join([f"# {role.title}", *(signs[kind] + text for kind, text in parts_of(role))]) + "\n", encoding="utf-8")


def write_text(role: Role, path: Path) -> None:
    """The title on the first line, headings in capitals on lines of their own, items with bullets; in the encoding of Windows where that can write it."""
    written = "\r\n\r\n".join(
        [
            role.title,
            *(text.upper() if kind is BlockKind.HEADING else f"• {text}" if kind is BlockKind.ITEM else text for kind, text in parts_of(role)),
        ]
    )
    try:
        path.write_bytes(written.encode("cp1252"))
    except UnicodeEncodeError:
        path.write_text(written, encoding="utf-16")


def write_html(role: Role, path: Path) -> None:
    """A page with a title and navigation around the advert."""
    tags = {BlockKind.HEADING: "h2", BlockKind.ITEM: "li", BlockKind.PARAGRAPH: "p"}
    body = "\n".join(f"<{tags[kind]}>{html.escape(text)}</{tags[kind]}>" for kind, text in parts_of(role))
    title = html.escape(role.title)
    page = (
        f"<!doctype html><html><head><title>{title} | Jobs</title></head><body><nav><a href='/'>Home</a></nav><main><h1>{title}</h1>{body}</main></body></html>"
    )
    path.write_text(page, encoding="utf-8")


def write_word(role: Role, path: Path) -> None:
    """With Word's own styles for headings and bullets."""
    document = Document()
    document.add_heading(role.title, 1)
    for kind, text in parts_of(role):
        if kind is BlockKind.HEADING:
            document.add_heading(text, 2)
        else:
            document.add_paragraph(text, style="List Bullet" if kind is BlockKind.ITEM else None)
    document.save(str(path))


def write_pdf(role: Role, path: Path) -> None:
    """On A4 pages, with real bullets and words broken over lines."""
    styles = getSampleStyleSheet()
    flow = [Paragraph(html.escape(role.title), styles["Title"])]
    for kind, text in parts_of(role):
        paragraph = Paragraph(html.escape(text), styles["Heading2" if kind is BlockKind.HEADING else "BodyText"])
        flow.append(ListFlowable([ListItem(paragraph)], bulletType="bullet") if kind is BlockKind.ITEM else paragraph)
    SimpleDocTemplate(str(path), pagesize=A4, title=role.title, invariant=1).build(flow)


def write_record(role: Role, path: Path) -> None:
    """One record with title and text, and no other field."""
    path.write_text(json.dumps({"title": role.title, "text": role.text}, ensure_ascii=False) + "\n", encoding="utf-8")


WRITERS: Mapping[str, Callable[[Role, Path], None]] = {
    ".md": write_markdown,
    ".txt": write_text,
    ".html": write_html,
    ".docx": write_word,
    ".pdf": write_pdf,
    ".jsonl": write_record,
}

"""Markdown to documents: front matter, then CommonMark with tables, read by way of HTML so that embedded HTML takes the same path."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from markdown_it import MarkdownIt

from ingest.documents import Document
from ingest.readers import fields, front_matter
from ingest.readers.blocks import clean
from ingest.readers.encodings import decode
from ingest.readers.markup import blocks_from_html
from ingest.readers.streams import read_all
from search.errors import Refused

# Beyond maxNesting markdown-it drops what it finds; its own 20 is below what a deep list in a quotation takes.
_PARSER = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
# "##Heading" without a space, or with one that does not break, is no heading in CommonMark, but was meant as one. A single # may be a tag
# ("#hiring").
_TIGHT_HEADING = re.compile(r"^( {0,3}#{2,6})(?=[^#\s]|\u00a0)")
_HEADING = re.compile(r"^#{1,6}\s")
# "Place: Leeds" above "Team: six" was meant to stay two lines, which CommonMark would join.
_LABELLED = re.compile(r"^(?:\*\*|__)?[^\W_a-z][^:]{0,30}:(?:\*\*|__)?\s+\S")
# Jekyll's tags and kramdown's attribute lists, which only their programs read.
_TEMPLATE_LINE = re.compile(r"^\s*(?:\{%.*%\}|\{:.*\})\s*$")


def read(stream: BinaryIO, name: str) -> Iterator[Document]:
    """A Markdown file, whole. `title` and `id` in its front matter are the document's."""
    values, body = front_matter.split(decode(read_all(stream)))
    blocks = blocks_from_html(_PARSER.render(_mended(body)))
    blocks += front_matter.blocks_of(values, alone=not blocks)
    if not blocks:
        raise Refused("no text: " + ("front matter and nothing below it" if values else "the file holds no words"))
    title = values.get("title")
    yield Document(
        blocks,
        title=clean(str(title)) or None if isinstance(title, str | int | float) else None,
        record_id=fields.record_id_of(values.get("id")),
        attributes=front_matter.attributes_of(values),
    )


def _mended(text: str) -> str:
    """`text` as CommonMark wants it where authors rely on less strict programs, and without template lines; code blocks stay as they are."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        if match := _FENCE.match(line):
            fence = "" if fence and match[1].startswith(fence) else fence or match[1]
        elif not fence:
            line = "" if _TEMPLATE_LINE.match(line) else _TIGHT_HEADING.sub(r"\1 ", line)
            if _HEADING.match(line):
                # Right below an HTML element a heading would be taken for part of it.
                lines.append("")
            elif _LABELLED.match(line) and lines and _LABELLED.match(lines[-1]):
                lines[-1] += "  "
        lines.append(line)
    return "\n".join(lines)

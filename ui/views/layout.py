"""A role's plain text as headings, paragraphs and lists. Every block is a span of the text, so that marks stay where they belong."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from search.records import Section
from ui.views.markup import Mark, html_of, moved

DEEPEST = 3


class Shape(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """[start, end) of a text; of a list item without its "- ". `depth` counts the headings or items that it is nested in."""

    shape: Shape
    start: int
    end: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(r"(?P<indent> *)- +(?=\S)")


def blocks_of(text: str, sections: Sequence[Section] = ()) -> list[Block]:
    """The blocks of a text, in order. A line is a heading where it stands between two sections' bodies and the later one names it."""
    blocks: list[Block] = []
    previous = _Line("", -1)
    for line in (_Line(match[0], match.start()) for match in _LINE.finditer(text)):
        depth = _heading_depth(line, sections)
        if depth is not None:
            blocks.append(Block(Shape.HEADING, line.start, line.end, depth))
        elif item := _ITEM.match(line.text):
            blocks.append(Block(Shape.ITEM, line.start + item.end(), line.end, min(len(item["indent"]) // 2, DEEPEST)))
        elif _goes_on(line, previous, blocks):
            blocks[-1] = Block(blocks[-1].shape, blocks[-1].start, line.end, blocks[-1].depth)
        elif line.text.strip():
            blocks.append(Block(Shape.PARAGRAPH, line.start, line.end))
        previous = line
    return blocks


def html_of_blocks(text: str, blocks: Iterable[Block], marks: Sequence[Mark] = ()) -> str:
    """Headings as h3 and below, paragraphs, and one list for the items that follow each other."""
    parts: list[str] = []
    for shape, run in groupby(blocks, key=lambda block: block.shape):
        elements = "".join(_element(text, block, marks) for block in run)
        parts.append(f'<ul class="rs-list">{elements}</ul>' if shape is Shape.ITEM else elements)
    return "".join(parts)


def _element(text: str, block: Block, marks: Sequence[Mark]) -> str:
    content = html_of(text[block.start : block.end], moved(marks, block.start, block.end))
    if block.shape is Shape.HEADING:
        level = min(3 + block.depth, 6)
        return f"<h{level}>{content}</h{level}>"
    return f'<li class="rs-deep{block.depth}">{content}</li>' if block.shape is Shape.ITEM else f"<p>{content}</p>"


def _heading_depth(line: _Line, sections: Sequence[Section]) -> int | None:
    if any(section.start <= line.start < section.end for section in sections):
        return None
    following = next((section for section in sections if section.start >= line.end), None)
    names = _names(following) if following else []
    return names.index(line.text.strip()) if line.text.strip() in names else None


def _names(section: Section) -> list[str]:
    return [*(name.strip() for name in section.above), section.heading.strip()] if section.heading else []


def _goes_on(line: _Line, previous: _Line, blocks: Sequence[Block]) -> bool:
    """Whether the line belongs to the block before it: the next line of a paragraph, or an indented one below a list item."""
    if not blocks or not line.text.strip() or previous.end + 1 != line.start or blocks[-1].end != previous.end:
        return False
    return blocks[-1].shape is Shape.PARAGRAPH or (blocks[-1].shape is Shape.ITEM and line.text.startswith(" "))

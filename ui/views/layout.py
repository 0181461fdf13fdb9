"""A role's plain text as headings, paragraphs and lists. Every block is a span of the text, so that marks stay where they belong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

from search.records import Section
from ui.views.markup import Mark, escaped, html_of, moved

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


def html_of_blocks(text: str, blocks: Iterable[Block], marks: Sequence[Mark] = (), anchors: Mapping[int, str] | None = None) -> str:
    """Headings as h3 and below, paragraphs, and nested lists for the items that follow each other.

    `anchors` names places of the text: the block around such a place gets the name as its id; further ones in the same block stand there by themselves.
    """
    parts: list[str] = []
    for shape, run in groupby(blocks, key=lambda block: block.shape):
        elements = [(block.depth, _element(text, block, marks, anchors or {})) for block in run]
        parts.append(_nested(elements) if shape is Shape.ITEM else "".join(element for _, element in elements))
    return "".join(parts)


def _nested(items: Sequence[tuple[int, str]]) -> str:
    """List items as lists within lists, by depth."""
    parts: list[str] = []
    depth = -1
    for item_depth, element in items:
        parts.append("<ul>" * (item_depth - depth) + "</ul>" * (depth - item_depth) + element)
        depth = item_depth
    return "".join(parts) + "</ul>" * (depth + 1)


def _element(text: str, block: Block, marks: Sequence[Mark], anchors: Mapping[int, str]) -> str:
    tag = {Shape.HEADING: f"h{min(3 + block.depth, 6)}", Shape.PARAGRAPH: "p", Shape.ITEM: "li"}[block.shape]
    places = [place for place in sorted(anchors) if block.start <= place < block.end]
    name = f' id="{escaped(anchors[places[0]])}"' if places else ""
    cuts = [block.start, *places[1:], block.end]
    parts = [html_of(text[start:end], moved(marks, start, end)).replace("\n", "<br>") for start, end in pairwise(cuts)]
    spans = ["", *(f'<span id="{escaped(anchors[place])}"></span>' for place in cuts[1:-1])]
    return f"<{tag}{name}>{''.join(span + part for span, part in zip(spans, parts, strict=True))}</{tag}>"


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

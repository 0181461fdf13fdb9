"""Plain text to blocks: paragraphs, wrapped lines, lists and headings told apart by how they look. Also for text inside records."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from ingest.documents import Block, Document
from ingest.readers.blocks import BlockList, clean, has_words, same_words, without_bullet
from ingest.readers.encodings import decode
from ingest.readers.streams import read_all
from search.errors import Refused

_UNDERLINE = re.compile(r"^\s*(={3,}|-{3,}|~{3,}|_{3,}|\*{3,})\s*$")
_HASHES = re.compile(r"^ {0,3}(#{1,6})\s+(\S.*?)\s*#*\s*$")
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)]|\(?[a-z][.)]|\([ivx]{1,4}\))\s+(?=\S)")
_LETTER_O = re.compile(r"^\s*o\s+(?=\S)")
# Signs that also stand within sentences, and then at the head of a wrapped line.
_WEAK_BULLET = re.compile(r"^\s*[+–—]\s")
_BOLD_LINE = re.compile(r"^\s*(?:\*\*|__)(?=\S)([^*]+?)(?:\*\*|__)\s*:?\s*$")
_EMPHASIS = re.compile(r"\*\*(\S(?:[^*]*?\S)?)\*\*")
_LABELLED = re.compile(r"^\s*[^\W_a-z][^:]{0,30}:\s+\S")
_SENTENCE_END = (".", "!", "?", ";", ",")

# Lines this long on the whole are wrapped by an editor or mail program; longer ones are whole paragraphs, shorter ones are lines of their own.
_WRAP_WIDTHS = range(55, 121)
# A heading in capitals or at the head of a list, a heading that ends in a colon, and a title, in words: longer lines are sentences.
_CAPITAL_WORDS, _LONE_WORDS, _SHORT_WORDS, _TITLE_WORDS = 10, 8, 6, 14
_TITLE_LENGTH = 100
_TAB_WIDTH = 4


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    listed: str | None = None
    indent: int = 0
    depth: int = 0
    after_blank: bool = True
    before_blank: bool = True

    @property
    def words(self) -> int:
        return len(self.text.split())


def read(stream: BinaryIO, name: str) -> Iterator[Document]:
    """A text file, whole; a short first line that stands out is a level-1 heading."""
    text = decode(read_all(stream))
    title, rest = _title_line(text)
    found = BlockList()
    found.heading(title, 1)
    found.extend(blocks_from_text(rest))
    if not found.blocks:
        raise Refused("no text: the file holds no words")
    yield Document(found.blocks)


def blocks_from_text(text: str) -> list[Block]:
    """The blocks of plain text. Headings are of level 2, or what underlines and hashes make them."""
    raw = text.expandtabs(_TAB_WIDTH).replace("\f", "\n\n").splitlines()
    lines = _lines(raw)
    width = _wrap_width(lines)
    found = BlockList()
    index = 0
    while index < len(lines):
        index = _take(lines, index, width, found)
    return found.blocks


def _title_line(text: str) -> tuple[str, str]:
    """The title and the rest; the title is "" where the first line is no title."""
    stripped = text.lstrip("\ufeff \t\r\n\f\v")
    first, _, rest = stripped.partition("\n")
    if len(first) > _TITLE_LENGTH or len(first.split()) > _TITLE_WORDS or not has_words(first):
        return "", stripped
    second, _, behind = rest.partition("\n")
    if _UNDERLINE.match(second) and second.strip():
        return first, behind
    if match := _HASHES.match(first):
        return (match[2], rest) if len(match[1]) == 1 else ("", stripped)
    if first.rstrip().endswith((*_SENTENCE_END, ":")) or without_bullet(first) is not None or _NUMBERED.match(first):
        return "", stripped
    # "Location: London" above other such lines is a label, unless it stands alone.
    stands_out = not second.strip() or _in_capitals(first) or _is_heading_line(second) or len(second.strip()) > max(_WRAP_WIDTHS)
    return (first, rest) if stands_out and rest.strip() else ("", stripped)


def _is_heading_line(line: str) -> bool:
    return bool(_HASHES.match(line)) or _in_capitals(line)


def _lines(raw: Sequence[str]) -> list[_Line]:
    """The lines with words, and underlines; each knows whether it is a list item and whether blanks are around it."""
    lines: list[_Line] = []
    in_list = False
    for index, text in enumerate(raw):
        if not text.strip():
            continue
        after_blank = index == 0 or not raw[index - 1].strip()
        before_blank = index + 1 == len(raw) or not raw[index + 1].strip()
        in_list = not after_blank and in_list
        opens = after_blank or in_list or (bool(lines) and _introduces(lines[-1].text))
        listed = _listed(text, opens)
        in_list = in_list or listed is not None
        indent = len(text) - len(text.lstrip())
        lines.append(_Line(text, listed, indent, after_blank=after_blank, before_blank=before_blank))
    return _with_depths(lines)


def _introduces(text: str) -> bool:
    """Whether a list may stand right below a line."""
    return text.rstrip().endswith(":") or _is_heading_line(text) or bool(_UNDERLINE.match(text) or _BOLD_LINE.match(text))


def _listed(text: str, opens: bool) -> str | None:
    """The text of a list item without its sign. Weak signs count only where a list may begin (`opens`): wrapped sentences hold them too."""
    if _UNDERLINE.match(text):
        return None
    if not _WEAK_BULLET.match(text) and (listed := without_bullet(text)) is not None:
        return listed
    if not opens:
        return None
    match = _NUMBERED.match(text) or _LETTER_O.match(text)
    return text[match.end() :] if match else without_bullet(text)


def _wrap_width(lines: Sequence[_Line]) -> int:
    """The column at which lines were wrapped, 0 where they were not."""
    lengths = sorted(len(line.text.rstrip()) for line in lines if not line.before_blank and not _is_heading_line(line.text))
    if not lengths:
        return 0
    width = lengths[int(0.95 * (len(lengths) - 1))]
    full = sum(length >= 0.7 * width for length in lengths)
    return width if width in _WRAP_WIDTHS and full >= 0.4 * len(lengths) else 0


def _take(lines: Sequence[_Line], index: int, width: int, found: BlockList) -> int:
    """Add the block that begins at `index`; the index of the first line behind it."""
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else None
    if match := _HASHES.match(line.text):
        found.heading(_plain(match[2]), len(match[1]))
        return index + 1
    if following and line.listed is None and not line.before_blank and (rule := _UNDERLINE.match(following.text)):
        found.heading(_plain(line.text), 1 if rule[1].startswith("=") else 2)
        return index + 2
    if match := _BOLD_LINE.match(line.text):
        found.paragraph(match[1].rstrip(" :"), bold=True)
        return index + 1
    if _is_heading(lines, index):
        found.heading(_plain(line.text).rstrip(" :"), 2)
        return index + 1
    return _take_text(lines, index, width, found)


def _take_text(lines: Sequence[_Line], index: int, width: int, found: BlockList) -> int:
    first = lines[index]
    pieces = [first.text if first.listed is None else first.listed]
    end = index + 1
    while end < len(lines) and _continues(lines, end, width, first):
        pieces.append(lines[end].text)
        end += 1
    joined = _plain(_unwrapped(pieces))
    if first.listed is None:
        found.paragraph(joined)
    else:
        found.item(joined, first.depth)
    return end


def _continues(lines: Sequence[_Line], index: int, width: int, first: _Line) -> bool:
    """Whether the line at `index` was wrapped off the one before it."""
    line, before = lines[index], lines[index - 1]
    if line.after_blank or line.listed is not None or _UNDERLINE.match(line.text) or _HASHES.match(line.text):
        return False
    if first.listed is not None and line.indent > first.indent and not _LABELLED.match(line.text):
        return True
    if not width or _is_heading(lines, index):
        return False
    ended = before.text.rstrip().endswith((".", "!", "?", ":", ";"))
    if _LABELLED.match(line.text):
        # "Salary: …" below "Location: …" is a line of its own.
        return not ended and not _LABELLED.match(first.text) and _is_full(before, line, width)
    return _is_full(before, line, width) or (not ended and line.text.lstrip()[:1].islower())


def _is_full(before: _Line, line: _Line, width: int) -> bool:
    """Whether the line's first word would not have fitted above it; with some room for programs that count differently."""
    return len(before.text.rstrip()) + 1 + len(line.text.split()[0]) > 0.9 * width


def _is_heading(lines: Sequence[_Line], index: int) -> bool:
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else None
    if line.listed is not None or not has_words(line.text) or not _opens_paragraph(lines, index):
        return False
    text = line.text.strip()
    if _in_capitals(text):
        return following is not None
    if following is None or not _begins_like_heading(text):
        return False
    if text.endswith(":"):
        return line.words <= _SHORT_WORDS
    if text.endswith(_SENTENCE_END) or line.words > _LONE_WORDS or _LABELLED.match(text) or not line.after_blank:
        return False
    if following.listed is not None:
        return True
    # Above prose, with or without a blank line between, "Acme Ltd, Group IT, Leeds" and other addresses are none.
    return _is_prose(following) and text.count(",") < 2 and (line.before_blank or line.words <= _SHORT_WORDS)


def _opens_paragraph(lines: Sequence[_Line], index: int) -> bool:
    if index == 0 or lines[index].after_blank:
        return True
    before = lines[index - 1]
    complete = before.text.rstrip().endswith((".", "!", "?", ":"))
    return before.listed is not None or complete or bool(_UNDERLINE.match(before.text)) or _in_capitals(before.text)


def _in_capitals(text: str) -> bool:
    if not text.isupper() or text.rstrip().endswith((".", ",", ";")) or len(text.split()) > _CAPITAL_WORDS:
        return False
    return sum(map(str.isalpha, text)) >= 3


def _begins_like_heading(text: str) -> bool:
    first = next((character for character in text if character.isalnum()), "")
    return not first.islower()


def _is_prose(line: _Line) -> bool:
    return line.words > _LONE_WORDS or line.listed is not None


def _with_depths(lines: Sequence[_Line]) -> list[_Line]:
    """List items with their depth: how many lists of smaller indentation they stand in."""
    indents: list[int] = []
    placed = []
    for line in lines:
        if line.listed is not None:
            indents = [indent for indent in indents if indent < line.indent] + [line.indent]
            placed.append(replace(line, depth=len(indents) - 1))
        else:
            # What hangs below an item leaves its list open; other text ends it.
            indents = [indent for indent in indents if indent < line.indent]
            placed.append(line)
    return placed


def _unwrapped(pieces: Sequence[str]) -> str:
    """Wrapped lines as one; a word parted by a soft hyphen at the line's end grows together, one with a hard hyphen keeps it."""
    joined = [pieces[0].rstrip()]
    for piece in pieces[1:]:
        before, text = joined[-1], piece.strip()
        tight = before.endswith("\u00ad") or (before.endswith("-") and before[-2:-1].isalnum() and text[:1].isalpha())
        joined.append(text if tight else f" {text}")
    return "".join(joined)


def _plain(text: str) -> str:
    return _EMPHASIS.sub(r"\1", clean(text))


def first_line_dropped(text: str, title: str) -> str:
    """`text` without a first line that only repeats `title`."""
    first, _, rest = text.lstrip().partition("\n")
    return rest if has_words(first) and same_words(first, title) else text

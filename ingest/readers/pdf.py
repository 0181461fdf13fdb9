"""PDF to blocks: the lines of the text layer, grouped by their place, size and weight into headings, paragraphs and list items."""

import ctypes
import math
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import Any, BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.documents import Block, BlockKind, Document
from ingest.readers.blocks import BlockList, clean, has_words, without_bullet
from ingest.readers.streams import read_all
from search.errors import Refused

MAX_PAGES = 500
# PDFium must not be entered by two threads at once.
_PDFIUM = threading.Lock()

# Measured on reports, letters and adverts: headings are at least this much larger than the body, or bold; and no longer than this.
_LARGER, _HEADING_WORDS = 1.12, 16
_BOLD_WEIGHT = 600
_BOLD_NAME = re.compile(rb"bold|black|heavy|semibold|demi", re.IGNORECASE)
_FONT_NAME_BYTES = 128
# A gap between lines of this many usual line pitches begins a new paragraph.
_PARAGRAPH_GAP = 1.35
# Below this many pitches to learn from, lines are taken for set at most this far apart, in sizes.
_LONGEST_WORD = 60
_FEW_PITCHES, _SINGLE_SPACING = 6, 1.3
# A line that ends this share of the text's width before its right edge ends its paragraph, where it also ends a sentence.
_SHORT_LINE = 0.2
_VERY_SHORT_LINE = 0.4
# The title stands within this many lines of the start: a logo's words, a date or a reference may come before it.
_TITLE_WITHIN = 4
# Lines at the head and foot of a page that are compared with those of the other pages.
_EDGE_LINES = 3
_RUNNING_SHARE, _RUNNING_PAGES = 0.5, 3
# PDFium's sign for a hyphen at the end of a line.
_LINE_END_HYPHEN = 2
_PAGE_NUMBER = re.compile(r"^\W*(?:page|seite|p\.)?\s*(?:\d{1,4}\s*(?:(?:/|of|von|de|sur)\s*\d{1,4})?|[ivx]{1,6})\W*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\(?(?:\d{1,2}|[a-z])[.)]\s+(?=\S)")
_LETTER_O = re.compile(r"^o\s+(?=\S)")
# What programs write into the title property by themselves.
_FAKE_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint)\b.*|(?:word )?document ?\d*|untitled.*|\(?anonymous\)?|\(?unspecified\)?|title|print"
    r"|.*\.(?:docx?|pdf|rtf|odt|indd|pages|html?))$",
    re.IGNORECASE,
)
# Compounds whose hyphen stays when a line ends behind it; elsewhere the hyphen was put in to part the word.
_COMPOUND = re.compile(
    r"(?:^|\W)(?:all|co|cross|customer|data|day|decision|end|event|ex|face|fast|full|hands|high|in|long|low|mid|multi|non|on|open|part|post|pre"
    r"|problem|real|result|results|self|senior|short|state|team|test|third|top|two|user|vice|well|world)-$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the text layer; `bold` from end to end. Coordinates in points, from the page's lower left corner."""

    text: str
    page: int
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is usual in a document: the body's size and line pitch, its edges, and the sizes of headings, largest first."""

    size: float
    pitch: float
    left: float
    right: float
    heading_sizes: tuple[float, ...]
    has_title: bool

    def is_heading(self, line: _Line) -> bool:
        """Whether a line is short, and larger than the body or bold."""
        text = line.text
        if len(text.split()) > _HEADING_WORDS or not has_words(text) or without_bullet(text) is not None:
            return False
        return self.is_larger(line) or (line.bold and line.size >= 0.95 * self.size and not text.endswith((".", ",", ";")))

    def is_larger(self, line: _Line) -> bool:
        """Whether a line's size sets it apart from the body."""
        return line.size >= _LARGER * self.size

    def level(self, line: _Line) -> int:
        """The level of a heading by its size; headings of the body's size come below all others. 1 is kept for the title."""
        rank = next((rank for rank, size in enumerate(self.heading_sizes) if line.size >= size - 0.25), len(self.heading_sizes))
        return rank + (1 if self.has_title else 2)


def read(stream: BinaryIO, name: str) -> Iterator[Document]:
    """A PDF with a text layer, whole. Its biggest heading, where it comes first, is its title, else the one in its properties."""
    data = read_all(stream)
    with _PDFIUM:
        lines, pages, stated = _extract(data)
    if not any(has_words(line.text) for line in lines):
        plural = "page" if pages == 1 else "pages"
        raise Refused(f"scanned: {pages} {plural}, no text layer; run OCR on it, such as `ocrmypdf in.pdf out.pdf`, and ingest again")
    blocks = _blocks(_without_running_lines(lines, pages) or lines)
    if not blocks:
        raise Refused("no text: the file holds no words")
    first = next((block.text for block in blocks if block.kind is BlockKind.HEADING and block.level == 1), None)
    telling = has_words(stated) and not _FAKE_TITLE.match(stated)
    yield Document(blocks, first or (stated if telling else None))


def _extract(data: bytes) -> tuple[list[_Line], int, str]:
    """Lines of all pages, the number of pages, and the title in the file's properties."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
            cure = "save a copy without one, such as `qpdf --decrypt --password=… in.pdf out.pdf`, and ingest that"
            raise Refused(f"encrypted: it opens only with a password; {cure}") from error
        raise Refused(f"not a PDF that can be read: {error}; make or fetch the file again") from error
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise Refused(f"too long: {pages} pages, at most {MAX_PAGES}; split it")
        lines = [line for number in range(pages) for line in _page_lines(document, number)]
        return lines, pages, clean(document.get_metadata_dict().get("Title") or "")
    except pdfium.PdfiumError as error:
        raise Refused(f"not a PDF that can be read: {error}; make or fetch the file again") from error
    finally:
        document.close()


def _page_lines(document: Any, number: int) -> Iterator[_Line]:
    page = document[number]
    text = page.get_textpage()
    try:
        words: list[_Character] = []
        for index in range(text.count_chars()):
            code = pdfium_c.FPDFText_GetUnicode(text, index)
            letter = _letter(code)
            if letter not in ("\r", "\n"):
                words.append(_character(text, index, letter))
            # Behind a hyphen at the end of a line PDFium writes no line end.
            if letter in ("\r", "\n") or (letter == "-" and code == _LINE_END_HYPHEN):
                yield from _line(words, number)
                words = []
        yield from _line(words, number)
    finally:
        text.close()
        page.close()


@dataclass(frozen=True, slots=True)
class _Character:
    letter: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


def _letter(code: int) -> str:
    if code == _LINE_END_HYPHEN:
        return "-"
    return chr(code) if 0 < code < 0x110000 else ""


def _character(text: Any, index: int, letter: str) -> _Character:
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    pdfium_c.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
    return _Character(letter, left.value, right.value, y.value, _size(text, index), letter.isalnum() and _is_bold(text, index))


def _size(text: Any, index: int) -> float:
    """The size as it is seen: many programs write size 1 and scale it."""
    matrix = pdfium_c.FS_MATRIX()
    scale = math.hypot(matrix.c, matrix.d) if pdfium_c.FPDFText_GetMatrix(text, index, matrix) else 1.0
    return float(pdfium_c.FPDFText_GetFontSize(text, index)) * (scale or 1.0)


def _is_bold(text: Any, index: int) -> bool:
    # The weight is 0 for the fonts that every reader has, and wrong in some others: the name decides with it.
    buffer, flags = ctypes.create_string_buffer(_FONT_NAME_BYTES), ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(text, index, buffer, _FONT_NAME_BYTES, flags)
    return bool(_BOLD_NAME.search(buffer.value)) or pdfium_c.FPDFText_GetFontWeight(text, index) >= _BOLD_WEIGHT


def _line(characters: Sequence[_Character], page: int) -> Iterator[_Line]:
    seen = [character for character in characters if character.letter.strip()]
    if not seen:
        return
    worded = [character for character in seen if character.letter.isalnum()]
    yield _Line(
        # Private-use characters are kept here: some are the bullets of symbol fonts.
        text=" ".join("".join(character.letter for character in characters).split()),
        page=page,
        left=seen[0].left,
        right=max(character.right for character in seen),
        baseline=median(character.baseline for character in seen),
        size=round(median(character.size for character in worded or seen), 1),
        bold=bool(worded) and all(character.bold for character in worded),
    )


def _without_running_lines(lines: Sequence[_Line], pages: int) -> list[_Line]:
    """The lines without page numbers, and without what stands at the head or foot of most pages."""
    body = _usual_size(lines)
    edges = [line for _, page in groupby(lines, key=lambda line: line.page) for line in _edges(list(page), body)]
    seen = Counter(_running_key(line) for line in set(edges))
    often = min(max(2, math.ceil(_RUNNING_SHARE * pages)), _RUNNING_PAGES)
    running = {line for line in edges if seen[_running_key(line)] >= often or _PAGE_NUMBER.match(line.text) or _is_footer(line, body)}
    return [line for line in lines if line not in running]


def _is_footer(line: _Line, body: float) -> bool:
    """Whether a line at the edge of a page is set smaller than the text and begins or ends with the page's number."""
    words = line.text.split()
    return line.size < body and str(line.page + 1) in (words[0], words[-1])


def _usual_size(lines: Sequence[_Line]) -> float:
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0]


def _edges(lines: Sequence[_Line], body: float) -> list[_Line]:
    """The lines at the head and the foot of a page, by place: some programs write them before or after the text."""
    ordered = sorted(lines, key=lambda line: -line.baseline)
    near = [line for line in ordered[:_EDGE_LINES] + ordered[-_EDGE_LINES:] if line.size < _LARGER * body]
    # Larger ones only where nothing stands outside of them: with one role a page, "About the role" is in the same place on each.
    return [ordered[0], ordered[-1], *near]


def _running_key(line: _Line) -> tuple[str, int]:
    # Numbers change from page to page; the place does not, but for a point or two.
    return re.sub(r"\d+", "#", line.text), round(line.baseline / 8)


def _layout(lines: Sequence[_Line]) -> _Layout:
    size = _usual_size(lines)
    body = [line for line in lines if line.size == size]
    pitches = [above.baseline - below.baseline for above, below in pairwise(body) if above.page == below.page]
    usual = [pitch for pitch in pitches if 0 < pitch < 2.5 * size]
    layout = _Layout(
        size=size,
        pitch=_usual_pitch(usual, size),
        left=min(line.left for line in body),
        right=sorted(line.right for line in body)[int(0.9 * (len(body) - 1))],
        heading_sizes=(),
        has_title=False,
    )
    headings = [line for line in lines if layout.is_heading(line) and layout.is_larger(line)]
    sizes = tuple(sorted({line.size for line in headings}, reverse=True))
    # The title is the biggest heading where it comes first and is the only one of its size (it may run over a few lines).
    at = [number for number, line in enumerate(lines) if sizes and line.size == sizes[0] and layout.is_heading(line)]
    has_title = bool(at) and at[0] <= _TITLE_WITHIN and at[-1] - at[0] == len(at) - 1
    return replace(layout, heading_sizes=sizes, has_title=has_title)


def _usual_pitch(pitches: Sequence[float], size: float) -> float:
    """The distance of the lines of a paragraph: the smaller pitches are those. Few lines may all be paragraphs of their own."""
    if len(pitches) < _FEW_PITCHES:
        return min([*pitches, _SINGLE_SPACING * size])
    return sorted(pitches)[len(pitches) // 3]


def _blocks(lines: Sequence[_Line]) -> list[Block]:
    layout = _layout(lines)
    found = BlockList()
    hyphenated = _hyphenated_words(lines)
    indents: list[float] = []
    for group in _groups(lines, layout):
        first = group[0]
        if _is_heading_group(group, layout):
            found.heading(_joined(group, hyphenated), layout.level(first))
            indents = []
        elif (listed := _listed(first, layout)) is not None:
            indents = [indent for indent in indents if indent < first.left - 2] + [first.left]
            found.item(_joined([replace(first, text=listed), *group[1:]], hyphenated), len(indents) - 1)
        else:
            found.paragraph(_joined(group, hyphenated), bold=all(line.bold for line in group))
            indents = []
    return found.blocks


def _is_heading_group(group: Sequence[_Line], layout: _Layout) -> bool:
    return all(layout.is_heading(line) for line in group) and sum(len(line.text.split()) for line in group) <= _HEADING_WORDS


def _groups(lines: Sequence[_Line], layout: _Layout) -> Iterator[list[_Line]]:
    """Lines that belong together: one heading, paragraph or list item."""
    group: list[_Line] = []
    for line in lines:
        if group and not _continues(group, line, layout):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _continues(group: Sequence[_Line], line: _Line, layout: _Layout) -> bool:
    first, before = group[0], group[-1]
    if _listed(line, layout) is not None or _style(before, layout) != _style(line, layout):
        return False
    if _is_lone_bullet(first) and len(group) == 1:
        return True
    if line.page != before.page:
        # A sentence that runs over the page's end goes on in lower case.
        return not before.text.endswith((".", "!", "?", ":")) and line.text[:1].islower()
    gap = before.baseline - line.baseline
    pitch = layout.pitch * max(line.size / layout.size, 1.0)
    if abs(gap) < 0.3 * line.size:
        return True
    if not 0 < gap <= _PARAGRAPH_GAP * pitch:
        return False
    if layout.is_heading(line) and layout.is_heading(before):
        return True
    if _listed(first, layout) is not None:
        # The further lines of an item hang below its text, not below its sign.
        return line.left > first.left + 1 or not _ends_early(before, layout)
    indented = line.left > before.left + 0.8 * line.size and before is not first
    return not indented and not _ends_early(before, layout)


def _style(line: _Line, layout: _Layout) -> tuple[bool, bool, float]:
    larger = layout.is_larger(line)
    return layout.is_heading(line) and line.bold, larger, line.size if larger else 0.0


def _ends_early(line: _Line, layout: _Layout) -> bool:
    """Whether a line stops well before the right edge at the end of a sentence, or so early that it must be a line of its own."""
    room = (layout.right - line.right) / max(layout.right - layout.left, 1)
    return (room > _SHORT_LINE and line.text.endswith((".", "!", "?", ":"))) or room > _VERY_SHORT_LINE


def _is_lone_bullet(line: _Line) -> bool:
    return not has_words(line.text) and without_bullet(f"{line.text} x") is not None


def _listed(line: _Line, layout: _Layout) -> str | None:
    """The text of a list item without its sign, None for what is no item."""
    if _is_lone_bullet(line):
        return ""
    if (listed := without_bullet(line.text)) is not None:
        return listed
    match = _NUMBERED.match(line.text) or (_LETTER_O.match(line.text) if line.left > layout.left + line.size else None)
    return line.text[match.end() :] if match and not layout.is_larger(line) else None


def _hyphenated_words(lines: Sequence[_Line]) -> frozenset[str]:
    """Words that the document itself writes with a hyphen within a line."""
    return frozenset(word.casefold() for line in lines for word in re.findall(r"\w+-\w+", line.text))


def _joined(group: Sequence[_Line], hyphenated: frozenset[str]) -> str:
    """Lines as one text; words parted at the line's end grow together again."""
    text = group[0].text
    for line in group[1:]:
        parted = re.search(r"(\w+)-$", text[-_LONGEST_WORD:])
        rest = re.match(r"\w+", line.text)
        if parted and rest and line.text[:1].islower():
            keeps = f"{parted[1]}-{rest[0]}".casefold() in hyphenated or _COMPOUND.search(text[-_LONGEST_WORD:])
            text = (text if keeps else text[:-1]) + line.text
        elif parted and rest:
            text += line.text
        else:
            text = text.removesuffix("\u00ad") + ("" if text.endswith("\u00ad") else " ") + line.text
    return text

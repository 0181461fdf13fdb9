"""Word documents (.docx) to blocks, in the order of the text.

Works on the document's XML where python-docx's paragraphs leave things out: content controls, tracked insertions, text boxes.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import docx
from docx.opc.constants import RELATIONSHIP_TYPE

from ingest.documents import Block, BlockKind, Document
from ingest.readers.blocks import BlockList, clean, has_words, row_text, without_bullet
from ingest.readers.streams import MAX_MEMBER_BYTES, MB, read_all
from search.errors import Refused

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_BOX = f"{_W}txbxContent"
# Deleted and moved text, the instructions of fields, and the second version of a text box that is kept for old programs.
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", _FALLBACK, _TEXT_BOX})
_LETTERS = {f"{_W}tab": " ", f"{_W}noBreakHyphen": "-", f"{_W}br": "\n", f"{_W}cr": "\n"}
_LIST_STYLE = re.compile(r"^list (?:bullet|number|continue)\s*(\d)?", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"^title$", re.IGNORECASE)
# What Word and its kin write into the title property by themselves, or templates leave there.
_EMPTY_TITLE = re.compile(
    r"^(?:microsoft word\b.*|word document|document ?\d*|untitled.*|.*\.(?:docx?|dotx?|rtf|odt)|title|template.*)$",
    re.IGNORECASE,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Base styles form a chain; a damaged file could make it a ring.
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph has from its style: `outline` from 0 for headings, `depth` from 0 for lists."""

    title: bool = False
    outline: int | None = None
    depth: int | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    bold: bool


class _Reading:
    """One document being read: its styles, and the blocks found so far."""

    def __init__(self, body: Any, styles: dict[str, _Style]) -> None:
        self._styles = styles
        # A title makes room above the headings: "Heading 1" is then of level 2, as below an <h1>.
        self._shift = 2 if any(self._style(paragraph).title for paragraph in body.iter(f"{_W}p")) else 1
        self.found = BlockList()

    def walk(self, parent: Any) -> None:
        """Add what stands in a body, a cell, a text box or a content control."""
        for child in parent.iterchildren():
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                self._table(child)
            elif child.tag in (
                f"{_W}sdt",
                f"{_W}sdtContent",
                f"{_W}ins",
                f"{_W}moveTo",
                f"{_W}customXml",
                f"{_W}smartTag",
            ):
                self.walk(child)

    def _paragraph(self, paragraph: Any) -> None:
        style = self._style(paragraph)
        runs = list(_runs(paragraph, style.bold))
        text = "".join(run.text for run in runs)
        outline, depth = _own_outline(paragraph, style.outline), _own_depth(paragraph, style.depth)
        if style.title:
            self.found.heading(text, 1)
        elif outline is not None:
            self.found.heading(text, outline + self._shift)
        elif depth is not None:
            self.found.item(text, depth)
        else:
            for line in _lines(runs):
                bold = all(run.bold for run in line if has_words(run.text))
                self.found.paragraph("".join(run.text for run in line), bold)
        for box in _text_boxes(paragraph):
            self.walk(box)

    def _table(self, table: Any) -> None:
        for row in table.iter(f"{_W}tr"):
            # Rows of a table within a cell are read with that cell.
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue
            cells = [cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row]
            if any(self._is_rich(cell) for cell in cells):
                for cell in cells:
                    self.walk(cell)
            else:
                self.found.paragraph(row_text(map(_cell_text, cells)))

    def _is_rich(self, cell: Any) -> bool:
        """Whether a cell holds a list, a heading, a table, or several paragraphs."""
        if cell.find(f".//{_W}tbl") is not None:
            return True
        filled = [paragraph for paragraph in cell.iter(f"{_W}p") if has_words(_cell_text(paragraph))]
        styled = any(self._style(paragraph) != _Style(bold=self._style(paragraph).bold) for paragraph in filled)
        listed = any(_own_depth(paragraph, None) is not None for paragraph in filled)
        return styled or listed or len(filled) > 1

    def _style(self, paragraph: Any) -> _Style:
        return self._styles.get(_value(paragraph, "pPr/pStyle") or "", self._styles[""])


def read(stream: BinaryIO, name: str) -> Iterator[Document]:
    """A Word document, whole."""
    data = read_all(stream)
    _check_archive(data)
    try:
        document = docx.Document(io.BytesIO(data))
        blocks = _blocks(document)
        stated = clean(document.core_properties.title or "")
    # python-docx has no error of its own for files that are not what they should be: KeyError, ValueError, lxml's, zipfile's and more come out.
    except Exception as error:
        raise Refused(f"not a Word document that can be read: {type(error).__name__}: {error}; open it and save it again as .docx") from error
    if not blocks:
        raise Refused("no text: the document holds no words; if they are in a picture, run OCR on it")
    first = next((block.text for block in blocks if block.kind is BlockKind.HEADING and block.level == 1), None)
    telling = has_words(stated) and not _EMPTY_TITLE.match(stated)
    # A heading of level 1 is left for parsing to find: it may be the first of several roles.
    yield Document(blocks, stated if telling and first is None else None)


def _check_archive(data: bytes) -> None:
    if data.startswith(_OLE):
        raise Refused("an old .doc file or one that is protected by a password: open it and save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(f"not a Word document: {error}; is it cut short, or another format under this name?") from error
    if size > MAX_MEMBER_BYTES:
        raise Refused(f"too large: {size // MB} MB once unpacked; at most {MAX_MEMBER_BYTES // MB} MB")
    if not any(member.endswith("document.xml") for member in names):
        raise Refused("not a Word document: it holds no document.xml; open it and save it as .docx")


def _blocks(document: Any) -> list[Block]:
    body = document.element.body
    reading = _Reading(body, _styles(_styles_element(document)))
    reading.walk(body)
    return reading.found.blocks


def _styles_element(document: Any) -> Any:
    """The document's styles, None where it has none; python-docx would then load those of its template."""
    try:
        return document.part.part_related_by(RELATIONSHIP_TYPE.STYLES).element
    except KeyError:
        return None


def _styles(element: Any | None) -> dict[str, _Style]:
    """Every paragraph style by its id, with what it has from those it is based on; the default one also under ""."""
    if element is None:
        return {"": _Style()}
    entries = {entry.get(f"{_W}styleId"): entry for entry in element.iterchildren(f"{_W}style") if entry.get(f"{_W}type") == "paragraph"}
    styles = {identifier: _resolved(identifier, entries) for identifier in entries}
    default = next((identifier for identifier, entry in entries.items() if entry.get(f"{_W}default") in ("1", "true")), None)
    return {**styles, "": styles.get(default, _Style())}


def _resolved(identifier: str, entries: dict[str, Any]) -> _Style:
    chain: list[Any] = []
    current: str | None = identifier
    while current in entries and len(chain) < _LONGEST_CHAIN:
        chain.append(entries[current])
        current = _value(chain[-1], "basedOn")
    names = [_value(entry, "name") or "" for entry in chain]
    outlines = [_number(_value(entry, "pPr/outlineLvl")) for entry in chain]
    outline = next((level for level in outlines if level is not None), None)
    bolds = [flag for entry in chain if (flag := _flag(entry, "rPr/b")) is not None]
    return _Style(
        title=bool(_TITLE_STYLE.match(names[0])),
        outline=outline if outline is not None and outline < 9 else None,
        depth=_style_depth(chain, names),
        bold=bool(bolds and bolds[0]),
    )


def _style_depth(chain: list[Any], names: list[str]) -> int | None:
    for entry, name in zip(chain, names, strict=True):
        if match := _LIST_STYLE.match(name):
            return int(match[1] or 1) - 1
        if (number := _value(entry, "pPr/numPr/numId")) is not None:
            return None if number == "0" else _number(_value(entry, "pPr/numPr/ilvl")) or 0
    return None


def _own_outline(paragraph: Any, inherited: int | None) -> int | None:
    own = _number(_value(paragraph, "pPr/outlineLvl"))
    level = inherited if own is None else own
    # 9 stands for body text.
    return level if level is not None and level < 9 else None


def _own_depth(paragraph: Any, inherited: int | None) -> int | None:
    number = _value(paragraph, "pPr/numPr/numId")
    level = _number(_value(paragraph, "pPr/numPr/ilvl"))
    if number == "0":
        return None
    return inherited if number is None and level is None else level or 0


def _runs(element: Any, bold: bool) -> Iterator[_Run]:
    """The text of a paragraph in pieces, with what is bold; links, tracked insertions and fields' results included."""
    for child in element.iterchildren():
        if child.tag == f"{_W}r":
            flag = _flag(child, "rPr/b")
            yield _Run("".join(_letters(child)), bold if flag is None else flag)
        elif child.tag not in _UNSEEN and isinstance(child.tag, str):
            yield from _runs(child, bold)


def _letters(run: Any) -> Iterator[str]:
    for child in run.iterchildren():
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}sym":
            # A sign from a symbol font, at the head of a paragraph a bullet.
            yield "•"
        else:
            yield _LETTERS.get(child.tag, "")


def _lines(runs: list[_Run]) -> Iterator[list[_Run]]:
    """Runs parted where the author broke the line."""
    line: list[_Run] = []
    for run in runs:
        first, *others = run.text.split("\n")
        line.append(_Run(first, run.bold))
        for piece in others:
            yield line
            line = [_Run(piece, run.bold)]
    yield line


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    """The text boxes anchored in a paragraph, not those within them nor their second versions."""
    for box in paragraph.iter(_TEXT_BOX):
        ancestors = [ancestor.tag for ancestor in box.iterancestors()]
        inside = ancestors[: ancestors.index(f"{_W}p")]
        if next(box.iterancestors(f"{_W}p")) is paragraph and _FALLBACK not in inside:
            yield box


def _cell_text(cell: Any) -> str:
    text = "".join(run.text for run in _runs(cell, False))
    return without_bullet(text) or text


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(f"{_W}{name}" for name in path.split("/")))
    value = None if found is None else found.get(f"{_W}val")
    return value if isinstance(value, str) else None


def _flag(element: Any, path: str) -> bool | None:
    """A switch such as <w:b/>: on where it stands without a value, None where it does not stand."""
    if element.find("/".join(f"{_W}{name}" for name in path.split("/"))) is None:
        return None
    return _value(element, path) not in ("0", "false", "off", "none")


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 4 else None

"""HTML elements to blocks, in reading order and without duplication. What of a page is worth reading is decided elsewhere (web.py)."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import CData, NavigableString, PageElement, Tag
from bs4.exceptions import ParserRejectedMarkup

from ingest.documents import Block
from ingest.readers.blocks import BlockList, clean, has_words, row_text
from ingest.readers.plain_text import blocks_from_text
from search.errors import Refused

_SILENT = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "audio", "video", "canvas", "map", "head",
    "title", "link", "meta", "select", "input", "textarea", "datalist", "progress", "meter", "source", "track",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "details", "dialog", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p",
    "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
})  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table)", re.IGNORECASE)
_SKIP_LINK = re.compile(r"^skip (?:to|navigation)\b", re.IGNORECASE)
# Real pages stay below 60. The walk calls itself, and Python stops at a thousand calls.
MAX_DEPTH = 150
# An image's alternative text is content from this many words on; below, it is a label ("Team photo", "Acme logo").
_TELLING_ALT_WORDS = 5
# A hidden-from-readers mark on more than this many words is a page saved behind a dialog, not an icon.
_ARIA_HIDDEN_WORDS = 40


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    bold: bool
    italic: bool


@dataclass(slots=True)
class _Place:
    """Where the walk stands: the depth of the list around it, and whether the item there still waits for its text."""

    depth: int = -1
    item_waits: bool = False
    bold: bool = False
    italic: bool = False


@dataclass(slots=True)
class _Walk:
    found: BlockList = field(default_factory=BlockList)
    runs: list[_Run] = field(default_factory=list)


def parse(text: str) -> BeautifulSoup:
    """The tree of an HTML page or fragment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        try:
            # lxml stops at a NUL, and refuses some other control characters.
            soup = BeautifulSoup(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", text), "lxml")
        except (ParserRejectedMarkup, AssertionError, RecursionError) as error:
            raise Refused(f"not readable as HTML: {error or type(error).__name__}") from error
    _check_depth(soup)
    return soup


def _check_depth(soup: BeautifulSoup) -> None:
    depths = {id(soup): 0}
    for node in soup.descendants:
        if isinstance(node, Tag):
            depth = depths[id(node)] = depths[id(node.parent)] + 1
            if depth > MAX_DEPTH:
                raise Refused(f"nested too deeply: more than {MAX_DEPTH} elements within each other; is the page damaged?")


def blocks_from_element(element: Tag) -> list[Block]:
    """All that `element` shows, as blocks."""
    walk = _Walk()
    _children(element, walk, _Place())
    _flush(walk, _Place())
    return walk.found.blocks


def blocks_from_html(text: str) -> list[Block]:
    """The blocks of an HTML fragment."""
    return blocks_from_element(parse(text))


def is_hidden(tag: Tag) -> bool:
    """Whether a browser would not show this element (or a reader should not see it)."""
    if tag.name in _SILENT or tag.has_attr("hidden") or _attribute(tag, "data-ignore") == "true" or tag.has_attr("download"):
        return True
    # A button within a heading is how accordions are built: there its words are the heading.
    if tag.name == "button" and tag.find_parent([*_HEADINGS, "summary"]) is None:
        return True
    if _HIDDEN_STYLE.search(_attribute(tag, "style")):
        return True
    return _attribute(tag, "aria-hidden") == "true" and len(tag.get_text(" ").split()) <= _ARIA_HIDDEN_WORDS


def _children(parent: Tag, walk: _Walk, place: _Place) -> None:
    for child in parent.children:
        _element(child, walk, place)


def _element(node: PageElement, walk: _Walk, place: _Place) -> None:
    if isinstance(node, NavigableString):
        # Comments, doctypes and the like are subclasses.
        if type(node) is NavigableString or isinstance(node, CData):
            walk.runs.append(_Run(str(node), place.bold, place.italic))
    elif isinstance(node, Tag) and not _is_noise(node):
        if (level := _heading_level(node)) is not None:
            _flush(walk, place)
            walk.found.heading(_inline_text(node), level)
            place.item_waits = False
        elif handler := _HANDLERS.get(node.name):
            handler(node, walk, place)
        elif node.name in _BLOCKS or _BLOCK_STYLE.search(_attribute(node, "style")):
            _block(node, walk, place)
        else:
            _inline(node, walk, place)


def _is_noise(tag: Tag) -> bool:
    if is_hidden(tag):
        return True
    if tag.name != "a":
        return False
    words = tag.get_text()
    # Permalink signs beside headings (¶, #, 🔗), and links that only help to get around the page.
    return (not has_words(words) and tag.find("img") is None) or bool(_SKIP_LINK.match(clean(words)))


def _heading_level(tag: Tag) -> int | None:
    if tag.name in _HEADINGS:
        return _HEADINGS[tag.name]
    if _attribute(tag, "role") != "heading":
        return None
    level = _attribute(tag, "aria-level")
    return int(level) if level in "123456" and level else 2


def _block(tag: Tag, walk: _Walk, place: _Place) -> None:
    _flush(walk, place)
    bold = place.bold
    place.bold = bold or _is_bold(tag)
    _children(tag, walk, place)
    _flush(walk, place)
    place.bold = bold


def _inline(tag: Tag, walk: _Walk, place: _Place) -> None:
    bold, italic = place.bold, place.italic
    place.bold, place.italic = bold or _is_bold(tag), italic or tag.name in ("em", "i")
    _children(tag, walk, place)
    place.bold, place.italic = bold, italic


def _break(tag: Tag, walk: _Walk, place: _Place) -> None:
    # Within a list item a break is layout; elsewhere adverts use it to end a line.
    if place.depth >= 0:
        walk.runs.append(_Run(" ", place.bold, place.italic))
    else:
        _flush(walk, place)
    # lxml may put what follows an unclosed <br> inside it.
    _children(tag, walk, place)


def _image(tag: Tag, walk: _Walk, place: _Place) -> None:
    alternative = clean(_attribute(tag, "alt"))
    if len(alternative.split()) >= _TELLING_ALT_WORDS:
        walk.runs.append(_Run(f" {alternative} ", place.bold, place.italic))


def _list(tag: Tag, walk: _Walk, place: _Place) -> None:
    _flush(walk, place)
    _children(tag, walk, _Place(depth=place.depth + 1, bold=place.bold))
    _flush(walk, place)


def _list_item(tag: Tag, walk: _Walk, place: _Place) -> None:
    _flush(walk, place)
    inside = _Place(depth=max(place.depth, 0), item_waits=True, bold=place.bold)
    _children(tag, walk, inside)
    _flush(walk, inside)


def _preformatted(tag: Tag, walk: _Walk, place: _Place) -> None:
    _flush(walk, place)
    walk.found.extend(blocks_from_text(tag.get_text()))


def _definitions(tag: Tag, walk: _Walk, place: _Place) -> None:
    """Pairs of <dt> and <dd> as "term: definition"; a definition that holds lists or paragraphs stands below its term in bold."""
    parts = list(_parts(tag, ("dt", "dd"), "dl"))
    if not parts:
        _block(tag, walk, place)
    _flush(walk, place)
    term = ""
    for part in parts:
        if part.name == "dt":
            walk.found.paragraph(term, bold=True)
            term = _inline_text(part)
        elif _is_rich(part):
            walk.found.paragraph(term, bold=True)
            _block(part, walk, place)
            term = ""
        else:
            walk.found.paragraph(row_text([term, _inline_text(part)]))
            term = ""
    walk.found.paragraph(term, bold=True)


def _table(tag: Tag, walk: _Walk, place: _Place) -> None:
    """One block a row; a row with lists or paragraphs in its cells is read cell by cell."""
    _flush(walk, place)
    for row in _parts(tag, ("caption", "tr"), "table"):
        cells = [row] if row.name == "caption" else list(_parts(row, ("td", "th"), "table"))
        if any(_is_rich(cell) for cell in cells):
            for cell in cells:
                _cell(cell, walk, place)
        else:
            alone = len(cells) == 1 and cells[0].name in ("th", "caption")
            walk.found.paragraph(row_text(map(_inline_text, cells)), bold=alone)


def _cell(cell: Tag, walk: _Walk, place: _Place) -> None:
    if _is_rich(cell):
        _block(cell, walk, _Place(depth=place.depth))
    else:
        walk.found.paragraph(_inline_text(cell), bold=cell.name == "th" or _all_bold(cell))


def _parts(tag: Tag, names: tuple[str, ...], owner: str) -> Iterator[Tag]:
    """Elements of the given names that belong to `tag` itself, not to another table or list within it; hidden ones are passed over."""
    for child in tag.children:
        if not isinstance(child, Tag) or is_hidden(child):
            continue
        if child.name in names:
            yield child
        elif child.name != owner:
            yield from _parts(child, names, owner)


def _is_rich(tag: Tag) -> bool:
    """Whether an element holds more than one line of text."""
    inner = tag.find(["ul", "ol", "table", "dl", "pre", *_HEADINGS])
    return inner is not None or len(tag.find_all(["p", "br"], limit=3)) > 1


def _inline_text(tag: Tag) -> str:
    """The text of an element on one line; breaks and blocks within it part words."""
    pieces: list[str] = []
    _gather(tag, pieces)
    return clean("".join(pieces))


def _gather(tag: Tag, pieces: list[str]) -> None:
    for child in tag.children:
        if type(child) is NavigableString or isinstance(child, CData):
            pieces.append(str(child))
        elif isinstance(child, Tag) and not _is_noise(child):
            gap = " " if child.name in _BLOCKS or child.name == "br" or child.name in _HEADINGS else ""
            pieces.append(gap)
            _gather(child, pieces)
            pieces.append(gap)


def _flush(walk: _Walk, place: _Place) -> None:
    """End the line that was being gathered."""
    runs, walk.runs = [run for run in walk.runs if run.text], []
    if not any(has_words(run.text) for run in runs):
        return
    if place.item_waits:
        walk.found.item(_joined(runs), place.depth)
        place.item_waits = False
        return
    for line in _label_and_rest(runs):
        walk.found.paragraph(_joined(line), bold=all(run.bold for run in line if has_words(run.text)))


def _label_and_rest(runs: list[_Run]) -> list[list[_Run]]:
    """One line, or two where a bold label is followed by nothing but italics: "**Scope** *Area of ownership*" reads as a heading with a gloss."""
    worded = [run for run in runs if has_words(run.text)]
    split = next((index for index, run in enumerate(worded) if not run.bold), 0)
    glossed = split > 0 and all(run.italic and not run.bold for run in worded[split:])
    if not glossed or any(run.italic for run in worded[:split]):
        return [runs]
    at = runs.index(worded[split])
    return [runs[:at], runs[at:]]


def _joined(runs: list[_Run]) -> str:
    return "".join(run.text for run in runs)


def _is_bold(tag: Tag) -> bool:
    return tag.name in ("b", "strong") or bool(_BOLD_STYLE.search(_attribute(tag, "style"))) or "bold" in _attribute(tag, "class").lower()


def _all_bold(tag: Tag) -> bool:
    worded = [string for string in tag.find_all(string=True) if has_words(string)]
    return bool(worded) and all(string.find_parent(["b", "strong"]) is not None for string in worded)


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else " ".join(value or ())


_HANDLERS = {
    "br": _break,
    "img": _image,
    "ul": _list,
    "ol": _list,
    "menu": _list,
    "dir": _list,
    "li": _list_item,
    "pre": _preformatted,
    "dl": _definitions,
    "table": _table,
}

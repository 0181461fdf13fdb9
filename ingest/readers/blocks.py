"""Clean text and lists of blocks: what every reader writes into. Nothing here knows a format."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

from ingest.documents import Block, BlockKind

# Soft hyphens, zero-width and direction marks, fillers, surrogates, private use (symbol fonts), noncharacters, tags.
_DROPPED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
# Symbols that can be nothing but a bullet, and dashes that are one when a space follows. \uf0xx is what Word's symbol fonts leave.
_BULLET = re.compile("^\\s*(?:[•∙·▪▫◦‣⁃●○■□◆◇➢➤►▶✓✔✦❖⦁\uf000-\uf0ff]|[-–—*+](?=\\s))\\s*(?=\\S)")
# No heading of a role description is longer; what is longer was marked up as one by accident ("text" over "---" in Markdown).
_LONGEST_HEADING_WORDS = 25


def clean(text: str) -> str:
    """`text` on one line: whitespace folded, NFC, without control, zero-width and private-use characters."""
    visible = _DROPPED.sub("", _CONTROLS.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def unescaped(text: str) -> str:
    """`text` with HTML entities resolved, also those escaped twice ("&amp;nbsp;")."""
    return html.unescape(html.unescape(text)) if "&" in text else text


def has_words(text: str) -> bool:
    """Whether anything in `text` can be read aloud: a rule, a bullet or an icon alone cannot."""
    return any(character.isalnum() for character in text)


def same_words(left: str, right: str) -> bool:
    """Whether two texts are the same but for case, spaces and punctuation."""
    return _letters(left) == _letters(right)


def without_bullet(text: str) -> str | None:
    """`text` behind its bullet sign, or None where it has none."""
    match = _BULLET.match(text)
    return text[match.end() :] if match else None


def row_text(cells: Iterable[str]) -> str:
    """One row of a table as a line: "a: b" in a table of two columns, else "a; b; c"; empty cells are left out."""
    row = list(map(clean, cells))
    filled = [cell for cell in row if has_words(cell)]
    if len(row) == len(filled) == 2:
        return f"{filled[0].rstrip(':').rstrip()}: {filled[1]}"
    return "; ".join(filled)


def without_title(blocks: Sequence[Block], title: str | None) -> list[Block]:
    """`blocks` without a first block that only repeats the title."""
    repeated = bool(title) and bool(blocks) and same_words(blocks[0].text, title or "")
    return list(blocks[1:] if repeated else blocks)


class BlockList:
    """Collects the blocks of one document in reading order; text without words is passed over."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def heading(self, text: str, level: int) -> None:
        """Add a heading; one that is as long as a paragraph becomes a bold paragraph."""
        if len(text.split()) > _LONGEST_HEADING_WORDS:
            self.paragraph(text, bold=True)
        else:
            self._add(BlockKind.HEADING, text, min(max(level, 1), 6), bold=False)

    def paragraph(self, text: str, bold: bool = False) -> None:
        """Add a paragraph, or a list item where the text begins with a bullet sign."""
        listed = without_bullet(text)
        if listed is not None and has_words(listed):
            self.item(listed)
        else:
            self._add(BlockKind.PARAGRAPH, text, 0, bold)

    def item(self, text: str, depth: int = 0) -> None:
        """Add a list item; a bullet sign typed in front of it goes."""
        self._add(BlockKind.ITEM, without_bullet(text) or text, max(depth, 0), bold=False)

    def extend(self, blocks: Iterable[Block]) -> None:
        """Add blocks that are clean already."""
        self.blocks.extend(blocks)

    def _add(self, kind: BlockKind, text: str, level: int, bold: bool) -> None:
        if has_words(cleaned := clean(text)):
            self.blocks.append(Block(kind, cleaned, level, bold))


def _letters(text: str) -> str:
    return "".join(character for character in clean(text).casefold() if character.isalnum())

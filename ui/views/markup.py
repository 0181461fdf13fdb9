"""Text from strangers as HTML or as a label that shows it and does nothing else, with stretches of it marked.

Running text is shown with `st.html`, for which five characters need escaping; it cleans what it is given once more, and runs no script. Labels of widgets are
Markdown with Streamlit's additions, which makes links, emoji and arrows from text even after it was unescaped: `plain` takes the signs apart, too.
Only elements that every browser shows by itself are used, so that the page needs no style sheet: <mark> and <u> differ in print and without colour, too.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise


class Kind(Enum):
    """Why a stretch of text is marked, and the HTML around it; a kind further down lies inside those above.

    By meaning and by words it answers the question; what is different is not in the text beside it.
    """

    MEANING = "<u>", "</u>"
    WORDS = "<mark><b>", "</b></mark>"
    DIFFERENT = "<b>", "</b>"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked stretch: [start, end) in characters of the text."""

    start: int
    end: int
    kind: Kind


# Control characters that HTML drops or refuses, and halves of surrogate pairs, which cannot be sent. Shown as what they are: a character that is none.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# What a text of another direction of writing is put between, so that it turns nothing around it: FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE. Those that it
# holds itself would undo that.
_ISOLATED = "\u2068{}\u2069"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# Any of Markdown's signs; a hyphen between letters is none, nor a colon before a space.
_SIGN = re.compile(r"(?!(?<=[^\W_])-(?=[^\W_])|:(?=\s|$))[!-&(-+\--/:-@\[-`{-~]")
# A WORD JOINER, which has no width.
_APART = "\u2060"


def plain(text: str) -> str:
    """Text for a label, on one line: every sign of Markdown is escaped and stands apart from its neighbours; nothing turns the direction of writing."""
    line = " ".join(_TURNING.sub("\ufffd", _UNSHOWABLE.sub("\ufffd", text)).split())
    escaped_line = _SIGN.sub(lambda sign: f"{_APART}\\{sign[0]}{_APART}", line)
    return _ISOLATED.format(escaped_line) if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line) else escaped_line


def escaped(text: str) -> str:
    """Text for the inside of an element or of a quoted attribute."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text))


def html_of(text: str, marks: Iterable[Mark] = ()) -> str:
    """The text as HTML, with marks; marks may overlap and may reach beyond the text."""
    inside = [mark for mark in marks if mark.start < len(text) and mark.end > 0]
    cuts = sorted({0, len(text), *(max(mark.start, 0) for mark in inside), *(min(mark.end, len(text)) for mark in inside)})
    return "".join(
        marked(escaped(text[start:end]), *[kind for kind in Kind if any(mark.kind is kind and mark.start <= start and end <= mark.end for mark in inside)])
        for start, end in pairwise(cuts)
    )


def apart(*texts: str, separator: str = " · ") -> str:
    """Short texts on one line, each in its own direction of writing, so that none can turn round what stands beside it."""
    return escaped(separator).join(f"<bdi>{escaped(text)}</bdi>" for text in texts if text)


def moved(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """The marks that touch [start, end), counted from `start`."""
    return [Mark(mark.start - start, mark.end - start, mark.kind) for mark in marks if mark.start < end and mark.end > start]


def marked(content: str, *kinds: Kind) -> str:
    """HTML with the marks of these kinds around it, the first outermost."""
    for kind in reversed(kinds):
        opening, closing = kind.value
        content = f"{opening}{content}{closing}"
    return content

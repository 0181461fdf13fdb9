"""Text from strangers as HTML that shows it and does nothing else, with stretches of it marked.

The pages are made with `st.html`: escaping its text is complete with five characters, where escaping for Streamlit's Markdown is not possible, since links,
emoji and arrows are made from text after it was unescaped. `st.html` cleans what it is given once more, and runs no script.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise


class Kind(Enum):
    """Why a stretch of text is marked, and the HTML around it; a kind further down lies inside those above."""

    PASSAGE = '<span class="rs-found">', "</span>"
    WORD = "<mark>", "</mark>"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked stretch: [start, end) in characters of the text."""

    start: int
    end: int
    kind: Kind


# Control characters that HTML drops or refuses, and halves of surrogate pairs, which cannot be sent. Shown as what they are: a character that is none.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def escaped(text: str) -> str:
    """Text for the inside of an element or of a quoted attribute."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text))


def html_of(text: str, marks: Iterable[Mark] = ()) -> str:
    """The text as HTML, with marks; marks may overlap and may reach beyond the text."""
    inside = [mark for mark in marks if mark.start < len(text) and mark.end > 0]
    cuts = sorted({0, len(text), *(max(mark.start, 0) for mark in inside), *(min(mark.end, len(text)) for mark in inside)})
    return "".join(
        _wrapped(escaped(text[start:end]), [kind for kind in Kind if any(mark.kind is kind and mark.start <= start and end <= mark.end for mark in inside)])
        for start, end in pairwise(cuts)
    )


def apart(*texts: str, separator: str = " · ") -> str:
    """Short texts on one line, each in its own direction of writing, so that none can turn round what stands beside it."""
    return escaped(separator).join(f"<bdi>{escaped(text)}</bdi>" for text in texts if text)


def moved(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """The marks that touch [start, end), counted from `start`."""
    return [Mark(mark.start - start, mark.end - start, mark.kind) for mark in marks if mark.start < end and mark.end > start]


def _wrapped(content: str, kinds: Sequence[Kind]) -> str:
    for kind in reversed(kinds):
        opening, closing = kind.value
        content = f"{opening}{content}{closing}"
    return content

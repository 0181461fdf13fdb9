"""Where sentences and list items begin and end in a role's text. English rules; made for role descriptions, not for novels."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_EDGE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-ÖØ-Þ])")
# Words before a full stop that does not end a sentence when another word follows.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|incl|esp|min|max|no|nos|dept|mr|mrs|ms|dr|prof|sr|jr|st|inc|ltd|co|corp|fig|ph\.d|[bm]\.(?:sc|eng|ed)|[a-z]|(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)

# An abbreviation is looked for in this many characters before a full stop: a search from the sentence's start takes quadratic time in "A. A. A. …".
_LONGEST_ABBREVIATION = 24


def sentence_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of the sentences of text[start:end], in order; a sentence never crosses a line break. Only whitespace lies between spans."""
    for line in _LINE.finditer(text, start, end):
        yield from _in_line(text, *line.span())


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for edge in _EDGE.finditer(text, start, end):
        if not _ABBREVIATION.search(text, max(begin, edge.start() - _LONGEST_ABBREVIATION), edge.start()):
            yield from _stripped(text, begin, edge.end())
            begin = edge.end()
    yield from _stripped(text, begin, end)


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end

"""Blocks in few words, and generated documents and roles: for tests of parsing and chunking."""

from hypothesis import strategies as st

from ingest.documents import Block, BlockKind, Document
from search.records import Role, Section


def heading(text: str, level: int = 2) -> Block:
    """A heading block."""
    return Block(BlockKind.HEADING, text, level)


def paragraph(text: str, *, bold: bool = False) -> Block:
    """A paragraph block."""
    return Block(BlockKind.PARAGRAPH, text, bold=bold)


def item(text: str, depth: int = 0) -> Block:
    """A list item block."""
    return Block(BlockKind.ITEM, text, depth)


_PLAIN_WORDS = (
    "You",
    "will",
    "plan",
    "repair",
    "trams.",
    "Who",
    "speaks",
    "Welsh",
    "e.g.",
    "C++",
    "requirements",
    "we",
    "offer",
    "(night",
    "shifts)",
    "2026",
    "a",
)
_STRANGE_WORDS = (
    "Überstunden",
    "日本語の仕事です",
    "개발자를",
    "👩🏽‍💻",
    "naïve",
    "x" * 90,
    "aGVsbG8/d29ybGQ+" * 20,
    "한국-" * 60,
    "-",
    ":",
    "…",
    "\u0301",
    "№7",
)
words = st.one_of(
    st.sampled_from(_PLAIN_WORDS),
    st.sampled_from(_PLAIN_WORDS),
    st.sampled_from(_STRANGE_WORDS),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1),
)
lines = st.lists(words, min_size=1, max_size=40).map(" ".join)
short_lines = st.one_of(
    st.lists(words, min_size=1, max_size=6).map(" ".join), st.sampled_from(("Senior Tram Fitter", "Requirements", "Not in scope", "What you'll do:"))
)

blocks = st.one_of(
    st.builds(heading, short_lines, st.integers(1, 6)),
    st.builds(paragraph, lines),
    st.builds(paragraph, short_lines, bold=st.booleans()),
    st.builds(item, lines, st.integers(0, 3)),
)
"""One block as a reader makes it: a line of words, whitespace folded."""


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole file or a record, with a title of its own or without one; some hold several roles."""
    found = draw(st.lists(blocks, min_size=1, max_size=12))
    for _ in range(draw(st.sampled_from((0, 0, 0, 2, 3)))):
        found = [heading(draw(short_lines), 1), *found, paragraph("one word after another, " * 13 + "to the end.")]
    return Document(found, title=draw(st.none() | short_lines), whole_file=draw(st.booleans()))


@st.composite
def roles(draw: st.DrawFn) -> Role:
    """A role whose sections lie anywhere in any text, or that has none; title and headings may be long."""
    text = draw(st.lists(lines, min_size=1, max_size=8).map("\n\n".join))
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    spans = zip(edges[::2], edges[1::2], strict=False)
    return Role(
        draw(st.sampled_from(("a.md", "b.md"))),
        draw(lines),
        text,
        "a.md",
        tuple(Section("other", draw(st.just("") | lines), start, end) for start, end in spans if text[start:end].strip()),
    )

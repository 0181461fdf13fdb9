"""Clean text, bullets and rows."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Block, BlockKind
from ingest.readers.blocks import BlockList, clean, row_text, without_bullet, without_title


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("  two\t words\u00a0here\n", "two words here"),
        ("Cafe\u0301", "Café"),
        ("infra\u00adstructure", "infrastructure"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07\x00\x9b rings", "bell rings"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("symbol \uf0b7font", "symbol font"),
        ("🚀 Product", "🚀 Product"),
        ("a\u2028b", "a b"),
    ],
)
def test_clean(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@given(st.text())
def test_clean_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Co"} or character in "\u200b\u00ad\u2028\ufeff" for character in cleaned)


@pytest.mark.parametrize(
    ("text", "listed"),
    [("• one", "one"), ("- one", "one"), ("\uf0b7 one", "one"), ("•one", "one"), ("-5 degrees", None), ("one - two", None), ("•", None)],
)
def test_bullets(text: str, listed: str | None) -> None:
    assert without_bullet(text) == listed


@pytest.mark.parametrize(
    ("cells", "text"),
    [(["Grade:", "G7"], "Grade: G7"), (["a", "b", "c"], "a; b; c"), (["a", "", "c"], "a; c"), (["", "b"], "b"), (["—", " "], "")],
)
def test_rows(cells: list[str], text: str) -> None:
    assert row_text(cells) == text


def test_a_list_of_blocks_takes_only_what_has_words() -> None:
    found = BlockList()
    found.heading("☰", 1)
    found.paragraph("---")
    found.item("•")
    found.heading("word " * 30, 2)
    found.heading("Deep", 9)
    found.paragraph("• Typed bullet")
    assert found.blocks == [
        Block(BlockKind.PARAGRAPH, " ".join(["word"] * 30), bold=True),
        Block(BlockKind.HEADING, "Deep", 6),
        Block(BlockKind.ITEM, "Typed bullet"),
    ]


def test_only_a_repeated_title_is_dropped() -> None:
    blocks = [Block(BlockKind.PARAGRAPH, "Lead, SRE"), Block(BlockKind.PARAGRAPH, "Text")]
    assert without_title(blocks, "LEAD – SRE") == blocks[1:]
    assert without_title(blocks, "Lead") == without_title(blocks, None) == blocks

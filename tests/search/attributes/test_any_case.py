"""Words found in the text in small letters: the same that re.IGNORECASE finds."""

import re
import sys

from hypothesis import given
from hypothesis import strategies as st

from search.attributes.any_case import small_letters

PARTS = st.sampled_from(["Hybrid", "HYBRID", "on site", "On-Site", "oN", "site", " ", "-", "İ", "ß", "É", "\n", "x"])
WORDS = r"\b(?:hybrid|on[- ]site)\b|^x|é|i"


@given(st.lists(PARTS).map("".join))
def test_a_pattern_finds_what_it_finds_ignoring_case(text: str) -> None:
    expected = [match.span() for match in re.finditer(WORDS, text, re.IGNORECASE | re.MULTILINE)]
    assert [match.span() for match in re.finditer(WORDS, small_letters(text), re.MULTILINE)] == expected


def test_every_letter_stays_one() -> None:
    assert [code for code in range(sys.maxunicode + 1) if len(small_letters(chr(code))) != 1] == []

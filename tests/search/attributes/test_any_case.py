"""Words found in the text in small letters: the same that re.IGNORECASE finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from search.attributes.any_case import AnyCase

PARTS = st.sampled_from(["Hybrid", "HYBRID", "on site", "On-Site", "oN", "site", " ", "-", "İ", "ß", "É", "\n", "x"])
WORDS = r"\b(?:hybrid|on[- ]site)\b|^x|é"


@given(st.lists(PARTS).map("".join))
def test_it_finds_what_a_pattern_that_ignores_case_finds(text: str) -> None:
    expected = [match.span() for match in re.finditer(WORDS, text, re.IGNORECASE | re.MULTILINE)]
    assert [match.span() for match in AnyCase(WORDS, re.MULTILINE).finditer(text)] == expected

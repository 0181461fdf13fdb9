"""Parts of a role that ask for nothing."""

import pytest

from search.attributes.asking import is_left_out
from search.records import Role, Section

KINDS = frozenset({"benefits"})


@pytest.mark.parametrize(
    ("name", "heading", "left_out"),
    [
        ("benefits", "What we offer", True),
        ("requirements", "What you bring", False),
        ("other", "Not needed", True),
        ("other", "What this job isn't", True),
        ("other", "Please don’t worry about", True),
        ("other", "Payments platform", False),
        ("desirable", "Not required, but nice", False),
    ],
)
def test_sections_that_ask_for_nothing(name: str, heading: str, left_out: bool) -> None:
    role = Role("a", "Fitter", "You may hold a degree.", "a", (Section(name, heading, 0, 22),))
    assert is_left_out(role, 4, KINDS) is left_out
    assert not is_left_out(role, 22, KINDS)

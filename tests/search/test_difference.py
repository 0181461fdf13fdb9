"""What changes from one role to another, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from builders import make_role
from search.difference import Change, Place, difference, difference_of
from search.shingles import compared_words


def said(text: str, other: str) -> list[tuple[str, str, str]]:
    return [(step.change.value, text[slice(*step.first)], other[slice(*step.other)]) for step in difference(text, other)]


def test_what_is_added_removed_and_changed_stands_where_it_is() -> None:
    assert said("Bake fresh bread daily, and sell it in our shop.", "Bake fresh rye bread daily and sell it in the old shop") == [
        ("same", "Bake fresh", "Bake fresh"),
        ("added", "", "rye"),
        ("same", "bread daily, and sell it in", "bread daily and sell it in"),
        ("changed", "our", "the old"),
        ("same", "shop", "shop"),
    ]
    assert said("Bake bread in the night", "Bake bread") == [("same", "Bake bread", "Bake bread"), ("removed", "in the night", "")]
    assert said("", "Bake") == [("added", "", "Bake")]
    assert said("", "") == []


def test_a_few_equal_words_between_changes_are_no_island() -> None:
    assert said("cooks soup and pie for all", "bakes bread and cake for all") == [
        ("changed", "cooks soup and pie", "bakes bread and cake"),
        ("same", "for all", "for all"),
    ]


def test_case_marks_and_what_counts_list_items_are_no_difference() -> None:
    assert [change for change, *_ in said("1. Bake bread\n2. Clean up!", "a) BAKE bread;\n- clean up")] == ["same"]


def test_two_roles_differ_in_facts_title_and_text() -> None:
    one = make_role("a", "Baker", "Bakes bread every night in our shop and sells it.", place="Bern", level="senior", skills=("bread",))
    other = make_role("b", "Night Baker", "Bakes rye bread every night in our shop and sells it.", place=("Bern", "Basel"), level="senior")
    found = difference_of(one, other)
    assert (found.roles, dict(found.facts)) == ((one, other), {"place": (("Bern",), ("Bern", "Basel"))})
    assert found.places() == [
        Place("", "", "Night", "Baker"),
        Place("Bakes", "", "rye", "bread every night in our shop and sells it"),
    ]
    assert 0.3 < found.share < 1
    same = difference_of(one, one)
    assert (same.share, dict(same.facts), same.places()) == (1.0, {}, [])


words = st.lists(st.sampled_from(["bread", "Soup,", "steel", "\n- fish", "C++", "é"]), max_size=30).map(" ".join)


@given(words, words)
def test_the_stretches_hold_all_words_in_order_and_same_ones_say_the_same(text: str, other: str) -> None:
    steps = difference(text, other)
    assert [word for step in steps for word in compared_words(text[slice(*step.first)])] == compared_words(text)
    assert [word for step in steps for word in compared_words(other[slice(*step.other)])] == compared_words(other)
    for step in steps:
        alike = compared_words(text[slice(*step.first)]) == compared_words(other[slice(*step.other)])
        assert alike or step.change is not Change.SAME

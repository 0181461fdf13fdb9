"""The address says what a page shows, there and back again; what it cannot mean falls back to the default."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.records import Condition, Filters, Mode, Query
from ui.views.address import HITS_A_PAGE, MOST_HITS, Address, Order, condition_text, read_address

LAST_PAGE = MOST_HITS // HITS_A_PAGE
LEAD, PAID = Condition("level", "=", "lead"), Condition("salary_min", ">=", "60000")

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
conditions = st.builds(Condition, plain, st.sampled_from(["=", "!=", ">=", "<="]), plain)
filters = st.lists(conditions, max_size=3, unique=True).map(lambda found: Filters(tuple(found)))
role_ids = st.lists(words.filter(bool), max_size=3, unique=True).map(tuple)
addresses = st.builds(Address, words, st.sampled_from(Mode), filters, st.sampled_from(Order), st.integers(1, LAST_PAGE), role_ids, role_ids, role_ids)


@given(addresses)
def test_there_and_back(address: Address) -> None:
    assert read_address(address.parameters()) == address
    assert read_address(parse_qs(urlencode(address.parameters(), doseq=True), keep_blank_values=True)) == address


@given(st.dictionaries(st.sampled_from(["q", "mode", "f", "sort", "page", "like", "unlike", "select", "id", "x"]), st.lists(words, max_size=3)))
def test_any_parameters_mean_an_address_that_means_itself(parameters: dict[str, list[str]]) -> None:
    address = read_address(parameters)
    assert read_address(address.parameters()) == replace(address, ignored=())


def test_defaults_are_left_out() -> None:
    assert Address().parameters() == {}
    assert Address("lead").parameters() == {"q": ["lead"]}


def test_everything_at_once() -> None:
    address = Address("lead & -manager", Mode.LEXICAL, Filters((LEAD, PAID)), Order.PAY, 3, ("a.md", "b #2.md"), ("c.md",), ("d.md", "e.md"))
    assert address.parameters() == {
        "q": ["lead & -manager"],
        "mode": ["lexical"],
        "f": ["level=lead", "salary_min>=60000"],
        "sort": ["pay"],
        "page": ["3"],
        "like": ["a.md", "b #2.md"],
        "unlike": ["c.md"],
        "select": ["d.md", "e.md"],
    }
    assert address.query == Query("lead & -manager", MOST_HITS, Mode.LEXICAL, Filters((LEAD, PAID)), ("a.md", "b #2.md"), ("c.md",), collapsed=True)


@pytest.mark.parametrize(
    ("address", "asks"),
    [
        (Address(), False),
        (Address(" \n"), False),
        (Address(unlike=("a.md",), selected=("b.md",), page=2, order=Order.TITLE), False),
        (Address("lead"), True),
        (Address(filters=Filters((LEAD,))), True),
        (Address(like=("a.md",)), True),
    ],
)
def test_a_question_a_filter_or_a_liked_role_asks(address: Address, asks: bool) -> None:
    assert address.asks is asks


@pytest.mark.parametrize(
    ("given_page", "page"),
    [("2", 2), ("1", 1), ("0", 1), ("-5", 1), ("1e1", 1), ("999", LAST_PAGE), ("9" * 9, LAST_PAGE), ("9" * 5000, 1), ("²", 1), ("٣", 1), ("", 1), (" 2", 1)],
)
def test_the_page_is_kept_within_bounds(given_page: str, page: int) -> None:
    assert read_address({"page": [given_page]}).page == page


@pytest.mark.parametrize(("given_mode", "mode"), [("dense", Mode.DENSE), ("lexical", Mode.LEXICAL), ("DENSE", Mode.HYBRID), ("magic", Mode.HYBRID)])
def test_an_unknown_mode_is_the_default(given_mode: str, mode: Mode) -> None:
    assert read_address({"mode": [given_mode]}).mode is mode


@pytest.mark.parametrize(("given_order", "order"), [("pay", Order.PAY), ("newest", Order.NEWEST), ("PAY", Order.RELEVANCE), ("magic", Order.RELEVANCE)])
def test_an_unknown_order_is_that_of_relevance(given_order: str, order: Order) -> None:
    assert read_address({"sort": [given_order]}).order is order


def test_what_is_no_filter_is_left_out_and_said() -> None:
    address = read_address({"q": ["lead"], "f": ["level=lead", "nonsense", "level=lead", "=x"]})
    assert address.filters == Filters((LEAD,))
    assert [text.split(" is not")[0] for text in address.ignored] == ["the filter 'nonsense'", "the filter '=x'"]


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    assert read_address({"q": ["one", "two"], "mode": [], "page": ["2", "4"]}) == Address("two", page=4)


def test_a_role_is_liked_unliked_and_selected_once_in_the_order_given() -> None:
    address = read_address({"like": ["b", "", "a", "b"], "unlike": ["c", "c"], "select": ["d", "a", "d"]})
    assert (address.like, address.unlike, address.selected) == (("b", "a"), ("c",), ("d", "a"))


def test_no_more_roles_are_selected_than_an_answer_has() -> None:
    assert read_address({"select": [str(number) for number in range(MOST_HITS + 5)]}).selected == tuple(map(str, range(MOST_HITS)))


def test_other_filters_begin_at_the_first_page_and_leave_the_rest() -> None:
    address = Address("cook", Mode.DENSE, Filters((LEAD,)), Order.TITLE, 3, ("a.md",), ("b.md",), ("c.md",))
    assert address.with_filters([PAID]) == replace(address, filters=Filters((PAID,)), page=1)
    assert replace(address, filters=Filters((LEAD, PAID))).without(LEAD) == replace(address, filters=Filters((PAID,)), page=1)
    assert address.without(PAID) == replace(address, page=1)


@given(conditions)
def test_a_filter_is_read_as_it_is_written(condition: Condition) -> None:
    assert read_address({"f": [condition_text(condition)]}).filters == Filters((condition,))

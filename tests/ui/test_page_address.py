"""The address says what a page shows, there and back again; what it cannot mean falls back to the default."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.records import Condition, Filters, Mode
from ui.views.address import MOST, Address, read_address

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
conditions = st.builds(Condition, plain, st.sampled_from(["=", "!=", ">=", "<="]), plain)
filters = st.lists(conditions, max_size=3, unique=True).map(lambda found: Filters(tuple(found)))
addresses = st.builds(Address, words, st.sampled_from(Mode), filters, st.integers(10, MOST), words)


@given(addresses)
def test_there_and_back(address: Address) -> None:
    assert read_address(address.parameters()) == address
    assert read_address(parse_qs(address.link().removeprefix("?"), keep_blank_values=True)) == address


@given(addresses)
def test_a_link_holds_nothing_that_could_leave_the_page(address: Address) -> None:
    link = address.link()
    assert link.startswith("?")
    assert not set(link[1:]) & set(" <>\"'#?\\:\n")


def test_defaults_are_left_out() -> None:
    assert Address().parameters() == {}
    assert Address("lead").parameters() == {"q": ["lead"]}


def test_everything_at_once() -> None:
    chosen = Filters((Condition("level", "=", "lead"), Condition("salary_min", ">=", "60000")))
    address = Address("lead & -manager", Mode.LEXICAL, chosen, 20, "team/sre.md#2")
    assert address.link() == "?q=lead+%26+-manager&mode=lexical&f=level%3Dlead&f=salary_min%3E%3D60000&k=20&role=team%2Fsre.md%232"
    assert address.opening("") == Address("lead & -manager", Mode.LEXICAL, chosen, 20)
    assert (address.query.text, address.query.k, address.query.mode, address.query.filters) == ("lead & -manager", 20, Mode.LEXICAL, chosen)


@pytest.mark.parametrize(("given_k", "k"), [("20", 20), ("3", 10), ("0", 10), ("-5", 10), ("1e9", 10), ("500", 100), ("9" * 5000, 10), ("²", 10), ("", 10)])
def test_the_number_of_results_is_kept_within_bounds(given_k: str, k: int) -> None:
    assert read_address({"k": [given_k]}).k == k


@pytest.mark.parametrize(("given_mode", "mode"), [("dense", Mode.DENSE), ("lexical", Mode.LEXICAL), ("DENSE", Mode.HYBRID), ("magic", Mode.HYBRID)])
def test_an_unknown_mode_is_the_default(given_mode: str, mode: Mode) -> None:
    assert read_address({"mode": [given_mode]}).mode is mode


def test_what_is_no_filter_is_left_out_and_said() -> None:
    address = read_address({"q": ["lead"], "f": ["level=lead", "nonsense", "level=lead", "=x"]})
    assert address.filters == Filters((Condition("level", "=", "lead"),))
    assert [text.split(" is not")[0] for text in address.ignored] == ["the filter 'nonsense'", "the filter '=x'"]


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    assert read_address({"q": ["one", "two"], "role": []}) == Address("two")

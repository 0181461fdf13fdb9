"""What the page shows, as its address has it: nothing else is kept, so a copied address, a bookmark and the back button show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import streamlit as st

from search.errors import UsageError
from search.filters import parse_filters
from search.records import Condition, Filters, Mode, Query

# Roles that a question brings, and those that stand on one page.
MOST_HITS, HITS_A_PAGE = 100, 10


class Order(StrEnum):
    """What the roles that were found are sorted by."""

    RELEVANCE = "relevance"
    TITLE = "title"
    LEVEL = "level"
    YEARS = "years"
    PAY = "pay"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Address:
    """The question with everything that narrows, orders and marks its answer. `ignored` says what in the address was no filter.

    `like`, `unlike` and `selected` are role ids; `page` counts from 1.
    """

    text: str = ""
    mode: Mode = Mode.HYBRID
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.RELEVANCE
    page: int = 1
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def query(self) -> Query:
        """What to ask the searcher."""
        return Query(self.text, MOST_HITS, self.mode, self.filters, self.like, self.unlike, collapsed=True)

    @property
    def asks(self) -> bool:
        """Whether there is anything to answer."""
        return bool(self.text.strip() or self.filters or self.like)

    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the address; what is as it is by default is left out."""
        values = {
            "q": [self.text],
            "mode": [self.mode.value] if self.mode is not Mode.HYBRID else [],
            "f": [condition_text(condition) for condition in self.filters.conditions],
            "sort": [self.order.value] if self.order is not Order.RELEVANCE else [],
            "page": [str(self.page)] if self.page > 1 else [],
            "like": list(self.like),
            "unlike": list(self.unlike),
            "select": list(self.selected),
        }
        return {name: kept for name, texts in values.items() if (kept := [text for text in texts if text])}

    def with_filters(self, conditions: Sequence[Condition]) -> "Address":
        """The same question with these filters, from the first page."""
        return replace(self, filters=Filters(tuple(conditions)), page=1)

    def without(self, condition: Condition) -> "Address":
        """The same question without one of its filters, from the first page."""
        return self.with_filters([one for one in self.filters.conditions if one != condition])


def condition_text(condition: Condition) -> str:
    """A filter as a user writes it."""
    return f"{condition.key}{condition.operator}{condition.value}"


def current_address() -> Address:
    """The address in the browser."""
    return read_address({name: st.query_params.get_all(name) for name in st.query_params})


def show(address: Address) -> None:
    """Go there: the browser's address and history follow. To be called in a widget's callback, before the page is drawn.

    Where that is the address already, the browser is told nothing. It may have gone on meanwhile: the look for a new generation carries the address
    that the browser had when it asked, and calls back for widgets that the browser has not heard of yet.
    """
    if address != current_address():
        st.query_params.from_dict(address.parameters())


def read_address(parameters: Mapping[str, Sequence[str]]) -> Address:
    """The address that the parameters mean; what is unknown or no number falls back to the default, the page is kept within bounds."""

    def one(name: str) -> str:
        return (parameters.get(name) or [""])[-1]

    def ids(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for text in parameters.get(name, ()) if text))

    filters, ignored = _filters(parameters.get("f", ()))
    mode = Mode(one("mode")) if one("mode") in list(Mode) else Mode.HYBRID
    order = Order(one("sort")) if one("sort") in list(Order) else Order.RELEVANCE
    page = int(one("page")) if one("page").isascii() and one("page").isdigit() and len(one("page")) < 10 else 1
    return Address(one("q"), mode, filters, order, min(max(page, 1), MOST_HITS // HITS_A_PAGE), ids("like"), ids("unlike"), ids("select")[:MOST_HITS], ignored)


def _filters(texts: Sequence[str]) -> tuple[Filters, tuple[str, ...]]:
    conditions: list[Condition] = []
    ignored: list[str] = []
    for text in dict.fromkeys(texts):
        try:
            conditions.extend(parse_filters([text]).conditions)
        except UsageError as error:
            ignored.append(str(error))
    return Filters(tuple(conditions)), tuple(ignored)

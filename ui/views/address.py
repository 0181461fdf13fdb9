"""What a page shows, as its address has it: nothing else is kept, so a copied address, a bookmark and the back button show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import streamlit as st

from search.errors import UsageError
from search.filters import parse_filters
from search.records import Condition, Filters, Mode, Query

FEWEST, MOST = 10, 100


@dataclass(frozen=True, slots=True)
class Address:
    """The question, and the role that is open ("" while the results are). `ignored` says what in the address was no filter."""

    text: str = ""
    mode: Mode = Mode.HYBRID
    filters: Filters = field(default_factory=Filters)
    k: int = FEWEST
    role_id: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def query(self) -> Query:
        """What to ask the searcher."""
        return Query(self.text, self.k, self.mode, self.filters)

    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the address; what is as it is by default is left out."""
        values = {
            "q": [self.text],
            "mode": [self.mode.value] if self.mode is not Mode.HYBRID else [],
            "f": [f"{condition.key}{condition.operator}{condition.value}" for condition in self.filters.conditions],
            "k": [str(self.k)] if self.k != FEWEST else [],
            "role": [self.role_id],
        }
        return {name: kept for name, texts in values.items() if (kept := [text for text in texts if text])}

    def link(self) -> str:
        """A link from any page to this one."""
        return "?" + urlencode(self.parameters(), doseq=True)

    def opening(self, role_id: str) -> "Address":
        """The same question with this role open; with "" the results."""
        return replace(self, role_id=role_id)


def current_address() -> Address:
    """The address in the browser."""
    return read_address({name: st.query_params.get_all(name) for name in st.query_params})


def show(address: Address) -> None:
    """Go there: the browser's address and history follow. To be called in a widget's callback, before the page is drawn."""
    st.query_params.from_dict(address.parameters())


def read_address(parameters: Mapping[str, Sequence[str]]) -> Address:
    """The address that the parameters mean; what is unknown or no number falls back to the default, the number of results is kept within bounds."""

    def one(name: str) -> str:
        return (parameters.get(name) or [""])[-1]

    filters, ignored = _filters(parameters.get("f", ()))
    mode = Mode(one("mode")) if one("mode") in list(Mode) else Mode.HYBRID
    wanted = int(one("k")) if one("k").isascii() and one("k").isdigit() and len(one("k")) < 10 else FEWEST
    return Address(one("q"), mode, filters, min(max(wanted, FEWEST), MOST), one("role"), ignored)


def _filters(texts: Sequence[str]) -> tuple[Filters, tuple[str, ...]]:
    conditions: list[Condition] = []
    ignored: list[str] = []
    for text in dict.fromkeys(texts):
        try:
            conditions.extend(parse_filters([text]).conditions)
        except UsageError as error:
            ignored.append(str(error))
    return Filters(tuple(conditions)), tuple(ignored)

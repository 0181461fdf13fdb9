"""The filters beside the results: what the corpus has, each value with the number of roles that choosing it would leave."""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from search.attributes.levels import LEVELS
from search.errors import UsageError
from search.records import Condition, Filters, Query
from search.searcher import Searcher
from ui.views.address import Address, condition_text, current_address, show
from ui.views.markup import plain
from ui.views.parts import readable, shown_value, without_twins

Facets = Mapping[str, Mapping[str, int]]

FEWEST_VALUES, MOST_VALUES = 2, 30
_KEPT = 64
# So few values stand side by side; more are looked up in a list.
_SIDE_BY_SIDE = 12
# JavaScript counts no further.
_LARGEST_NUMBER = 2**53 - 1
# The name of any other attribute comes out of a file: only plain ones become a label, and only those that sort roles into groups a filter.
_PLAIN_NAME = re.compile(r"[^\W_](?:[\w ]|-(?!-)){0,39}")


@dataclass(frozen=True, slots=True)
class _Bound:
    """A filter by a number or a day: `operator` with what the visitor enters."""

    label: str
    operator: str
    help: str
    step: int = 1


_BOUNDS = {
    "years": _Bound("Asks for at most so many years", "<=", "Years of experience. Roles that state none are left out."),
    "salary_max": _Bound("Pays at least", ">=", "In the currency and period that a role states. Roles that state no pay are left out.", 5000),
    "date_posted": _Bound("Posted since", ">=", "Roles that state no day are left out."),
}
_FIRST = ("level", "family", "skills", "years", "degree", "place", "remote", "salary_max", "currency", "salary_period", "contract", "languages", "certificates",
          "date_posted", "source")  # fmt: skip
# Shown among the other filters only by what they are read into.
_HIDDEN = ("salary_min", "valid_through", "title", "id")


def render(address: Address, everything: Facets, left: Facets) -> None:
    """A widget for each attribute. `everything` counts all roles, `left` those that each value would leave beside the other filters."""
    keys = _offered(everything)
    if not keys:
        return
    st.subheader("Filters")
    if address.filters:
        st.button("Clear all filters", icon=":material/filter_alt_off:", on_click=_clear, type="tertiary", key="clear filters")
    for key in keys:
        if key in _BOUNDS:
            _bound(address, key, everything[key])
        else:
            _choice(address, key, everything[key], left.get(key, {}))


def sidebar(searcher: Searcher, address: Address) -> None:
    """The filters of a page that asks nothing else, and above the page those that hold. Raises what `Searcher.facets` raises without a filter."""
    edition = f"{searcher.folder} {searcher.generation()}"
    everything = _counted(searcher, Filters(), edition)
    left = everything
    # A filter that cannot be is said where the answer would be; the others must stay, to be taken away.
    with suppress(UsageError):
        left = _counted(searcher, address.filters, edition)
    with st.sidebar:
        render(address, everything, left)
    if address.filters:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            chips(address)


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _counted(_searcher: Searcher, filters: Filters, edition: str) -> Facets:
    return _searcher.facets(Query("", filters=filters))


def chips(address: Address) -> None:
    """Each filter that holds, with a cross that takes it away."""
    for number, condition in enumerate(address.filters.conditions):
        st.button(
            plain(_condition_words(condition)),
            key=f"condition {number}",
            icon=":material/close:",
            icon_position="right",
            help="Take this filter away",
            on_click=_drop,
            args=(condition,),
        )


def _offered(everything: Facets) -> list[str]:
    """Attributes in the order of their filters: those that are looked for first, then those that most roles have."""
    known = [key for key in _FIRST if len(everything.get(key, {})) >= FEWEST_VALUES]
    others = [
        key
        for key, values in everything.items()
        if key not in (*_FIRST, *_HIDDEN) and FEWEST_VALUES <= len(values) <= MOST_VALUES and max(values.values()) > 1 and _PLAIN_NAME.fullmatch(key)
    ]
    return without_twins([*known, *sorted(others, key=lambda key: (-sum(everything[key].values()), key))])


def _choice(address: Address, key: str, everything: Mapping[str, int], left: Mapping[str, int]) -> None:
    chosen = [value for value in everything if any(_is_choice(condition, key, value) for condition in address.filters.conditions)]
    # What nobody has any more is not offered, but what is chosen can be taken back.
    values = [value for value in _ordered(key, everything) if left.get(value) or value in chosen]
    if not values:
        return
    widget, label, args = _widget(key), readable(key), (key, values)
    _set(widget, chosen)
    shown = partial(_choice_text, key, left)
    if len(everything) <= _SIDE_BY_SIDE:
        st.pills(label, values, selection_mode="multi", format_func=lambda value: plain(shown(value)), key=widget, on_change=_choose, args=args)
    else:
        st.multiselect(label, values, format_func=shown, key=widget, placeholder="Any", on_change=_choose, args=args)


def _bound(address: Address, key: str, everything: Mapping[str, int]) -> None:
    chosen = next((condition.value for condition in address.filters.conditions if _is_bound(condition, key)), None)
    if key == "date_posted":
        _earliest_day(key, _as_date(chosen), everything)
    elif numbers := [number for number in map(_as_number, everything) if number is not None]:
        _number(key, _as_number(chosen), max(numbers))


def _earliest_day(key: str, chosen: date | None, everything: Mapping[str, int]) -> None:
    bound, widget = _BOUNDS[key], _widget(key)
    days = sorted(day for day in map(_as_date, everything) if day)
    if days:
        _set(widget, chosen if chosen and chosen >= days[0] else None)
        st.date_input(bound.label, None, days[0], max(days[-1], date.today()), help=bound.help, key=widget, on_change=_limit, args=(key,))


def _number(key: str, chosen: float | None, largest: float) -> None:
    bound, widget = _BOUNDS[key], _widget(key)
    _set(widget, None if chosen is None else min(max(0, int(chosen)), _LARGEST_NUMBER))
    hint = f"Any (up to {largest:,.0f})"
    st.number_input(bound.label, 0, None, None, bound.step, placeholder=hint, help=bound.help, key=widget, on_change=_limit, args=(key,))


def _ordered(key: str, everything: Mapping[str, int]) -> list[str]:
    """Values from the most frequent to the rarest, which stays the same whatever is chosen; levels from the lowest to the highest."""
    return sorted(everything, key=LEVELS.index) if key == "level" and set(everything) <= set(LEVELS) else list(everything)


def _choice_text(key: str, left: Mapping[str, int], value: str) -> str:
    return f"{shown_value(key, value)} · {left.get(value, 0):,}"


def _condition_words(condition: Condition) -> str:
    if condition.operator == "=":
        return f"{readable(condition.key)}: {shown_value(condition.key, condition.value)}"
    bound = _BOUNDS.get(condition.key.casefold())
    if bound and bound.operator == condition.operator:
        return f"{bound.label}: {condition.value}"
    return condition_text(condition)


# What a click does


def _choose(key: str, offered: Sequence[str]) -> None:
    address = current_address()
    chosen = [value for value in st.session_state[_widget(key)] if value in offered]
    others = [condition for condition in address.filters.conditions if not any(_is_choice(condition, key, value) for value in offered)]
    show(address.with_filters([*others, *(Condition(key, "=", value) for value in chosen)]))


def _limit(key: str) -> None:
    address, entered, operator = current_address(), st.session_state[_widget(key)], _BOUNDS[key].operator
    others = [condition for condition in address.filters.conditions if not _is_bound(condition, key)]
    show(address.with_filters([*others, *([Condition(key, operator, str(entered))] if entered is not None else [])]))


def _drop(condition: Condition) -> None:
    show(current_address().without(condition))


def _clear() -> None:
    show(current_address().with_filters([]))


def _is_choice(condition: Condition, key: str, value: str) -> bool:
    return condition.operator == "=" and (condition.key.casefold(), condition.value.casefold()) == (key.casefold(), value.casefold())


def _is_bound(condition: Condition, key: str) -> bool:
    return (condition.key.casefold(), condition.operator) == (key, _BOUNDS[key].operator)


def _widget(key: str) -> str:
    return f"filter {key}"


def _set(widget: str, value: object) -> None:
    """Let a widget show what the address says; only where it does not do so by itself, since a value that is set closes an open list."""
    if widget not in st.session_state or st.session_state[widget] != value:
        st.session_state[widget] = value


def _as_number(text: str | None) -> float | None:
    try:
        number = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _as_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None

"""The search form: the question, how it is searched for, what it may hold, and questions to begin with."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from search.records import Mode
from ui.views.address import Address, current_address, show
from ui.views.markup import plain

Facets = Mapping[str, Mapping[str, int]]

PLACEHOLDER = "A title, skills, or a sentence about the work"
MODES = {Mode.HYBRID: "Hybrid", Mode.DENSE: "Meaning", Mode.LEXICAL: "Words"}
MODE_HELP = "Hybrid looks for both. Meaning finds roles that say the same in other words. Words finds the words themselves, in any inflection."
TIPS = """
| you type | it means |
|---|---|
| `senior SRE remote, AWS` | wishes: roles that meet them rise, none is left out |
| `no travel`, `without night shifts`, `not a manager` | leaves out roles that ask for it |
| `at least 5 years`, `over 60k`, `no degree` | leaves out roles that do not meet it |
| `"site reliability"` | must stand there, word for word |
| `-manager`, `-"night shift"` | must not stand there |
| a pasted advert or CV | roles that answer all of it come first |
"""
LONGEST_QUESTION = 20_000
_RECENT, _MOST_RECENT = "recent questions", 8


def render(address: Address, everything: Facets) -> DeltaGenerator:
    """The form for this address; what is entered changes the address. Returns a place in it for what else can be done with a question."""
    _follow(address)
    _remember(address.text)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "What are you looking for?",
            key="q",
            type="search",
            max_chars=LONGEST_QUESTION,
            placeholder=PLACEHOLDER,
            on_change=_ask,
        )
        st.button("Search", on_click=_ask)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Search by",
            list(MODES),
            format_func=MODES.__getitem__,
            key="mode",
            required=True,
            help=MODE_HELP,
            label_visibility="collapsed",
            on_change=_switch_mode,
        )
        with st.popover("How to ask", type="tertiary", icon=":material/help:"):
            st.markdown(TIPS)
        if address.asks:
            with st.popover("Ideas", type="tertiary", icon=":material/lightbulb:"):
                _buttons("Examples", examples(everything), "idea")
                _buttons("Recent", st.session_state.get(_RECENT, []), "again")
        return st.container(horizontal=True, vertical_alignment="center", width="content")


def suggestions(everything: Facets) -> None:
    """What to begin with, before anything is asked."""
    _buttons("For example", examples(everything), "example")
    _buttons("Recent", st.session_state.get(_RECENT, []), "recent")


def examples(everything: Facets) -> list[str]:
    """Questions that this corpus has answers to, made of what many of its roles say of themselves."""
    (family, *families), (level, *_), skills, places = (_most(everything, key) for key in ("family", "level", "skills", "place"))
    made = [
        f"{level} {family}" if family and level else family,
        " and ".join(skill for skill in skills[:2] if skill),
        f"{families[0]} in {places[0]}" if families and families[0] and places[0] else "",
        f"{families[1]}, no travel" if len(families) > 1 and families[1] else "",
        f'"{skills[2]}" -manager' if len(skills) > 2 else "",
    ]
    return [text for text in dict.fromkeys(made) if text]


def _most(everything: Facets, key: str) -> list[str]:
    """The values that most roles have of an attribute; "" where it has none."""
    return list(islice(everything.get(key, {}), 4)) or [""]


def _buttons(caption: str, questions: list[str], name: str) -> None:
    if questions:
        st.caption(caption)
        with st.container(horizontal=True):
            for number, text in enumerate(questions):
                st.button(plain(text), key=f"{name} {number}", on_click=show, args=(Address(text),))


def _follow(address: Address) -> None:
    """Fill the form from the address, whenever that changed by anything but the form: at first, by a link, by the back button."""
    if st.session_state.get("q") != address.text:
        st.session_state["q"] = address.text
    if st.session_state.get("mode") != address.mode:
        st.session_state["mode"] = address.mode


def _ask() -> None:
    show(replace(current_address(), text=st.session_state["q"] or "", page=1, selected=()))


def _switch_mode() -> None:
    # One must be chosen, yet on a slow machine a browser may say that none is: the address then stays as it is, and the choice follows it.
    if (chosen := st.session_state["mode"]) is not None:
        show(replace(current_address(), mode=Mode(chosen), page=1))


def _remember(text: str) -> None:
    """Keep the last questions of this visit."""
    if text.strip():
        earlier = [one for one in st.session_state.get(_RECENT, []) if one != text]
        st.session_state[_RECENT] = [text, *earlier][:_MOST_RECENT]

"""The roles of an answer, each on a card: what it is, how well it fits, the passages that prove it, and what can be done with it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from search.errors import RoleSearchError
from search.fit import Strength, fit_of
from search.judgements import BAD, GOOD, Votes, one_line
from search.records import Hit, Passage, Query, Results
from search.searcher import Searcher
from search.sentences import Span
from ui.views import twins
from ui.views.address import HITS_A_PAGE, Address, current_address, show
from ui.views.layout import Block, blocks_of, html_of_blocks
from ui.views.markup import Mark, apart, escaped, moved, plain
from ui.views.pages import Pages
from ui.views.parts import facts, failure, marks, readable, words_of

PASSAGES_SHOWN = 2
_Colour: TypeAlias = Literal["green", "blue", "orange", "gray"]
_COLOURS: Mapping[Strength, _Colour] = {Strength.STRONG: "green", Strength.GOOD: "blue", Strength.POSSIBLE: "orange", Strength.FAR: "gray"}
_LONGEST_PASSAGE, _MOST_BLOCKS = 1200, 3
# Streamlit's thumbs, down and up, None when neither is pressed: the grade that is kept, and what stands beside them, since a pressed one is only darker.
_GRADES = {0: BAD, 1: GOOD, None: None}
_VERDICTS = {0: "It does not fit", 1: "It fits", None: "Does it fit?"}
_REFUSED_VOTE = "vote that was not kept, and why"

Telling = Mapping[tuple[str, int], tuple[Span, ...]]
"""By role id and number of the passage, the sentences that answer by meaning."""


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage on the page, in a place of its own so that it can be drawn again."""

    place: DeltaGenerator
    role_id: str
    number: int
    passage: Passage


def render(shown: Sequence[Hit], results: Results, searcher: Searcher, votes: Votes, address: Address, pages: Pages) -> list[ShownPassage]:
    """The roles that are shown, in order, with their passages still unmarked, and the near-identical roles that stand below each."""
    grades = _grades(votes, address.text)
    places: list[ShownPassage] = []
    for number, hit in enumerate(shown, start=(address.page - 1) * HITS_A_PAGE + 1):
        with st.container(border=True, gap="small"):
            _head(number, hit, results.query, address, pages)
            _twins(hit, searcher, address, pages)
            places += [ShownPassage(st.empty(), hit.role_id, number, passage) for number, passage in enumerate(hit.passages[:PASSAGES_SHOWN])]
            _skills(hit, results)
            _actions(hit, results.query, address, votes, grades.get(hit.role_id))
    return places


def draw_passages(places: Sequence[ShownPassage], telling: Telling, query: str) -> None:
    """The passages with what answers marked in them; drawn again where more is known of what answers by meaning."""
    for shown in places:
        shown.place.html(_passage_html(shown.passage, query, telling.get((shown.role_id, shown.number), ())))


def _head(number: int, hit: Hit, query: Query, address: Address, pages: Pages) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        pages.link_to_role(f"**{number}\\. {plain(hit.title) or 'Untitled'}**", hit.role_id, address)
        fit = fit_of(hit, query.mode)
        if hit.why and fit is not None:
            st.badge(f"{fit.name} · {fit.percent}", color=_COLOURS[fit.name], help=FIT_HELP)
    st.html(f"<small>{apart(*facts(hit.attributes), hit.source)}</small>")


FIT_HELP = "Of roles with such a score, so many in a hundred were judged to fit. Why shows what the score is made of."


def _twins(hit: Hit, searcher: Searcher, address: Address, pages: Pages) -> None:
    if hit.twins:
        label = f"{len(hit.twins)} near-identical {'role' if len(hit.twins) == 1 else 'roles'}"
        # Not a popover: it would lie above the dialog that says what differs.
        with st.expander(label, icon=":material/content_copy:", type="compact"):
            twins.render(hit.role_id, hit.twins, searcher, address, pages, key=_key(hit.role_id))


def _passage_html(passage: Passage, query: str, telling: Sequence[Span]) -> str:
    text = passage.text[:_LONGEST_PASSAGE]
    by_words = marks(text, words_of(query))
    by_meaning = moved(marks("", "", telling), passage.start, passage.end)
    section = f"<small><b>{escaped(readable(passage.section))}</b></small>" if passage.section != "other" else ""
    blocks = blocks_of(text)
    shown = _telling_blocks(blocks, [*by_words, *by_meaning])
    return section + html_of_blocks(text, shown, [*by_words, *by_meaning]) + ("<small>…</small>" if len(shown) < len(blocks) else "")


def _telling_blocks(blocks: Sequence[Block], found: Sequence[Mark]) -> list[Block]:
    """The paragraphs and list items of a passage that hold a mark, a few of them; the first ones where none does. The whole stands on the role's page."""
    telling = [block for block in blocks if any(mark.start < block.end and mark.end > block.start for mark in found)]
    return (telling or list(blocks))[:_MOST_BLOCKS]


def _skills(hit: Hit, results: Results) -> None:
    """The skills that the question wishes for: what the role has of them, and what it lacks."""
    wished = results.understood.wished("skills")
    if wished:
        held = hit.attributes.get("skills", ())
        with st.container(horizontal=True, gap="small"):
            for skill in wished:
                has = isinstance(held, tuple) and skill in held
                st.badge(
                    f"{plain(skill)}{'' if has else ' not named'}", icon=":material/check:" if has else ":material/close:", color="green" if has else "gray"
                )


# What can be done with it


def _actions(hit: Hit, query: Query, address: Address, votes: Votes, grade: int | None) -> None:
    key = _key(hit.role_id)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if hit.why:
                with st.popover("Why", type="tertiary", icon=":material/analytics:"):
                    st.html(_why_html(hit))
            st.button("More like this", type="tertiary", icon=":material/add:", key=f"more {key}", on_click=_steer, args=("like", hit.role_id))
            st.button("Less like this", type="tertiary", icon=":material/remove:", key=f"less {key}", on_click=_steer, args=("unlike", hit.role_id))
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if address.text.strip():
                _thumbs(votes, address.text, hit, grade)
            _select(hit, address, key)


def _steer(name: str, role_id: str) -> None:
    address = current_address()
    like, unlike = ([one for one in ids if one != role_id] for ids in (address.like, address.unlike))
    (like if name == "like" else unlike).append(role_id)
    show(replace(address, like=tuple(like), unlike=tuple(unlike), page=1))


def _select(hit: Hit, address: Address, key: str) -> None:
    widget = f"select {key}"
    if st.session_state.get(widget) != (hit.role_id in address.selected):
        st.session_state[widget] = hit.role_id in address.selected
    st.checkbox("Select", key=widget, on_change=_toggle, args=(hit.role_id, widget))


def _toggle(role_id: str, widget: str) -> None:
    address = current_address()
    others = tuple(one for one in address.selected if one != role_id)
    show(replace(address, selected=(*others, role_id) if st.session_state[widget] else others))


def _grades(votes: Votes, text: str) -> Mapping[str, int]:
    try:
        return votes.of(text) if text.strip() else {}
    except RoleSearchError as error:
        failure(error)
        return {}


def _thumbs(votes: Votes, text: str, hit: Hit, grade: int | None) -> None:
    """The vote that is kept for this question and role, to be changed by a click; another click takes it back."""
    # Of question and role, not of the place in the list: a click that comes while the next answer is drawn cannot hit another role.
    key = "vote " + _key(one_line(text), hit.role_id)
    thumb = st.session_state[key] = None if grade is None else int(grade > BAD)
    st.caption(_VERDICTS[thumb], width="content")
    st.feedback("thumbs", key=key, on_change=_vote, args=(votes, text, hit.role_id, key))
    refused_key, error = st.session_state.get(_REFUSED_VOTE, ("", None))
    if refused_key == key:
        del st.session_state[_REFUSED_VOTE]
        failure(error)


def _vote(votes: Votes, text: str, role_id: str, key: str) -> None:
    try:
        votes.give(text, role_id, _GRADES[st.session_state[key]])
    except RoleSearchError as error:
        st.session_state[_REFUSED_VOTE] = (key, error)


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:20]


# Why it is here


def _why_html(hit: Hit) -> str:
    """The score's parts in plain words, a row each."""
    rows = "".join(f"<tr><th scope='row' align='left'>{escaped(name)}&emsp;</th><td>{escaped(text)}</td></tr>" for name, text in _why(hit))
    return f"<table>{rows}</table>"


def _why(hit: Hit) -> list[tuple[str, str]]:
    why = hit.why
    rows = [("Score", f"{hit.score:.3f}")]
    if "dense" in why:
        place = f"number {why['dense_rank']:.0f} by meaning" if "dense_rank" in why else "too far away for the search by meaning to find it by itself"
        rows.append(("Meaning", f"{why['dense']:.3f}: cosine of its nearest passage to the question (1 is the same); {place}"))
    if "role" in why:
        rows.append(("As a whole", f"{why['role']:.3f}: cosine of the whole role to the question"))
    if "lexical" in why:
        rows.append(("Words", f"{why['lexical']:.2f}: BM25 of its best passage; number {why['lexical_rank']:.0f} by words"))
    elif "dense" in why:
        rows.append(("Words", "not found by words"))
    if "title" in why:
        rows.append(("Title", "names the job in the question's own words"))
    rows += [(f"Wish: {key.removeprefix('wish_').replace('_', ' ')}", f"met by {value:.0%}") for key, value in why.items() if key.startswith("wish_")]
    return rows

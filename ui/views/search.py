"""The search page: a question, filters, and the roles that answer it with the passages that speak for them, to be judged by a thumb."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from search.errors import RoleSearchError
from search.judgements import BAD, GOOD, Votes, one_line
from search.records import Condition, Filters, Hit, Mode, Passage, Results, Understood
from search.searcher import IndexStatus, Searcher
from search.understanding import without
from ui import present
from ui.views.address import FEWEST, MOST, Address, show
from ui.views.layout import blocks_of, html_of_blocks
from ui.views.markup import escaped
from ui.views.parts import facts, failure, further_facts, notice, readable, word_marks

EXAMPLES = (
    "Kubernetes mentorship lead",
    "keeps the books and pays wages",
    "designer who talks to users -lead",
    '"site reliability" -junior',
)
MODES = {Mode.HYBRID: "Hybrid", Mode.DENSE: "Meaning", Mode.LEXICAL: "Words"}
MODE_HELP = "Hybrid looks for both. Meaning finds roles that say the same in other words. Words finds the words themselves, in any inflection."
OPERATORS = '"exact phrase" must occur · -word leaves roles out'

FEWEST_VALUES, MOST_VALUES = 2, 30
_PLAIN_NAME = re.compile(r"[^\W_](?:[\w ]|-(?!-)){0,39}")
_SHOWN_BOOLEANS = {"true": "yes", "false": "no"}
_SHOWN = "address that the widgets show"

# Streamlit's thumbs, down and up, None when neither is pressed: the grade that is kept, and what stands beside them, since a pressed one is only darker.
_GRADES = {0: BAD, 1: GOOD, None: None}
_VERDICTS = {0: "It does not fit", 1: "It fits", None: "Does it fit?"}
_REFUSED_VOTE = "vote that was not kept, and why"

Facets = Mapping[str, Mapping[str, int]]


def render(searcher: Searcher, votes: Votes, address: Address) -> None:
    """The page for this address. Reads the index and the votes; writes nothing but the address, and a vote when a thumb is clicked."""
    st.html('<div class="rs-brand"><h1>Role Search</h1><span class="rs-soft">Describe the person or the work; the roles that fit come first.</span></div>')
    try:
        status, facets = searcher.status(), _worth_filtering(searcher.facets())
    except RoleSearchError as error:
        failure(error)
        return
    _ask(address, facets)
    for text in address.ignored:
        notice(f"Left out: {text}.")
    if not address.text.strip():
        _examples()
    else:
        _answer(searcher, votes, address)
    _footer(status)


def _answer(searcher: Searcher, votes: Votes, address: Address) -> None:
    try:
        with st.spinner("Searching… the first question takes longer, while the model is loaded."):
            results = searcher.search(address.query)
    except RoleSearchError as error:
        failure(error)
        return
    _understood(results.understood, address)
    for note in results.notes:
        notice(note)
    if results.hits:
        _hits(results, votes, address)
        _below_results(results, address)


def _understood(understood: Understood, address: Address) -> None:
    """How the question was read, as chips; each takes its words out of the question."""
    chips = [*(_chip(wish.said, present.wish_text(wish), address) for wish in understood.wishes)]
    chips += [_chip(demand.said, present.demand_text(demand), address) for demand in understood.demands]
    if chips:
        st.html(f'<p class="rs-chips" aria-label="How the question was understood">Understood: {" ".join(dict.fromkeys(chips))}</p>')
    for correction in understood.corrections:
        notice(f"No role holds “{correction.said}”: searched for “{correction.read}” instead.")


def _chip(said: str, shown: str, address: Address) -> str:
    link = escaped(replace(address, text=without(address.text, said)).link())
    title = f"Take “{escaped(said)}” out of the question"
    return f'<a class="rs-chip" href="{link}" target="_self" title="{title}"><bdi>{escaped(shown)}</bdi> <span aria-hidden="true">×</span></a>'


def _hits(results: Results, votes: Votes, address: Address) -> None:
    try:
        grades = votes.of(address.text)
    except RoleSearchError as error:
        failure(error)
        grades = {}
    for number, hit in enumerate(results.hits, start=1):
        with st.container(gap=None):
            st.html(_hit_html(number, hit, address))
            _thumbs(votes, address.text, hit, grades.get(hit.role_id))


def _below_results(results: Results, address: Address) -> None:
    shown = f"{len(results.hits)} {'role' if len(results.hits) == 1 else 'roles'} in {results.took_ms:,.0f} ms"
    more = replace(address, k=min(address.k + FEWEST, MOST))
    link = f' · <a class="rs-link" href="{escaped(more.link())}" target="_self">Show more</a>' if len(results.hits) == address.k < MOST else ""
    st.html(f'<p class="rs-soft">{shown}{link}</p>')


# The question


def _ask(address: Address, facets: Facets) -> None:
    _follow(address, facets)
    box, button = st.columns([6, 1], vertical_alignment="bottom")
    box.text_input("What are you looking for?", key="q", placeholder="Kubernetes mentorship lead", help=f"`{OPERATORS}`", on_change=_go, args=(address, facets))
    button.button("Search", type="primary", on_click=_go, args=(address, facets), width="stretch")
    st.segmented_control(
        "Search by", list(MODES), format_func=MODES.__getitem__, key="mode", required=True, help=MODE_HELP, on_change=_go, args=(address, facets)
    )
    if facets:
        active = sum(len(st.session_state[_widget(key)]) for key in facets)
        with st.expander(f"Filters ({active} active)" if active else "Filters", key="filters"):
            _filters(address, facets)
    _other_filters(address, facets)


def _filters(address: Address, facets: Facets) -> None:
    columns = st.columns(2)
    for number, (key, values) in enumerate(facets.items()):
        columns[number % 2].multiselect(
            readable(key),
            list(values),
            format_func=partial(_choice_text, values),
            key=_widget(key),
            placeholder="Any",
            on_change=_go,
            args=(address, facets),
        )


def _choice_text(counts: Mapping[str, int], value: str) -> str:
    return f"{_SHOWN_BOOLEANS.get(value, value)} ({counts.get(value, 0)})"


def _other_filters(address: Address, facets: Facets) -> None:
    """Filters that came with the address and have no widget."""
    others = _beyond_widgets(address, facets)
    if others:
        fewer = replace(address, filters=Filters(tuple(condition for condition in address.filters.conditions if condition not in others)))
        shown = " and ".join(f"{condition.key}{condition.operator}{condition.value}" for condition in others)
        st.html(f'<p class="rs-soft">Also filtered by {escaped(shown)} · <a class="rs-link" href="{escaped(fewer.link())}" target="_self">Remove</a></p>')


def _examples() -> None:
    st.html('<p class="rs-soft">For example</p>')
    with st.container(horizontal=True):
        for text in EXAMPLES:
            st.button(text, on_click=show, args=(Address(text),))
    st.html(f'<p class="rs-soft">{escaped(OPERATORS)}</p>')


def _footer(status: IndexStatus) -> None:
    st.html(f'<p class="rs-soft" style="margin-top: 2rem">{status.roles:,} roles in the index · generation {escaped(status.generation)}</p>')


# Widgets and address


def _follow(address: Address, facets: Facets) -> None:
    """Fill the widgets from the address, whenever it changed by anything but themselves: at first, by a link, by the back button."""
    state = st.session_state
    if state.get(_SHOWN) != address or "q" not in state:
        state[_SHOWN] = address
        state["q"], state["mode"] = address.text, address.mode
        for key, values in facets.items():
            state[_widget(key)] = _chosen(address, key, values)
    for key, values in facets.items():
        # Another generation may have other values.
        state[_widget(key)] = [value for value in state.get(_widget(key), []) if value in values]


def _go(address: Address, facets: Facets) -> None:
    """Show what the widgets ask for."""
    state = st.session_state
    chosen = tuple(Condition(key, "=", value) for key in facets for value in state[_widget(key)])
    wanted = Address(state["q"], Mode(state["mode"]), Filters(chosen + _beyond_widgets(address, facets)))
    state[_SHOWN] = wanted
    show(wanted)


def _chosen(address: Address, key: str, values: Mapping[str, int]) -> list[str]:
    return [value for value in values if any(_is_choice(condition, key, value) for condition in address.filters.conditions)]


def _beyond_widgets(address: Address, facets: Facets) -> tuple[Condition, ...]:
    return tuple(
        condition
        for condition in address.filters.conditions
        if not any(_is_choice(condition, key, value) for key, values in facets.items() for value in values)
    )


def _is_choice(condition: Condition, key: str, value: str) -> bool:
    return condition.operator == "=" and (condition.key.casefold(), condition.value.casefold()) == (key.casefold(), value.casefold())


def _widget(key: str) -> str:
    return f"filter {key}"


def _worth_filtering(facets: Facets) -> dict[str, Mapping[str, int]]:
    """Attributes that sort roles into groups, those that most roles have first.

    An attribute whose values are all different sorts nothing. Its name becomes a label, which Streamlit reads as Markdown: only plain names are taken.
    """
    kept = {
        key: values for key, values in facets.items() if FEWEST_VALUES <= len(values) <= MOST_VALUES and max(values.values()) > 1 and _PLAIN_NAME.fullmatch(key)
    }
    return dict(sorted(kept.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])))


# Results


def _hit_html(number: int, hit: Hit, address: Address) -> str:
    link = escaped(address.opening(hit.role_id).link())
    first, *further = [_passage_html(passage, address.text) for passage in hit.passages] or [""]
    return (
        f'<article class="rs-hit" style="padding-bottom: 0"><span class="rs-number">{number}</span>'
        f'<h2><a href="{link}" target="_self"><bdi>{escaped(hit.title) or "Untitled"}</bdi></a></h2><span class="rs-score" title="Score">{hit.score:.3f}</span>'
        f"<div>{facts(hit.attributes)}</div>"
        f'<div class="rs-soft">{further_facts(hit.attributes, hit.source)}</div>'
        f"{first}{_more_passages(further)}"
        f'<details><summary>Why it is here</summary><p class="rs-why">{escaped(_why(hit))}</p></details></article>'
    )


def _thumbs(votes: Votes, text: str, hit: Hit, grade: int | None) -> None:
    """The vote that is kept for this question and role, to be changed by a click; another click takes it back."""
    # Of question and role, not of the place in the list: a click that comes while the next answer is drawn cannot hit another role.
    key = "vote " + hashlib.sha256("\n".join((one_line(text), hit.role_id)).encode()).hexdigest()[:20]
    thumb = st.session_state[key] = None if grade is None else int(grade > BAD)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"):
        st.html(f'<span class="rs-soft">{_VERDICTS[thumb]}</span>', width="content")
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


def _more_passages(passages: list[str]) -> str:
    summary = f"{len(passages)} more {'passage' if len(passages) == 1 else 'passages'}"
    return f"<details><summary>{summary}</summary>{''.join(passages)}</details>" if passages else ""


def _passage_html(passage: Passage, query: str) -> str:
    section = f'<div class="rs-section">{escaped(readable(passage.section))}</div>' if passage.section != "other" else ""
    body = html_of_blocks(passage.text, blocks_of(passage.text), word_marks(passage.text, query))
    return f'<blockquote class="rs-passage">{section}{body}</blockquote>'


def _why(hit: Hit) -> str:
    """The score's parts in plain words, a line each."""
    why = hit.why
    lines = [f"Score {hit.score:.3f}."]
    if "dense" in why:
        place = f"number {why['dense_rank']:.0f} by meaning" if "dense_rank" in why else "too far away for the search by meaning to find it by itself"
        lines.append(f"Meaning: its nearest passage has a cosine of {why['dense']:.3f} to the question (1 is the same); {place}.")
    if "lexical" in why:
        lines.append(f"Words: its best passage has a BM25 score of {why['lexical']:.2f} for the question's words; number {why['lexical_rank']:.0f} by words.")
    elif "dense" in why:
        lines.append("Words: not found by words.")
    if "role" in why:
        lines.append(f"As a whole: the role's text has a cosine of {why['role']:.3f} to the question.")
    lines += [f"Wish for {key.removeprefix('wish_').replace('_', ' ')}: met by {value:.0%}." for key, value in why.items() if key.startswith("wish_")]
    return "\n".join(lines)

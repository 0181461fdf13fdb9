"""The search: a question, filters beside it, and the roles that answer it, to be sorted, compared, judged, exported and opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

import streamlit as st

from search.attributes.levels import LEVELS
from search.compare import FEWEST, MOST
from search.errors import RoleSearchError
from search.fit import Strength, fit_of
from search.judgements import Votes
from search.records import Hit, Query, Results, Understood
from search.searcher import Searcher
from search.understanding import understand, without
from ui import export, present
from ui.views import filters, hits, question, saved
from ui.views.address import HITS_A_PAGE, Address, Order, current_address, show
from ui.views.markup import Kind, marked, plain
from ui.views.pages import Pages
from ui.views.parts import failure, notice, words_of

ORDERS = {
    Order.RELEVANCE: "Best match first",
    Order.TITLE: "Title, A to Z",
    Order.LEVEL: "Level, highest first",
    Order.YEARS: "Years asked for, fewest first",
    Order.PAY: "Pay, highest first",
    Order.NEWEST: "Newest first",
}
# What an order needs roles to have, to be offered.
_NEEDS = {Order.LEVEL: "level", Order.YEARS: "years", Order.PAY: "salary_max", Order.NEWEST: "date_posted"}
_FORMATS = {
    "CSV": ("csv", "text/csv", export.csv_of),
    "JSON": ("json", "application/json", export.json_of),
    "Markdown": ("md", "text/markdown", export.markdown_of),
}
_EvidenceKey: TypeAlias = tuple[str, Query, tuple[str, ...]]
# Answers that are kept, a generation long: `edition` names index and generation.
_KEPT = 64
LEGEND = f"{marked('word', Kind.WORDS)} is a word of the question; {marked('a sentence', Kind.MEANING)} is nearest to it in meaning."


def render(searcher: Searcher, votes: Votes, address: Address, pages: Pages) -> None:
    """The page for this address. Reads the index and the votes; writes nothing but the address, a vote when a thumb is clicked, and saved searches."""
    st.title("Role Search", anchor=False)
    try:
        edition = f"{searcher.folder} {searcher.generation()}"
        everything = _facets(searcher, Query(""), edition)
        roles = searcher.status().roles
    except RoleSearchError as error:
        _no_index(error, pages)
        return
    beside_the_question = question.render(address, everything)
    for text in address.ignored:
        notice(f"Left out: {text}.")
    if not roles:
        st.warning("The index is empty: there is nothing to find yet.", icon=":material/inventory_2:")
        st.page_link(pages.corpus, label="Add roles", icon=":material/add:")
        return
    with st.sidebar:
        filters.render(address, everything, _left(searcher, address, edition, everything))
    if address.asks:
        _answer(searcher, votes, address, pages, edition, everything)
    else:
        question.suggestions(everything)
        st.caption(f"{roles:,} roles in the index · generation {plain(searcher.generation())}")
    with beside_the_question:
        # Last: in a new generation each saved search is asked, which the answer shall not wait for.
        saved.menu(searcher, address, pages, edition)


def _no_index(error: RoleSearchError, pages: Pages) -> None:
    failure(error)
    st.page_link(pages.corpus, label="Add roles here", icon=":material/add:")


def _left(searcher: Searcher, address: Address, edition: str, everything: filters.Facets) -> filters.Facets:
    understood = understand(address.text)
    if not (address.filters or understood.demands or understood.asked.has_operators):
        return everything
    try:
        return _facets(searcher, replace(address.query, like=(), unlike=()), edition)
    except RoleSearchError:
        # A filter that cannot be is said where the answer would be; the others must stay, to be taken away.
        return everything


def _answer(searcher: Searcher, votes: Votes, address: Address, pages: Pages, edition: str, everything: filters.Facets) -> None:
    _narrowed(searcher, address, pages)
    try:
        with st.spinner("Searching… the first question takes longer, while the model is loaded."):
            results = _asked(searcher, address.query, edition)
    except RoleSearchError as error:
        failure(error)
        return
    shown = _page(_sorted(results.hits, address.order), address.page)
    _understood(results.understood)
    for note in results.notes:
        notice(note)
    if results.hits:
        _toolbar(results, shown, address, everything, pages)
        if not shown:
            notice("There are no more roles on this page.")
        places = hits.render(shown, results, searcher, votes, address, pages)
        kept, key = _kept_evidence(), (edition, address.query, tuple(hit.role_id for hit in shown))
        hits.draw_passages(places, kept.get(key, {}), address.text)
        _paging(results, address)
        if key not in kept:
            # At last: these sentences take longer to find than the roles, which are there to be read meanwhile.
            _mark(searcher, address, shown, places, key)


def _mark(searcher: Searcher, address: Address, shown: Sequence[Hit], places: Sequence[hits.ShownPassage], key: _EvidenceKey) -> None:
    """Draw the passages again, with the sentences marked that answer by meaning."""
    try:
        telling = _telling(searcher, address.query, shown)
    except RoleSearchError as error:
        failure(error)
        return
    kept = _kept_evidence()
    kept[key] = telling
    if len(kept) > _KEPT:
        kept.pop(next(iter(kept)), None)
    if any(telling.values()):
        hits.draw_passages(places, telling, address.text)


def _narrowed(searcher: Searcher, address: Address, pages: Pages) -> None:
    """The filters that hold and the roles that the answer is to be like or unlike, each to be taken away."""
    if not (address.filters or address.like or address.unlike):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        filters.chips(address)
        for name, role_ids in (("like", address.like), ("unlike", address.unlike)):
            for role_id in role_ids:
                _steering(name, role_id, _title(searcher, role_id))


def _steering(name: str, role_id: str, title: str) -> None:
    words = {"like": "More like", "unlike": "Less like"}[name]
    st.button(f"{words}: {plain(title)}", key=f"{name} {role_id}", icon=":material/close:", icon_position="right", on_click=_unsteer, args=(role_id,))


def _unsteer(role_id: str) -> None:
    address = current_address()
    like, unlike = (tuple(one for one in ids if one != role_id) for ids in (address.like, address.unlike))
    show(replace(address, page=1, like=like, unlike=unlike))


def _title(searcher: Searcher, role_id: str) -> str:
    try:
        return searcher.role(role_id).title
    except RoleSearchError:
        return role_id


def _understood(understood: Understood) -> None:
    """How the question was read; a click takes the words for it out of the question."""
    chips = {present.wish_text(wish): wish.said for wish in understood.wishes} | {present.demand_text(demand): demand.said for demand in understood.demands}
    if chips:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Understood:", width="content")
            for number, (text, said) in enumerate(chips.items()):
                st.button(
                    plain(text),
                    key=f"understood {number}",
                    icon=":material/close:",
                    icon_position="right",
                    help=f"Take “{plain(said)}” out of the question",
                    on_click=_take_out,
                    args=(said,),
                )
    for correction in understood.corrections:
        notice(f"No role holds “{correction.said}”: searched for “{correction.read}” instead.")


def _take_out(said: str) -> None:
    address = current_address()
    show(replace(address, text=without(address.text, said), page=1))


# What is shown of the answer


def _toolbar(results: Results, shown: Sequence[Hit], address: Address, everything: filters.Facets, pages: Pages) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.caption(_count(results), width="content")
        with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
            _order(address, everything)
            _compare(address, pages)
            _export(results, shown, address)
    if any(hit.passages for hit in shown) and address.text.strip():
        st.html(f"<small>{LEGEND}</small>")


def _count(results: Results) -> str:
    found, below = len(results.hits), sum(len(hit.twins) for hit in results.hits)
    roles = f"{found:,} {'role' if found == 1 else 'roles'}"
    collapsed = f", {below:,} near-identical {'one' if below == 1 else 'ones'} below them" if below else ""
    return f"{roles}{collapsed} · {results.took_ms:,.0f} ms"


def _order(address: Address, everything: filters.Facets) -> None:
    offered = [order for order in ORDERS if order not in _NEEDS or _NEEDS[order] in everything or order is address.order]
    if st.session_state.get("order") != address.order:
        st.session_state["order"] = address.order
    st.selectbox("Sort by", offered, format_func=ORDERS.__getitem__, key="order", label_visibility="collapsed", width=220, on_change=_reorder)


def _reorder() -> None:
    show(replace(current_address(), order=Order(st.session_state["order"]), page=1))


def _compare(address: Address, pages: Pages) -> None:
    """A link to the selected roles side by side, or how many may be selected; nothing before one is."""
    count = len(address.selected)
    if FEWEST <= count <= MOST:
        pages.link_to_comparison(f"Compare {count}", address.selected, address)
    elif count:
        st.caption(f"Select {FEWEST} to {MOST} roles to compare them.", width="content")


def _export(results: Results, shown: Sequence[Hit], address: Address) -> None:
    """Downloads of what is selected, or else of what is shown."""
    selected = [hit for hit in _sorted(results.hits, address.order) if hit.role_id in address.selected]
    exported = tuple(selected or shown)
    what = f"{len(exported)} selected" if selected else f"{len(exported)} shown"
    with st.popover("Export", icon=":material/download:"):
        st.caption(f"The {what} {'role' if len(exported) == 1 else 'roles'}, with question, filters, time and generation.")
        for name, (suffix, kind, write) in _FORMATS.items():
            st.download_button(
                name,
                data=partial(_exported, write, results, exported, address.order),
                file_name=export.file_name(_to_export(results, exported, address.order), suffix),
                mime=kind,
                key=f"export {suffix}",
                on_click="ignore",
                width="stretch",
            )
        if selected:
            st.button("Clear the selection", key="clear selection", on_click=_clear_selection, width="stretch")


def _to_export(results: Results, exported: tuple[Hit, ...], order: Order) -> export.Export:
    return export.Export(results, exported, datetime.now(UTC), ORDERS[order])


def _exported(write: Callable[[export.Export], bytes], results: Results, exported: tuple[Hit, ...], order: Order) -> bytes:
    return write(_to_export(results, exported, order))


def _clear_selection() -> None:
    show(replace(current_address(), selected=()))


def _sorted(found: Sequence[Hit], order: Order) -> list[Hit]:
    """By the order; what lacks the attribute comes last, equal ones stay in the order of relevance."""
    if order is Order.RELEVANCE:
        return list(found)
    if order is Order.TITLE:
        return sorted(found, key=lambda hit: hit.title.casefold())
    key = _NEEDS[order]
    held = [hit for hit in found if _rank(order, hit.attributes.get(key)) is not None]
    lacking = [hit for hit in found if _rank(order, hit.attributes.get(key)) is None]
    return sorted(held, key=lambda hit: _rank(order, hit.attributes[key]) or 0.0, reverse=order is not Order.YEARS) + lacking


def _rank(order: Order, value: object) -> float | None:
    """An attribute's value as a number to sort by; None for what is none."""
    text = str(value)
    if order is Order.LEVEL:
        return float(LEVELS.index(text)) if text in LEVELS else None
    if order is Order.NEWEST:
        digits = text[:10].replace("-", "")
        return float(digits) if len(digits) == 8 and digits.isascii() and digits.isdigit() else None
    return float(value) if isinstance(value, int | float) else None


def _page(found: Sequence[Hit], page: int) -> list[Hit]:
    return list(found[(page - 1) * HITS_A_PAGE : page * HITS_A_PAGE])


def _paging(results: Results, address: Address) -> None:
    pages = -(-len(results.hits) // HITS_A_PAGE)
    if pages > 1:
        page = min(address.page, pages)
        # A widget for each page: one that lives on would keep its page when the address goes back.
        key = f"page {page}"
        st.pagination(pages, default=page, key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    show(replace(current_address(), page=int(st.session_state[key])))


# Kept for all visitors


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _facets(_searcher: Searcher, query: Query, edition: str) -> Mapping[str, Mapping[str, int]]:
    return _searcher.facets(query)


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _asked(_searcher: Searcher, query: Query, edition: str) -> Results:
    return _searcher.search(query)


@st.cache_resource(show_spinner=False)
def _kept_evidence() -> dict[_EvidenceKey, hits.Telling]:
    return {}


def _telling(searcher: Searcher, query: Query, shown: Sequence[Hit]) -> hits.Telling:
    """The sentences of the passages that are shown which answer by meaning; in roles that are far off they would mislead."""
    if not (words_of(query.text) or query.like):
        return {}
    near = [hit for hit in shown if (fit := fit_of(hit, query.mode)) and fit.name is not Strength.FAR]
    # The best passage of each role first: of very many sentences the last are not looked at.
    passages = {(hit.role_id, number): hit.passages[number] for number in range(hits.PASSAGES_SHOWN) for hit in near if number < len(hit.passages)}
    return dict(zip(passages, searcher.evidence(query, list(passages.values())), strict=True))

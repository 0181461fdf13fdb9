"""Saved searches: a menu that keeps the search on the page, and says what is new for each since it was marked as seen."""

import hashlib
from collections.abc import Callable, Sequence

import streamlit as st

from search.errors import RoleSearchError
from search.records import Query
from search.searcher import Searcher
from search.watches import DEFAULT_K, LONGEST_NAME, Found, News, Watch, Watches, find, news_of
from ui.views.address import Address, show
from ui.views.markup import plain
from ui.views.pages import Pages
from ui.views.parts import failure
from ui.watching import count_text, query_text

# Roles that are named for each search; all stand where it leads to.
MOST_NAMED = 5
_KEPT = 256
_FAILED = "saved search that could not be changed, and why"


def menu(searcher: Searcher, address: Address, pages: Pages, edition: str) -> None:
    """The menu, with the number of roles that are news beside it; none while there is nothing in it. `edition` names index and generation.

    Writes when a button is pressed, and nothing else.
    """
    watches = Watches(searcher.folder)
    try:
        news = [_news(searcher, watch, edition) for watch in watches.all()]
    except RoleSearchError as error:
        with st.popover("Saved searches", type="tertiary", icon=":material/bookmark:"):
            failure(error)
        return
    if not (news or address.asks or _FAILED in st.session_state):
        return
    with st.popover("Saved searches", type="tertiary", icon=":material/bookmark:"):
        if (failed := st.session_state.pop(_FAILED, None)) is not None:
            failure(failed)
        if address.asks:
            _save_this(searcher, watches, address, [one.watch for one in news])
        for one in news:
            _entry(watches, one, pages)
    if fresh := [role for one in news for role in one.roles]:
        st.badge(count_text(fresh), color="green", help="Of all saved searches together, since each was marked as seen.")


def _save_this(searcher: Searcher, watches: Watches, address: Address, saved: Sequence[Watch]) -> None:
    """The form that saves the search on the page, or the name that it is saved under."""
    query = _query(address)
    same = next((watch.name for watch in saved if watch.query == query), None)
    if same is not None:
        st.caption(f"This search is saved as “{plain(same)}”.")
        return
    key = f"name of {_key(repr(query))}"
    proposed = address.text.strip() or ", ".join(f"{condition.key} {condition.value}" for condition in address.filters.conditions)
    st.text_input("Name", value=" ".join(proposed.split())[:LONGEST_NAME], max_chars=LONGEST_NAME, key=key)
    st.button(
        "Save this search",
        key="save this search",
        icon=":material/bookmark_add:",
        help="Question, filters and mode. What it finds now is known; roles that come among its first ones later are shown as new.",
        on_click=lambda: _try(lambda: watches.add(searcher, st.session_state[key] or "", query)),
    )


def _entry(watches: Watches, one: News, pages: Pages) -> None:
    """A saved search: the way to it, what is new for it, and what can be done with it."""
    watch, address, key = one.watch, _address(one.watch.query), _key(one.watch.name)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            # No link: one that leads to the page that it stands on changes no address.
            st.button(f"**{plain(watch.name)}**", key=f"open {key}", icon=":material/search:", type="tertiary", on_click=show, args=(address,))
            if one.roles:
                st.badge(count_text(one.roles), color="green")
        st.caption(plain(query_text(watch.query)))
        if one.error:
            st.caption(f"It cannot be asked any more: {plain(one.error)}")
        for role in one.roles[:MOST_NAMED]:
            pages.link_to_role(f"{plain(role.hit.title) or 'Untitled'}{' (changed)' if role.changed else ''}", role.hit.role_id, address)
        if len(one.roles) > MOST_NAMED:
            st.caption(f"and {len(one.roles) - MOST_NAMED} more")
        with st.container(horizontal=True):
            if one.roles:
                # Of what stands here now: a role that came meanwhile stays news.
                st.button("Mark as seen", key=f"seen {key}", icon=":material/done:", type="tertiary", on_click=lambda: _try(lambda: watches.mark_seen([one])))
            st.button("Remove", key=f"remove {key}", icon=":material/delete:", type="tertiary", on_click=lambda: _try(lambda: watches.remove(watch.name)))


def _try(change: Callable[[], object]) -> None:
    """Change the saved searches, before the page is drawn again; what goes wrong is said in the menu then."""
    try:
        change()
    except RoleSearchError as error:
        st.session_state[_FAILED] = error


def _query(address: Address) -> Query:
    return Query(address.text, DEFAULT_K, address.mode, address.filters, address.like, address.unlike)


def _address(query: Query) -> Address:
    return Address(query.text, query.mode, query.filters, like=query.like, unlike=query.unlike)


def _news(searcher: Searcher, watch: Watch, edition: str) -> News:
    try:
        return news_of(watch, _found(searcher, watch.query, edition))
    except RoleSearchError as error:
        return News(watch, (), error=str(error))


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _found(_searcher: Searcher, query: Query, edition: str) -> Found:
    """Asked once a generation: what of it is news is then only a matter of looking it up."""
    return find(_searcher, query)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:20]

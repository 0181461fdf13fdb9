"""The page of one role: its whole text, with what answers the question marked in it."""

import streamlit as st

from search.errors import RoleSearchError
from search.records import Passage, Role
from search.searcher import Searcher
from ui.views.address import Address
from ui.views.layout import blocks_of, html_of_blocks
from ui.views.markup import Kind, Mark, apart, escaped
from ui.views.parts import failure, named, word_marks


def render(searcher: Searcher, address: Address) -> None:
    """The role that the address names. Reads the index and writes nothing."""
    back = "Back to the results" if address.text.strip() else "Search"
    st.html(f'<a class="rs-link" href="{escaped(address.opening("").link())}" target="_self">← {back}</a>')
    try:
        role = searcher.role(address.role_id)
        passages = _passages(searcher, address)
    except RoleSearchError as error:
        failure(error)
        return
    st.set_page_config(page_title=f"{role.title} · Role Search")
    st.html(_head(role, passages, address))
    marks = [*(Mark(passage.start, passage.end, Kind.PASSAGE) for passage in passages), *word_marks(role.text, address.text)]
    st.html(f'<article class="rs-role">{html_of_blocks(role.text, blocks_of(role.text, role.sections), marks)}</article>')


def _passages(searcher: Searcher, address: Address) -> tuple[Passage, ...]:
    """The passages of this role that answer the question."""
    if not address.text.strip():
        return ()
    with st.spinner("Looking for the passages that answer the question…"):
        hit = searcher.hit(address.query, address.role_id)
    return hit.passages if hit else ()


def _head(role: Role, passages: tuple[Passage, ...], address: Address) -> str:
    rows = {**named(role.attributes), "Source": role.source, "Id": role.id if role.id != role.source else ""}
    table = "".join(f"<tr><th><bdi>{escaped(name)}</bdi></th><td><bdi>{escaped(value)}</bdi></td></tr>" for name, value in rows.items() if value)
    marked = f'<p class="rs-soft rs-legend">Marked: what answers “{apart(address.text)}”</p>' if passages else ""
    return f'<h1><bdi>{escaped(role.title) or "Untitled"}</bdi></h1><table class="rs-facts">{table}</table>{marked}'

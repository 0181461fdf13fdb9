"""The page of one role: its whole text by its sections with what answers the question marked in it, its attributes with where each was read, and the roles
like it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from search.errors import RoleSearchError
from search.manifest import Source
from search.records import Hit, Passage, Query, Reading, Role
from search.searcher import Searcher
from search.sentences import Span, sentence_spans
from ui.present import attribute_text
from ui.views import twins
from ui.views.address import Address
from ui.views.find import LEGEND
from ui.views.layout import blocks_of, html_of_blocks
from ui.views.markup import apart, escaped, plain
from ui.views.pages import Pages
from ui.views.parts import facts, failure, marks, notice, readable, words_of

SIMILAR = 6
# Of a text that a passage is quoted from above the role.
_LONGEST_QUOTE = 240
_LONGEST_FILE = 50_000_000


def render(searcher: Searcher, role_id: str, address: Address, pages: Pages) -> None:
    """The role of this id, with the question that led to it. Reads the index and the role's source file; writes nothing."""
    pages.link_to_results("Back to the results" if address.asks else "Search", address, icon=":material/arrow_back:")
    if not role_id:
        notice("No role is named in the address. Open one from the results of a search.")
        return
    try:
        role = searcher.role(role_id)
        passages = _passages(searcher, role_id, address)
        telling = searcher.evidence(_question(address), passages)
        same = searcher.twins(role_id)
    except RoleSearchError as error:
        failure(error)
        return
    st.set_page_config(page_title=f"{role.title} · Role Search")
    st.title(plain(role.title) or "Untitled", anchor=False)
    st.html(f"<small>{apart(*facts(role.attributes), role.source)}</small>")
    _answers(role, passages, telling, address)
    text, about, similar, *copies = st.tabs(["Text", "Attributes", "Similar roles", *([f"Near-identical ({len(same)})"] if same else [])])
    with text:
        _text(role, passages, telling, address)
    with about:
        _attributes(role)
        _file(searcher, role)
    with similar:
        _similar(searcher, role_id, {twin.role_id for twin in same}, address, pages)
    for tab in copies:
        with tab:
            twins.render(role_id, same, searcher, address, pages, key="role")


def _passages(searcher: Searcher, role_id: str, address: Address) -> tuple[Passage, ...]:
    """The passages of this role that answer the question."""
    if not address.text.strip():
        return ()
    with st.spinner("Looking for the passages that answer the question…"):
        hit = searcher.hit(_question(address), role_id)
    return hit.passages if hit else ()


def _question(address: Address) -> Query:
    """What was asked, without the roles that the answer was to be like: they may be gone, and this one is looked at for itself."""
    return replace(address.query, like=(), unlike=())


def _answers(role: Role, passages: Sequence[Passage], telling: Sequence[Sequence[Span]], address: Address) -> None:
    """What answers the question, each with a link to its place in the text."""
    if not passages:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**What answers “{plain(address.text)}”**")
        for number, (passage, spans) in enumerate(zip(passages, telling, strict=True), start=1):
            link = f"[{number}\\. {_section_words(passage)}](#{_anchor(number)})"
            st.markdown(f"{link} · {plain(_quote(role.text, passage, spans))}")


def _quote(text: str, passage: Passage, telling: Sequence[Span]) -> str:
    """What of a passage answers by meaning, or else its beginning; on one line."""
    quote = " … ".join(text[start:end].removeprefix("- ") for start, end in telling) or text[_begin(text, passage) : passage.end]
    line = " ".join(quote.replace("\n- ", "\n").split())
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE].rpartition(" ")[0] + " …"


def _section_words(passage: Passage) -> str:
    return "In the text" if passage.section == "other" else plain(readable(passage.section))


def _anchor(number: int) -> str:
    return f"passage-{number}"


def _text(role: Role, passages: Sequence[Passage], telling: Sequence[Sequence[Span]], address: Address) -> None:
    if passages:
        st.html(f"<small>{LEGEND}</small>")
    anchors = {_begin(role.text, passage): _anchor(number) for number, passage in enumerate(passages, start=1)}
    marked = marks(role.text, words_of(address.text), [span for spans in telling for span in spans])
    st.html(f"<article>{html_of_blocks(role.text, blocks_of(role.text, role.sections), marked, anchors)}</article>")


def _begin(text: str, passage: Passage) -> int:
    """Where a passage's first word stands: what it begins with may belong to no block, such as a list item's hyphen."""
    spans = sentence_spans(text, passage.start, passage.end)
    start, end = next(spans, (passage.start, passage.end))
    return next((place for place in range(start, end) if text[place].isalnum()), start)


# Beside the text


def _attributes(role: Role) -> None:
    """Each attribute with the words that it was read from."""
    if not role.attributes:
        notice("Nothing was read from this role but its text.")
        return
    rows = "".join(_row(role, key) for key in role.attributes if attribute_text(role.attributes[key]).strip())
    head = "".join(f"<th scope='col' align='left'>{name}</th>" for name in ("Attribute", "Value", "Read from"))
    st.html(f"<table cellpadding='6'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _row(role: Role, key: str) -> str:
    readings = [reading for reading in role.readings if reading.key == key]
    where = "<br>".join(dict.fromkeys(_where(role, reading) for reading in readings)) or "a field of the record"
    value = escaped(attribute_text(role.attributes[key]))
    return (
        f"<tr><th scope='row' align='left' valign='top'><bdi>{escaped(readable(key))}</bdi></th><td valign='top'><bdi>{value}</bdi></td><td>{where}</td></tr>"
    )


def _where(role: Role, reading: Reading) -> str:
    """The sentence that a value was read from, with the words for it in bold."""
    if reading.in_title:
        return f"the title: {_bold(role.title, 0, len(role.title), reading)}"
    spans = [span for span in sentence_spans(role.text, *_line(role.text, reading)) if span[0] < reading.end and span[1] > reading.start]
    start, end = (spans[0][0], spans[-1][1]) if spans else (reading.start, reading.end)
    return f"“{_bold(role.text, max(start, reading.start - _LONGEST_QUOTE), min(end, reading.end + _LONGEST_QUOTE), reading)}”"


def _line(text: str, reading: Reading) -> Span:
    """The lines that a reading stands in."""
    after = text.find("\n", reading.end)
    return text.rfind("\n", 0, reading.start) + 1, after if after >= 0 else len(text)


def _bold(text: str, start: int, end: int, reading: Reading) -> str:
    before, inside, after = text[start : reading.start], text[reading.start : reading.end], text[reading.end : end]
    return f"<bdi>{escaped(before.removeprefix('- '))}<b>{escaped(inside)}</b>{escaped(after)}</bdi>"


def _file(searcher: Searcher, role: Role) -> None:
    """The file that the role was read from, to be taken along."""
    try:
        source = searcher.source(role.id)
    except RoleSearchError as error:
        failure(error)
        return
    path = Path(source.path)
    try:
        size = path.stat().st_size
    except OSError:
        notice(f"The file {source.name} is no longer where it was read from.")
        return
    if size > _LONGEST_FILE:
        notice(f"The file {source.name} has {size:,} bytes, which is too much to be sent from here; it lies in {path.parent}.")
        return
    st.download_button(
        f"Download {plain(source.name)}",
        data=partial(_content, source),
        file_name=path.name,
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="source file",
    )


def _content(source: Source) -> bytes:
    return Path(source.path).read_bytes()


def _similar(searcher: Searcher, role_id: str, copies: Collection[str], address: Address, pages: Pages) -> None:
    try:
        # Near-identical roles are collapsed to one, and that one has a place of its own here.
        similar = [hit for hit in searcher.search(Query("", SIMILAR + 1, like=(role_id,))).hits if hit.role_id not in copies][:SIMILAR]
    except RoleSearchError as error:
        failure(error)
        return
    for hit in similar:
        _similar_role(role_id, hit, address, pages)
    if similar:
        pages.link_to_results("All roles like this one", Address(like=(role_id,)), icon=":material/arrow_forward:")


def _similar_role(role_id: str, hit: Hit, address: Address, pages: Pages) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        pages.link_to_role(f"**{plain(hit.title) or 'Untitled'}**", hit.role_id, address)
        pages.link_to_comparison("Compare", [role_id, hit.role_id], address)
    st.html(f"<small>{apart(*facts(hit.attributes), hit.source)}</small>")

"""Roles for a CV or a role description: what each asks for against what the text shows, both sides quoted. The text stays with this visit, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

import streamlit as st

from ingest.single import role_of_bytes, role_of_text
from search.asks import SENTENCES, Kind
from search.errors import Refused, RoleSearchError
from search.experience import experience_of
from search.match import Line, Match, Verdict
from search.match_ranking import best_matches
from search.quotes import Quote
from search.records import Filters, Hit, Role
from search.searcher import Searcher
from ui import match_export
from ui.views import filters
from ui.views.address import Address
from ui.views.markup import apart, plain
from ui.views.pages import Pages
from ui.views.parts import facts, failure, notice
from ui.views.tables import heading_row, plain_row, quoted, table

# A CV has a few pages. All of its sentences are embedded for the one who asks, and meanwhile all others wait for the model.
LARGEST_FILE_MB, LONGEST_TEXT = 20, 60_000
SHOWN, COMPARED = 10, 3
_GIVEN, _FOUND, _UPLOAD, _PASTED = "text to match", "roles for the text", "uploaded text to match", "pasted text to match"
_SIGNS = {Verdict.MET: "●", Verdict.PARTLY: "◐", Verdict.MISSING: "○"}
_ICONS = {Verdict.MET: ":material/check:", Verdict.PARTLY: ":material/contrast:", Verdict.MISSING: ":material/close:"}
_NAMED = (Kind.SKILL, Kind.CERTIFICATE, Kind.LANGUAGE)
_COLOURS: dict[Verdict, Literal["green", "orange", "gray"]] = {Verdict.MET: "green", Verdict.PARTLY: "orange", Verdict.MISSING: "gray"}
_FORMATS = {
    "CSV": ("csv", "text/csv", match_export.csv_of),
    "JSON": ("json", "application/json", match_export.json_of),
    "Markdown": ("md", "text/markdown", match_export.markdown_of),
}


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer for one text, of one edition of the index, under these filters."""

    text: Role
    filters: Filters
    edition: str
    matches: Sequence[tuple[Hit, Match]]


def render(searcher: Searcher, address: Address, pages: Pages) -> None:
    """The page; `address` has the filters. Writes nothing: what is given lies in the memory of this visit, and is gone with it."""
    st.title("Match", anchor=False)
    st.caption("Which roles fit a CV, or are like a role description: what each asks for, held against what the text shows. The text is kept nowhere.")
    try:
        roles = searcher.status().roles
        filters.sidebar(searcher, address)
    except RoleSearchError as error:
        failure(error)
        st.page_link(pages.corpus, label="Add roles here", icon=":material/add:")
        return
    for text in address.ignored:
        notice(f"Left out: {text}.")
    _give()
    given = st.session_state.get(_GIVEN)
    if isinstance(given, RoleSearchError):
        failure(given)
    elif isinstance(given, Role):
        _answer(searcher, given, address, pages, roles)


# The text


def _give() -> None:
    upload, paste = st.tabs(["Upload a file", "Paste text"])
    with upload:
        said = "PDF, Word, Markdown, plain text, HTML: any format that roles are read from. One file with one text in it."
        # Any file may be chosen: what cannot be read is refused with what to do about it, which a list of endings would not say.
        st.file_uploader("A CV or a role description", key=_UPLOAD, max_upload_size=LARGEST_FILE_MB, on_change=_take_upload, help=said)
    with paste, st.form("paste a text", border=False):
        st.text_area("The text of a CV or a role description", key=_PASTED, height=220, max_chars=LONGEST_TEXT, placeholder="Paste it here")
        st.form_submit_button("Find roles", icon=":material/search:", on_click=_take_pasted)


def _take_upload() -> None:
    file = st.session_state[_UPLOAD]
    if file is None:
        st.session_state.pop(_GIVEN, None)
    else:
        _take(lambda: role_of_bytes(file.getvalue(), file.name))


def _take_pasted() -> None:
    _take(lambda: role_of_text(st.session_state[_PASTED] or "", "the pasted text"))


def _take(read: Callable[[], Role]) -> None:
    """Remember the text, or why it cannot be read."""
    try:
        role = read()
        if len(role.text) > LONGEST_TEXT:
            raise Refused(f"{role.source} holds {len(role.text):,} characters; give at most {LONGEST_TEXT:,}, such as the pages that tell of the work")
        st.session_state[_GIVEN] = role
    except RoleSearchError as error:
        st.session_state[_GIVEN] = Refused(f"this cannot be matched: {error}")


def _forget() -> None:
    st.session_state.pop(_GIVEN, None)


# The roles


def _answer(searcher: Searcher, text: Role, address: Address, pages: Pages, roles: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"Roles for “{plain(text.title) or 'the text'}”", anchor=False)
        st.button("Forget the text", icon=":material/delete:", type="tertiary", key="forget", on_click=_forget)
    _read(text)
    try:
        with st.spinner(f"Matching with {roles:,} roles, sentence by sentence…"):
            found = _found(searcher, text, address.filters)
    except RoleSearchError as error:
        failure(error)
        return
    if not found.matches:
        notice("No role is left by these filters." if address.filters else "There is no role to match it with." if not roles else "No role fits this text.")
        return
    _toolbar(found, searcher, pages)
    for number, (hit, match) in enumerate(found.matches, start=1):
        with st.container(border=True, gap="small"):
            _card(number, hit, match, pages)


def _read(text: Role) -> None:
    """What was read from the text: what roles are held against."""
    skills = text.attributes.get("skills", ())
    names = ", ".join(skills) if isinstance(skills, tuple) else ""
    shown = experience_of(text, date.today())
    years = f"{shown.years} years of experience{' by its dates' if shown.from_dates else ''}" if shown else ""
    told = " · ".join(part for part in (*facts(text.attributes), years, f"skills: {names}" if names else "") if part)
    st.caption(f"Read from it: {plain(told)}" if told else "No level, skill or place was read from it: its sentences alone are compared.")


def _found(searcher: Searcher, text: Role, filters: Filters) -> _Found:
    """What was found last in this visit, if it is still the answer; other visitors never see it."""
    edition = f"{searcher.folder} {searcher.generation()}"
    kept = st.session_state.get(_FOUND)
    if not isinstance(kept, _Found) or kept.text is not text or (kept.filters, kept.edition) != (filters, edition):
        kept = _Found(text, filters, edition, best_matches(text, searcher, searcher.embedder, SHOWN, filters))
        st.session_state[_FOUND] = kept
    return kept


def _toolbar(found: _Found, searcher: Searcher, pages: Pages) -> None:
    ids = [hit.role_id for hit, _ in found.matches[:COMPARED]]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"The {len(found.matches)} that fit best, first the best.", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if len(ids) > 1:
                pages.link_to_comparison(f"Compare the first {len(ids)}", ids, Address())
            _export(found, searcher.generation())


def _export(found: _Found, generation: str) -> None:
    with st.popover("Export", icon=":material/download:"):
        st.caption("Each role with what it asks for and the sentences of both sides.")
        for name, (suffix, kind, write) in _FORMATS.items():
            st.download_button(
                name,
                data=partial(_exported, write, found, generation),
                file_name=_to_export(found, generation).file_name(suffix),
                mime=kind,
                key=f"export match {suffix}",
                on_click="ignore",
                width="stretch",
            )


def _exported(write: Callable[[match_export.MatchExport], bytes], found: _Found, generation: str) -> bytes:
    return write(_to_export(found, generation))


def _to_export(found: _Found, generation: str) -> match_export.MatchExport:
    return match_export.MatchExport(found.text, found.matches, found.filters, generation, datetime.now(UTC))


def _card(number: int, hit: Hit, match: Match, pages: Pages) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        pages.link_to_role(f"**{number}\\. {plain(hit.title) or 'Untitled'}**", hit.role_id, Address())
        with st.container(horizontal=True, gap="small", width="content"):
            for verdict in Verdict:
                st.badge(f"{match.count(verdict)} {verdict.value}", icon=_ICONS[verdict], color=_COLOURS[verdict])
    copies = [f"{len(hit.twins)} near-identical"] if hit.twins else []
    st.html(f"<small>{apart(*facts(hit.attributes), hit.source, *copies)}</small>")
    if not match.lines:
        st.caption("Nothing that it asks for could be read from this role.")
        return
    with st.expander("What it asks for, and what the text shows", expanded=number == 1):
        _tables(match)


def _tables(match: Match) -> None:
    """What is needed, then what is only wished for: met first, missing last."""
    for wished, name in ((False, "What the role needs"), (True, "What it would like")):
        lines = [line for line in match.lines if line.ask.wished is wished]
        if lines:
            st.html(table([name, "What the text shows"], _rows(lines), named=False))


def _rows(lines: Sequence[Line]) -> list[str]:
    rows = []
    for verdict in Verdict:
        of_verdict = [line for line in lines if line.verdict is verdict]
        if of_verdict:
            rows.append(heading_row(f"<span aria-hidden='true'>{_SIGNS[verdict]}</span> {verdict.value.capitalize()} ({len(of_verdict)})", 2))
            rows += [plain_row([_asked(group), _shown(group)]) for group in _groups(of_verdict)]
    return rows


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Names that one sentence of the role asks for together; all else by itself."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for number, line in enumerate(lines):
        alone = line.ask.quote is None or line.ask.kind not in _NAMED
        groups.setdefault((line.ask.kind, number if alone else line.ask.quote), []).append(line)
    return list(groups.values())


def _asked(lines: Sequence[Line]) -> str:
    """What is asked, and below it the role's own sentence."""
    ask = lines[0].ask
    if ask.kind in SENTENCES:
        return f"<small>{ask.kind.value}</small><br>{quoted(ask.quote)}"
    names = apart(*(line.ask.said for line in lines), separator=", ")
    kind = "" if ask.kind in (Kind.SKILL, Kind.YEARS) else f"{ask.kind.value}: "
    return f"{kind}<b>{names}</b><br><small>{quoted(ask.quote) or 'a field of the record'}</small>"


def _shown(lines: Sequence[Line]) -> str:
    """The text's sentences, each with the names that it stands for where there are several."""
    by_quote: dict[Quote | None, list[Line]] = {}
    for line in lines:
        by_quote.setdefault(line.shown, []).append(line)
    return "<br>".join(_answer_html(quote, group, several=len(by_quote) > 1) for quote, group in by_quote.items())


def _answer_html(quote: Quote | None, lines: Sequence[Line], *, several: bool) -> str:
    line, names = lines[0], [one.value or one.ask.said for one in lines]
    if quote is None and line.verdict is Verdict.MISSING and not line.value:
        return f"<small>{f'{_named(names)}: ' if several else ''}nothing in the text</small>"
    said = _named(names) if several or line.ask.kind in (Kind.YEARS, Kind.DEGREE) else ""
    denied = "denied" if quote and line.verdict is Verdict.MISSING and not line.value else ""
    before = " ".join(part for part in (said, denied) if part)
    return f"{before}{': ' if before else ''}{quoted(quote) or '<small>a field of the record</small>'}"


def _named(names: Sequence[str]) -> str:
    return f"<b>{apart(*names, separator=', ')}</b>"

"""Two to four roles side by side: what they are, the skills they share, and what changes from the first to each other, sentence by sentence."""

from collections.abc import Sequence

import streamlit as st

from search.compare import FEWEST, MOST, Comparison, Fact, Pairing, compare_roles
from search.errors import RoleSearchError, UsageError
from search.pairing import Difference, Pair
from search.quotes import Quote, Sentence
from search.records import Query, Role
from search.searcher import Searcher
from search.words import differing_spans
from ui.side_by_side import LETTERS
from ui.views.address import Address
from ui.views.markup import Kind, Mark, apart, escaped, plain
from ui.views.pages import Pages, comparison_parameters
from ui.views.parts import facts, failure, notice, readable, shown_value
from ui.views.tables import isolated, named_row, plain_row, quoted, table

# Roles that are offered to be put beside those that are there.
OFFERED = 6
_KEPT = 16
_NOTHING = "<small>nothing near it</small>"
_SEARCH = "search for a role to compare"


def render(searcher: Searcher, role_ids: Sequence[str], address: Address, pages: Pages) -> None:
    """The roles of these ids, in this order; the others are compared with the first. `address` is the question that led here. Writes only the address."""
    if address.asks:
        pages.link_to_results("Back to the results", address, icon=":material/arrow_back:")
    st.title("Compare", anchor=False)
    ids = list(dict.fromkeys(role_ids))
    if len(ids) > MOST:
        notice(f"The address names {len(ids)} roles; the first {MOST} are compared.")
    ids = ids[:MOST]
    try:
        roles = [searcher.role(role_id) for role_id in ids]
        _heads(roles, address, pages)
        if len(ids) < MOST:
            _add(searcher, ids, address)
        if len(ids) < FEWEST:
            return
        with st.spinner("Pairing the sentences of these roles…"):
            comparison = _compared(searcher, tuple(ids), f"{searcher.folder} {searcher.generation()}")
    except RoleSearchError as error:
        failure(error)
        _drop_unknown(searcher, ids, address)
        return
    for note in comparison.notes:
        notice(note)
    _facts(comparison)
    _skills(comparison)
    _changes(comparison)


# The roles, and others to put beside them


def _heads(roles: Sequence[Role], address: Address, pages: Pages) -> None:
    """A line for each role, with what can be done with it."""
    for number, role in enumerate(roles):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None, width="stretch"):
                pages.link_to_role(f"**{LETTERS[number]}. {plain(role.title) or 'Untitled'}**", role.id, address)
                st.html(f"<small>{apart(*facts(role.attributes), role.source)}</small>")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                others = [one.id for one in roles if one.id != role.id]
                if number:
                    _button(f"first {number}", "Put first", ":material/first_page:", [role.id, *others], address, f"Compare the others with {LETTERS[number]}")
                _button(f"remove {number}", "Remove", ":material/close:", others, address, f"Take {LETTERS[number]} out of the comparison")


def _button(key: str, label: str, icon: str, ids: Sequence[str], address: Address, said: str) -> None:
    st.button(label, key=key, icon=icon, type="tertiary", help=said, on_click=_show, args=(tuple(ids), address))


def _show(ids: Sequence[str], address: Address) -> None:
    st.query_params.from_dict(comparison_parameters(ids, address))


def _add(searcher: Searcher, ids: Sequence[str], address: Address) -> None:
    """Roles to put beside these: what is searched for, or else what is like the first."""
    if len(ids) >= FEWEST:
        with st.popover("Add a role", icon=":material/add:"):
            _offer(searcher, ids, address)
        return
    notice(f"Choose {FEWEST} to {MOST} roles to see what they share and what changes from one to the other. You can also select them among search results.")
    _offer(searcher, ids, address)


def _offer(searcher: Searcher, ids: Sequence[str], address: Address) -> None:
    text = st.text_input("Search for a role", placeholder="A title, or what the role does", key=_SEARCH)
    if not (text.strip() or ids):
        return
    query = Query(text, OFFERED + len(ids)) if text.strip() else Query("", OFFERED + len(ids), like=(ids[0],))
    if not text.strip():
        st.caption("Or one of those that are most like the first:")
    for hit in [hit for hit in searcher.search(query).hits if hit.role_id not in ids][:OFFERED]:
        told = " · ".join(plain(fact) for fact in facts(hit.attributes)[:2])
        label = f"{plain(hit.title) or 'Untitled'}{f' · {told}' if told else ''}"
        st.button(
            label, key=f"add {hit.role_id}", icon=":material/add:", type="tertiary", help=plain(hit.source), on_click=_show, args=((*ids, hit.role_id), address)
        )


def _drop_unknown(searcher: Searcher, ids: Sequence[str], address: Address) -> None:
    """A way out where a role of the address is gone."""
    known = [role_id for role_id in ids if _is_known(searcher, role_id)]
    if len(known) < len(ids):
        st.button("Go on without it", key="without the unknown", on_click=_show, args=(tuple(known), address))


def _is_known(searcher: Searcher, role_id: str) -> bool:
    try:
        searcher.role(role_id)
    except UsageError:
        return False
    except RoleSearchError:
        return True
    return True


# What they are


def _facts(comparison: Comparison) -> None:
    if not comparison.facts:
        return
    st.header("At a glance", anchor=False)
    differing, same = ([fact for fact in comparison.facts if fact.same is is_same] for is_same in (False, True))
    st.html(table(["", *LETTERS[: len(comparison.roles)]], [_fact_row(fact) for fact in (*differing, *same)]))


def _fact_row(fact: Fact) -> str:
    name = readable(fact.key) + (" (the same)" if fact.same else "")
    return named_row(escaped(name), [_fact_cell(fact.key, values, quote) for values, quote in zip(fact.values, fact.quotes, strict=True)])


def _fact_cell(key: str, values: Sequence[str], quote: Quote | None) -> str:
    if not values:
        return "<small>not stated</small>"
    said = f"<br><small>{quoted(quote)}</small>" if quote else ""
    return f"<b>{apart(*(shown_value(key, value) for value in values), separator=', ')}</b>{said}"


def _skills(comparison: Comparison) -> None:
    if not comparison.skills:
        return
    st.header("Skills", anchor=False)
    st.html(table([], [named_row(escaped(name), [apart(*names) or "<small>none</small>"]) for name, names in _by_holders(comparison).items()]))
    with st.expander("The sentences that name them"):
        rows = [
            named_row(isolated(skill.name), [_skill_cell(held, quote) for held, quote in zip(skill.held, skill.quotes, strict=True)])
            for skill in comparison.skills
        ]
        st.html(table(["Skill", *LETTERS[: len(comparison.roles)]], rows))


def _by_holders(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """The skills of all roles, then those of each alone, then those of some."""
    letters = LETTERS[: len(comparison.roles)]
    groups = {"All of them" if len(letters) > FEWEST else "Both": comparison.shared_skills()}
    groups |= {f"Only {letter}": comparison.own_skills(number) for number, letter in enumerate(letters)}
    for skill in comparison.skills:
        if 1 < sum(skill.held) < len(letters):
            name = " and ".join(letter for letter, held in zip(letters, skill.held, strict=True) if held)
            groups[name] = (*groups.get(name, ()), skill.name)
    return groups


def _skill_cell(held: bool, quote: Quote | None) -> str:
    if not held:
        return "<small>not named</small>"
    return quoted(quote) or "<small>a field of the record</small>"


# What changes


def _changes(comparison: Comparison) -> None:
    titles = [f"What changes from {LETTERS[0]} to {LETTERS[pairing.other]}" for pairing in comparison.pairings]
    places = st.tabs(titles) if len(titles) > 1 else [st.container()]
    for place, title, pairing in zip(places, titles, comparison.pairings, strict=True):
        with place:
            st.header(title, anchor=False)
            _pairing(pairing, [f"{LETTERS[number]}: {comparison.roles[number].title}" for number in (0, pairing.other)])


def _pairing(pairing: Pairing, heads: Sequence[str]) -> None:
    first, other, paired = LETTERS[0], LETTERS[pairing.other], pairing.paired
    if any(pairing.marks):
        rows = [named_row(letter, [apart(*words) or "<small>none</small>"]) for letter, words in zip((first, other), pairing.marks, strict=True)]
        st.html(table(["", "Words that mark it against the other"], rows))
    same = [pair for pair in paired.pairs if pair.same]
    counts = f"{len(paired.changed())} changed · {len(paired.only_first)} only in {first} · {len(paired.only_other)} only in {other} · {len(same)} the same"
    st.caption(f"Sentences about the same stand side by side, what differs in them in bold. {counts}.")
    for difference in paired.differences():
        st.subheader(plain(difference.heading) or "At the beginning", anchor=False)
        st.html(table(heads, _difference_rows(difference), named=False))
    if same:
        with st.expander(f"{len(same)} the same in both"):
            st.html(f"<ul>{''.join(f'<li>{isolated(pair.first.quote.text)}</li>' for pair in same)}</ul>")


def _difference_rows(difference: Difference) -> list[str]:
    return [
        *(plain_row([_against(pair.first, pair.other), _against(pair.other, pair.first) + _moved(pair)]) for pair in difference.changed),
        *(plain_row([isolated(sentence.quote.text), _NOTHING]) for sentence in difference.only_first),
        *(plain_row([_NOTHING, isolated(sentence.quote.text)]) for sentence in difference.only_other),
    ]


def _against(sentence: Sentence, other: Sentence) -> str:
    """A sentence with the words marked that its partner has not."""
    spans = differing_spans(sentence.quote.text, other.quote.text)
    return isolated(sentence.quote.text, [Mark(start, end, Kind.DIFFERENT) for start, end in spans])


def _moved(pair: Pair) -> str:
    """Where the partner stands, if that is below another heading."""
    return f"<br><small>below {isolated(pair.other.heading) or 'the title'}</small>" if pair.other.heading != pair.first.heading else ""


# Kept for all visitors


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _compared(_searcher: Searcher, ids: tuple[str, ...], edition: str) -> Comparison:
    return compare_roles([_searcher.role(role_id) for role_id in ids], _searcher.embedder)

"""The roles that are near-identical to one, with how sure it is, and what differs in them."""

from collections.abc import Sequence

import streamlit as st

from search.difference import Difference, difference_of
from search.errors import RoleSearchError
from search.records import Grade, Twin
from search.searcher import Searcher
from ui.views.address import Address
from ui.views.markup import apart, escaped, plain
from ui.views.pages import Pages
from ui.views.parts import facts, failure, readable

SHOWN = 20
_SURE = {Grade.CERTAIN: "certainly the same advert", Grade.PROBABLE: "probably the same advert"}
# Characters of a stretch without differences that stand on either side of one: enough to know the place.
_AROUND = 120


def render(role_id: str, twins: Sequence[Twin], searcher: Searcher, address: Address, pages: Pages, key: str) -> None:
    """The near-identical roles of one, each with a link to it and a button for what differs; `key` tells the buttons from those of other roles."""
    for number, twin in enumerate(twins[:SHOWN]):
        pages.link_to_role(plain(twin.title) or "Untitled", twin.role_id, address)
        st.html(f"<small>{apart(_SURE[twin.grade], *facts(twin.attributes), twin.source)}</small>")
        if st.button(f"What differs in {plain(twin.role_id)}", key=f"differs {key} {number}", type="tertiary", icon=":material/difference:"):
            _differs(role_id, twin.role_id, searcher)
    if len(twins) > SHOWN:
        st.caption(f"and {len(twins) - SHOWN:,} more")


@st.dialog("What differs", width="large")
def _differs(role_id: str, other_id: str, searcher: Searcher) -> None:
    try:
        difference = difference_of(searcher.role(role_id), searcher.role(other_id))
    except RoleSearchError as error:
        failure(error)
        return
    st.html(f"<small>{apart(*(role.source for role in difference.roles), separator=' → ')}</small>")
    st.html(_html(difference))


def _html(difference: Difference) -> str:
    """Facts, title and text, in so far as they differ: what only the first role says is struck out, what only the other says is underlined."""
    rows = [f"<p><b>{escaped(readable(key))}</b>: {_pair(', '.join(values), ', '.join(others))}</p>" for key, (values, others) in difference.facts.items()]
    for place in difference.places():
        before, after = (" ".join(text.replace("\n- ", "\n").split()) for text in (place.before, place.after))
        rows.append(f"<p>{escaped(_last_words(before))} {_pair(place.removed, place.added)} {escaped(_first_words(after))}</p>")
    return "".join(rows) or "<p>Nothing: they say the same in the same words.</p>"


def _pair(removed: str, added: str) -> str:
    parts = (f"<{tag}>{escaped(text)}</{tag}>" for tag, text in (("del", removed), ("ins", added)) if text)
    return " ".join(parts)


def _last_words(text: str) -> str:
    return text if len(text) <= _AROUND else "… " + text[-_AROUND:].partition(" ")[2]


def _first_words(text: str) -> str:
    return text if len(text) <= _AROUND else text[:_AROUND].rpartition(" ")[0] + " …"

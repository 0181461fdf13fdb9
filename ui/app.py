"""The page that `streamlit run ui/app.py` serves: settings, one searcher for all sessions, and the view that the address asks for."""

import threading
from contextlib import suppress

import streamlit as st

from search.errors import RoleSearchError
from search.judgements import Votes
from search.records import Mode, Query
from search.searcher import Searcher
from search.settings import Settings, read_settings
from ui.views import role, search
from ui.views.address import current_address
from ui.views.look import dress
from ui.views.parts import failure
from ui.wiring import open_searcher


def main() -> None:
    """Draw the page once. Streamlit calls it for every visit and every click."""
    st.set_page_config(page_title="Role Search", layout="centered", initial_sidebar_state="collapsed")
    dress()
    try:
        settings = read_settings()
        searcher = _searcher(settings)
    except RoleSearchError as error:
        failure(error)
        return
    address = current_address()
    if address.role_id:
        role.render(searcher, address)
    else:
        search.render(searcher, Votes(settings.index), address)


@st.cache_resource(show_spinner=False, hash_funcs={Settings: hash})
def _searcher(settings: Settings) -> Searcher:
    searcher = open_searcher(settings)
    # The model takes seconds to load: begin while the visitor is still typing.
    threading.Thread(target=_warm, args=(searcher,), daemon=True).start()
    return searcher


def _warm(searcher: Searcher) -> None:
    with suppress(RoleSearchError):
        searcher.search(Query("warm up", 1, Mode.DENSE))


if __name__ == "__main__":
    main()

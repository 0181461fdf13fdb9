"""The pages that `streamlit run ui/app.py` serves: settings, one searcher for all visitors, and the view that the address names."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from search.embedding import open_embedder
from search.errors import RoleSearchError
from search.judgements import Votes
from search.records import Mode, Query
from search.searcher import Searcher
from search.settings import Settings, read_settings
from ui.access import check_host
from ui.jobs import IngestJobs
from ui.views import compare, corpus, door, find, match, role, skills
from ui.views.address import current_address
from ui.views.pages import COMPARE_ICON, Pages
from ui.views.parts import failure
from ui.wiring import open_searcher, open_store

# A file of our own: one of Streamlit's symbols as the page's icon would be fetched from the network.
ICON = Path(__file__).with_name("icon.svg")
# How often an open page looks whether the index has a new generation.
LOOK_SECONDS = 3


def main() -> None:
    """Draw the page once. Streamlit calls it for every visit and every click."""
    st.set_page_config(page_title="Role Search", page_icon=str(ICON), layout="centered")
    try:
        settings = read_settings()
        check_host(st.get_option("server.address") or "localhost", settings.token)
        if not door.is_open(settings.token):
            return
        searcher, jobs = _searcher(settings), _jobs(settings)
    except RoleSearchError as error:
        failure(error)
        return
    serve(searcher, jobs, Votes(settings.index))


def serve(searcher: Searcher, jobs: IngestJobs, votes: Votes) -> None:
    """Draw the page that the address names, and follow the index."""
    pages = Pages(
        st.Page(lambda: find.render(searcher, votes, current_address(), pages), title="Find", icon=":material/search:", url_path="find", default=True),
        st.Page(lambda: role.render(searcher, st.query_params.get("id", ""), current_address(), pages), title="Role", url_path="role", visibility="hidden"),
        st.Page(lambda: match.render(searcher, current_address(), pages), title="Match", icon=":material/assignment_ind:", url_path="match"),
        st.Page(
            lambda: compare.render(searcher, st.query_params.get_all("id"), current_address(), pages), title="Compare", icon=COMPARE_ICON, url_path="compare"
        ),
        st.Page(lambda: skills.render(searcher, current_address(), pages), title="Skills", icon=":material/hub:", url_path="skills"),
        st.Page(lambda: corpus.render(searcher, jobs, pages.open_role), title="Corpus", icon=":material/database:", url_path="corpus"),
    )
    chosen = st.navigation([pages.find, pages.match, pages.compare, pages.role, pages.skills, pages.corpus], position="top")
    # Before anything is drawn: what is published while it is being drawn would else never be seen.
    drawn = searcher.generation()
    chosen.run()
    st.fragment(_follow, run_every=LOOK_SECONDS)(searcher.generation, drawn)


def _follow(generation: Callable[[], str], drawn: str) -> None:
    """Draw the page anew once the index has another generation than the one that it was drawn from."""
    if generation() != drawn:
        st.rerun(scope="app")


@st.cache_resource(show_spinner=False, hash_funcs={Settings: hash})
def _searcher(settings: Settings) -> Searcher:
    searcher = open_searcher(settings)
    # The model takes seconds to load: begin while the visitor is still typing.
    threading.Thread(target=_warm, args=(searcher,), daemon=True).start()
    return searcher


@st.cache_resource(show_spinner=False, hash_funcs={Settings: hash})
def _jobs(settings: Settings) -> IngestJobs:
    return IngestJobs(settings.index, lambda: open_embedder(settings.model), open_store(settings))


def _warm(searcher: Searcher) -> None:
    with suppress(RoleSearchError):
        searcher.load()
        searcher.search(Query("warm up", 1, Mode.DENSE))


if __name__ == "__main__":
    main()

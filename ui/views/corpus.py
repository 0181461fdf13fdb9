"""What is in the index: how much of what, made when and from what, all roles on one map; and the way to add more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from search.errors import IndexMissing, RoleSearchError
from search.landscape import Points, lay_out
from search.searcher import Contents, IndexStatus, Searcher
from ui.jobs import UPLOADS, IngestJobs
from ui.views.adding import add_roles, refused_table
from ui.views.charts import breakdown
from ui.views.markup import plain
from ui.views.parts import failure
from ui.views.role_map import show_map

_GENERATIONS_KEPT = 4


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is drawn of one generation. It keeps the searcher, so that no other can have its id while this is remembered under it."""

    searcher: Searcher
    contents: Contents
    facets: Mapping[str, Mapping[str, int]]


def render(searcher: Searcher, jobs: IngestJobs, open_role: Callable[[str], None]) -> None:
    """The page. `open_role` goes to the role of the id that it is given. Writes nothing but what a job that is started here writes."""
    st.title("Corpus", anchor=False)
    try:
        status = searcher.status()
        drawn = _drawn(searcher, status.generation)
    except IndexMissing:
        st.info("There is no index yet. Upload role descriptions or sync a folder of them: the first makes the index.", icon=":material/info:")
        add_roles(jobs, [])
        return
    except RoleSearchError as error:
        failure(error)
        return
    _summary(status, len(drawn.contents.sources))
    if status.roles:
        as_tables = st.toggle("Tables instead of pictures", key="tables", bind="query-params", help="The same numbers and roles, for reading and copying.")
        st.header("Kinds of roles", anchor=False)
        breakdown(drawn.facets, as_tables)
        st.header("Map", anchor=False)
        st.caption("Roles that mean the same lie near each other. How far apart two groups lie says nothing.")
        map_place = st.container()
    _refused(status)
    add_roles(jobs, _roots(drawn.contents, jobs))
    if status.roles:
        # Last, though it stands further up: the layout of many roles takes seconds, which nothing else shall wait for.
        with map_place:
            _map(drawn, open_role, as_tables)


def age(built: datetime, now: datetime) -> str:
    """How long ago, in words: "3 hours ago"."""
    seconds = max((now - built).total_seconds(), 0)
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number:,} {name}{'s' if number > 1 else ''} ago"
    return "just now"


def _summary(status: IndexStatus, files: int) -> None:
    with st.container(horizontal=True):
        for name, number, said in (
            ("Roles", status.roles, None),
            ("Chunks", status.chunks, "Passages that the roles are cut into; each is found by itself."),
            ("Files", files, "Files that were read, those included that were refused."),
        ):
            st.metric(name, f"{number:,}", border=True, help=said)
        st.metric("Generation", plain(status.generation.lstrip("0")), border=True, help="Every change publishes the next one.")
    st.caption(plain(_origin(status.build)))


def _origin(build: Mapping[str, str]) -> str:
    """When and with what the index was built."""
    made = f"with the model {build.get('model', 'unknown')}, cut by chunker {build.get('chunker', 'unknown')}"
    try:
        built = datetime.fromisoformat(build.get("built", "")).astimezone(UTC)
    except ValueError:
        return f"Built {made}"
    return f"Built {age(built, datetime.now(UTC))} ({built:%d %B %Y, %H:%M} UTC) {made}"


def _refused(status: IndexStatus) -> None:
    st.header("Refused", anchor=False)
    if not status.refused:
        st.caption("Nothing was refused: all files were read whole.")
        return
    st.caption("Files, or parts of them, that are not in the index. Mend them and sync their folder again, or upload them again.")
    refused_table(status.refused, key="refused")


def _map(drawn: _Drawn, open_role: Callable[[str], None], as_table: bool) -> None:
    with st.spinner("Laying out the map; that is done once for every change of the index…"):
        _, points = _layout(drawn.searcher, drawn.contents.generation, drawn.contents)
    show_map(drawn.contents, points, open_role, as_table)


def _roots(contents: Contents, jobs: IngestJobs) -> list[str]:
    """The folders that were ingested; that of the uploads has its own place."""
    return sorted({source.root for source in contents.sources} - {str((jobs.index / UPLOADS).resolve())})


@st.cache_resource(show_spinner=False, max_entries=_GENERATIONS_KEPT, hash_funcs={Searcher: id})
def _drawn(searcher: Searcher, generation: str) -> _Drawn:
    return _Drawn(searcher, searcher.contents(), searcher.facets())


@st.cache_resource(show_spinner=False, max_entries=_GENERATIONS_KEPT, hash_funcs={Searcher: id})
def _layout(searcher: Searcher, generation: str, _contents: Contents) -> tuple[Searcher, Points]:
    return searcher, lay_out(_contents.vectors)

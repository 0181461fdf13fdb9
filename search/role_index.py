"""An index as programs use it: one object with a method a question, plain arguments in, the library's records out."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from search.compare import Comparison, compare_roles
from search.embedding import Embedder
from search.errors import UsageError
from search.filters import parse_filters
from search.gaps import Gaps, gaps_in
from search.index import IndexReader
from search.match import Match
from search.match_ranking import best_matches
from search.records import Hit, Mode, Query, Results, Role
from search.searcher import IndexStatus, Searcher
from search.vector_stores import EMBEDDED, VectorStore


class RoleIndex:
    """The roles of one index. Safe to use from several threads; as a context manager it lets go of the index at its end.

    Filters are texts such as "level=senior", "remote!=true" or "years<=5": those with "=" on one attribute are alternatives, all else must hold together.
    Every method raises UsageError for arguments that make no sense, and what `search.open_index` raises should the index have become unusable.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    @classmethod
    def open(cls, folder: Path, embedder: Embedder, store: VectorStore = EMBEDDED) -> Self:
        """The index in `folder`, asked with this model, its vectors where `store` has them. Raises what Index.open raises, at once."""
        reader = IndexReader(folder, embedder.fingerprint, store)
        with reader.current():
            return cls(Searcher(reader, embedder))

    def search(self, text: str, *, k: int = 10, mode: Mode | str = Mode.HYBRID, filters: Sequence[str] = (), collapsed: bool = True) -> Results:
        """The roles that answer a question, best first, at most `k`, each with its passages and why it was found.

        In `text` an "exact phrase" must occur, and -word leaves roles out. Of near-identical roles only the best is a hit, with the others as its twins, unless
        `collapsed` is False.
        """
        return self._searcher.search(Query(text, k, _mode(mode), parse_filters(filters), collapsed=collapsed))

    def similar(
        self,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
        like_texts: Sequence[str] = (),
        unlike_texts: Sequence[str] = (),
        *,
        text: str = "",
        k: int = 10,
        mode: Mode | str = Mode.HYBRID,
        filters: Sequence[str] = (),
    ) -> Results:
        """The roles that are most like some and least like others, which are named by their ids or described by phrases; those named are no part of the answer.

        `text` may say what they should be besides; it may be empty where something is liked.
        """
        steering = Query(text, k, _mode(mode), parse_filters(filters), tuple(like), tuple(unlike), tuple(like_texts), tuple(unlike_texts))
        return self._searcher.search(steering)

    def match(self, text: Role, *, k: int = 5, filters: Sequence[str] = ()) -> list[tuple[Hit, Match]]:
        """The roles that fit a CV or another role, best first, each with what it asks for and where the text shows it: met, partly or missing.

        `ingest.single.read_role` reads a file into a Role, `ingest.single.role_of_text` a text, and `role` gives one of the index.
        """
        return best_matches(text, self._searcher, self._searcher.embedder, k, parse_filters(filters))

    def compare(self, *roles: Role | str) -> Comparison:
        """Two to four roles, or ids of roles, side by side: what they share, what each has alone, and their sentences paired by meaning."""
        return compare_roles([self.role(role) if isinstance(role, str) else role for role in roles], self._searcher.embedder)

    def gaps(self, *, filters: Sequence[str] = ()) -> Gaps:
        """Which skills roles ask for together, and which levels ask for what, among those that pass the filters."""
        return gaps_in(self._searcher, parse_filters(filters))

    def role(self, role_id: str) -> Role:
        """One role, whole."""
        return self._searcher.role(role_id)

    def facets(self, text: str = "", *, filters: Sequence[str] = ()) -> dict[str, dict[str, int]]:
        """Attribute to its values, each with the number of roles that choosing it would leave of those that pass the filters and what `text` demands."""
        return self._searcher.facets(Query(text, filters=parse_filters(filters)))

    def status(self) -> IndexStatus:
        """How much is in the index, and what built it."""
        return self._searcher.status()

    def generation(self) -> str:
        """Name of the generation that would be asked now; "" when there is none."""
        return self._searcher.generation()

    def load(self) -> None:
        """Load now what the first questions would wait for, the model above all: it takes seconds."""
        self._searcher.load()

    def close(self) -> None:
        """Let go of the index."""
        self._searcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _mode(name: str) -> Mode:
    try:
        return Mode(name)
    except ValueError:
        raise UsageError(f"there is no mode {name!r}; there are {', '.join(Mode)}") from None

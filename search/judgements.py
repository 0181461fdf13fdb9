"""Files of judgements: reading judged queries, and keeping the votes that are given on the page. Nothing here asks the index or computes a measure.

<index>/judgements/queries.tsv   id<TAB>text, the ids vote-1, vote-2, …
<index>/judgements/qrels         query 0 role grade
<index>/judgements/lock          held while a vote is written

Votes lie beside the generations of an index, so that no ingest touches them, in the form that `rolesearch evaluate` reads.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from search.durable import alone_in, replace_files
from search.errors import UsageError

GOOD, BAD = 2, 0
"""The grades of a thumb up and a thumb down."""

LOCK_SECONDS = 10

# The second field is TREC's iteration, which nothing reads: 0 nearly everywhere, Q0 or 0.5 here and there. Ids of roles may hold spaces, those of queries not.
_JUDGEMENT = re.compile(r"(?P<query>\S+)\s+Q?[0-9.]+\s+(?P<role>\S(?:[^\r\n]*\S)?)\s+(?P<grade>-?[0-9]{1,9})")
_NUMBERED = re.compile(r"(?P<kind>.+?)[-_]?\d+")
_VOTED = re.compile(r"vote-([0-9]+)")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the grades of the roles that are relevant to it; no grades: nothing in the corpus should be found."""

    id: str
    text: str
    grades: dict[str, int]

    @property
    def kind(self) -> str:
        """What stands before the number in the id: "level" for "level-07"; the id itself where there is no number."""
        numbered = _NUMBERED.fullmatch(self.id)
        return numbered["kind"] if numbered else self.id


def read_judged_queries(queries: Path, qrels: Path) -> list[JudgedQuery]:
    """Queries (`id<TAB>text`) with their TREC judgements (`query 0 role grade`). Raises UsageError that names the line for anything else."""
    grades: dict[str, dict[str, int]] = {}
    for (query_id, role_id), grade in _read_qrels(qrels).items():
        grades.setdefault(query_id, {})[role_id] = grade
    judged = [JudgedQuery(query_id, text, grades.get(query_id, {})) for query_id, text in _read_queries(queries).items()]
    if not judged:
        raise UsageError(f"{queries} holds no queries; a line is `id<TAB>text`")
    return judged


class Votes:
    """The votes that were given on the page, in the folder of an index. Safe to use from several threads and processes."""

    def __init__(self, index: Path) -> None:
        """`index` is the folder of the index; nothing is read or made before it is needed."""
        self.folder = index / "judgements"
        self.queries = self.folder / "queries.tsv"
        self.qrels = self.folder / "qrels"

    def of(self, text: str) -> dict[str, int]:
        """The grades that were given for a query, by role id. Raises UsageError when the files hold anything but judgements."""
        queries, grades = self._read()
        query_id = _id_of(queries, one_line(text))
        return {role_id: grade for (judged_id, role_id), grade in grades.items() if judged_id == query_id}

    def give(self, text: str, role_id: str, grade: int | None) -> None:
        """Keep one vote, in place of an earlier one; None takes it back.

        A query keeps its id when its last vote is taken back: an id never comes to mean another query. When the files cannot be written they stay as they
        are: raises RoleSearchError, IndexBusy when another process goes on writing. Raises UsageError for ids and texts that have no place in a file of lines.
        """
        if not one_line(text):
            raise UsageError("the vote was not kept: the query is empty")
        if self.of(text).get(role_id) == grade:
            return
        with alone_in(self.folder, "the vote was not kept", LOCK_SECONDS):
            queries, grades = self._read()
            query_id = _id_of(queries, one_line(text)) or _next_id({*queries, *(judged_id for judged_id, _ in grades)})
            queries.setdefault(query_id, one_line(text))
            grades.pop((query_id, role_id), None)
            if grade is not None:
                grades[query_id, role_id] = grade
            # The queries first: no judgement ever stands without its query.
            lines = [f"{key}\t{value}" for key, value in queries.items()]
            replace_files({self.queries: lines, self.qrels: [_line(*key, value) for key, value in grades.items()]})

    def _read(self) -> tuple[dict[str, str], dict[tuple[str, str], int]]:
        return _read_queries(self.queries) if self.queries.exists() else {}, _read_qrels(self.qrels) if self.qrels.exists() else {}


def one_line(text: str) -> str:
    """A query's text as a file of queries holds it, the same for all who ask alike: single spaces, accents composed; the operators stay."""
    return " ".join(unicodedata.normalize("NFC", text.encode(errors="replace").decode()).split())


def _id_of(queries: Mapping[str, str], line: str) -> str | None:
    return next((query_id for query_id, text in queries.items() if one_line(text) == line), None)


def _next_id(taken: Iterable[str]) -> str:
    return f"vote-{1 + max((int(voted[1]) for query_id in taken if (voted := _VOTED.fullmatch(query_id))), default=0)}"


# Files


def _read_queries(path: Path) -> dict[str, str]:
    """Text by id."""
    texts: dict[str, str] = {}
    for number, line in _lines(path):
        query_id, _, text = (part.strip() for part in line.partition("\t"))
        if not query_id or not text:
            raise UsageError(f"{path}, line {number}: expected `id<TAB>text`, found {line!r}")
        if query_id in texts:
            raise UsageError(f"{path}, line {number}: the id {query_id!r} is already that of an earlier query")
        texts[query_id] = text
    return texts


def _read_qrels(path: Path) -> dict[tuple[str, str], int]:
    """Grade by query and role; the last of several."""
    grades: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        found = _JUDGEMENT.fullmatch(line.strip())
        if not found:
            raise UsageError(f"{path}, line {number}: expected `query 0 role grade`, found {line!r}")
        grades[found["query"], found["role"]] = int(found["grade"])
    return grades


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    # Not splitlines: it takes characters for the end of a line that may stand within an id.
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _line(query_id: str, role_id: str, grade: int) -> str:
    """A judgement as a line that is read as the same again."""
    line = f"{query_id} 0 {role_id} {grade}"
    found = _JUDGEMENT.fullmatch(line)
    if not found or found["role"] != role_id:
        raise UsageError(f"the vote was not kept: the role id {role_id!r} cannot stand in a line of a file; rename its file, or give the role another id")
    return line

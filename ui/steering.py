"""Names and phrases from the command line to a steered query, and how it was read."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from ingest.readers import READERS
from search.errors import UsageError
from search.records import Filters, Mode, Query
from search.searcher import Searcher
from ui.present import printable

_FURTHER_ROLE = re.compile(r"#\d+$")


def steered_query(searcher: Searcher, names: Sequence[str], like: Sequence[str], unlike: Sequence[str], k: int, mode: Mode, filters: Filters) -> Query:
    """A query of which `names` are ids of liked roles and at most one text; `like` and `unlike` are ids and phrases in any order.

    What the index has a role of is its id. Raises UsageError for several texts, for none of anything, and for what reads as a role's id but is none.
    """
    ids = searcher.titles([*names, *like, *unlike])
    texts = [name for name in names if name not in ids]
    for name in (*texts, *like, *unlike):
        if name not in ids and PurePath(_FURTHER_ROLE.sub("", name)).suffix.casefold() in READERS:
            raise UsageError(f"the index has no role {name!r}; ids are listed in search results as role_id")
    if len(texts) > 1:
        raise UsageError(f"{len(texts)} texts were given that are no role's id: {', '.join(map(repr, texts))}; give one, and further phrases with --like")
    if not (names or like):
        raise UsageError("nothing was named that is liked; give the id of a role, a text, or a phrase with --like")
    return Query(
        "".join(texts),
        k,
        mode,
        filters,
        (*(name for name in names if name in ids), *(name for name in like if name in ids)),
        tuple(name for name in unlike if name in ids),
        tuple(name for name in like if name not in ids),
        tuple(name for name in unlike if name not in ids),
        collapsed=True,
    )


def steering_json(query: Query) -> dict[str, Any]:
    """What steers a query: ids of roles and phrases."""
    return {side: {"roles": list(roles), "phrases": list(phrases)} for side, (roles, phrases) in _sides(query).items()}


def print_steering(query: Query) -> None:
    """What steers a query and what it looks for, on stderr: whether a name was taken for a role shows there."""
    for side, (roles, phrases) in _sides(query).items():
        if named := [*(printable(role_id) for role_id in roles), *(f"“{printable(phrase)}”" for phrase in phrases)]:
            sys.stderr.write(f"{side.capitalize()}: {', '.join(named)}\n")
    if query.text:
        sys.stderr.write(f"Text: “{printable(query.text)}”\n")


def _sides(query: Query) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
    return {"like": (query.like, query.like_texts), "unlike": (query.unlike, query.unlike_texts)}

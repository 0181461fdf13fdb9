"""Saved queries and their news as text and JSON, for the terminal, a pipe or a file."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from search.durable import replace_files
from search.embedding import Embedder
from search.errors import RoleSearchError
from search.fit import fit_of
from search.records import Query
from search.settings import Settings
from search.watches import NewRole, News, Watch, Watches
from ui.present import attribute_text, hit_json, printable
from ui.steering import steering_json
from ui.terminal import shortened
from ui.wiring import open_searcher


def news_text(news: Sequence[News], *, as_json: bool) -> str:
    """What is new, to be given out as it stands: JSON, or lines for a person; "" where there is nothing to tell."""
    text = json.dumps(news_json(news), ensure_ascii=False, indent=2) if as_json else "\n".join(line for one in news for line in _news_lines(one))
    # Half a surrogate pair, of an argument that was no UTF-8, has no UTF-8.
    return (f"{text}\n" if text else "").encode("utf-8", "replace").decode("utf-8")


def news_json(news: Sequence[News]) -> dict[str, Any]:
    """For each saved query its new and changed roles, best first, or why it could not be asked."""
    return {
        "new": sum(len(one.roles) for one in news),
        "watches": [
            watch_json(one.watch)
            | {"generation": one.generation, "error": one.error or None, "roles": [_role_json(role, one.watch.query) for role in one.roles]}
            for one in news
        ],
    }


def _role_json(role: NewRole, query: Query) -> dict[str, Any]:
    fit = fit_of(role.hit, query.mode) if role.hit.why else None
    return {"change": _change(role), "fit": fit and fit.percent} | hit_json(role.hit)


def watch_json(watch: Watch) -> dict[str, Any]:
    """A saved query and how many contents were reported for it, those included that were there when it was saved."""
    query = watch.query
    return {
        "name": watch.name,
        "query": query.text,
        "mode": query.mode.value,
        "k": query.k,
        "filters": _filters(query),
        "reported": len(watch.seen),
    } | steering_json(query)


def count_text(roles: Sequence[NewRole]) -> str:
    """How many are new and changed: "2 new, 1 changed"."""
    changed = sum(role.changed for role in roles)
    counts = {"new": len(roles) - changed, "changed": changed}
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "nothing new"


def print_watches(watches: Sequence[Watch]) -> None:
    """A line each: name, what it asks, and how many contents were reported, with tabs between."""
    for watch in watches:
        sys.stdout.write(f"{printable(watch.name)}\t{printable(query_text(watch.query))}\t{len(watch.seen)} reported\n")
    if not watches:
        sys.stderr.write("No query is saved; save one: rolesearch watch add NAME QUERY\n")


def query_text(query: Query) -> str:
    """What a query asks on one line: “team lead”, level=lead, more like a.md, dense, first 20."""
    parts = [
        f"“{query.text}”" if query.text.strip() else "",
        *_filters(query),
        *(f"more like {named}" for named in (*query.like, *(f"“{phrase}”" for phrase in query.like_texts))),
        *(f"less like {named}" for named in (*query.unlike, *(f"“{phrase}”" for phrase in query.unlike_texts))),
        query.mode.value,
        f"first {query.k}",
    ]
    return ", ".join(part for part in parts if part)


def print_saved(watch: Watch, notes: Sequence[str]) -> None:
    """That a query was saved, on stderr, and what its search had to say."""
    for line in (f"Saved “{watch.name}”: {len(watch.seen)} of its roles are known, what comes is news.", *notes):
        sys.stderr.write(f"{printable(line)}\n")


def print_outcome(news: Sequence[News], output: Path | None) -> None:
    """What went wrong and, where the news went to a file or there are none, that; on stderr."""
    for one in news:
        if one.error:
            sys.stderr.write(f"{printable(one.watch.name)}: {printable(one.error)}\n")
    found = [role for one in news for role in one.roles]
    if not news:
        sys.stderr.write("No query is saved; save one: rolesearch watch add NAME QUERY\n")
    elif not found:
        sys.stderr.write(f"Nothing is new for {_counted(len(news))}.\n")
    elif output is not None:
        sys.stderr.write(f"{count_text(found)} for {_counted(len(news))}, written to {output}\n")


def print_hint(settings: Settings, embedder: Embedder) -> None:
    """After an ingest: for how many saved queries there is news, on stderr; nothing where there is none, or where it cannot be told."""
    watches = Watches(settings.index)
    with suppress(RoleSearchError):
        if saved := watches.all():
            searcher = open_searcher(settings, embedder)
            with_news = sum(bool(watches.news(searcher, watch.name).roles) for watch in saved)
            searcher.close()
            if with_news:
                sys.stderr.write(f"There is news for {_counted(with_news)}: rolesearch watch\n")


def write_durably(path: Path, text: str) -> None:
    """Replace a file, safely on the disk when this returns; a link stays one. Raises OSError."""
    replace_files({path.resolve(): text.removesuffix("\n").split("\n")})


def _news_lines(news: News) -> Iterator[str]:
    """A headline and two lines a role; none where nothing is new."""
    if news.roles:
        yield f"{printable(news.watch.name)}: {count_text(news.roles)}"
    for role in news.roles:
        hit = role.hit
        facts = [attribute_text(hit.attributes[key]) for key in ("level", "place", "location") if key in hit.attributes]
        fit = fit_of(hit, news.watch.query.mode) if hit.why else None
        strength = f" ({fit.name}, {fit.percent} %)" if fit else ""
        yield f"  {_change(role)}: {' · '.join(map(printable, (hit.title, *facts)))}{strength}  {printable(hit.role_id)}"
        yield from (f"     {shortened(printable(passage.text))}" for passage in hit.passages[:1])


def _change(role: NewRole) -> str:
    return "changed" if role.changed else "new"


def _filters(query: Query) -> list[str]:
    return [f"{condition.key}{condition.operator}{condition.value}" for condition in query.filters.conditions]


def _counted(watches: int) -> str:
    return f"{watches:,} saved {'query' if watches == 1 else 'queries'}"

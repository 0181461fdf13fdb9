"""Saved queries, and which roles are new or changed for each since they were last reported.

<index>/watches/watches.json   the queries, each with what was reported for it
<index>/watches/lock           held while one is added, removed or reported

They lie beside the generations of an index, so that no ingest touches them. A role is news for a watch when it is among the first k roles of the watch's query
now (among all that pass, where filters alone are asked) and its content was not reported for this watch before; what a watch finds when it is added counts as
reported. The content is the title, the text and what the record itself said: a file that only moved, and an exact copy of a role that was reported, are no
news.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from search.attributes.reading import MANY
from search.durable import alone_in, held, replace_files
from search.errors import UsageError
from search.judgements import one_line
from search.records import AttributeValue, Condition, Filters, Hit, Mode, Query, Role
from search.searcher import Searcher, asks_for_something
from search.understanding import understand

DEFAULT_K = 20
LOCK_SECONDS = 30
LONGEST_NAME = 100
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved query. `seen` has the digests of the contents that were reported, each with the id of the role that had it."""

    name: str
    query: Query
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds in one generation, best first: hits, each with the digest of its role's content."""

    hits: tuple[tuple[Hit, str], ...]
    generation: str


@dataclass(frozen=True, slots=True)
class NewRole:
    """A role that is news; `changed` says whether the watch knew the role of this id with another content."""

    hit: Hit
    digest: str
    changed: bool


@dataclass(frozen=True, slots=True)
class News:
    """What is new for one watch, best first; `error` says why the query could not be asked, "" when it was."""

    watch: Watch
    roles: tuple[NewRole, ...]
    generation: str = ""
    error: str = ""

    @property
    def hits(self) -> list[Hit]:
        """The roles as the search found them."""
        return [role.hit for role in self.roles]


class Watches:
    """The saved queries of an index. Safe to use from several threads and processes."""

    def __init__(self, index: Path) -> None:
        """`index` is the folder of the index; nothing is read or made before it is needed."""
        self.folder = index / "watches"
        self.file = self.folder / "watches.json"

    def all(self) -> tuple[Watch, ...]:
        """All watches, in the order in which they were added. Raises UsageError when the file holds anything else."""
        return tuple(self._read().values())

    def named(self, names: Sequence[str]) -> tuple[Watch, ...]:
        """The watches of these names, each once; all without names. Raises UsageError for a name that no watch has."""
        watches = self._read()
        wanted = list(dict.fromkeys(map(one_line, names))) if names else list(watches)
        for name in wanted:
            if name not in watches:
                raise UsageError(f"there is no watch {name!r}; there are: {', '.join(watches) or 'none'}")
        return tuple(watches[name] for name in wanted)

    def add(self, searcher: Searcher, name: str, query: Query, *, from_start: bool = False) -> Watch:
        """Save a query; what it finds now counts as reported, unless `from_start`.

        Raises UsageError for a name that is taken or none, a query without anything to look for, and what `Searcher.search` raises.
        """
        name = _checked(one_line(name))
        if not _asks(query):
            raise UsageError("the watch was not kept: its query says nothing to look for; give it a text, or filters alone")
        # Asked in any case, so that a filter that cannot be is said now and not at night.
        found = find(searcher, query)
        watch = Watch(name, query, {} if from_start else {digest: hit.role_id for hit, digest in found.hits})
        with alone_in(self.folder, "the watch was not kept", LOCK_SECONDS):
            watches = self._read()
            if name in watches:
                raise UsageError(f"there is a watch {name!r} already; remove it first, or take another name")
            self._write(watches | {name: watch})
        return watch

    def remove(self, name: str) -> None:
        """Forget a watch and what was reported for it. Raises UsageError when there is none of this name."""
        with alone_in(self.folder, "the watch was not removed", LOCK_SECONDS):
            (watch,) = self.named([name])
            self._write({key: value for key, value in self._read().items() if key != watch.name})

    def news(self, searcher: Searcher, name: str) -> News:
        """What is new for a watch; it stays new until it is marked as seen. A query that cannot be asked any more is said in `error`."""
        (watch,) = self.named([name])
        return _asked_news(searcher, watch)

    def mark_seen(self, news: Sequence[News]) -> None:
        """Count these as reported; those of a watch that was removed or is another one by now are passed over."""
        with alone_in(self.folder, "what was reported was not kept", LOCK_SECONDS):
            self._mark(news)

    @contextmanager
    def reporting(self, searcher: Searcher, names: Sequence[str] = ()) -> Iterator[list[News]]:
        """What is new for these watches (all without names), to be given out within the block, alone; at its end it counts as reported.

        A block that raises, or whose process dies, leaves all as it was, so that the news come again: better twice than never.
        """
        # Not `alone_in`: that the block cannot write its report is no failure to write here.
        with held(self.folder, "nothing was reported", LOCK_SECONDS):
            news = [_asked_news(searcher, watch) for watch in self.named(names)]
            yield news
            self._mark(news)

    def _mark(self, news: Sequence[News]) -> None:
        watches = self._read()
        told = {one.watch.name: one for one in news if one.roles and one.watch.name in watches and watches[one.watch.name].query == one.watch.query}
        if told:
            marked = {name: Watch(name, watches[name].query, {**watches[name].seen, **_digests(one)}) for name, one in told.items()}
            self._write(watches | marked)

    def _read(self) -> dict[str, Watch]:
        try:
            stored = json.loads(self.file.read_text(encoding="utf-8"))
            if stored["format"] != _FORMAT:
                raise UsageError(f"{self.file} was written by another version of this program (format {stored['format']}, here {_FORMAT})")
            return {watch.name: watch for watch in map(_watch, stored["watches"])}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{self.file} holds no watches that can be read ({type(error).__name__}: {error}); mend it or remove it") from error

    def _write(self, watches: Mapping[str, Watch]) -> None:
        stored = {"format": _FORMAT, "watches": [_stored(watch) for watch in watches.values()]}
        replace_files({self.file: json.dumps(stored, indent=1).splitlines()})


def content_digest(role: Role) -> str:
    """What a role's content is recognised by: title, text and the record's own fields.

    What was read out of title and text says nothing that they do not, and would change with each mending of how it is read.
    """
    own = {key: said for key, value in role.attributes.items() if (said := _own(role, key, value)) is not None}
    content = json.dumps([role.title, role.text, own], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _own(role: Role, key: str, value: AttributeValue) -> AttributeValue | None:
    """The part of an attribute's value that was not read out of title and text; None where that is nothing."""
    read = {str(reading.value).casefold() for reading in role.readings if reading.key == key}
    if key in MANY and isinstance(value, tuple):
        return tuple(entry for entry in value if entry.casefold() not in read) or None
    return None if read else value


def find(searcher: Searcher, query: Query) -> Found:
    """What a watch of this query looks at now. Raises what `Searcher.search` raises."""
    while True:
        # Filters alone rank nothing: a role that comes late in the alphabet is as much news as any other.
        by_filters_alone = bool(query.filters) and not query.text.strip() and not asks_for_something("", query)
        results = searcher.search(replace(query, k=max(query.k, searcher.status().roles)) if by_filters_alone else query)
        hits = tuple((hit, digest) for hit in results.hits if (digest := _digest_of(searcher, hit.role_id)))
        # Generations only move forward: when it is still the same one, the roles are those that were found.
        if searcher.generation() == results.generation:
            return Found(hits, results.generation)


def news_of(watch: Watch, found: Found) -> News:
    """What of that which its query found was not reported for a watch; of exact copies the first."""
    known = set(watch.seen.values())
    fresh: dict[str, NewRole] = {}
    for hit, digest in found.hits:
        if digest not in watch.seen:
            fresh.setdefault(digest, NewRole(hit, digest, hit.role_id in known))
    return News(watch, tuple(fresh.values()), found.generation)


def _digest_of(searcher: Searcher, role_id: str) -> str:
    """ "" when another generation was published meanwhile, without this role."""
    with suppress(UsageError):
        return content_digest(searcher.role(role_id))
    return ""


def _asked_news(searcher: Searcher, watch: Watch) -> News:
    try:
        return news_of(watch, find(searcher, watch.query))
    except UsageError as error:
        # One query that cannot be asked any more, of a role that is gone for instance, does not stop the others.
        return News(watch, (), error=str(error))


def _asks(query: Query) -> bool:
    """Whether there is anything to look for; what only excludes finds nothing, whatever is ingested."""
    return asks_for_something(understand(query.text).asked.text, query) or (bool(query.filters) and not query.text.strip())


def _digests(news: News) -> dict[str, str]:
    return {role.digest: role.hit.role_id for role in news.roles}


def _checked(name: str) -> str:
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"the watch was not kept: its name has {len(name)} characters; give it one of 1 to {LONGEST_NAME}")
    return name


# File


def _stored(watch: Watch) -> dict[str, Any]:
    query = watch.query
    return {
        "name": watch.name,
        "text": query.text,
        "k": query.k,
        "mode": query.mode.value,
        "filters": [[condition.key, condition.operator, condition.value] for condition in query.filters.conditions],
        "like": list(query.like),
        "unlike": list(query.unlike),
        "like_texts": list(query.like_texts),
        "unlike_texts": list(query.unlike_texts),
        "seen": dict(watch.seen),
    }


def _watch(stored: Mapping[str, Any]) -> Watch:
    filters = Filters(tuple(Condition(key, operator, value) for key, operator, value in stored["filters"]))
    like, unlike, like_texts, unlike_texts = (tuple(stored[name]) for name in ("like", "unlike", "like_texts", "unlike_texts"))
    query = Query(stored["text"], int(stored["k"]), Mode(stored["mode"]), filters, like, unlike, like_texts, unlike_texts)
    return Watch(stored["name"], query, {str(digest): str(role_id) for digest, role_id in stored["seen"].items()})

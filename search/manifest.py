"""The manifest: one SQLite file a generation that says what exists. Roles, chunks, attributes, sources, refusals, and what built them.

Both other indexes are derived from it. Published manifests are opened read-only; only an IndexWriter writes.
"""

import json
import re
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from search.arrays import Ids, Numbers, as_ids
from search.errors import IndexDamaged, UsageError
from search.records import Attributes, AttributeValue, Chunk, Condition, Grade, Reading, Role, Section, Twin

# Raised, too, whenever search/shingles.py or search/duplicates.py would make another advert of the same role: it is kept here.
SCHEMA_VERSION = 3

_SCHEMA = """
CREATE TABLE build (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (path TEXT PRIMARY KEY, name TEXT NOT NULL, root TEXT NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE refusals (path TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX refusals_by_path ON refusals (path);
CREATE TABLE roles (
    id TEXT PRIMARY KEY, path TEXT NOT NULL REFERENCES sources (path), position INTEGER NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, sections TEXT NOT NULL, attributes TEXT NOT NULL,
    readings TEXT NOT NULL
);
CREATE INDEX roles_by_path ON roles (path);
CREATE TABLE chunks (
    id TEXT PRIMARY KEY, role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
    title TEXT NOT NULL, section TEXT NOT NULL, heading TEXT NOT NULL
);
CREATE INDEX chunks_by_role ON chunks (role_id);
CREATE TABLE attributes (role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE, key TEXT NOT NULL, value TEXT NOT NULL, folded TEXT NOT NULL,
    number REAL);
CREATE INDEX attributes_by_key ON attributes (key, folded);
CREATE INDEX attributes_by_role ON attributes (role_id, key, value);
CREATE TABLE adverts (role_id TEXT PRIMARY KEY REFERENCES roles (id) ON DELETE CASCADE, alike TEXT, same TEXT, kind INTEGER NOT NULL, level TEXT,
    names INTEGER NOT NULL, signature BLOB NOT NULL);
CREATE INDEX adverts_by_group ON adverts (alike) WHERE alike IS NOT NULL;
"""

# What a new manifest takes over from one with an older schema; all else is derived from it. What an older schema did not have yet, it has as given here.
_TAKEN_OVER = ("sources", "refusals", "roles")
_NOT_YET_THERE = {"readings": "'[]'"}

# SQLite's own limit on variables in one statement is 32,766 at least; well below it.
_IDS_A_STATEMENT = 10_000

# What was read of the file and stays in memory, at most, for each connection; by default so little does that each search reads its texts from the file anew.
_CACHE_KIB = 65_536
# Nobody writes to a published manifest any more: SQLite need not look, before every statement, whether somebody does.
_PUBLISHED = "mode=ro&immutable=1"

_DAMAGED_CURE = "run `rolesearch doctor --repair`"

# As a filter's value: any value at all, so that degree!=* finds the roles that ask for none.
ANY = "*"
# The key of a filter on where roles come from, which every role has.
SOURCE = "source"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUE_WORDS = {"true": "true", "yes": "true", "false": "false", "no": "false"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: where it is, its name below the ingested folder `root`, and the digest of its content ("" asks for a new reading)."""

    path: str
    name: str
    root: str
    digest: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a part of one, that was not indexed: `name` is the file's name below its root, with the part after it, and `reason` says why."""

    name: str
    reason: str


def place_of(source: str) -> str:
    """The folder or archive that a role's source lies in; a source that lies in none is its own place.

    >>> place_of("roles/engineering/sre.md"), place_of("postings.jsonl")
    ('roles/engineering', 'postings.jsonl')
    """
    return source.rpartition("/")[0] or source.partition("#")[0]


class Manifest:
    """Reads and writes one manifest. Safe to read from several threads at once, each through a connection of its own; one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool) -> None:
        self.path = path
        self._first = connection
        self._writable = writable
        self._lock = threading.Lock()
        self._is_closed = False
        self._by_thread: dict[threading.Thread, sqlite3.Connection] = {}

    @classmethod
    def create(cls, path: Path) -> "Manifest":
        """A new, empty manifest, open for writing."""
        connection = _connect(path, "mode=rwc")
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return cls(path, connection, writable=True)

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> "Manifest":
        """An existing manifest. Raises IndexDamaged when the file is missing or is no SQLite database."""
        try:
            connection = _connect(path, "mode=rw" if writable else _PUBLISHED)
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except sqlite3.Error as error:
            raise IndexDamaged(f"the manifest {path} cannot be opened: {error}; {_DAMAGED_CURE}") from error
        return cls(path, connection, writable=writable)

    @classmethod
    def create_from(cls, path: Path, older: Path) -> "Manifest":
        """A new manifest with the sources, refusals and roles of one with an older schema, open for writing; the roles have no chunks and attributes yet.

        Who calls it puts each role anew. Raises IndexDamaged when the older one cannot be read.
        """
        manifest = cls.create(path)
        try:
            manifest._take_over(older)
        except sqlite3.DatabaseError as error:
            manifest.close()
            raise IndexDamaged(f"the manifest {older} cannot be read: {error}; {_DAMAGED_CURE}") from error
        return manifest

    def _take_over(self, older: Path) -> None:
        self._connection.execute("ATTACH ? AS older", (f"{older.absolute().as_uri()}?mode=ro",))
        for table in _TAKEN_OVER:
            there = {row[1] for row in self._connection.execute(f"PRAGMA older.table_info({table})")}
            ours = [row[1] for row in self._connection.execute(f"PRAGMA main.table_info({table})")]
            values = [f'"{column}"' if column in there else _NOT_YET_THERE[column] for column in ours]
            self._connection.execute(f"INSERT INTO main.{table} SELECT {', '.join(values)} FROM older.{table}")
        self._connection.commit()
        self._connection.execute("DETACH older")

    @property
    def _connection(self) -> sqlite3.Connection:
        """This thread's: statements of several threads on one connection wait for each other."""
        return self._first if self._writable else self._by_thread.get(threading.current_thread()) or self._opened_for(threading.current_thread())

    def _opened_for(self, thread: threading.Thread) -> sqlite3.Connection:
        with self._lock:
            for ended in [other for other in self._by_thread if not other.is_alive()]:
                self._let_go(self._by_thread.pop(ended))
            connection = self._first
            # The first one is for the first thread, and for all when this is closed, which it then says.
            if not self._is_closed and self._first in self._by_thread.values():
                # It also still reads what was deleted meanwhile, as a generation is when two more were published.
                with suppress(sqlite3.Error):
                    connection = _connect(self.path, _PUBLISHED)
            self._by_thread[thread] = connection
            return connection

    def _let_go(self, connection: sqlite3.Connection) -> None:
        if connection is not self._first:
            connection.close()

    @property
    def schema_version(self) -> int:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def integrity(self) -> str:
        """What SQLite finds wrong with the file as a whole; "" when all is well."""
        try:
            rows = [row[0] for row in self._connection.execute("PRAGMA integrity_check(5)")]
            rows += [f"a row of {row[0]} refers to one of {row[2]} that is not there" for row in self._connection.execute("PRAGMA foreign_key_check")]
        except sqlite3.DatabaseError as error:
            return str(error)
        return "; ".join(row for row in rows[:5] if row != "ok")

    @property
    def changes(self) -> int:
        """Rows that were written since the manifest was opened."""
        return self._connection.total_changes

    def close(self) -> None:
        """Write what is pending and close the file."""
        with self._lock:
            self._is_closed = True
            for connection in self._by_thread.values():
                self._let_go(connection)
            self._first.commit()
            self._first.close()

    def commit(self) -> None:
        """End the running transaction: what was written is kept."""
        self._connection.commit()

    # What built it ---------------------------------------------------------------------------------------------------

    def build(self) -> Mapping[str, str]:
        """What the generation was built with: model fingerprint, vector width, chunker, time, …"""
        return dict(self._connection.execute("SELECT key, value FROM build"))

    def set_build(self, values: Mapping[str, str]) -> None:
        """Record what the generation is built with."""
        self._connection.executemany("INSERT OR REPLACE INTO build VALUES (?, ?)", values.items())

    # Sources ---------------------------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """All files that were read, by path."""
        return [Source(*row) for row in self._connection.execute("SELECT path, name, root, digest FROM sources ORDER BY path")]

    def put_source(self, source: Source) -> None:
        """Add a source, or change what is known of it."""
        self._connection.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET name = excluded.name, root = excluded.root, digest = excluded.digest",
            (source.path, source.name, source.root, source.digest),
        )

    def remove_source(self, path: str) -> None:
        """Forget a source and its refusals; its roles must be gone or belong to another source already."""
        self._connection.execute("DELETE FROM refusals WHERE path = ?", (path,))
        self._connection.execute("DELETE FROM sources WHERE path = ?", (path,))

    def refusals(self, path: str | None = None) -> list[Refusal]:
        """What was refused, of one source or of all."""
        where, values = ("WHERE path = ?", (path,)) if path is not None else ("", ())
        return [Refusal(*row) for row in self._connection.execute(f"SELECT name, reason FROM refusals {where} ORDER BY name, rowid", values)]

    def refusals_of_sources(self) -> dict[str, list[Refusal]]:
        """Path to what was refused of that source, as `refusals` has it; sources of which all was read are left out."""
        found: dict[str, list[Refusal]] = defaultdict(list)
        for path, name, reason in self._connection.execute("SELECT path, name, reason FROM refusals ORDER BY name, rowid"):
            found[path].append(Refusal(name, reason))
        return dict(found)

    def set_refusals(self, path: str, refusals: Iterable[Refusal]) -> None:
        """Replace what is known to be refused of a source."""
        self._connection.execute("DELETE FROM refusals WHERE path = ?", (path,))
        self._connection.executemany("INSERT INTO refusals VALUES (?, ?, ?)", [(path, refusal.name, refusal.reason) for refusal in refusals])

    # Roles -----------------------------------------------------------------------------------------------------------

    def count_roles(self) -> int:
        """Number of roles."""
        count: int = self._connection.execute("SELECT count(*) FROM roles").fetchone()[0]
        return count

    def role_ids(self) -> list[str]:
        """Ids of all roles, sorted."""
        return [row[0] for row in self._connection.execute("SELECT id FROM roles ORDER BY id")]

    def source_of_role(self, role_id: str) -> Source | None:
        """The file that a role was read from; None when there is no such role."""
        query = "SELECT sources.path, name, root, digest FROM roles JOIN sources ON sources.path = roles.path WHERE roles.id = ?"
        row = self._connection.execute(query, (role_id,)).fetchone()
        return Source(*row) if row else None

    def positions_of_roles(self) -> dict[str, tuple[str, int]]:
        """Role id to the path of its file and its position there."""
        return {role_id: (path, position) for role_id, path, position in self._connection.execute("SELECT id, path, position FROM roles")}

    def roles_of_source(self, path: str) -> list[Role]:
        """The roles that were read from one file, in their order there."""
        return [_role(row) for row in self._connection.execute(f"SELECT {_ROLE} FROM roles WHERE path = ? ORDER BY position", (path,))]

    def roles(self, ids: Collection[str]) -> dict[str, Role]:
        """Roles by id; ids that are unknown are left out."""
        return {role.id: role for role in map(_role, self._rows_for(f"SELECT {_ROLE} FROM roles WHERE id IN", ids))}

    def outlines(self, ids: Collection[str]) -> dict[str, Role]:
        """Roles by id as a search shows them, without sections and readings, which take most of the time; ids that are unknown are left out."""
        rows = self._rows_for("SELECT id, title, text, source, attributes FROM roles WHERE id IN", ids)
        return {role_id: Role(role_id, title, text, source, (), _attributes(json.loads(attributes))) for role_id, title, text, source, attributes in rows}

    def titles(self, ids: Collection[str]) -> dict[str, str]:
        """Titles of roles by id; ids that are unknown are left out."""
        return dict(self._rows_for("SELECT id, title FROM roles WHERE id IN", ids))

    def all_titles(self) -> Iterator[str]:
        """The titles of all roles, in the order of their ids."""
        return (title for (title,) in self._connection.execute("SELECT title FROM roles ORDER BY id"))

    def put_role(self, role: Role, path: str, position: int, chunks: Sequence[Chunk]) -> None:
        """Add a role with its chunks, or put it in the place of the one that has its id."""
        self.remove_role(role.id)
        self._connection.execute(
            "INSERT INTO roles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (role.id, path, position, role.title, role.text, role.source, _sections_json(role), _attributes_json(role.attributes), _readings_json(role)),
        )
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(chunk.id, chunk.role_id, chunk.start, chunk.end, chunk.title, chunk.section, chunk.heading) for chunk in chunks],
        )
        self._connection.executemany("INSERT INTO attributes VALUES (?, ?, ?, ?, ?)", list(_attribute_rows(role)))

    def remove_role(self, role_id: str) -> None:
        """Remove a role with its chunks and attributes."""
        self._connection.execute("DELETE FROM roles WHERE id = ?", (role_id,))

    # Chunks ----------------------------------------------------------------------------------------------------------

    def count_chunks(self) -> int:
        """Number of chunks."""
        count: int = self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
        return count

    def chunk_ids(self, among: Collection[str] | None = None) -> list[str]:
        """Ids of all chunks, by role and place; only those in `among` when that is given."""
        where, values = ("WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(among)),)) if among is not None else ("", ())
        return self._list(f'SELECT id FROM chunks {where} ORDER BY role_id, "start"', values)

    def sorted_chunk_ids(self) -> Ids:
        """Ids of all chunks, ascending: in the order of the index that finds them, in half the time and a fifth of the memory."""
        return as_ids(self._list("SELECT id FROM chunks ORDER BY id"))

    def chunk_ids_of_roles(self, role_ids: Collection[str]) -> list[str]:
        """Ids of the chunks of these roles."""
        return [row[0] for row in self._rows_for("SELECT id FROM chunks WHERE role_id IN", role_ids)]

    def chunks_of_roles(self) -> dict[str, list[str]]:
        """Role id to the ids of its chunks in their order, for all roles."""
        # In one answer, as `_list`.
        counted = "SELECT role_id, count(*) AS chunks FROM chunks GROUP BY role_id ORDER BY role_id"
        role_ids, counts = self._connection.execute(f"SELECT json_group_array(role_id), json_group_array(chunks) FROM ({counted})").fetchone()
        chunk_ids = iter(self.chunk_ids())
        return {role_id: list(islice(chunk_ids, count)) for role_id, count in zip(json.loads(role_ids), json.loads(counts), strict=True)}

    def roles_of_chunks(self, ids: Collection[str]) -> dict[str, str]:
        """Chunk id to role id."""
        return dict(self._rows_for("SELECT id, role_id FROM chunks WHERE id IN", ids))

    def chunks(self, ids: Collection[str]) -> dict[str, Chunk]:
        """Chunks by id, with their text; ids that are unknown are left out."""
        rows = list(self._rows_for('SELECT id, role_id, "start", "end", title, section, heading FROM chunks WHERE id IN', ids))
        # SQLite would read a role's text, and count its letters, for each of its chunks.
        texts = dict(self._rows_for("SELECT id, text FROM roles WHERE id IN", {role_id for _, role_id, *_ in rows}))
        return {
            chunk_id: Chunk(chunk_id, role_id, start, end, texts[role_id][start:end], title, section, heading)
            for chunk_id, role_id, start, end, title, section, heading in rows
        }

    def places_of_chunks(self, ids: Collection[str]) -> dict[str, tuple[str, int, int]]:
        """Chunk id to the name of its section, and its start and end in the role's text; ids that are unknown are left out."""
        return {row[0]: row[1:] for row in self._rows_for('SELECT id, section, "start", "end" FROM chunks WHERE id IN', ids)}

    # Attributes ------------------------------------------------------------------------------------------------------

    def role_ids_where(self, condition: Condition) -> set[str]:
        """Ids of the roles that meet a condition with =, >= or <=; for != those that it rules out, which are the roles that = finds.

        Text is compared without regard to case. Raises UsageError for >= or <= with a value that is neither a number nor a day (2026-01-31).
        """
        if condition.key.casefold() == SOURCE and condition.operator in ("=", "!="):
            rows = self._connection.execute("SELECT id, source FROM roles")
            return {
                role_id for role_id, source in rows if condition.value in (ANY, place_of(source)) or place_of(source).casefold() == condition.value.casefold()
            }
        number = _as_number(condition.value)
        values: tuple[str | float | None, ...] = (number,)
        if condition.value == ANY:
            rows = self._connection.execute("SELECT DISTINCT role_id FROM attributes WHERE key = ?", (condition.key.casefold(),))
            return {row[0] for row in rows}
        test = f"number {condition.operator} ?"
        if condition.operator in ("=", "!="):
            # Only text is found in the index; a number is looked for in all rows of the key.
            test, values = (
                ("folded = ?", (_comparable(condition.value),)) if number is None else ("(folded = ? OR number = ?)", (_comparable(condition.value), number))
            )
        elif _DAY.fullmatch(condition.value):
            # Days as they are read and as records mostly have them: the order of their text is that of time.
            test, values = f"folded GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND substr(folded, 1, 10) {condition.operator} ?", (condition.value,)
        elif number is None:
            raise UsageError(
                f"the filter {condition.key}{condition.operator}{condition.value} needs a number or a day such as 2026-01-31 after {condition.operator}"
            )
        rows = self._connection.execute(f"SELECT role_id FROM attributes WHERE key = ? AND {test}", (condition.key.casefold(), *values))
        return {row[0] for row in rows}

    def role_ids_with(self, key: str, values: Collection[str]) -> set[str]:
        """Ids of the roles that have one of these values of an attribute, written exactly so."""
        listed, marks = list(values), ", ".join("?" * len(values))
        query = f"SELECT role_id FROM attributes WHERE key = ? AND folded IN ({marks}) AND value IN ({marks})"
        return {row[0] for row in self._connection.execute(query, (key, *map(_comparable, listed), *listed))}

    def attributes_of(self, role_ids: Collection[str], keys: Collection[str]) -> dict[str, dict[str, list[str]]]:
        """Role id to the values that it has of these attributes, by key; roles that have none of them are left out."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        query = f"SELECT role_id, key, value FROM attributes INDEXED BY attributes_by_role WHERE key IN ({', '.join(map(_quoted, keys))}) AND role_id IN"
        for role_id, key, value in self._rows_for(query, role_ids):
            found[role_id][key].append(value)
        return {role_id: dict(values) for role_id, values in found.items()}

    def holders(self) -> list[tuple[str, str, Numbers]]:
        """Each key and value with the rows of the roles that hold it, ascending; a role's row is its place by id."""
        # Put together by SQLite, into one answer: statement by statement it takes three times as long, and at each row other threads may hold it up.
        (found,) = self._connection.execute(
            "WITH numbered AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM roles), "
            "held AS (SELECT key, value, json_group_array(place) AS rows FROM attributes JOIN numbered ON numbered.id = role_id GROUP BY key, value) "
            "SELECT json_group_array(json_array(key, value, json(rows))) FROM held"
        ).fetchone()
        # A role may say the same twice.
        return [(key, value, np.unique(np.array(rows, dtype=np.int32))) for key, value, rows in json.loads(found)]

    def rows_by_place(self) -> dict[str, Numbers]:
        """Where roles come from, as `place_of` has it, with the rows of the roles that come from there, ascending."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, (source,) in enumerate(self._connection.execute("SELECT source FROM roles ORDER BY id")):
            found[place_of(source)].append(row)
        return {place: np.array(rows, dtype=np.int32) for place, rows in found.items()}

    def values_of(self, key: str) -> list[str]:
        """All values that roles have of one attribute, sorted."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT value FROM attributes WHERE key = ? ORDER BY value", (key,))]

    def facets(self, among: Collection[str] | None = None) -> dict[str, dict[str, int]]:
        """Attribute key to its values, each with the number of roles that have it, most frequent first; only roles in `among` when that is given."""
        where, values = ("WHERE role_id IN (SELECT value FROM json_each(?))", (json.dumps(list(among)),)) if among is not None else ("", ())
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        query = f"SELECT key, value, count(DISTINCT role_id) AS n FROM attributes {where} GROUP BY key, value ORDER BY key, n DESC, value"
        for key, value, count in self._connection.execute(query, values):
            counts[key][value] = count
        return dict(counts)

    def places(self, among: Collection[str] | None = None) -> dict[str, int]:
        """Where the roles come from, as `place_of` has it, each with the number of roles, most frequent first; only roles in `among` when that is given."""
        where, values = ("WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(among)),)) if among is not None else ("", ())
        counts = Counter(place_of(source) for (source,) in self._connection.execute(f"SELECT source FROM roles {where}", values))
        return dict(sorted(counts.items(), key=lambda place: (-place[1], place[0])))

    # Adverts ---------------------------------------------------------------------------------------------------------

    def roles_without_advert(self) -> list[str]:
        """Ids of the roles that were put and have not been compared with the others since."""
        return [row[0] for row in self._connection.execute("SELECT id FROM roles WHERE id NOT IN (SELECT role_id FROM adverts) ORDER BY id")]

    def put_advert(self, role_id: str, kind: int, level: str | None, names: int, signature: bytes) -> None:
        """Keep what of a role is compared with others, as `search.duplicates` makes it."""
        self._connection.execute(
            "INSERT INTO adverts (role_id, kind, level, names, signature) VALUES (?, ?, ?, ?, ?)", (role_id, kind, level, names, signature)
        )

    def adverts(self) -> tuple[list[str], list[int], list[str | None], list[int], list[bytes]]:
        """Role ids, sorted, and the kind, the level, the names and the signature of each."""
        rows = self._connection.execute("SELECT role_id, kind, level, names, signature FROM adverts ORDER BY role_id").fetchall()
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows], [row[4] for row in rows]

    def set_groups(self, groups: Mapping[str, tuple[str, str]]) -> None:
        """Say which roles are near-identical: role id to the first of those that probably are one, and of those that certainly are. All others stand alone."""
        known = {role_id: (alike, same) for role_id, alike, same in self._connection.execute("SELECT role_id, alike, same FROM adverts")}
        changed = [(*group, role_id) for role_id, before in known.items() if (group := groups.get(role_id, (None, None))) != before]
        self._connection.executemany("UPDATE adverts SET alike = ?, same = ? WHERE role_id = ?", changed)

    def groups(self, role_ids: Collection[str]) -> dict[str, str]:
        """Role id to the id that its group of near-identical roles is known by; roles that stand alone are left out."""
        return dict(self._rows_for("SELECT role_id, alike FROM adverts WHERE alike IS NOT NULL AND role_id IN", role_ids))

    def twins(self, role_ids: Collection[str]) -> dict[str, tuple[Twin, ...]]:
        """Role id to all roles that are near-identical to it, the certain ones first, then by id; roles that stand alone are left out."""
        query = (
            "SELECT one.role_id, other.role_id, title, source, attributes, one.same = other.same FROM adverts AS one "
            "JOIN adverts AS other ON other.alike = one.alike AND other.role_id != one.role_id JOIN roles ON roles.id = other.role_id WHERE one.role_id IN"
        )
        found: dict[str, list[Twin]] = defaultdict(list)
        for role_id, other, title, source, attributes, certain in self._rows_for(query, role_ids):
            found[role_id].append(Twin(other, title, source, _attributes(json.loads(attributes)), Grade.CERTAIN if certain else Grade.PROBABLE))
        return {role_id: tuple(sorted(twins, key=lambda twin: (twin.grade, twin.role_id))) for role_id, twins in found.items()}

    def _list(self, query: str, values: Sequence[Any] = ()) -> list[str]:
        """What a statement of one column, an id, finds: in one answer, since row by row other threads may hold it up."""
        ids: list[str] = json.loads(self._connection.execute(f"SELECT json_group_array(id) FROM ({query})", values).fetchone()[0])
        return ids

    def _rows_for(self, query: str, ids: Collection[str]) -> Iterator[tuple[Any, ...]]:
        listed = list(ids)
        for start in range(0, len(listed), _IDS_A_STATEMENT):
            batch = listed[start : start + _IDS_A_STATEMENT]
            yield from self._connection.execute(f"{query} ({', '.join('?' * len(batch))})", batch)


def _quoted(text: str) -> str:
    """A text as it stands in a statement."""
    return "'" + text.replace("'", "''") + "'"


_ROLE = "id, title, text, source, sections, attributes, readings"


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    # A manifest that is written is nobody's yet: publishing waits for the disk, once for all of it.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _role(row: Sequence[Any]) -> Role:
    role_id, title, text, source, sections, attributes, readings = row
    return Role(
        role_id,
        title,
        text,
        source,
        tuple(map(_section, json.loads(sections))),
        _attributes(json.loads(attributes)),
        tuple(Reading(*reading) for reading in json.loads(readings)),
    )


def _section(stored: Sequence[Any]) -> Section:
    name, heading, start, end, above = stored
    return Section(name, heading, start, end, tuple(above))


def _sections_json(role: Role) -> str:
    return json.dumps([(section.name, section.heading, section.start, section.end, section.above) for section in role.sections], ensure_ascii=False)


def _readings_json(role: Role) -> str:
    rows = [(reading.key, reading.value, reading.start, reading.end, reading.in_title) for reading in role.readings]
    return json.dumps(rows, ensure_ascii=False)


def _attributes_json(attributes: Attributes) -> str:
    return json.dumps(dict(attributes), ensure_ascii=False)


def _attributes(stored: Mapping[str, Any]) -> Attributes:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}


def _attribute_rows(role: Role) -> Iterator[tuple[str, str, str, str, float | None]]:
    for key, value in role.attributes.items():
        for single in value if isinstance(value, tuple) else (value,):
            text = _as_text(single)
            yield role.id, key.casefold(), text, _comparable(text), _as_number(single)


def _as_text(value: AttributeValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_number(value: AttributeValue) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(str(value).replace(",", ""))
    except ValueError:
        return None


def _comparable(value: str) -> str:
    """A value as it is compared, in a filter and in an attribute: yes and no stand for true and false."""
    return _TRUE_WORDS.get(value.casefold(), value.casefold())

"""An answer as a file to take along: CSV for a spreadsheet, JSON for a program, Markdown for a reader. Text from strangers can do nothing in any of them."""

import csv
import html
import io
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from search.records import AttributeValue, Hit, Passage, Results
from ui.present import attribute_text, results_json

Cell: TypeAlias = str | int | float

PASSAGES = 2
# Columns of their own; in Markdown the first three say by themselves what they are.
_OWN = ("level", "family", "place", "skills")
_BEFORE = ("rank", "role_id", "title", "level", "family", "place", "score", "source", "passage_1", "passage_2", "skills", "near_identical")
_AFTER = ("query", "mode", "filters", "generation", "exported_at")
# Beyond 32,767 UTF-16 units Excel goes on in a row of its own, which would begin wherever the text happens to be cut; this leaves room for apostrophes.
_LONGEST_CELL = 16_000
_FILE_NAME_WORDS, _FILE_NAME_CHARACTERS = 6, 48


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported: `hits` in the order shown, of the answer `results`, at the time `at`, which knows its time zone.

    `hits` may be some of the answer's only, in another order, which `order` names. A hit's rank is its place in `results.hits`, whatever the order.
    """

    results: Results
    hits: tuple[Hit, ...]
    at: datetime
    order: str = "relevance"

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("the time of an export must have a time zone")

    @property
    def filters(self) -> tuple[str, ...]:
        """What narrows and steers the answer: the conditions as a user writes them, and the roles that it is to be like or unlike."""
        query = self.results.query
        conditions = (f"{condition.key}{condition.operator}{condition.value}" for condition in query.filters.conditions)
        return (*conditions, *(f"like={role_id}" for role_id in query.like), *(f"unlike={role_id}" for role_id in query.unlike))

    @property
    def time(self) -> str:
        """When it was exported, to the second (ISO 8601)."""
        return self.at.isoformat(timespec="seconds")

    def ranks(self) -> Mapping[str, int]:
        """The rank of each role of the answer, from 1."""
        return {hit.role_id: rank for rank, hit in enumerate(self.results.hits, start=1)}


def file_name(export: Export, suffix: str) -> str:
    """A name for the file, such as "roles-kubernetes-lead-20250131-154500.csv": plain ASCII, whatever the query holds, and never longer than 80 characters."""
    plain = unicodedata.normalize("NFKD", export.results.query.text.casefold()).encode("ascii", "ignore").decode("ascii")
    words = "-".join(re.findall("[a-z0-9]+", plain)[:_FILE_NAME_WORDS])[:_FILE_NAME_CHARACTERS].strip("-")
    stem = "-".join(part for part in ("roles", words, export.at.strftime("%Y%m%d-%H%M%S")) if part)
    return f"{stem}.{re.sub('[^a-z0-9]', '', suffix.casefold())[:8] or 'txt'}"


def json_of(export: Export) -> bytes:
    """The answer as `rolesearch search --json` has it, with what only an export knows."""
    answer, ranks = results_json(replace(export.results, hits=export.hits)), export.ranks()
    answer["hits"] = [{"rank": ranks.get(hit["role_id"])} | hit for hit in answer["hits"]]
    own = {"filters": list(export.filters), "order": export.order, "exported_at": export.time}
    names = ("query", "mode", "filters", "order", "generation", "exported_at", "understood", "notes", "hits")
    whole = {name: (answer | own)[name] for name in names}
    return json_bytes(whole)


def json_bytes(whole: Mapping[str, Any]) -> bytes:
    """A document of JSON in UTF-8, with null for what is no number."""
    # Half a surrogate pair has no UTF-8.
    return (json.dumps(_finite(whole), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8", "replace")


def _finite(value: Any) -> Any:
    """The value with null for each number that JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


# CSV


def csv_of(export: Export) -> bytes:
    """A row a role below a row of names, for spreadsheets: UTF-8 with a byte order mark, text quoted, lines ended as RFC 4180 has them.

    No text can become a formula: see `_guarded`. What is a number stays one.
    """
    ranks, keys = export.ranks(), _further_keys(export.hits)
    rows: list[list[Cell]] = [[*_header(keys)]]
    for hit in export.hits:
        own, further = _hit_cells(hit), [_value(hit, key) for key in keys]
        rows.append([ranks.get(hit.role_id, ""), *own, *further, *_asked(export)])
    return csv_bytes(rows)


def csv_bytes(rows: Iterable[Iterable[Cell]]) -> bytes:
    """Rows, the names of the columns first, as `csv_of` writes them."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig", "replace")


def _header(keys: Iterable[str]) -> list[str]:
    """The names of the columns; an attribute's that is taken is numbered."""
    taken, names = {*_BEFORE, *_AFTER}, []
    for key in keys:
        plain = " ".join(_clean(key).split())[:200] or "attribute"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name.casefold())
        names.append(name)
    return [*_BEFORE, *names, *_AFTER]


def _hit_cells(hit: Hit) -> list[Cell]:
    """The cells below _BEFORE, without the rank."""
    passages = [passage.text for passage in _best(hit)]
    return [
        hit.role_id,
        hit.title,
        *(_value(hit, key) for key in ("level", "family", "place")),
        round(hit.score, 6),
        hit.source,
        *passages,
        *[""] * (PASSAGES - len(passages)),
        _value(hit, "skills"),
        " | ".join(twin.role_id for twin in hit.twins),
    ]


def _asked(export: Export) -> list[Cell]:
    """The cells below _AFTER."""
    results = export.results
    return [results.query.text, results.query.mode.value, " | ".join(export.filters), results.generation, export.time]


def _value(hit: Hit, key: str) -> Cell:
    """An attribute's value; several stand apart by what their own text does not hold, which a comma is not."""
    value: AttributeValue = hit.attributes.get(key, "")
    if isinstance(value, bool):
        return attribute_text(value)
    return " | ".join(value) if isinstance(value, tuple) else value


def _cell(value: Cell) -> Cell:
    if isinstance(value, str):
        return _guarded(_shortened(_clean(value)))
    # Plain numbers: what is printed for NumPy's, "nan" and "inf" is text.
    return value if isinstance(value, int) else float(value) if math.isfinite(value) else _guarded(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + " …"


# The signs that a formula begins with, in full and small width too, since some spreadsheets fold them; and what may stand before one unseen or be dropped.
_SIGNS = "=+\\-@＝＋－＠﹢﹣﹦﹫\u2212"
_BESIDE = "'\"\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
_UNSAFE = re.compile(rf"\A(?=(?:(?![\t\n])[\s{_BESIDE}])*[\t\n]|[\s{_BESIDE}]*[{_SIGNS}])|(?<=[;\t\n])(?=(?:(?![\t\n])[\s{_BESIDE}])*[{_SIGNS}])")


def _guarded(text: str) -> str:
    """The text with an apostrophe wherever a cell of it would begin as a formula (OWASP, CSV Injection).

    Not only at its beginning: where the decimal comma is usual, Excel expects semicolons between cells and takes no notice of quotes after commas, so that
    each line of a passage and each part behind a semicolon is a cell of its own.
    """
    return _UNSAFE.sub("'", text)


# Markdown


def markdown_of(export: Export) -> bytes:
    """The answer to be read: a heading, how it was asked, and for each role its facts and best passages as quotes. All text of roles and query is plain."""
    heading = f"# {as_markdown(export.results.query.text) or 'Roles'}"
    roles = [_role(number, hit) for number, hit in enumerate(export.hits, start=1)]
    return ("\n\n".join([heading, _how(export), *roles]) + "\n").encode()


def _how(export: Export) -> str:
    count = len(export.hits)
    return markdown_line(
        f"{export.results.query.mode.value} search",
        f"filtered by {', '.join(export.filters)}" if export.filters else "no filters",
        f"exported {export.at:%Y-%m-%d %H:%M} UTC{export.at:%z}",
        f"generation {export.results.generation}",
        f"{count} {'role' if count == 1 else 'roles'} by {export.order}",
    )


def _role(number: int, hit: Hit) -> str:
    told = {key: text for key, value in hit.attributes.items() if (text := attribute_text(value)).strip()}
    first = [told[key] for key in _OWN[:3] if key in told]
    named = [f"{key.replace('_', ' ')}: {told[key]}" for key in ("skills", *_further_keys([hit])) if key in told]
    blocks = [f"## {number}. {as_markdown(hit.title) or 'Untitled'}", markdown_line(*first, *named, f"score {hit.score:.3f}", hit.role_id)]
    blocks += [f"Near-identical: {', '.join(f'{as_markdown(twin.role_id)} ({twin.grade.value})' for twin in hit.twins)}"] if hit.twins else []
    return "\n\n".join([*blocks, *(_quote(passage, hit.source) for passage in _best(hit))])


def _quote(passage: Passage, source: str) -> str:
    """A passage, line for line, with its section and file below: outside of it, which keeps two quotes apart."""
    paragraphs = re.split(r"\n\s*\n", _clean(passage.text).strip())
    written = ["\\\n".join(plain for line in paragraph.split("\n") if (plain := as_markdown(line))) for paragraph in paragraphs]
    section = "" if passage.section == "other" else passage.section.replace("_", " ")
    quoted = "\n>\n".join("> " + text.replace("\n", "\n> ") for text in written if text)
    return "\n\n".join(part for part in (quoted, f"— {markdown_line(section, source)}") if part)


def markdown_line(*texts: str) -> str:
    """Short texts on one line of Markdown, those left out of which nothing remains."""
    return " · ".join(plain for text in texts if (plain := as_markdown(text)))


# Words that a program makes something of after backslashes are gone: addresses, mentions and issues, emoji codes, mathematics.
_ALIVE = re.compile(r"@|//|www\.|\$|#\d|:[\w+-]+:", re.IGNORECASE)
# Signs that mean something anywhere; a dot inside a word might make it a host.
_MEANING = re.compile(r"[\\`*_{}\[\]#~|^]|(?<=\S)\.(?=\S)")
# Signs that mean something at the beginning of a line: lists, rules, underlined headings, tables.
_LEADING = re.compile(r"^(\d*)(?=[-+=:.)])")


def as_markdown(text: str) -> str:
    """The text on one line, so that it renders as itself and as nothing else in CommonMark and on GitHub.

    GitHub looks for e-mail addresses and emoji codes in the text that backslashes and entities have already been taken out of; only code is left alone.
    """
    line = " ".join(_code(word) if _ALIVE.search(word) else _escaped(word) for word in _clean(text).split())
    return _LEADING.sub(r"\1\\", line)


def _escaped(word: str) -> str:
    return _MEANING.sub(r"\\\g<0>", html.escape(word, quote=False))


def _code(word: str) -> str:
    fence = "`" * (1 + max(map(len, re.findall("`+", word)), default=0))
    pad = " " if word[0] == "`" or word[-1] == "`" else ""
    return f"{fence}{pad}{word}{pad}{fence}"


# Text and attributes, for each form

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile("[\ud800-\udfff]")


def _clean(text: str) -> str:
    """The text with plain line ends and without characters that control a terminal or turn round what stands beside them; half a character is a mark."""
    return _HALVES.sub("\ufffd", _DROPPED.sub("", _LINE_ENDS.sub("\n", text)))


def _best(hit: Hit) -> list[Passage]:
    return sorted(hit.passages, key=lambda passage: -passage.score)[:PASSAGES]


def _further_keys(hits: Iterable[Hit]) -> list[str]:
    """The attributes that have no column of their own, in the order of the alphabet: the same for every export."""
    return sorted({key for hit in hits for key in hit.attributes} - {*_OWN})

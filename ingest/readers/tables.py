"""CSV to documents: a header row, then one role a row. Reads row by row."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import BinaryIO

from ingest.documents import Document, ReaderRefusal
from ingest.readers import fields
from ingest.readers.blocks import has_words
from ingest.readers.encodings import decoded_lines
from search.errors import Refused
from search.records import AttributeValue

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_LINES = 50
# The csv module's own limit, 128 kB, is below what one description saved with its pictures takes. It is a setting of the process.
MAX_FIELD_CHARACTERS = 10_000_000
csv.field_size_limit(MAX_FIELD_CHARACTERS)

_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})\.\d{1,15}")
_BOOLEANS = {"true": True, "false": False}


class _Lines:
    """The lines of a table, and whether the last one was handed out: a row that is still open then has lost its closing quote."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines).replace("\0", "")
        except StopIteration:
            self.ended = True
            raise


def read(stream: BinaryIO, name: str) -> Iterator[Document | ReaderRefusal]:
    """A table with a header row; rows are numbered as a spreadsheet numbers them, the header being row 1."""
    lines = decoded_lines(stream)
    head = list(islice(lines, _SNIFFED_LINES))
    delimiter = _delimiter(head)
    if head and head[0].lower().startswith("sep="):  # Excel's way of naming the delimiter
        head = head[1:]
    source = _Lines(chain(head, lines))
    rows = csv.reader(source, delimiter=delimiter)
    keys = _keys(_header(rows))
    found = False
    number = 1
    while (row := _next_row(rows, source)) is not None:
        number += 1
        if isinstance(row, str):
            yield ReaderRefusal(f"row {number}", row)
            return
        if not any(map(str.strip, row)):
            continue
        found = True
        yield _document(row, keys, number)
    if not found:
        raise Refused("no records: there is nothing below the header row")


def typed(value: str) -> AttributeValue:
    """A cell's value as the number or truth value it spells. "007" and very long numbers are names and stay text."""
    stripped = value.strip()
    if _INTEGER.fullmatch(stripped):
        return int(stripped)
    if _DECIMAL.fullmatch(stripped):
        return float(stripped)
    return _BOOLEANS.get(stripped.lower(), value)


def _header(rows: "Iterator[list[str]]") -> list[str]:
    try:
        return next((row for row in rows if any(has_words(cell) for cell in row)), [])
    except csv.Error as error:
        raise Refused(f"not readable as CSV: {error}") from error


def _keys(header: Sequence[str]) -> list[str]:
    """The columns' names in snake_case, each once."""
    if not header:
        raise Refused("no text: the file holds no header row")
    if len(header) > fields.MAX_FIELDS:
        raise Refused(f"too wide: {len(header):,} columns, at most {fields.MAX_FIELDS:,}; leave out those that nobody filters by")
    keys: list[str] = []
    for place, cell in enumerate(header, start=1):
        key = fields.key_of(cell) or f"column_{place}"
        keys.append(key if key not in keys else f"{key}_{place}")
    if not fields.has_text_field(keys):
        shown = ", ".join(cell.strip()[:40] for cell in header[:20])
        raise Refused(f"no text column: found {shown}; name the column with the description 'text'")
    return keys


def _next_row(rows: "Iterator[list[str]]", source: _Lines) -> list[str] | str | None:
    """The next row; None at the end; a reason where nothing further can be read."""
    try:
        row = next(rows, None)
    except csv.Error as error:
        return f"{error}: is a quotation mark left open? This row and all below it were not read"
    if row is not None and source.ended:
        return "a quotation mark is opened and never closed: this row and all below it were not read"
    return row


def _document(row: Sequence[str], keys: Sequence[str], number: int) -> Document | ReaderRefusal:
    if any(map(str.strip, row[len(keys) :])):
        reason = f"{len(row)} values for {len(keys)} columns; put a value that holds the delimiter in quotation marks"
        return ReaderRefusal(f"row {number}", reason)
    record: dict[str, AttributeValue] = {key: cell for key, cell in zip(keys, row, strict=False) if cell.strip()}
    try:
        document = fields.document_of(record)
    except Refused as refusal:
        return ReaderRefusal(f"row {number}", str(refusal), fields.id_in(record))
    attributes = {key: typed(value) if isinstance(value, str) else value for key, value in document.attributes.items()}
    return replace(document, attributes=attributes)


def _delimiter(head: Sequence[str]) -> str:
    """The delimiter that makes the header name a text column, and the rows as wide as the header; a comma where none does."""
    if head and head[0].lower().startswith("sep=") and head[0][4:5] in _DELIMITERS:
        return head[0][4:5]
    return max(_DELIMITERS, key=lambda delimiter: _fit(head, delimiter))


def _fit(head: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    try:
        rows = [row for row in csv.reader(head, delimiter=delimiter) if row]
    except csv.Error:
        return False, 0.0, 0
    if not rows:
        return False, 0.0, 0
    width = len(rows[0])
    level = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
    return fields.has_text_field(map(fields.key_of, rows[0])), level, width

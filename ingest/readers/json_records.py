"""JSON and JSON Lines to documents. JSON Lines are read line by line; of a broken one only its broken lines are lost."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO

from ingest.documents import Document, ReaderRefusal
from ingest.readers import fields, job_posting
from ingest.readers.encodings import decode, decoded_lines
from ingest.readers.streams import read_all
from search.errors import Refused
from search.records import AttributeValue

# How deeply nested objects still become attributes ("location": {"address": {"city": …}} -> location_address_city).
_FLATTENED_LEVELS = 2
# Where a list of things is made of objects, an entry is known by the first of these.
_NAME_KEYS = ("name", "title", "label", "value", "text", "description")
# How deeply an array of records is looked for: {"data": {"jobs": [...]}}.
_DEEPEST_ARRAY = 3


class _Doubled(dict[str, Any]):
    """An object in which a key stands twice: which of the two is meant, nobody knows."""


class _NotANumber:
    """NaN or Infinity, which JSON does not have."""


def read(stream: BinaryIO, name: str) -> Iterator[Document | ReaderRefusal]:
    """A .json file: an array of records, one record, an object around an array of records, or JobPostings anywhere."""
    text = decode(read_all(stream)).removeprefix("\ufeff")
    if not text.strip():
        raise Refused("no text: the file holds only spaces")
    try:
        value = _parsed(text)
    except Refused:
        if not _looks_like_lines(text):
            raise
        yield from _from_lines(iter(io.StringIO(text)))
        return
    yield from _from_value(value)


def read_lines(stream: BinaryIO, name: str) -> Iterator[Document | ReaderRefusal]:
    """A .jsonl file: one object a line. One that holds a single array or object over many lines is read as .json."""
    lines = decoded_lines(stream)
    passed = []
    first = ""
    for first in lines:
        passed.append(first)
        if first.strip():
            break
    if not first.strip():
        raise Refused("no text: the file holds only spaces")
    if first.strip() in ("[", "{", "[{") or first.lstrip().startswith("["):
        stream.seek(0)
        yield from read(stream, name)
    else:
        yield from _from_lines(chain(passed, lines))


def _from_lines(lines: Iterator[str]) -> Iterator[Document | ReaderRefusal]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = _parsed(line)
        except Refused as refusal:
            yield ReaderRefusal(f"line {number}", str(refusal))
            continue
        yield _from_record(value, f"line {number}")


def _from_value(value: object) -> Iterator[Document | ReaderRefusal]:
    postings = list(job_posting.postings_in(value))
    if postings:
        for number, posting in enumerate(postings, start=1):
            yield _from_record(posting, f"posting {number}")
        return
    records = _records(value)
    if not records:
        raise Refused("no records: neither an object with a text field nor an array of such objects")
    for number, record in enumerate(records, start=1):
        yield _from_record(record, f"record {number}")


def _from_record(value: object, part: str) -> Document | ReaderRefusal:
    try:
        return _document(value)
    except Refused as refusal:
        return ReaderRefusal(part, str(refusal), _id_in(value))
    except RecursionError:
        return ReaderRefusal(part, "nested too deeply")


def _document(value: object) -> Document:
    if not isinstance(value, Mapping):
        raise Refused(f'not an object but {_kind(value)}: a record is written {{"title": …, "text": …}}')
    if problem := _problem(value):
        raise Refused(problem)
    posting = next(job_posting.postings_in(value), None)
    return fields.document_of(_flattened(value)) if posting is None else job_posting.document_of(posting)


def _id_in(value: object) -> str | None:
    """The id of a refused record, as long as it is sure which one is meant."""
    return None if not isinstance(value, Mapping) or isinstance(value, _Doubled) else fields.id_in(_flattened(value))


def _parsed(text: str) -> Any:
    try:
        # strict=False: many exports leave line ends and tabs as they are within strings.
        return json.loads(text, object_pairs_hook=_object, parse_constant=lambda _: _NotANumber(), strict=False)
    except json.JSONDecodeError as error:
        raise Refused(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise Refused("nested too deeply: more arrays or objects within each other than can be followed") from error
    except ValueError as error:
        # A number of more than 4,300 digits.
        raise Refused(f"not JSON that can be read: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else _Doubled(plain)


def _problem(value: object) -> str | None:
    """What is wrong with a record that parses."""
    if isinstance(value, _Doubled):
        return f"a key stands twice in one object, among {', '.join(list(value)[:8])}: leave one of the two"
    if isinstance(value, _NotANumber):
        return "NaN or Infinity is no JSON: write null"
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((problem for entry in inner if (problem := _problem(entry))), None)


def _looks_like_lines(text: str) -> bool:
    """Whether a text that is no JSON as a whole has a first line that is an object of its own."""
    lines = (line for line in io.StringIO(text) if line.strip())
    first, second = next(lines, ""), next(lines, "")
    try:
        return bool(second) and isinstance(_parsed(first), Mapping)
    except Refused:
        return second.lstrip().startswith("{") and second.rstrip().endswith("}")


def _records(value: object, depth: int = 0) -> list[Any]:
    """The records within a value: the value itself, the array, or the longest array of objects inside."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or depth >= _DEEPEST_ARRAY:
        return []
    if fields.has_text_field(map(fields.key_of, value)) and not _holds_records(value):
        return [value]
    arrays = [found for entry in value.values() if (found := _records(entry, depth + 1)) and isinstance(found[0], Mapping)]
    longest = max(arrays, key=len, default=[])
    return longest or ([value] if depth == 0 and value else [])


def _holds_records(value: Mapping[str, Any]) -> bool:
    """An object with a description of its own may still be the wrapper: {"description": "our jobs", "jobs": [{"title": …, "text": …}]}."""
    arrays = (entry for entry in value.values() if isinstance(entry, list) and entry)
    return any(all(isinstance(record, Mapping) and _is_record(record) for record in array) for array in arrays)


def _is_record(value: Mapping[str, Any]) -> bool:
    keys = {fields.key_of(key) for key in value}
    return fields.has_text_field(keys) and not keys.isdisjoint(fields.TITLE_NAMES)


def _flattened(record: Mapping[str, Any], prefix: str = "", level: int = 0) -> dict[str, AttributeValue]:
    flat: dict[str, AttributeValue] = {}
    for name, value in record.items():
        key = f"{prefix}{fields.key_of(name)}"
        if isinstance(value, Mapping):
            if level < _FLATTENED_LEVELS:
                flat.update({inner: found for inner, found in _flattened(value, f"{key}_", level + 1).items() if inner not in flat})
        elif key and key not in flat and (found := _scalar(value)) is not None:
            flat[key] = found
    return flat


def _scalar(value: object) -> AttributeValue | None:
    if isinstance(value, list):
        entries = [text for entry in value if (text := _entry(entry))]
        return tuple(entries) if entries and len(entries) == len(value) else None
    return value if isinstance(value, str | bool | int | float) else None


def _entry(entry: object) -> str:
    """One entry of a list as text; "" for what cannot be one."""
    if isinstance(entry, Mapping):
        entry = next((entry[key] for key in _NAME_KEYS if isinstance(entry.get(key), str)), None)
    if isinstance(entry, bool) or not isinstance(entry, str | int | float):
        return ""
    return str(entry).strip()


def _kind(value: object) -> str:
    return {list: "an array", str: "a text", bool: "true or false", int: "a number", float: "a number"}.get(type(value), "null")

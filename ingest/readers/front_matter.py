"""The header of named values that may stand above a Markdown text: what is title and id, what an attribute, and what is text after all."""

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ingest.documents import Block
from ingest.readers import fields
from ingest.readers.blocks import BlockList, clean, has_words
from search.records import AttributeValue

_FENCED = {
    "---": re.compile(r"\A\s*---[ \t]*\r?\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE),
    "+++": re.compile(r"\A\s*\+\+\+[ \t]*\r?\n(.*?)(?:^|\n)\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE),
}
_LENIENT = re.compile(r"^([A-Za-z_][\w -]{0,40}?)[ \t]*[:=][ \t]*(\S.*?)[ \t]*$")
_NAME_KEYS = ("title", "name", "heading", "role")
# Words from which on a list's entries, or a text above no body, are sentences to be searched rather than values to filter by.
_SENTENCE_WORDS = 6
# YAML's aliases let a few lines stand for millions.
_MOST_VALUES = 20_000


def split(text: str) -> tuple[Mapping[str, Any], str]:
    """The values of the front matter, {} where there is none, and the text below it."""
    for fence, pattern in _FENCED.items():
        if match := pattern.match(text):
            body = text[match.end() :]
            values = _toml(match[1]) if fence == "+++" else _yaml(match[1])
            if values is not None:
                return values, body
            # Broken, or text between two rules: what gives no value belongs to the body.
            found, others = _leniently(match[1])
            return found, f"{others}\n\n{body}"
    return {}, text


def attributes_of(values: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """The values that can be filtered by: scalars and lists of scalars, without title and id."""
    found: dict[str, AttributeValue] = {}
    for name, value in values.items():
        key = fields.key_of(str(name))
        if name in ("title", "id") or not key or _is_text_list(value):
            continue
        if (tidy := _attribute(value)) is not None:
            found[key] = tidy
    return found


def blocks_of(values: Mapping[str, Any], alone: bool) -> list[Block]:
    """The text that front matter holds: nested mappings and lists of sentences as headings and items.

    Where the front matter stands `alone`, without a text below it, long values are paragraphs too.
    """
    found = BlockList()
    budget = _Budget()
    for name, value in values.items():
        if isinstance(value, Mapping) or _is_text_list(value):
            _nested(str(name), value, 2, found, budget)
        elif alone and name != "title" and isinstance(value, str) and len(value.split()) >= _SENTENCE_WORDS:
            found.extend(fields.blocks_from_field(value))
    return found.blocks


class _Budget:
    def __init__(self) -> None:
        self.left = _MOST_VALUES

    def spent(self) -> bool:
        self.left -= 1
        return self.left < 0


def _yaml(text: str) -> Mapping[str, Any] | None:
    # A tab is never indentation in YAML; editors write it all the same.
    for attempt in (text, text.replace("\t", "  ")):
        try:
            values = yaml.safe_load(attempt)
        # Besides its own errors, PyYAML lets through what dates, numbers and deep nesting raise in its constructors.
        except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
            continue
        return {} if values is None else values if isinstance(values, Mapping) and not _holds_itself(values, set(), set()) else None
    return None


def _holds_itself(value: object, around: set[int], done: set[int]) -> bool:
    """Whether aliases make a value a part of itself. Each list and mapping is looked into once, however many aliases name it."""
    if id(value) in around:
        return True
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if not inner or id(value) in done:
        return False
    around.add(id(value))
    found = any(_holds_itself(entry, around, done) for entry in inner)
    around.remove(id(value))
    done.add(id(value))
    return found


def _toml(text: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _leniently(text: str) -> tuple[dict[str, Any], str]:
    """The "key: value" lines of broken front matter, and all its other lines."""
    values: dict[str, Any] = {}
    others = []
    for line in text.splitlines():
        match = _LENIENT.match(line)
        if match and match[1] not in values:
            values[match[1]] = _yaml_scalar(match[2])
        else:
            others.append(line.strip())
    return values, "\n".join(others)


def _yaml_scalar(text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return text.strip("\"'")
    return value if _scalar(value) is not None else text


def _attribute(value: object) -> AttributeValue | None:
    if isinstance(value, list | tuple | set):
        entries = [_scalar(entry) for entry in value]
        texts = tuple(str(entry) for entry in entries if entry is not None)
        return fields.attribute_of(texts) if len(texts) == len(entries) else None
    scalar = _scalar(value)
    return None if scalar is None else fields.attribute_of(scalar)


def _scalar(value: object) -> str | int | float | bool | None:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else None


def _is_text_list(value: object) -> bool:
    """A list that holds sentences, or anything nested."""
    if not isinstance(value, list) or not value:
        return False
    if any(isinstance(entry, Mapping | list) for entry in value):
        return True
    return sum(len(str(entry).split()) for entry in value) >= _SENTENCE_WORDS * len(value)


def _nested(name: str, value: object, level: int, found: BlockList, budget: _Budget) -> None:
    """The value of one key: a heading where what is below it has none of its own."""
    if budget.spent():
        return
    if isinstance(value, Mapping):
        _mapping(value, level, found, budget, fallback=_as_heading(name))
    elif isinstance(value, list):
        if not any(isinstance(entry, Mapping) and _own_heading(entry) for entry in value):
            found.heading(_as_heading(name), level)
            level += 1
        for entry in value:
            _entry(entry, level, found, budget)


def _entry(entry: object, level: int, found: BlockList, budget: _Budget) -> None:
    if budget.spent():
        return
    if isinstance(entry, Mapping):
        _mapping(entry, level, found, budget, fallback="")
    elif isinstance(entry, list):
        for inner in entry:
            _entry(inner, level, found, budget)
    elif entry is not None:
        found.item(str(entry))


def _mapping(values: Mapping[Any, Any], level: int, found: BlockList, budget: _Budget, fallback: str) -> None:
    heading, used = _own_heading(values) or (fallback, ())
    if has_words(heading):
        found.heading(heading, level)
        level += 1
    inner = {name: value for name, value in values.items() if name not in used and value is not None}
    lists = sum(isinstance(value, Sequence | Mapping) and not isinstance(value, str) for value in inner.values())
    for name, value in inner.items():
        if isinstance(value, list) and lists == 1 and has_words(heading):
            # The only list below a heading ("criteria", "content") needs no heading of its own.
            for entry in value:
                _entry(entry, level, found, budget)
        elif isinstance(value, list | Mapping):
            _nested(str(name), value, level, found, budget)
        elif isinstance(value, str) and len(value.split()) >= _SENTENCE_WORDS:
            found.extend(fields.blocks_from_field(value))
        else:
            found.paragraph(f"{_as_heading(str(name))}: {_scalar(value)}")


def _own_heading(values: Mapping[Any, Any]) -> tuple[str, tuple[str, ...]] | None:
    """What an entry calls itself, and the keys that said so: a title or a name, or "Level 2"."""
    for key in _NAME_KEYS:
        if isinstance(values.get(key), str) and has_words(values[key]):
            return values[key], _NAME_KEYS
    level = values.get("level")
    if isinstance(level, str | int) and not isinstance(level, bool):
        text = clean(str(level))
        return (text if text.casefold().startswith("level") else f"Level {text}"), ("level",)
    return None


def _as_heading(name: str) -> str:
    return fields.key_of(name).replace("_", " ").capitalize()

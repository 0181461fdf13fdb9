"""Small pieces that several views use: notices, marks on the words of a question, and what is said of a role beside its text."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from search.errors import RoleSearchError
from search.records import Attributes, AttributeValue
from search.sentences import Span
from search.understanding import understand
from search.words import matching_spans
from ui.present import attribute_text
from ui.views.markup import Kind, Mark, plain

# What a reader looks for first, the first of each group that a role has; the values say by themselves what they are.
_FIRST = (("level",), ("family", "department"), ("place", "location"), ("remote",), ("company", "employer", "agency"))
# Characters that are looked through for words to mark, and marks at most: a browser draws tens of thousands of marks for minutes.
_MARKED, _MOST_MARKS = 200_000, 1_000
_REMOTE = {"yes": "remote", "true": "remote", "no": "on site", "false": "on site"}
# Fields of a record that say again what another attribute says.
_TWICE = {"place": ("location",), "salary_min": ("salary",), "salary_max": ("salary",), "date_posted": ("posted",)}


def notice(text: str) -> None:
    """A message in a box."""
    st.info(plain(text), icon=":material/info:")


def failure(error: RoleSearchError) -> None:
    """What went wrong and its cure, as the error has it."""
    message = str(error)
    st.error(plain(message[:1].upper() + message[1:]), icon=":material/error:")


def words_of(query: str) -> str:
    """What of a query is looked for; what it leaves out is not."""
    return understand(query).asked.text


def marks(text: str, words: str, telling: Iterable[Span] = ()) -> list[Mark]:
    """A mark on each of the words in a text, and on the sentences that tell by meaning; of very long texts only the beginning is marked by words."""
    by_words = [Mark(start, end, Kind.WORDS) for start, end in matching_spans(text[:_MARKED], words)[:_MOST_MARKS]]
    return by_words + [Mark(start, end, Kind.MEANING) for start, end in telling]


def facts(attributes: Attributes) -> list[str]:
    """What is looked for first in a role, shortly."""
    held = (next((key for key in keys if key in attributes), None) for keys in _FIRST)
    texts = [shown_value(key, _short(attributes[key])) for key in held if key is not None]
    return [text for text in (*texts, pay(attributes)) if text]


def shown_value(key: str, value: str) -> str:
    """A value that does not say by itself what it is, as it reads beside others: whether a role is "remote" or "on site"."""
    return _REMOTE.get(value.casefold(), value) if key == "remote" else value


def pay(attributes: Attributes) -> str:
    """What a role pays, as it states it: "60,000 - 80,000 GBP a year"."""
    ends = list(dict.fromkeys(_grouped(attributes[key]) for key in ("salary_min", "salary_max") if key in attributes))
    period = attributes.get("salary_period", "")
    words = [" – ".join(ends), attributes.get("currency", ""), f"a {period}" if period else ""]
    return " ".join(str(word) for word in words if word) if ends else ""


def named(attributes: Attributes) -> Mapping[str, str]:
    """Attributes with names and values as a person reads them."""
    return {readable(key): attribute_text(value) for key, value in attributes.items() if attribute_text(value).strip()}


def without_twins(keys: Sequence[str]) -> list[str]:
    """Attribute keys without those that only say again what another says."""
    said = {twin for key in keys for twin in _TWICE.get(key, ())}
    return [key for key in keys if key not in said]


def readable(key: str) -> str:
    """An attribute's key as a label: "salary_min" becomes "Salary min"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _short(value: AttributeValue) -> str:
    if isinstance(value, tuple) and len(value) > 2:
        return f"{', '.join(value[:2])} and {len(value) - 2} more"
    return attribute_text(value)


def _grouped(value: AttributeValue) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)

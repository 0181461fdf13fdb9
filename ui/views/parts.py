"""Small pieces that both pages use: notices, marks on the words of a question, and what is said of a role beside its text."""

from collections.abc import Mapping

import streamlit as st

from search.errors import RoleSearchError
from search.records import Attributes
from search.understanding import understand
from search.words import matching_spans
from ui.present import attribute_text
from ui.views.markup import Kind, Mark, apart, escaped

# What a reader looks for first; the values say by themselves what they are.
_FIRST = ("level", "location", "company", "employer")


def notice(text: str, kind: str = "info") -> None:
    """A message in a box; `kind` is info or error."""
    st.html(f'<div class="rs-notice rs-{kind}" role="{"alert" if kind == "error" else "status"}">{escaped(text)}</div>')


def failure(error: RoleSearchError) -> None:
    """What went wrong and its cure, as the error has it."""
    message = str(error)
    notice(message[:1].upper() + message[1:], "error")


def word_marks(text: str, query: str) -> list[Mark]:
    """A mark on each word of the text that the query looks for; what it leaves out is not looked for."""
    return [Mark(start, end, Kind.WORD) for start, end in matching_spans(text, understand(query).asked.text)]


def facts(attributes: Attributes) -> str:
    """The attributes that are looked for first, on one line."""
    return apart(*(attribute_text(attributes[key]) for key in _FIRST if key in attributes))


def further_facts(attributes: Attributes, source: str) -> str:
    """All other attributes with their names, and the file, on one line."""
    return apart(*(f"{name}: {value}" for name, value in named(attributes).items() if name not in map(readable, _FIRST)), source)


def named(attributes: Attributes) -> Mapping[str, str]:
    """Attributes with names and values as a person reads them."""
    return {readable(key): attribute_text(value) for key, value in attributes.items() if attribute_text(value).strip()}


def readable(key: str) -> str:
    """An attribute's key as a label: "salary_min" becomes "Salary min"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]

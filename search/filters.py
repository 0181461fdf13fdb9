"""Filters as a user writes them, `key=value`, to conditions."""

import re
from collections.abc import Sequence

from search.errors import UsageError
from search.records import Condition, Filters

_CONDITION = re.compile(r"\s*(?P<key>[^\s=<>!][^=<>!]*?)\s*(?P<operator>!=|>=|<=|=)\s*(?P<value>.*?)\s*", re.DOTALL)


def parse_filters(texts: Sequence[str]) -> Filters:
    """Conditions from texts such as "level=senior", "remote!=true" or "salary_min>=60000". Raises UsageError for any other form."""
    return Filters(tuple(_condition(text) for text in texts))


def _condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None or not match["value"]:
        raise UsageError(f"the filter {text!r} is not of the form key=value (or !=, >=, <=), such as level=senior")
    return Condition(match["key"], match["operator"], match["value"])

"""Expressions that are compiled late: what they find, and that each one can be compiled."""

import importlib
import pkgutil
import re

import pytest

from search import attributes
from search.attributes.regex import compile_all, regex


def test_finds_what_a_compiled_expression_finds() -> None:
    late, compiled = regex(r"(?P<word>[a-z]+)", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)", re.IGNORECASE)
    text = "Lead, senior"
    for method in ("search", "match", "fullmatch"):
        assert repr(getattr(late, method)(text, 1)) == repr(getattr(compiled, method)(text, 1))
    assert [match.span("word") for match in late.finditer(text)] == [(0, 4), (6, 12)]
    assert (late.findall(text), late.split(text), late.sub("-", text)) == (compiled.findall(text), compiled.split(text), compiled.sub("-", text))
    assert (late.pattern, late.flags, late.groupindex) == (compiled.pattern, compiled.flags, compiled.groupindex)


def test_an_error_shows_when_it_is_used() -> None:
    late = regex("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        late.search("")


def test_all_that_there_are_can_be_compiled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    late = regex("[a-z]+ compiled with all others")
    compile_all()
    monkeypatch.setattr(re, "compile", None)
    assert late.search("one compiled with all others") is not None


def test_every_expression_of_the_readers_can_be_compiled() -> None:
    expressions = [
        value
        for module in pkgutil.iter_modules(attributes.__path__)
        for value in vars(importlib.import_module(f"search.attributes.{module.name}")).values()
        if isinstance(value, type(regex("")))
    ]
    assert len(expressions) > 100
    assert [expression.pattern for expression in expressions if expression.groups < 0] == []

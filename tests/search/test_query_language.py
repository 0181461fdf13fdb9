import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.query_language import take_operators as understand
from search.records import Asked
from search.words import exact_words


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Kubernetes mentorship lead", Asked("Kubernetes mentorship lead")),
        ("  two\t words \n", Asked("two words")),
        ('"site reliability" lead', Asked("site reliability lead", phrases=("site reliability",))),
        ("lead -manager", Asked("lead", excluded_words=("manager",))),
        ("-manager lead", Asked("lead", excluded_words=("manager",))),
        ('lead -"people manager"', Asked("lead", excluded_phrases=("people manager",))),
        ("lead −manager", Asked("lead", excluded_words=("manager",))),
        ('"a b" "c d" -e -f -"g h" i', Asked("a b c d i", ("a b", "c d"), ("e", "f"), ("g h",))),
        ('"a b" "a b" -e -e', Asked("a b a b", ("a b",), ("e",))),
        ('"  site   reliability "', Asked("site reliability", ("site reliability",))),
        ("“site reliability” „Büro“ «chef»", Asked("site reliability Büro chef", ("site reliability", "Büro", "chef"))),
        ("front-end node.js C++ -C#", Asked("front-end node.js C++", excluded_words=("C#",))),
        ("lead -front-end", Asked("lead", excluded_words=("front-end",))),
        ("lead - manager", Asked("lead - manager")),
        ("2019 - 2024 --verbose", Asked("2019 - 2024 --verbose")),
        ("lead -!", Asked("lead")),
        ('lead "" "…" -""', Asked("lead …")),
        ('lead "of the', Asked("lead of the")),
        ('12" pipes', Asked("12 pipes")),
        ('say"hello there"now', Asked("say hello there now", phrases=("hello there",))),
        ("Tasks:\n- Lead the team\n-Manage budgets\n  − Hire", Asked("Tasks: Lead the team Manage budgets Hire")),
        ("Tasks:\n- Lead -interns\n", Asked("Tasks: Lead", excluded_words=("interns",))),
        ('open "quote\nclosed" later', Asked("open quote closed later")),
        ("Cafe\u0301 -Zu\u0308rich", Asked("Café", excluded_words=("Zürich",))),
        ("lead \udcff", Asked("lead ?")),
        ("", Asked("")),
        (" \n ", Asked("")),
        ("-manager", Asked("", excluded_words=("manager",))),
    ],
)
def test_a_query_is_understood_as(text: str, asked: Asked) -> None:
    assert understand(text) == asked


@pytest.mark.parametrize(
    ("text", "has_operators"), [("lead - front-end", False), ('"lead"', True), ("lead -a", True), ('lead -"a b"', True), ('lead -""', False)]
)
def test_has_operators_says_whether_words_rule_roles_out(text: str, has_operators: bool) -> None:
    assert understand(text).has_operators is has_operators


ANYTHING = st.text(st.characters(categories=None)) | st.text(st.sampled_from('ab "-−“”\n\t\ud800é\u0301'))


@given(ANYTHING)
@example('"' * 1_000)
@example("-" * 1_000)
@example('-"' * 1_000)
@example(" -" * 1_000)
@example("\n- " * 1_000)
def test_any_text_is_understood_and_its_parts_are_clean(text: str) -> None:
    asked = understand(text)
    assert '"' not in asked.text
    assert asked.text == " ".join(asked.text.split())
    assert asked.text == unicodedata.normalize("NFC", asked.text.encode().decode())
    for part in (*asked.phrases, *asked.excluded_words, *asked.excluded_phrases):
        assert exact_words(part)
        assert '"' not in part


@given(ANYTHING)
def test_phrases_are_among_what_is_looked_for(text: str) -> None:
    asked = understand(text)
    assert all(phrase in asked.text for phrase in asked.phrases)


WORD = st.text(st.sampled_from("abcdeäß+#.7"), min_size=1, max_size=6).filter(exact_words)
PHRASE = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
PART = st.one_of(*(st.tuples(st.just(kind), strategy) for kind, strategy in (("", WORD), ("-", WORD), ('"', PHRASE), ('-"', PHRASE))))


@given(st.lists(PART), st.sampled_from([" ", "  ", "\t"]))
def test_every_operator_is_found_and_nothing_else(parts: list[tuple[str, str]], gap: str) -> None:
    text = gap.join(kind + body + ('"' if kind.endswith('"') else "") for kind, body in parts)
    bodies = {kind: tuple(dict.fromkeys(body for one, body in parts if one == kind)) for kind in ("-", '"', '-"')}
    assert understand(text) == Asked(" ".join(body for kind, body in parts if not kind.startswith("-")), bodies['"'], bodies["-"], bodies['-"'])

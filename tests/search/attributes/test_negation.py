import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attributes.negation import negated


def denied(said: str) -> bool:
    """Whether the word between brackets is denied in the sentence without them."""
    start, end = said.index("["), said.index("]") - 1
    return negated(said.replace("[", "").replace("]", ""), start, end)


@pytest.mark.parametrize(
    "said",
    [
        "No [Java] needed",
        "[Java] is not required",
        "A [degree] isn't needed here",
        "without knowledge of [Java]",
        "This is not a [people-management] role",
        "You do not need to know [SAP]",
        "You don't need [SAP]",
        "We use Go rather than [Java]",
        "Go instead of [Java]",
        "The post never touches [payroll]",
        "neither [Go] nor Rust",
        "neither Go nor [Rust]",
        "no experience with [Java], Go or Rust is needed",
        "no experience with Java, [Go] or Rust is needed",
        "no experience with Java, Go or [Rust] is needed",
        "if you have no [Java] yet, we teach you",
        "[Degree] (not required)",
        "A [certificate] is not strictly necessary.",
        "Python is a must. No [Java].",
        "there is no requirement for a [degree]",
        "no [degree] needed; Python is a must",
    ],
)
def test_what_its_own_clause_denies_is_denied(said: str) -> None:
    assert denied(said)


@pytest.mark.parametrize(
    "said",
    [
        "You know [Java]",
        "not only [Java] but also Go",
        "not just [Java]",
        "no less than five years of [Java]",
        "Why not [Java]?",
        "no degree needed; [Python] is a must",
        "no degree needed, [Python] is a must",
        "No Java needed. [Python] is.",
        "if you have no Java yet, we teach you [Java]",
        "no travel, [Python]",
        "Go is not required but [Java] is",
        "[Java] is required, Go is not required",
        "You are not afraid of [Kubernetes]",
        "including but not limited to [Excel]",
        "you will not be bored: [Kafka] at scale",
        "We cannot say yet.\n- [SQL]",
        "whether or not you know [COBOL] already",
    ],
)
def test_what_another_clause_denies_is_not(said: str) -> None:
    assert not denied(said)


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_any_text_is_answered(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    assert negated(text, start, end) in (True, False)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import UsageError
from search.filters import parse_filters
from search.records import Condition, Filters


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("level=senior", Condition("level", "=", "senior")),
        ("remote!=true", Condition("remote", "!=", "true")),
        ("salary_min>=60000", Condition("salary_min", ">=", "60000")),
        ("salary_max <= 90,000", Condition("salary_max", "<=", "90,000")),
        ("  Job Family =  Site Reliability ", Condition("Job Family", "=", "Site Reliability")),
        ("url=https://example.org/?a=b&c!=d", Condition("url", "=", "https://example.org/?a=b&c!=d")),
        ("stand=Zürich\nWest", Condition("stand", "=", "Zürich\nWest")),
        ("minimum=>5", Condition("minimum", "=", ">5")),
    ],
)
def test_a_condition_is_a_key_an_operator_and_a_value(text: str, condition: Condition) -> None:
    assert parse_filters([text]) == Filters((condition,))


def test_several_conditions_keep_their_order() -> None:
    assert parse_filters(["a=1", "b=2", "a=3"]).conditions == (Condition("a", "=", "1"), Condition("b", "=", "2"), Condition("a", "=", "3"))


def test_no_conditions_are_no_filter() -> None:
    assert parse_filters([]) == Filters()
    assert not parse_filters([])
    assert parse_filters(["a=1"])


@pytest.mark.parametrize("text", ["", "level", "level=", "level= ", "=senior", " =senior", "salary>5", "salary<5", "!=x", ">=5", "a>b=c", "level: senior"])
def test_anything_else_is_wrong_usage_that_shows_the_text_and_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="key=value") as refused:
        parse_filters(["ok=1", text])
    assert repr(text) in str(refused.value)
    assert refused.value.exit_code == 2


KEYS = st.text(alphabet=st.characters(exclude_characters="=<>!"), min_size=1).filter(lambda text: text == text.strip() != "")
VALUES = st.text(min_size=1).filter(lambda text: text == text.strip() != "" and text[0] != "=")


@given(KEYS, st.sampled_from(["=", "!=", ">=", "<="]), VALUES)
def test_what_is_written_with_an_operator_is_read_back(key: str, operator: str, value: str) -> None:
    assert parse_filters([f"{key}{operator}{value}"]) == Filters((Condition(key, operator, value),))


@given(st.text())
def test_any_text_is_a_condition_or_wrong_usage(text: str) -> None:
    try:
        (condition,) = parse_filters([text]).conditions
    except UsageError:
        return
    assert condition.operator in ("=", "!=", ">=", "<=")
    assert condition.key
    assert condition.value

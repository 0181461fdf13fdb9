"""Years of experience: what is asked for at least, and the many other years of which texts speak."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.years import held, mentions, read
from search.records import Role, Section


def years_of(text: str, section: str = "other") -> int | None:
    role = Role("a", "Tram Fitter", text, "a", (Section(section, "", 0, len(text)),) if text else ())
    readings = list(read(role))
    assert len(readings) <= 1
    return int(readings[0].value) if readings else None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5+ years of experience with trams", 5),
        ("At least five years of professional experience", 5),
        ("3-5 years' experience in repair", 3),
        ("Experience in repair for a minimum of 2 years.", 2),
        ("A minimum of 2 years in a workshop", 2),
        ("One year of specialized experience equivalent to GS-11", 1),
        ("one (1) full year of experience", 1),
        ("10 yrs experience", 10),
        ("36 months of experience with brakes", 3),
        ("- Two to five years of building software", 2),
        ("Between two and five years designing bogies.", 2),
        ("Ten years in operations is a sensible guide.", 10),
        ("You have repaired trams for more than six years.", 6),
        ("8 years in trams, three of them leading; at least 2 years of experience with sand.", 8),
        ("Not less than six years in SRE", 6),
        ("3+ years of experience, preferably with brakes", 3),
        ("Zero to two years of experience", None),
        ("up to two years of experience", None),
        ("We have 20 years of experience in trams.", None),
        ("For 20 years we have repaired trams with experience.", None),
        ("a company with 40 years of experience", None),
        ("A 2-year contract; experience with trams welcome", None),
        ("Within your first 2 years of experience here you grow", None),
        ("You must be 18 years of age, with experience", None),
        ("A four-year degree or experience", None),
        ("4 years of college, or experience", None),
        ("6 months of experience", None),
        ("5 years of experience preferred", None),
        ("a meter that sits in a pit for fifteen years on a single cell", None),
        ("lived in the US for 3 years, with experience", None),
        ("I have 10+ years of supervisory experience. I have 5 to 10 years of supervisory experience.", None),
        ("1994 years of experience", None),
        ("", None),
    ],
)
def test_the_years_that_a_text_asks_for(text: str, years: int | None) -> None:
    assert years_of(text) == years


def test_the_span_is_that_of_the_number_and_its_unit() -> None:
    text = "You bring at least 3 to 5 years of experience."
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "3 to 5 years"


@pytest.mark.parametrize("section", ["benefits", "desirable", "apply"])
def test_what_is_offered_or_only_desired_is_not_read(section: str) -> None:
    assert years_of("5 years of experience", section) is None
    assert years_of("5 years of experience", "requirements") == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("data engineer, 5+ years", [(5, ">=", "5+ years")]),
        ("up to 3 years experience", [(3, "<=", "3 years")]),
        ("less than two years of experience", [(2, "<=", "two years")]),
        ("nurse with ten years", [(10, ">=", "ten years")]),
        ("2-4 years python", [(2, ">=", "2-4 years")]),
        ("2 year contract", []),
        ("18 years old", []),
        ("python", []),
    ],
)
def test_the_years_that_a_query_states(query: str, found: list[tuple[int, str, str]]) -> None:
    assert [(mention.value, mention.operator, query[mention.start : mention.end]) for mention in mentions(query)] == found


@pytest.mark.timeout(10)
@pytest.mark.parametrize("hostile", ["1 " * 50_000, "five years " * 20_000, "one to " * 30_000, "5 years of " + "experience, " * 20_000, "(" * 100_000])
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    years_of(hostile)


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "years"
        assert isinstance(reading.value, int)
        assert 0 < reading.value <= 40
        assert 0 <= reading.start < reading.end <= len(role.text)
    mentions(role.title)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Nine years of running platforms", [9]),
        ("Over the past two years, on call", [2]),
        ("I have spent 11 years in kitchens, 3 of them abroad; 18 months of sales experience", [11]),
        ("Founded 12 years ago. A 3-year roadmap. No 5 years of experience with Java.", []),
        ("Two years old. The contract runs for 2 years.", []),
    ],
)
def test_years_that_a_person_has(text: str, values: list[int]) -> None:
    assert [mention.value for mention in held(text)] == values
    assert all(text[mention.start : mention.end] for mention in held(text))

"""Degrees: their many names, and the words that only look like them."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.degrees import DEGREES, denied, held, mentions, read
from search.records import Role, Section


def degree_of(text: str, section: str = "other") -> str | None:
    readings = list(read(Role("a", "Tram Fitter", text, "a", (Section(section, "", 0, len(text)),) if text else ())))
    assert len(readings) <= 1
    return str(readings[0].value) if readings else None


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("Bachelor's degree in engineering", "bachelor"),
        ("a Bachelor’s or Master’s degree in Computer Science", "bachelor"),
        ("BSc (Hons) or equal practice", "bachelor"),
        ("BS/MS in Computer Science", "bachelor"),
        ("B.S. in physics", "bachelor"),
        ("BA in history", "bachelor"),
        ("a relevant degree or a shed full of evidence", "bachelor"),
        ("degree or equivalent experience", "bachelor"),
        ("a degree in nursing", "bachelor"),
        ("university degree welcome", "bachelor"),
        ("degree-qualified", "bachelor"),
        ("An associate's or bachelor's degree", "associate"),
        ("associate degree in youth development", "associate"),
        ("Master's degree in audiology", "master"),
        ("MSc in statistics", "master"),
        ("MBA preferred", "master"),
        ("Master of Science or higher", "master"),
        ("Diplom-Informatiker", "master"),
        ("Abgeschlossenes Hochschulstudium", "bachelor"),
        ("PhD or equivalent research", "doctorate"),
        ("Doctor of Medicine", "doctorate"),
        ("a doctoral degree in psychology", "doctorate"),
        ("a J.D. from an accredited school", "doctorate"),
        ("a high degree of accuracy", None),
        ("a degree of control over variables", None),
        ("to some degree in charge", None),
        ("a 360-degree in-depth review", None),
        ("350 degrees Celsius", None),
        ("Scrum Master, certified", None),
        ("a BA who writes user stories", None),
        ("offices in Boston, MA and Baltimore, MD", None),
        ("MS Excel and MS Office", None),
        ("you master the craft, and she masters the rest", None),
        ("MFA for every account", None),
        ("post-doctoral fellows", None),
        ("supervise master's theses", None),
        ("while studying towards a bachelor's degree", None),
        ("we pay for your master's degree", None),
        ("no degree required", None),
        ("", None),
    ],
)
def test_the_lowest_degree_that_is_enough(text: str, degree: str | None) -> None:
    assert degree_of(text) == degree


def test_what_is_offered_is_not_read() -> None:
    assert degree_of("a bachelor's degree beside the job", "benefits") is None


def test_mentions_stand_in_order_with_their_places() -> None:
    text = "a master's in physics, or a BSc"
    assert [(mention.degree, text[mention.start : mention.end]) for mention in mentions(text)] == [("master", "master's"), ("bachelor", "BSc")]


def test_in_a_query_short_names_need_no_capitals() -> None:
    assert [mention.degree for mention in mentions("ml engineer, phd or msc, no mba")] == ["doctorate", "master"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("hostile", ["degree " * 40_000, "a degree in " * 30_000, "BA, " * 50_000, "Master's or " * 30_000, "bachelor" * 40_000])
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    degree_of(hostile)


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "degree"
        assert reading.value in DEGREES
        assert 0 <= reading.start < reading.end <= len(role.text)


def test_degrees_that_are_held_and_those_that_are_denied() -> None:
    text = "MSc and BSc in physics, no PhD."
    assert [mention.degree for mention in held(text)] == ["master", "bachelor"]
    assert [mention.degree for mention in denied(text)] == ["doctorate"]

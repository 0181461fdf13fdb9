"""The kind of contract, and the many permanent and full-time things that are none."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.contracts import read
from search.records import Role


def kinds_of(text: str, title: str = "Fitter") -> list[str]:
    return [str(reading.value) for reading in read(Role("a", title, text, "a"))]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Full-time, permanent", ["full-time", "permanent"]),
        ("Contract: permanent; part-time from 28 hours considered", ["permanent", "part-time"]),
        ("Contract: 14 months, 0.8 FTE, employed or freelance", ["fixed-term", "part-time", "freelance"]),
        ("Contract: one year, followed by permanent if we both want to", ["fixed-term"]),
        ("Contract: fixed term, 24 months, with a view to permanence", ["fixed-term"]),
        ("Full time, fixed term 12 months with a view to permanent", ["full-time", "fixed-term"]),
        ("full-time, 12-month maternity cover", ["full-time", "fixed-term"]),
        ("Leeds | 18-month contract, 37 hours | £27,900", ["fixed-term"]),
        ("The position is permanent and full-time, based in Odense.", ["permanent", "full-time"]),
        ("Larkfen Metering, Bristol. Mid-level, permanent. Three days in the lab.", ["permanent"]),
        ("Fulda, Germany · permanent · 35-hour week", ["permanent"]),
        ("Naas. 39 hours, permanent after six months' probation.", ["permanent"]),
        ("Work schedule: Full Time", ["full-time"]),
        ("The post covers maternity leave, with a handover.", ["fixed-term"]),
        ("This is a permanent post.", ["permanent"]),
        ("The internship pays £12.90 an hour.", ["internship"]),
        ("This is a 12-month fixed-term contract based in Leeds.", ["fixed-term"]),
        ("We are looking for a full-time nurse.", ["full-time"]),
        ("Job Types: Full-time, Permanent", ["full-time", "permanent"]),
        ("full-time", ["full-time"]),
        ("contractor", ["freelance"]),
        ("intern", ["internship"]),
        # Said of something else.
        ("You keep one permanent address for each page.", []),
        ("An internship, a campus job or an apprenticeship is welcome.", []),
        ("You brief the freelance writers and manage full-time staff.", []),
        ("Supervise internship and research work.", []),
        ("Do you hold a permanent position in the competitive service?", []),
        ("One year of full-time experience is required.", []),
        ("Which schedule do you accept?\n\nA. Full-Time\n\nB. Part-Time\n\nC. Intermittent", []),
        ("-Full-time or part-time status (include hours worked per week)", []),
        ("Possibly a permanent position afterwards; five interns came back full-time.", []),
        ("GBP 23,400 actual (GBP 29,250 full-time equivalent)", []),
        ("This is not a permanent post.", []),
        ("We are looking for a permanent solution.", []),
        ("Customers sign a 12-month contract.", []),
        ("Permanent health insurance and part-time study are paid for.", []),
        ("", []),
    ],
)
def test_the_contract_of_a_text(text: str, kinds: list[str]) -> None:
    assert kinds_of(text) == kinds


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Design Intern (Summer 2026)", ["internship"]),
        ("Apprentice Fitter", ["apprenticeship"]),
        ("Medical Writer (14-month contract)", ["fixed-term"]),
        ("Food Service Worker (Part-Time)", ["part-time"]),
        ("Freelance Illustrator", ["freelance"]),
        ("Internship Coordinator", []),
        ("Apprenticeship Manager", []),
        ("Temporary Works Engineer", []),
        ("Contracts Manager", []),
        ("International Sales Fitter", []),
    ],
)
def test_the_contract_of_a_title(title: str, kinds: list[str]) -> None:
    assert kinds_of("Trams.", title) == kinds


def test_the_span_is_that_of_the_words() -> None:
    text = "Trams. Contract: fixed term, 24 months"
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "fixed term"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "hostile", ["full-time " * 15_000, "permanent, " * 15_000, "Contract: " * 15_000, "1 year " * 20_000, "part-time or " * 12_000, "(" * 100_000]
)
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    kinds_of(hostile, hostile[:2000])


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        text = role.title if reading.in_title else role.text
        assert reading.key == "contract"
        assert 0 <= reading.start < reading.end <= len(text)

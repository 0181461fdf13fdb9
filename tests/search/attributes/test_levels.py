"""Levels: of titles, grade codes, openings and queries."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.levels import GRADES, LEVELS, level_in_title, mentions, rank, read
from search.records import Role

PROSE = "You repair the trams of a town by the sea."


def level_of(title: str, text: str = PROSE) -> tuple[str, str] | None:
    """The level and the words that it was read from."""
    role = Role("a", title, text, "a")
    found = [(str(reading.value), (title if reading.in_title else text)[reading.start : reading.end]) for reading in read(role)]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Senior Tram Fitter", "senior"),
        ("Sr. Tram Fitter", "senior"),
        ("Graduate Engineer", "junior"),
        ("Associate Designer", "junior"),
        ("Sales Associate", None),
        ("Associate Professor of History", None),
        ("Account Executive, Mid-Market", None),
        ("Engineer (Mid)", "mid"),
        ("Software Engineer II", "mid"),
        ("Support Engineer, Tier II", None),
        ("Staff Engineer", "staff"),
        ("Staff Machine Learning Engineer", "staff"),
        ("Staff Nurse", None),
        ("Support Staff", None),
        ("Principal UX Researcher", "principal"),
        ("High School Principal", None),
        ("QA Lead", "lead"),
        ("Lead Generation Specialist", None),
        ("First-Line Supervisors of Police", "lead"),
        ("Engineering Manager", "manager"),
        ("Senior Engineering Manager", "manager"),
        ("Financial Managers", "manager"),
        ("Senior Product Manager", "senior"),
        ("Project Manager", None),
        ("Head of Data", "head"),
        ("Head Start Assistant", None),
        ("VP Engineering", "director"),
        ("Art Directors", None),
        ("Chief Technology Officer", "executive"),
        ("CISO", "executive"),
        ("Chief of Staff", None),
        ("Executive Assistant to the CEO", None),
        ("Assistant to the Director", None),
        ("Marketing Intern", "intern"),
        ("Internal Auditor", None),
        ("Continuous Miner Operator (CMO)", None),
        ("Placement Coordinator", None),
        ("IC4 Software Engineer", "senior"),
        ("IC2 Security Engineer", "mid"),
        ("Engineer (M5)", "head"),
        ("IC5 Staff Data Engineer", "staff"),
        ("Innovation Specialist, GS-0301-13", None),
        ("", None),
    ],
)
def test_the_level_that_a_title_states(title: str, level: str | None) -> None:
    assert level_in_title(title) == level


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We are looking for a senior tram fitter who likes the sea.\nMore.", ("senior", "senior")),
        ("We're hiring an experienced lead designer.", ("lead", "lead")),
        ("This is an entry-level post. We teach you.", ("junior", "entry-level")),
        ("Level: mid\n\nYou repair trams.", ("mid", "mid")),
        ("Larkfen, Bristol. Mid-level, permanent. Three days in the lab.", ("mid", "Mid-level")),
        ("The post is graded IC4 and pays well.", ("senior", "IC4")),
        ("This is an M3 role.", ("manager", "M3")),
        ("Grade: G7\n\nYou repair trams.", None),
        ("GS Grade Level: 13\n\nYou repair trams.", None),
        ("Our ladder goes from IC1 to IC7; the grade is IC3.", None),
        ("You work with senior engineers and mentor junior colleagues.", None),
        ("You report to the Head of Trams and help the lead designer.", None),
        ("We are looking for a junior or senior developer. We are hiring a junior developer, or a senior one.", None),
        ("As a senior leader once said, trams matter.", None),
        ("Our customers are mid-sized; define service level objectives.", None),
    ],
)
def test_the_level_that_a_text_states_of_the_role_itself(text: str, found: tuple[str, str] | None) -> None:
    assert level_of("Tram Fitter", text) == found


def test_the_title_comes_before_the_text() -> None:
    assert level_of("Senior Tram Fitter", "We are looking for a junior developer.") == ("senior", "Senior")


@pytest.mark.parametrize(
    ("query", "levels"),
    [
        ("junior developer", ["junior"]),
        ("entry level finance job", ["junior"]),
        ("entry-level finance job", ["junior"]),
        ("graduate scheme in engineering", ["junior"]),
        ("graduate degree in physics", []),
        ("warehouse work, no experience", ["junior"]),
        ("my first job in an office", ["junior"]),
        ("mid-career data analyst", ["mid"]),
        ("experienced nurse", []),
        ("senior or staff engineer", ["senior", "staff"]),
        ("sr backend engineer", ["senior"]),
        ("engineer who leads other engineers", ["lead"]),
        ("team lead in support", ["lead"]),
        ("tech lead, Python", ["lead"]),
        ("lead generation specialist", []),
        ("developer who mentors juniors", ["senior"]),
        ("role that manages a team", ["manager"]),
        ("people manager", ["manager"]),
        ("product manager", []),
        ("hr manager", ["manager"]),
        ("managing director", ["director"]),
        ("assistant to the ceo", []),
        ("senior developer not lead", ["senior"]),
        ("principal investigator", []),
        ("head of data", ["head"]),
        ("reports to the head of data", []),
        ("VP of sales", ["director"]),
        ("C-level job", ["executive"]),
        ("CISO at a bank", ["executive"]),
        ("IC4 engineer", ["senior"]),
        ("support staff", []),
        ("a staff of 12", []),
        ("works with senior engineers", []),
        ("senior living facility nurse", []),
        ("principal engineer", ["principal"]),
        ("internship in marketing", ["intern"]),
        ("senior, not a manager", ["senior"]),
        ("", []),
    ],
)
def test_the_levels_that_a_query_wishes_for(query: str, levels: list[str]) -> None:
    found = mentions(query)
    assert [mention.level for mention in found] == levels
    assert all(query[mention.start : mention.end].strip() for mention in found)


def test_ranks_ascend_and_every_grade_has_a_level() -> None:
    ranks = [rank(level) for level in LEVELS]
    assert ranks == sorted(set(ranks))
    assert rank("intern") == 0
    assert rank("senior") < rank("lead") < rank("principal")
    assert set(GRADES.values()) <= set(LEVELS)


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "level"
        assert reading.value in LEVELS
        assert 0 <= reading.start < reading.end <= len(role.title if reading.in_title else role.text)
    assert all(mention.level in LEVELS for mention in mentions(role.text))

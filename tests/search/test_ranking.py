import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attributes.levels import LEVELS
from search.ranking import OURS, PLAIN, bonus, fulfilment, titled
from search.records import Wish


def level(*values: str) -> list[Wish]:
    return [Wish("level", value, value) for value in values]


@pytest.mark.parametrize(
    ("wished", "held", "met"),
    [
        (["senior"], ["senior"], 1.0),
        (["senior"], ["mid"], 0.5),
        (["senior"], ["lead"], 0.75),
        (["senior"], ["junior"], 0.0),
        (["senior"], ["executive"], 0.0),
        (["senior", "junior"], ["junior"], 1.0),
        (["senior"], [], 0.4),
        (["senior"], ["grand vizier"], 0.4),
    ],
)
def test_a_level_is_met_by_nearness_and_one_that_is_not_stated_by_a_little(wished: list[str], held: list[str], met: float) -> None:
    assert fulfilment(level(*wished), {"level": held}) == {"level": pytest.approx(met)}


def test_of_several_skills_the_share_that_a_role_has_counts() -> None:
    wishes = [Wish("skills", "Go", "go"), Wish("skills", "Kafka", "kafka"), Wish("remote", "yes", "remote")]
    assert fulfilment(wishes, {"skills": ["Kafka", "Rust"], "remote": ["no"]}) == {"skills": 0.5, "remote": 0.0}


def test_wishes_add_to_a_score_by_their_weights_and_plain_search_passes_them_over() -> None:
    fulfilled = {"level": 0.5, "skills": 1.0, "remote": 0.0}
    assert bonus(OURS, fulfilled) == pytest.approx(OURS.level * 0.5 + OURS.others * 0.5)
    assert bonus(PLAIN, fulfilled) == 0
    assert bonus(OURS, {}) == 0


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_no_level_meets_a_wish_better_than_the_level_itself_and_nearness_goes_both_ways(one: str, other: str) -> None:
    (there,), (back,) = fulfilment(level(one), {"level": [other]}).values(), fulfilment(level(other), {"level": [one]}).values()
    assert there == back <= fulfilment(level(one), {"level": [one]})["level"] == 1


@pytest.mark.parametrize(
    ("title", "job", "named"),
    [
        ("Senior Data Engineer, Streaming (Kafka)", "data engineer", True),
        ("Data Engineers", "data engineer", True),
        ("Data Engineer", "data engineers", True),
        ("Mid-Level Data Engineer", "data engineer", True),
        ("Big Data Engineer", "data engineer", False),
        ("Data Centre Engineer", "data engineer", False),
        ("Engineer, Data", "data engineer", False),
        ("Business Analyst", "busines analyst", False),
        ("", "data engineer", False),
    ],
)
def test_a_title_names_a_job_that_it_begins_with_after_its_level(title: str, job: str, named: bool) -> None:
    assert titled([title], job.split()) == [named]

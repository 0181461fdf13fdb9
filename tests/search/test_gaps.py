"""What roles ask for together and by level: exact figures on roles whose counts a reader can see, and what must hold for any roles."""

import math
from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.gaps import FEWEST_ROLES, LEAST_LIKELIHOOD, Asked, Gaps, LevelSkill, gaps_in, gaps_of, log_likelihood
from search.index import IndexReader
from search.records import Condition, Filters
from search.searcher import Searcher


def asked(level: str, *skills: str, years: float | None = None, degree: str = "") -> Asked:
    return Asked(level, frozenset(skills), years, degree)


# Twelve roles that name a skill: soup and bread in four together and in no other role; knives in six, two of those with soup.
KITCHEN = [
    *[asked("junior", "soup", "bread", years=1)] * 2,
    *[asked("senior", "soup", "bread", "knives", years=5, degree="bachelor")] * 2,
    *[asked("senior", "knives", years=8, degree="master")] * 2,
    *[asked("senior", "knives")] * 2,
    *[asked("", "accounts")] * 4,
    asked("junior"),
    asked("cellarer", years=3),
]


def skill_of(gaps: Gaps, level: str, skill: str) -> LevelSkill:
    (found,) = [one for each in gaps.levels if each.level == level for one in each.skills if one.skill == skill]
    return found


def test_pairs_with_their_counts_and_how_unlikely_they_are() -> None:
    found = gaps_of(KITCHEN)
    assert (found.roles, found.with_skills, found.with_level) == (14, 12, 10)
    (pair,) = found.pairs
    assert (pair.skills, pair.both, pair.first, pair.second) == (("bread", "soup"), 4, 4, 4)
    assert pair.lift == pytest.approx(12 * 4 / (4 * 4))
    # All of the surprise there is in 4 of 12: twice the entropy, in nats, times 12.
    assert pair.likelihood == pytest.approx(2 * (4 * math.log(12 / 4) + 8 * math.log(12 / 8)))
    assert found.pairs_with("SOUP") == (pair,)
    assert found.pairs_with("knives") == ()


def test_what_each_level_asks_for() -> None:
    found = gaps_of(KITCHEN)
    assert [(level.level, level.roles, level.years_stated, level.years_median, dict(level.degrees)) for level in found.levels] == [
        ("junior", 3, 2, 1, {}),
        ("senior", 6, 4, 6.5, {"bachelor": 2, "master": 2}),
        ("cellarer", 1, 1, 3, {}),
    ]
    assert [(one.skill, one.roles) for one in found.levels[1].skills] == [("knives", 6), ("bread", 2), ("soup", 2)]
    assert [one.skill for level in found.levels for one in level.marks] == ["knives"]
    knives = skill_of(found, "senior", "knives")
    assert (knives.share, knives.elsewhere) == (1, 0)
    soup = skill_of(found, "junior", "soup")
    assert [soup.share, soup.elsewhere] == pytest.approx([2 / 3, 2 / 7])
    assert skill_of(found, "senior", "soup").likelihood < 0
    assert found.most_asked(2) == ["knives", "bread"]


def test_one_level_alone_has_no_others_to_be_held_against() -> None:
    found = gaps_of([asked("senior", "soup"), asked("senior", "soup")])
    assert [(one.share, one.elsewhere, one.likelihood) for one in found.levels[0].skills] == [(1, None, 0)]
    assert found.levels[0].marks == ()


def test_no_roles_at_all() -> None:
    assert gaps_of([]) == Gaps(0, 0, 0, (), ())


def test_log_likelihood_of_a_published_table() -> None:
    # Dunning 1993, table 2, the bigram "the swiss": 110 times together, "the" 2,442 + 110, "swiss" 111 + 110 of 31,777; he gives 270.72 for -2 log lambda.
    assert log_likelihood(110, 110 + 2442, 110 + 111, 110 + 2442 + 111 + 29114) == pytest.approx(270.72, abs=0.01)


_SKILLS = st.frozensets(st.sampled_from(("soup", "bread", "knives", "fish", "wine")), max_size=4)
_ROLES = st.lists(
    st.builds(
        Asked,
        st.sampled_from(("", "junior", "senior", "head", "cellarer")),
        _SKILLS,
        st.none() | st.integers(0, 20).map(float),
        st.sampled_from(("", "bachelor", "master")),
    ),
    max_size=40,
)


@given(_ROLES)
def test_counts_add_up(roles: list[Asked]) -> None:
    found = gaps_of(roles)
    held = Counter(skill for role in roles for skill in role.skills)
    both = Counter(pair for role in roles for pair in combinations(sorted(role.skills), 2))
    for pair in found.pairs:
        assert (pair.both, pair.first, pair.second) == (both[pair.skills], held[pair.skills[0]], held[pair.skills[1]])
        assert FEWEST_ROLES <= pair.both <= min(pair.first, pair.second)
        assert pair.lift > 1
        assert pair.likelihood >= LEAST_LIKELIHOOD
    assert [pair.likelihood for pair in found.pairs] == pytest.approx(sorted((pair.likelihood for pair in found.pairs), reverse=True))
    assert sum(level.roles for level in found.levels) == found.with_level == sum(bool(role.level) for role in roles)
    for level in found.levels:
        own = [role for role in roles if role.level == level.level]
        assert level.roles == len(own)
        assert {one.skill: one.roles for one in level.skills} == Counter(skill for role in own for skill in role.skills)
        assert all(0 < one.share <= 1 and one.share == one.roles / level.roles for one in level.skills)
        assert set(level.marks) <= {one for one in level.skills if one.elsewhere is not None and one.share > one.elsewhere}
        assert sum(level.degrees.values()) == sum(bool(role.degree) for role in own)
        assert level.years_stated == sum(role.years is not None for role in own)


@given(_ROLES, st.randoms(use_true_random=False))
def test_the_order_of_roles_does_not_matter(roles: list[Asked], random: Random) -> None:
    turned = list(roles)
    random.shuffle(turned)
    assert gaps_of(turned) == gaps_of(roles)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_two_things_go_together_as_much_as_the_other_way_round(both: int, only_first: int, only_second: int, neither: int) -> None:
    first, second, total = both + only_first, both + only_second, both + only_first + only_second + neither
    score = log_likelihood(both, first, second, total)
    assert score == pytest.approx(log_likelihood(both, second, first, total))
    # Of what does not happen it says the same; that one goes with the other's absence, the opposite.
    assert score == pytest.approx(log_likelihood(neither, total - first, total - second, total), abs=1e-9)
    assert score == pytest.approx(-log_likelihood(only_first, first, total - second, total), abs=1e-9)


def test_over_an_index_with_filters(index_of: IndexOf) -> None:
    roles = [
        make_role(f"{number}.md", "Cook", "Cooks.", level="senior", skills=("soup", "bread"), years=number, town="York" if number < 4 else "Hull")
        for number in range(8)
    ]
    roles += [make_role(f"clerk {number}", "Clerk", "Counts.", skills=("accounts",), years="many", town="York") for number in range(8)]
    searcher = Searcher(IndexReader(index_of(roles), WordEmbedder.fingerprint), WordEmbedder())
    everything = gaps_in(searcher)
    assert [(pair.skills, pair.both, pair.lift) for pair in everything.pairs] == [(("bread", "soup"), 8, 2)]
    assert [(level.level, level.roles, level.years_median) for level in everything.levels] == [("senior", 8, 3.5)]
    york = gaps_in(searcher, Filters((Condition("town", "=", "York"),)))
    assert (york.roles, york.with_level, [pair.both for pair in york.pairs]) == (12, 4, [4])
    assert gaps_in(searcher, Filters((Condition("town", "=", "Bath"),))).roles == 0
    searcher.close()

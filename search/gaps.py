"""Which skills roles ask for together, and which levels ask for what: counted over roles, every figure with the counts that it comes from."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from search.attributes.degrees import DEGREES
from search.attributes.levels import LEVELS
from search.records import Filters
from search.searcher import Searcher

# Fewer roles than this show nothing, however unlikely by chance.
FEWEST_ROLES = 3
# What chance alone reaches once in a thousand times (chi-squared with one degree of freedom): so many pairs are looked at that once in twenty would be often.
LEAST_LIKELIHOOD = 10.83
# A level has fewer roles and is held against the others for a few dozen skills: once in a hundred times.
FEWEST_OF_LEVEL, LEAST_OF_LEVEL = 2, 6.63

_KEYS = ("level", "skills", "years", "degree")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one role asks for; "" and None where it does not say."""

    level: str = ""
    skills: frozenset[str] = frozenset()
    years: float | None = None
    degree: str = ""


@dataclass(frozen=True, slots=True)
class SkillPair:
    """Two skills, in the order of the alphabet: `both` roles ask for both of them, `first` and `second` roles for each.

    `lift` is how many times as many ask for both as would if the two had nothing to do with each other; `likelihood` is how unlikely that is by chance: the
    log-likelihood ratio G².
    """

    skills: tuple[str, str]
    both: int
    first: int
    second: int
    lift: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class LevelSkill:
    """A skill at one level: `roles` of the level ask for it, which is the `share` of its roles; `elsewhere` is the share of the roles of all other levels, None
    where there are none.

    `likelihood` is G² of the difference, negative where fewer ask for it than elsewhere.
    """

    skill: str
    roles: int
    share: float
    elsewhere: float | None
    likelihood: float


@dataclass(frozen=True, slots=True)
class LevelAsks:
    """What the roles of one level ask for: skills, the most frequent first; years, of the `years_stated` roles that state them; degrees, each with its roles.

    `marks` are the skills that the level asks for more than the others do, the most telling first.
    """

    level: str
    roles: int
    skills: tuple[LevelSkill, ...]
    marks: tuple[LevelSkill, ...]
    years_stated: int
    years_median: float | None
    degrees: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gaps:
    """`roles` were counted, `with_skills` of them name a skill, `with_level` a level. Pairs, the most telling first; levels from the lowest to the highest."""

    roles: int
    with_skills: int
    with_level: int
    pairs: tuple[SkillPair, ...]
    levels: tuple[LevelAsks, ...]

    def most_asked(self, most: int) -> list[str]:
        """The skills that the most roles of all levels ask for, the most frequent first."""
        counts = Counter({skill.skill: 0 for level in self.levels for skill in level.skills})
        for level in self.levels:
            counts.update({skill.skill: skill.roles for skill in level.skills})
        return sorted(counts, key=lambda skill: (-counts[skill], skill))[:most]

    def pairs_with(self, skill: str) -> tuple[SkillPair, ...]:
        """What goes with one skill, however it is written."""
        return tuple(pair for pair in self.pairs if skill.casefold() in (name.casefold() for name in pair.skills))


def gaps_in(searcher: Searcher, filters: Filters | None = None) -> Gaps:
    """What the roles of the index ask for, those that meet the filters. Raises what `Searcher.attributes` raises."""
    return gaps_of([_asked(values) for values in searcher.attributes(_KEYS, filters or Filters()).values()])


def gaps_of(roles: Collection[Asked]) -> Gaps:
    """Count what these roles ask for. Pairs are counted among the roles that name any skill: of the others it is not known whether they ask for one."""
    naming = [role.skills for role in roles if role.skills]
    levelled = [role for role in roles if role.level]
    by_level = Counter(role.level for role in levelled)
    named = Counter(skill for role in levelled for skill in role.skills)
    levels = [_level(level, [role for role in levelled if role.level == level], named, len(levelled)) for level in sorted(by_level, key=_seniority)]
    return Gaps(len(roles), len(naming), len(levelled), tuple(_pairs(naming)), tuple(levels))


def log_likelihood(both: int, first: int, second: int, total: int) -> float:
    """G² of two things that happen `first` and `second` times in `total`, and `both` times together; negative where that is less often than by chance.

    T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19(1), 1993. Unlike chi-squared it holds for small
    counts, too.
    """
    without_first, without_second = total - first, total - second
    cells = (
        (both, first, second),
        (first - both, first, without_second),
        (second - both, without_first, second),
        (without_first - second + both, without_first, without_second),
    )
    score = max(0.0, 2 * sum(seen * math.log(seen * total / (row * column)) for seen, row, column in cells if seen))
    return -score if both * total < first * second else score


# Pairs ----------------------------------------------------------------------------------------------------------------


def _pairs(naming: Collection[frozenset[str]]) -> list[SkillPair]:
    single = Counter(skill for skills in naming for skill in skills)
    frequent = {skill for skill, count in single.items() if count >= FEWEST_ROLES}
    together = Counter(pair for skills in naming for pair in combinations(sorted(skills & frequent), 2))
    pairs = [_pair(skills, both, single, len(naming)) for skills, both in together.items() if both >= FEWEST_ROLES]
    return sorted((pair for pair in pairs if pair.likelihood >= LEAST_LIKELIHOOD), key=lambda pair: (-round(pair.likelihood, 9), pair.skills))


def _pair(skills: tuple[str, str], both: int, single: Mapping[str, int], total: int) -> SkillPair:
    first, second = (single[skill] for skill in skills)
    return SkillPair(skills, both, first, second, both * total / (first * second), log_likelihood(both, first, second, total))


# Levels ---------------------------------------------------------------------------------------------------------------


def _level(level: str, roles: Collection[Asked], named: Mapping[str, int], levelled: int) -> LevelAsks:
    counts = Counter(skill for role in roles for skill in role.skills)
    skills = [_level_skill(skill, count, len(roles), named[skill], levelled) for skill, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
    marks = [skill for skill in skills if skill.roles >= FEWEST_OF_LEVEL and skill.likelihood >= LEAST_OF_LEVEL]
    years = [role.years for role in roles if role.years is not None]
    degrees = Counter(role.degree for role in roles if role.degree)
    return LevelAsks(
        level,
        len(roles),
        tuple(skills),
        tuple(sorted(marks, key=lambda one: (-round(one.likelihood, 9), one.skill))),
        len(years),
        median(years) if years else None,
        {degree: degrees[degree] for degree in sorted(degrees, key=_rank)},
    )


def _level_skill(skill: str, count: int, roles: int, named: int, levelled: int) -> LevelSkill:
    others = levelled - roles
    return LevelSkill(skill, count, count / roles, (named - count) / others if others else None, log_likelihood(count, roles, named, levelled))


def _seniority(level: str) -> tuple[int, str]:
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS)), level


def _rank(degree: str) -> tuple[int, str]:
    return (DEGREES.index(degree) if degree in DEGREES else len(DEGREES)), degree


# Roles ----------------------------------------------------------------------------------------------------------------


def _asked(values: Mapping[str, Iterable[str]]) -> Asked:
    """One role's attributes; of a record's field that holds several levels or degrees, the first."""

    def first(key: str) -> str:
        return next(iter(values.get(key, ())), "")

    return Asked(first("level"), frozenset(values.get("skills", ())), _number(first("years")), first("degree"))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

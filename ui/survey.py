"""What all roles together ask for, as plain data and as tables at a terminal."""

import sys
from collections.abc import Sequence
from typing import Any

from search.gaps import Gaps, LevelAsks, LevelSkill, SkillPair
from ui.present import DIGITS, printable
from ui.terminal import print_table

# Skills that are named of each level, in a table.
MOST_ASKED = 5


def gaps_json(gaps: Gaps, skill: str | None = None) -> dict[str, Any]:
    """Pairs of skills, all or those with one skill, and what each level asks for."""
    return {
        "roles": gaps.roles,
        "with_skills": gaps.with_skills,
        "with_level": gaps.with_level,
        "pairs": [_pair_json(pair) for pair in _pairs(gaps, skill)],
        "levels": [_level_json(level) for level in gaps.levels],
    }


def print_gaps(gaps: Gaps, skill: str | None, most: int) -> None:
    """Two tables, with what they were counted over above each."""
    pairs = _pairs(gaps, skill)
    with_what, count = f" with {printable(skill)}" if skill is not None else "", f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}"
    _say(f"Skills that go together{with_what}: {count} in {gaps.with_skills} roles that name a skill, of {gaps.roles}.")
    if pairs:
        print_table({_cell(" + ".join(pair.skills)): _pair_row(pair) for pair in pairs[:most]}, "skills")
    if len(pairs) > most:
        _say(f"The {most} most telling; -k shows more.")
    _say(f"\nWhat each level asks for: {gaps.with_level} roles that name a level, of {gaps.roles}.")
    if gaps.levels:
        print_table({_cell(level.level): _level_row(level) for level in gaps.levels}, "level")


def years_text(level: LevelAsks) -> str:
    """The years that a level asks for: "6 (18 roles)"; "" where none states any."""
    return f"{level.years_median:g} ({level.years_stated} {'role' if level.years_stated == 1 else 'roles'})" if level.years_median is not None else ""


def share_text(skill: LevelSkill, *, against: bool = False) -> str:
    """A skill with the share of a level's roles that ask for it, against that of all others where wanted: "coaching 38 % (elsewhere 2 %)"."""
    return f"{skill.skill} {skill.share:.0%}" + (f" (elsewhere {skill.elsewhere:.0%})" if against and skill.elsewhere is not None else "")


def _pairs(gaps: Gaps, skill: str | None) -> Sequence[SkillPair]:
    return gaps.pairs if skill is None else gaps.pairs_with(skill)


def _pair_row(pair: SkillPair) -> dict[str, str]:
    return {
        "both": str(pair.both),
        "the first": str(pair.first),
        "the second": str(pair.second),
        "times chance": f"{pair.lift:.1f}",
        "log-likelihood": f"{pair.likelihood:.1f}",
    }


def _level_row(level: LevelAsks) -> dict[str, str]:
    return {
        "roles": str(level.roles),
        "years, median": years_text(level),
        "degree": _cell(", ".join(f"{degree} {count}" for degree, count in level.degrees.items())),
        "asked most": _cell(", ".join(map(share_text, level.skills[:MOST_ASKED]))),
        "more than elsewhere": _cell(", ".join(share_text(skill, against=True) for skill in level.marks[:MOST_ASKED])),
    }


def _pair_json(pair: SkillPair) -> dict[str, Any]:
    counts = {"both": pair.both, "first": pair.first, "second": pair.second}
    return {"skills": list(pair.skills)} | counts | {"lift": round(pair.lift, DIGITS), "log_likelihood": round(pair.likelihood, DIGITS)}


def _level_json(level: LevelAsks) -> dict[str, Any]:
    return {
        "level": level.level,
        "roles": level.roles,
        "years": {"stated": level.years_stated, "median": level.years_median},
        "degrees": dict(level.degrees),
        "skills": [_skill_json(skill) for skill in level.skills],
        "marks": [skill.skill for skill in level.marks],
    }


def _skill_json(skill: LevelSkill) -> dict[str, Any]:
    shares = {"share": round(skill.share, DIGITS), "elsewhere": None if skill.elsewhere is None else round(skill.elsewhere, DIGITS)}
    return {"skill": skill.skill, "roles": skill.roles} | shares | {"log_likelihood": round(skill.likelihood, DIGITS)}


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|") if not sys.stdout.isatty() else printable(text)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")

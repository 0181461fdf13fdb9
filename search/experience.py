"""How many years of experience a text shows: what it states ("nine years of …"), or else what its dates add up to ("Mar 2019 to present")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from search.attributes import years
from search.attributes.degrees import held as degrees_held
from search.records import Role

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_NOW = r"(?:present|now|today|current(?:ly)?|ongoing|to date)"


def _date(name: str) -> str:
    """The pattern of a month or year, in groups that begin with `name`: "Mar 2019", "03/2019", "2019-03", "2019"."""
    month = rf"(?:(?P<{name}_month>{_NAMED_MONTH}|0?[1-9]|1[0-2])[ /.])?"
    return rf"{month}(?P<{name}_year>(?:19[6-9]|20[0-9])\d)(?:-(?P<{name}_iso>0[1-9]|1[0-2])(?!\d))?"


_RANGE = re.compile(rf"(?<![\w/.$€£-]){_date('from')}\s*(?:[-–—]+|to|until|till)\s*(?:{_NOW}|{_date('to')})(?![\w/])", re.IGNORECASE)
_SINCE = re.compile(rf"\bsince {_date('from')}(?![\w/-])", re.IGNORECASE)
# Years of study and of what is done beside work are no years of experience.
_NO_WORK = re.compile(
    r"\b(?:education|stud(?:y|ies|ent)|school|college|universit\w+|academ\w+|degree|training|courses?|volunteer\w*|interests|hobb\w+|publications?|talks|"
    r"awards?|sabbatical|parental leave|roadmap|plan)\b",
    re.IGNORECASE,
)
YEAR: Final = 12
# A longer stretch is no job but a slip of the pen, or the age of a firm.
_LONGEST = 50 * YEAR


@dataclass(frozen=True, slots=True)
class Experience:
    """Whole years and the place in the text that shows them, text[start:end]; `from_dates` where they were added up, the longest stretch is the place then."""

    years: int
    start: int
    end: int
    from_dates: bool = False


def experience_of(role: Role, today: date) -> Experience | None:
    """The most years of experience that a text states, or that its dates add up to if that is more; None where it shows none.

    Stretches that overlap count once; "present" is the day `today`. Dates of study are left out.
    """
    stated = [Experience(mention.value, mention.start, mention.end) for mention in years.held(role.text)]
    stated += [Experience(int(one.value), one.start, one.end) for one in role.readings if one.key == "years" and not one.in_title]
    dated = _added_up(list(_stretches(role, today)))
    return max([*stated, *([dated] if dated else [])], key=lambda one: (one.years, not one.from_dates), default=None)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time of work, in months since the year 0, the end exclusive, and where it stands."""

    first: int
    after: int
    start: int
    end: int


def _added_up(stretches: list[_Stretch]) -> Experience | None:
    months = {month for stretch in stretches for month in range(stretch.first, stretch.after)}
    if len(months) < YEAR:
        return None
    longest = max(stretches, key=lambda stretch: stretch.after - stretch.first)
    return Experience(len(months) // YEAR, longest.start, longest.end, from_dates=True)


def _stretches(role: Role, today: date) -> Iterator[_Stretch]:
    for match in (*_RANGE.finditer(role.text), *_SINCE.finditer(role.text)):
        first, after = _month(match, "from"), _until(match, today)
        if 0 < after - first <= _LONGEST and after <= today.year * YEAR + today.month and not _is_study(role, match):
            yield _Stretch(first, after, *match.span())


def _until(match: re.Match[str], today: date) -> int:
    """The month after the last; an end without a month is taken for that year's beginning, so that 2016 to 2021 are five years."""
    groups = match.groupdict()
    if groups.get("to_year") is None:
        return today.year * YEAR + today.month
    return _month(match, "to") + (1 if groups["to_month"] or groups["to_iso"] else 0)


def _month(match: re.Match[str], name: str) -> int:
    """Months since the year 0; January where only the year is written."""
    written = (match[f"{name}_month"] or match[f"{name}_iso"] or "1").casefold()
    month = int(written) if written.isdigit() else _MONTHS.index(written[:3]) + 1
    return int(match[f"{name}_year"]) * YEAR + month - 1


def _is_study(role: Role, match: re.Match[str]) -> bool:
    """Whether the line, or the heading above it, speaks of study."""
    section = next((section for section in role.sections if section.start <= match.start() < section.end), None)
    line = role.text[role.text.rfind("\n", 0, match.start()) + 1 : match.end()] + role.text[match.end() :].split("\n", 1)[0]
    return _NO_WORK.search(section.trail if section else "") is not None or _NO_WORK.search(line) is not None or bool(degrees_held(line))

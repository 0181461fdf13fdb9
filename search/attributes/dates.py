"""The day a role was posted and the last day to apply, where day, month and year are stated."""

import datetime
import re
from collections.abc import Iterator

from search.attributes.regex import regex
from search.records import AttributeValue, Reading, Role

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = regex(
    rf"\b(?P<day1>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)?[ -]{_MONTH.format(1)},?[ -](?P<year1>20\d\d)\b|"
    rf"\b{_MONTH.format(2)} (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year2>20\d\d)\b|"
    r"\b(?P<year3>20\d\d)-(?P<month3>\d\d)-(?P<day3>\d\d)(?!\d)|"
    r"\b(?P<day4>\d{1,2})\.(?P<month4>\d{1,2})\.(?P<year4>20\d\d)\b|"
    r"\b(?P<first>\d{1,2})(?P<mark>[/-])(?P<second>\d{1,2})(?P=mark)(?P<year5>20\d\d)\b",
    re.IGNORECASE | re.ASCII,
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thur?s?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?(?:the )?"
_CLOCK = r"(?:\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?,? |noon,? |midnight,? )?"
# What stands between the word and the date: "closing date: noon on Friday".
_FILLER = (
    r"(?: (?:date|day|deadline|for (?:this|the|all) \w+|for (?:receipt of )?applications?|to apply|of this \w+|of applications?|is|are|on|"
    r"at|by|to|the|posted))*"
    rf"[ \t]*[:–—-]?[ \t]*{_CLOCK}(?:on |by |until )?{_WEEKDAY}$"
)
# A word of posting or closing heads a clause, or is said of the vacancy: a shop opens, a contract expires and a project has a deadline, too.
_JOB = r"(?:jobs?|roles?|vacanc(?:y|ies)|positions?|posts?(?! office)|posting|announcement|advert(?:isement)?|competition|applications?|nominations?)"
_SUBJECT = rf"(?:(?:^|[,(–—-]) ?(?:the )?|\b{_JOB}(?: [\w.’'-]+){{0,4}}? )"
_POSTED = regex(
    rf"{_SUBJECT}(?:date posted|posted|posting date|published|date published|advertised|publication date|opening date|open date|listed|opens){_FILLER}",
    re.IGNORECASE,
)
_CLOSING = regex(
    rf"(?:{_SUBJECT}(?:clos(?:es?|ing)|deadline|final date|last (?:day|date)|open until)|"
    r"\b(?:(?:application|closing) (?:deadline|date|due date)|deadline (?:for|to) (?:applications?|apply)|(?:last|final) (?:day|"
    r"date) (?:to apply|for applications)|"
    r"apply (?:by|before|until|no later than)|(?:job|vacancy|posting|announcement|advert(?:isement)?) (?:expires|(?:is )?valid (?:until|through))|"
    r"applications? (?:are |is )?(?:due|accepted|received|invited|welcome|considered|"
    rf"must (?:be received|reach us|arrive))(?: \w+)?(?: by| until| before| no later than)?)){_FILLER}",
    re.IGNORECASE,
)
# A request to apply earlier in the sentence or in the line above it, and a limit right before the date.
_APPLY = regex(
    r"\b(?:apply(?! (?:the|our|an?|new|these|all)\b)|applications?|applicants?|(?:internal|external) candidates|cv|résumé|(?:your|an?) resume|covering letter|"
    r"cover letter|nominations?|nominate|expressions? of interest)\b|\w@\w",
    re.IGNORECASE,
)
_LIMIT = regex(rf"\b(?:by|before|until|no later than|not later than|closing(?: on)?|closes(?: on)?|till|up to) {_CLOCK}(?:on )?{_WEEKDAY}$", re.IGNORECASE)
_OTHER_PURPOSE = regex(
    r"\b(?:start|begin|commenc|graduat|deliver|complet|launch|interview|born|enrol|migrat|mov(?:e|ing)|releas|roll|retir|replac|implement|"
    r"decommission|upgrad|support)\w*",
    re.IGNORECASE,
)
_BEFORE, _LONGEST_HEADING = 160, 40


def read(role: Role) -> Iterator[Reading]:
    """The first day that is stated as that of posting, and the first that is stated as the last to apply."""
    if "20" not in role.text:
        return
    seen: set[str] = set()
    for match in _DATE.finditer(role.text):
        day = _iso(match)
        key = _key_of(_clause_before(role.text, match.start()), _line_above(role.text, match.start())) if day else None
        if day and key and key not in seen:
            seen.add(key)
            yield Reading(key, day, match.start(), match.end())


def stated(value: AttributeValue) -> str | None:
    """The first full date in a field, as an ISO date; None where there is none.

    >>> stated("2026-05-04T09:00:00Z"), stated("4 May 2026"), stated("03/04/2025")
    ('2026-05-04', '2026-05-04', None)
    """
    return next((day for match in _DATE.finditer(str(value)) if (day := _iso(match))), None)


def _clause_before(text: str, place: int) -> str:
    before = text[max(0, place - _BEFORE) : place]
    return re.split(r"\n(?:- )?|[.!?;|](?=\s)|·", before)[-1].lstrip()


def _line_above(text: str, place: int) -> str:
    """The line above where it is a heading: short, and no sentence."""
    lines = text[max(0, place - 2 * _BEFORE) : place].split("\n")[:-1]
    above = next((line for line in reversed(lines) if line.strip()), "")
    return above if len(above) <= _LONGEST_HEADING and not above.rstrip().endswith(".") else ""


def _key_of(before: str, heading: str) -> str | None:
    if _POSTED.search(before):
        return "date_posted"
    if _CLOSING.search(before):
        return "valid_through"
    asks_to_apply = _APPLY.search(before) or _APPLY.search(heading)
    return "valid_through" if asks_to_apply and _LIMIT.search(before) and not _OTHER_PURPOSE.search(before) else None


def _iso(match: re.Match[str]) -> str | None:
    """The date as ISO; None for days that are not, and for 03/04/2025, which may be either of two days."""
    if written := match.group("year5"):
        first, second, year = int(match.group("first")), int(match.group("second")), int(written)
        if (first > 12) == (second > 12) and first != second:
            return None
        day, month = (first, second) if first > 12 else (second, first)
    else:
        number = next(number for number in "1234" if match.group(f"year{number}"))
        year, day, named = int(match.group(f"year{number}")), int(match.group(f"day{number}")), match.group(f"month{number}")
        month = int(named) if named.isdigit() else _MONTHS.index(named[:3].lower()) + 1
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None

"""The kind of contract and the hours of a job: permanent, fixed-term, part-time and the like, as a role or a record's field says it."""

import re
from collections.abc import Iterator

from search.attributes.any_case import small_letters
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|nine|twelve|eighteen|twenty-four)"
_SPAN = rf"{_COUNT}[- ](?:months?|years?)"
# The words for each kind. Ordinary words all of them: where they stand decides whether they are said of this job (_is_said).
_WORDS: tuple[tuple[str, str], ...] = (
    ("permanent", r"permanent|open-ended|unbefristet|cdi"),
    (
        "fixed-term",
        rf"fixed[- ]term|befristet|cdd|(?:maternity|paternity|parental)(?: leave)? cover|{_SPAN},? (?:fixed )?contract|"
        rf"{_SPAN},? with (?:possible |an? |option of )*extension|(?<=contract: ){_SPAN}|(?<=duration: ){_SPAN}|term appointment|"
        r"covers (?:a )?(?:maternity|parental) leave",
    ),
    ("temporary", r"temporary|seasonal|per[- ]diem"),
    ("freelance", r"freelance|self-employed|contractor|b2b contract"),
    ("internship", r"internship|intern"),
    ("apprenticeship", r"apprenticeship|apprentice"),
    ("full-time", r"full[- ]time|1\.0 fte|vollzeit"),
    ("part-time", r"part[- ]time|0\.\d{1,2} fte|teilzeit"),
)
_KIND = regex(r"(?<![\w.-])(?:" + "|".join(f"(?P<k{number}>{words})" for number, (_, words) in enumerate(_WORDS)) + r")(?![\w-])")
_ANY = "(?:" + "|".join(words for _, words in _WORDS) + ")"
_JOB = r"(?:role|position|job|post|vacancy|contract|appointment|employment|opportunity|opening|internship|apprenticeship)"

# Right before the words: a label, or a statement of which they are the end.
_LABELLED = regex(
    r"^(?:- )?(?:(?:type of|employment|contract|appointment|job|position|work) )?(?:contract|type|basis|duration|schedule|hours|employment|appointment|"
    r"working time)(?: type)?s? ?[:–-][^.:]*$",
    re.IGNORECASE,
)
_STATED_BEFORE = regex(
    rf"\b(?:(?:this|the|our|your) (?:\w+ )?{_JOB} (?:is|will be)(?: offered)?(?: as| on)?(?: an?)?|(?:this|it) is an?(?: new| paid| exciting)?|"
    r"we(?: are|['’]re)? offer(?:ing)? an?)"
    rf"(?: {_SPAN})?(?: {_ANY},?| and| or|,)* $",
    re.IGNORECASE,
)
_JOB_AFTER = regex(rf"(?:(?: and|,| or|/)? ?{_ANY})*,? (?:\w+ )?{_JOB}\b", re.IGNORECASE)
_WELCOME_AFTER = regex(
    r"(?: (?:from|at|with|of) [\w.% ]{1,20}| work(?:ing)?| applications?| applicants?| and job-sharing applications)? (?:is |are )?(?:explicitly |also )?"
    r"(?:considered|possible|welcome|fine|an option|available|negotiable)\b",
    re.IGNORECASE,
)
_PROBATION_AFTER = regex(r" (?:after|following) [\w ]{1,20}(?:['’]s? )?probation| ongoing\b", re.IGNORECASE)
_SOUGHT_KINDS = ("full-time", "part-time", "freelance")
_SOUGHT_BEFORE = regex(rf"\b(?:looking for|seeking) an?(?: {_ANY},?| and| or|,)* $", re.IGNORECASE)
# Words that are said of nothing but the job itself.
_SELF_EVIDENT = regex(
    rf"covers (?:a )?(?:maternity|parental) leave|(?:{_SPAN},? )?(?:fixed[- ]term )?(?:maternity|paternity|parental)(?: leave)? cover", re.IGNORECASE
)
_INTERN_SAID_AFTER = regex(r" (?:in (?-i:[A-Z])|is|pays|lasts|runs|starts|begins|takes|from|will (?:last|run|start|be))\b", re.IGNORECASE)
_INTERN_SAID_BEFORE = regex(rf"(?:\b(?:this|the|our|paid|summer|graduate)|{_SPAN}) $", re.IGNORECASE)
# A fragment that says something else than what the contract is.
_NO_LABEL_LINE = regex(
    r"\b(?:you|your|we|our|us|they|who|hours worked|status|experience|students?|study|studies|degree|education|staff|employees?|colleagues|teams?|"
    r"equivalent|e\.g|i\.e|address|residen\w+|"
    r"duty|change|promotions?|basis|willing|workers|works|structures?|records?|disab\w+|program\w*|faculty|license|secretary|increase|block|"
    r"tenure|time-limited)\b",
    re.IGNORECASE,
)
# Words before that speak of another job: one held before, one that may follow.
_OTHER_JOB = regex(
    r"\b(?:hold|held|occup\w+|serv(?:ed|ing)|current(?:ly)?|former(?:ly)?|previous(?:ly)?|accept\w*|declin\w*|experience|years?|after|follow\w*|"
    r"view to|conver\w+|possibly|possibility|may|might|become|"
    r"lead(?:s|ing)? to|into|towards?|promis\w+|or equivalent|non-?|students?|hire|hiring|recruit\w*|manag\w+|supervis\w+|train\w*|complet\w+|"
    r"came back|if you|applicants|another|reflect\w*|eligib\w+)"
    r"(?: [^\s,;]+){0,5} ?$",
    re.IGNORECASE,
)
_EDGE = regex(r"[\n|·•;]|\.(?=\s)|\?(?=\s)|–(?= )")
_OPTION = regex(r"(?:^|\n)\s*[A-Z0-9]{1,2}[.)] $")
_BEFORE, _LONGEST_FRAGMENT, _HEADER = 120, 90, 300
# "Intern" and "apprentice" at an edge of a title are the job; inside it they are what the job is about ("Internship Coordinator").
_TITLE_NOUN = regex(r"(?:\s*(?:$|[,(/|:–-])|\s+(?:programme|program|\d{4})\s*$)", re.IGNORECASE)
_NOUN_KINDS = ("internship", "apprenticeship")
_TITLE_WORD_OF_OTHERS = regex(r" (?:works|accommodation|staffing|structures?|secretary|resident|workers?|housing|employment|makeup)\b", re.IGNORECASE)


def read(role: Role) -> Iterator[Reading]:
    """Every kind of contract that the title or the text states of this job, each at its first place."""
    seen: set[str] = set()
    for text, in_title, holds in ((role.title, True, _is_in_title), (role.text, False, _is_said)):
        for match in _KIND.finditer(small_letters(text)):
            value = _WORDS[int(str(match.lastgroup)[1:])][0]
            if value not in seen and holds(text, match, value):
                seen.add(value)
                yield Reading("contract", value, match.start(), match.end(), in_title=in_title)


def _is_in_title(title: str, match: re.Match[str], value: str) -> bool:
    if value in _NOUN_KINDS:
        return _TITLE_NOUN.match(title, match.end()) is not None or (match.start() == 0 and match.group().casefold() in ("apprentice", "intern"))
    if match.group().casefold() == "contractor":
        return _TITLE_NOUN.match(title, match.end()) is not None
    return _TITLE_WORD_OF_OTHERS.match(title, match.end()) is None


def _is_said(text: str, match: re.Match[str], value: str) -> bool:
    """Whether the words stand where a contract is stated: after a label, alone in a short fragment, or in a sentence about the job."""
    fragment_start, before = _fragment_before(text, match.start())
    after = text[match.end() : match.end() + _LONGEST_FRAGMENT]
    if _OTHER_JOB.search(before) or negated(text, match.start(), match.end()):
        return False
    if _LABELLED.search(before) or _SELF_EVIDENT.fullmatch(match.group()):
        return True
    if _STATED_BEFORE.search(before) and not _NO_LABEL_LINE.match(after.lstrip()):
        return True
    if value in _NOUN_KINDS:
        return bool(_INTERN_SAID_BEFORE.search(before) and _INTERN_SAID_AFTER.match(after)) or (
            match.end() <= _HEADER and _is_alone(text, match, fragment_start, before)
        )
    if value in _SOUGHT_KINDS and _SOUGHT_BEFORE.search(before):
        return True
    if value == "part-time" and _WELCOME_AFTER.match(after):
        return True
    if before in ("", "- ") and (_JOB_AFTER.match(after) or match.group().casefold().endswith("contract")) and not _is_option(text, fragment_start):
        return _NO_LABEL_LINE.search(after[:40]) is None
    return _is_alone(text, match, fragment_start, before)


def _is_alone(text: str, match: re.Match[str], fragment_start: int, before: str) -> bool:
    """Whether the words are a part of a short fragment between commas or other separators ("Full-time, permanent. Leeds")."""
    if _is_option(text, fragment_start):
        return False
    found = _EDGE.search(text, match.end(), match.end() + _LONGEST_FRAGMENT)
    end = found.start() if found else min(len(text), match.end() + _LONGEST_FRAGMENT)
    whole = text[fragment_start:end]
    directly = before in ("", "- ") or re.search(r"(?:, |\(|/| and | or |- )$|" + _ANY + r" $", before, re.IGNORECASE)
    ended = re.match(rf"(?: ?[,/()]| and| or|\s*$|,? {_ANY}|,? \d)|{_PROBATION_AFTER.pattern}", text[match.end() : end], re.IGNORECASE)
    return bool(directly and ended) and len(whole) <= _LONGEST_FRAGMENT and _NO_LABEL_LINE.search(whole) is None


def _is_option(text: str, start: int) -> bool:
    """Whether the fragment is one of several answers to choose from: "A. Full-time"."""
    return _OPTION.search(text[max(0, start - 6) : start]) is not None


def _fragment_before(text: str, start: int) -> tuple[int, str]:
    """Where the words' fragment begins, and what stands in it before them."""
    first = max(0, start - _BEFORE)
    ends = [found.end() for found in _EDGE.finditer(text, first, start)]
    place = ends[-1] if ends else first
    while place < start and text[place].isspace():
        place += 1
    return place, text[place:start]

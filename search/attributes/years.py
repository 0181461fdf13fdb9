"""Years of experience: how many a role asks for at least, and what a query says of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.attributes.asking import is_left_out
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_NUMBERS = {word: value for value, word in enumerate(_NUMBER_WORDS.split())}
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBERS)}"
# "5+ years", "three to five years", "18 months", "10 (ten) yrs". A number that is part of another ("2.5", "1/2", "$5") is none.
_SPAN = regex(
    rf"(?<![\w.,/$€£-])(?P<low>{_NUMBER})(?: ?\((?:{_NUMBER})\))?(?: ?\+| or more| plus)?(?:(?: ?[-–—] ?| to | or | and )(?P<high>{_NUMBER})(?: ?\+)?)?"
    r"(?: or more| plus)?(?: (?:full|solid|consecutive|additional|combined|good))?[ -]?(?P<unit>years?|yrs?|months)\b[’']?(?: or (?:more|longer|above)|\+|"
    " plus)?",
    re.IGNORECASE,
)
# Most the years that a person can have worked; a greater number is something else.
_MOST = 40
_BEFORE = 110
_AFTER = 120

# What makes them years of experience: the word itself, or an activity or a trade behind words that demand.
_EXPERIENCE_AFTER = regex(
    r"[’']? ?(?:of |in )?(?:(?:[\w&/+#.’'-]+,?|\([^()]{1,40}\)) ){0,9}?(?:experience[ds]?\b|track record|background\b)|[’']? ?PQE\b|"
    r"[’']? post[- ](?:qualification|qualified)\b",
    re.IGNORECASE,
)
_EXPERIENCE_BEFORE = regex(
    r"\bexperience\b[^.;!?\n]{0,70}$|\b(?:you(?:['’]ve| have)|who (?:has|have)|and have|has (?:sold|worked|led|managed|designed|built|run)|have (?:sold|"
    "worked|led|managed|designed|built|run))"
    r" (?:[\w/-]+ ){0,9}(?:for|over)(?: (?:at least|more than|about|around|some))? $",
    re.IGNORECASE,
)
_TRADE_AFTER = regex(
    r"[’']? (?:or so |or thereabouts )?(?:of |in\b|as |on |with |at |around |\w+ing\b|post-|qualified|after qualif|behind (?:you|them))", re.IGNORECASE
)
_DEMAND_BEFORE = regex(
    r"(?:^|^ *[-•*–] ?|\b(?:at least|minimum(?: of)?|min\.?|about|around|roughly|some|with|expect|imagine|need|needs|want|have|spent|worked|more than|over|"
    "requires?|suits?|bring|"
    r"probably|between|likely|typically|usually|who has|or|(?:no|not) (?:less|fewer) than) |: )$",
    re.IGNORECASE,
)
# What says that these are other years: of the employer, a contract, a plan, an age, a study, a past or future stretch.
_OTHER_AFTER = regex(
    r"[’']?[ -](?:old\b|of age\b|ago\b|from now|later\b|contract|fixed|term\b|appointment|assignment|programme|program\b|plan\b|roadmap|strategy|history|"
    "warranty|"
    "probation|anniversary|running(?=[.,;]|$)|in a row|in business|in the making|lease|placement|internship|apprenticeship|training|degree|course|college|"
    "diploma|bachelor|"
    r"we\b|after\b(?! qualif)|before\b|above the high|with a view|preceding|of (?:history|age|growth|operation|business|study|studies|education|school|"
    "schooling|"
    "retention|leave|"
    r"funding|support\b|innovation|heritage|residency|coursework|law school|active|(?:\w+ )?service\b|covered|(?:successfully )?completed|"
    r"(?:full-time |progressively |accredited |post-?)*(?:graduate|undergraduate|college|university|academic|higher))|at (?:university|college|school)|"
    r"(?:of )?(?:documented )?experience (?:with|as described|described)? ?(?:the )?above)",
    re.IGNORECASE,
)
_OTHER_BEFORE = regex(
    r"(?:\b(?:last|past|previous|next|first|coming|every|each|another|final|within|after|aged?|ages|under|over the|until|since|takes?|lasts?|lasting|"
    "duration(?: of| is)?|"
    "term(?: of|:)?|contract(?: of| is|:)?|runs for|once in|up to|(?<!not )(?<!no )(?:less|fewer) than|no more than|not more than|at most|maximum(?: of)?|"
    r"max\.?|(?<!who )has spent)"
    r"(?: (?:about|around|only|approximately|the|your|a|his|our))? ?|"
    r"\b(?:lived|resided?|residents?|citizens?|licen[cs]e|served|attain|continuously|continuous|SF-?50s?)\b[^.;!?\n]{0,60}|"
    r"\b(?:company|firm|startup|business|agency|studio|product|platform)\b[^.;!?\n]{0,30} with (?:\w+ )?|"
    r"\b(?:we|our (?:team|company|founders?|business|firm|school|staff)|the (?:company|firm|business|organisation|organization|team)|which|who together)"
    r"(?:['’]ve| have| has| bring| brings| had)(?! to see| in mind)[^.;!?\n]{0,60})$",
    re.IGNORECASE,
)
_AT_MOST = regex(
    r"\b(?:up to|less than|fewer than|under|below|no more than|not more than|at most|maximum(?: of)?|max\.?|within)(?: (?:about|around))? ?$|[<≤] ?$",
    re.IGNORECASE,
)
# A wish, not a demand; behind a comma such words speak of a detail.
_PREFERRED = regex(
    r"\b(?:preferred|preference|desirable)\b|"
    r"^[^,]*\b(?:preferably|ideally|ideal|nice to have|a plus|a bonus|advantageous|an advantage|would be (?:great|nice|good|welcome|helpful)|welcome|"
    r"beneficial)\b",
    re.IGNORECASE,
)
# The next rung of a scale of answers ("A. 5+ years … B. 3 to 5 years …"): the first rung is no demand then.
_RUNG = (
    r"(?:[A-F]\.? )?(?:I have |Has )?(?:between |at least |less than |more than |up to )?"
    rf"(?:an? |{_NUMBER})[^.!?\n]{{0,16}}\byears?\b(?! or (?:more|longer) (?:in|as))[^.!?\n]{{0,40}}\bexperience"
)
_NEXT_RUNG = regex(rf"[^.!?\n;]{{0,90}}(?:[.!?]\s+|\n\s*){_RUNG}", re.IGNORECASE)
_RUNG_BEFORE = regex(
    rf"{_RUNG}[^.!?\n]{{0,60}}(?:[.!?]\s+|\n\s*)(?:[A-F]\.? )?(?:I have |Has )(?:between |at least |less than |more than |up to )?$", re.IGNORECASE
)
# Words before the years that somebody has worked: "for the past nine years", "have spent nine years".
_WORKED_BEFORE = regex(
    r"\b(?:spent|(?:for|over|in|during) (?:the |my )?(?:last|past)|my (?:last|past)|the (?:last|past)) (?:about |around |some )?$", re.IGNORECASE
)
_SENTENCE_END = regex(r"[.;!?](?=\s)|\n")
_SKIPPED_SECTIONS = frozenset({"benefits", "desirable", "apply"})


@dataclass(frozen=True, slots=True)
class Mention:
    """Years that a query states, and where: text[start:end]; the operator is ">=" ("at least five") or "<=" ("up to two")."""

    value: int
    start: int
    end: int
    operator: str


def read(role: Role) -> Iterator[Reading]:
    """The most years of experience that the text demands; what it only prefers, or says of others, does not count."""
    best: tuple[int, int, int] | None = None
    for match in _SPAN.finditer(role.text):
        value = _whole_years(match)
        if value is None or (best and best[0] >= value) or not _asks_for_experience(role.text, match):
            continue
        if not is_left_out(role, match.start(), _SKIPPED_SECTIONS):
            best = value, match.start(), match.end()
    if best:
        yield Reading("years", *best)


def mentions(text: str) -> list[Mention]:
    """The years of experience that a query states, in order; a bare "5 years" counts, since a query speaks of the role alone.

    >>> mentions("data engineer, 5+ years")
    [Mention(value=5, start=15, end=23, operator='>=')]
    """
    found = []
    for match in _SPAN.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        at_most = _AT_MOST.search(before)
        if _OTHER_AFTER.match(text, match.end()) or (not at_most and _OTHER_BEFORE.search(before)) or negated(text, *match.span()):
            continue
        value = _whole_years(match, of_range="high" if at_most else "low")
        if value is not None:
            found.append(Mention(value, *match.span(), "<=" if at_most else ">="))
    return found


def held(text: str) -> list[Mention]:
    """The years of experience that a text about a person says that person has, in order.

    >>> [mention.value for mention in held("Nine years of running platforms; for the past two years, on call. Founded 12 years ago.")]
    [9, 2]
    """
    found = []
    for match in _SPAN.finditer(text):
        start, end = match.span()
        before, after = _after_last_end(text[max(0, start - _BEFORE) : start]), text[end : end + _AFTER]
        worked = _WORKED_BEFORE.search(before)
        told = _EXPERIENCE_AFTER.match(after) or _TRADE_AFTER.match(after) or _EXPERIENCE_BEFORE.search(before) or worked
        if not told or _OTHER_AFTER.match(after) or (_OTHER_BEFORE.search(before) and not worked) or negated(text, start, end):
            continue
        if (value := _whole_years(match)) is not None:
            found.append(Mention(value, start, end, ">="))
    return found


def _whole_years(match: re.Match[str], of_range: str = "low") -> int | None:
    written = (match.group(of_range) or match.group("low")).casefold()
    value = _NUMBERS[written] if written in _NUMBERS else int(written)
    if match.group("unit").casefold() == "months":
        value = value // 12 if value % 12 == 0 else 0
    return value if 0 < value <= _MOST else None


def _asks_for_experience(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    before = _after_last_end(text[max(0, start - _BEFORE) : start])
    after = text[end : end + _AFTER]
    stop = _SENTENCE_END.search(after)
    sentence = after[: stop.start()] if stop else after
    if _OTHER_AFTER.match(after) or _OTHER_BEFORE.search(before) or _is_rung(text, start, end):
        return False
    is_demanded = _TRADE_AFTER.match(sentence) and _DEMAND_BEFORE.search(before)
    if not (_EXPERIENCE_AFTER.match(sentence) or is_demanded or _EXPERIENCE_BEFORE.search(before)):
        return False
    return not (_PREFERRED.search(sentence) or _PREFERRED.search(before) or negated(text, start, end))


def _is_rung(text: str, start: int, end: int) -> bool:
    """Whether the years are one of a scale of answers."""
    return bool(_NEXT_RUNG.match(text, end, end + _AFTER) or _RUNG_BEFORE.search(text[max(0, start - _BEFORE) : start]))


def _after_last_end(before: str) -> str:
    ends = [stop.end() for stop in _SENTENCE_END.finditer(before)]
    return before[ends[-1] :].lstrip() if ends else before

"""Where the work is done: wholly from home ("yes"), partly ("hybrid") or on site ("no"), as a role, a record's field or a query says it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search.attributes.any_case import small_letters
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import AttributeValue, Reading, Role

_COUNT = r"(?:one|two|three|four|five|six|[1-6])"
_EVERY_WEEK = r"(?: (?:(?:a|per|each|every|in (?:the|each|a)) (?:week|month|fortnight)|weekly|in five))?"
_DAYS = rf"{_COUNT}(?: ?(?:or|to|-|–) ?{_COUNT})? (?:fixed |set |regular )?(?:days?|shifts?|evenings?|mornings?){_EVERY_WEEK}"
_WEEKDAY = r"(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?)"
_SITE = r"(?:(?:on|in|at) (?:the|our|your|either|either of our) (?:\w+ )?(?:office|studio|lab(?:oratory)?|offices)|in[- ]office|on[- ]?site|in[- ]person)"
_HOME = r"(?:(?:from|at) home|(?:of )?(?:telework|home[- ]office|remote(?:ly)?\b(?! (?:site|hand))|home ?working))"
_JOB = r"(?:role|position|job|post|vacancy|opportunity|contract|internship)s?\b"
_THIS_JOB = r"(?:this|the|our|your) (?:\w+ )?(?:role|position|job|post|internship)"
_WHOLLY = r"(?:fully|100 ?%|entirely|completely|wholly|permanently|strictly|always|only|all)[- ]"
# A mode that stands alone ("Leeds, hybrid", "· remote ·", "Location: remote") stands between separators, or after a label.
_EDGE_BEFORE = r"(?:^(?:- )?|[·|•] ?| [-–—] |[.;] |^[^\n.;:]{2,24}: ?)"
_EDGE_AFTER = r"(?=[ \t]*(?:$|[·|•,;.()\n]|[-–—] ))"
_PLACE_LABEL = r"^(?:(?:work )?location|place|where|based in|base|office|work ?place)\b ?:[^\n.;]{0,100}[ (/]"
_REMOTE_THING = r"(?:sensing|controls?|sites?|areas?|locations?|experience|teams?)"

# A row is a value and words that state it; where they are only a part of what is matched, they are the group "said". _decided chooses among several.
_STATEMENTS: tuple[tuple[str, str], ...] = (
    # Remote work is ruled out.
    (
        "denied",
        rf"\b(?:is|are) ?(?:not|n['’]t) (?:an? )?(?:{_WHOLLY}|permanent )?(?:remote\b(?:/telework)?|telework\b|work[- ]from[- ]home\b|home[- ]based\b)"
        rf"(?! {_REMOTE_THING})",
    ),
    ("denied", rf"\bnot an? (?:fully |permanent |100% )?remote(?:/telework)? {_JOB}"),
    ("denied", r"\b(?:remote|home) ?(?:work(?:ing)? )?(?:is )?not (?:possible|available|offered|an option|permitted|allowed)"),
    ("denied", rf"\bno (?:remote(?: work(?:ing)?)?|telework(?:ing)?|home[- ]?office|home[- ]?working|work(?:ing)? from home)\b(?! {_REMOTE_THING})"),
    ("denied", r"\b(?:cannot|can ?not|can['’]t) be (?:done|performed|carried out) (?:remotely|from home)"),
    ("denied", r"\bnot eligible for (?:telework|remote work)|\btelework eligible: no\b"),
    # The one or the other as one likes: that may be wholly from home.
    ("either", r"\bhybrid or (?:fully )?remote\b|\b(?:fully )?remote or hybrid\b"),
    # Some of the time on site, some of it at home.
    ("hybrid", rf"\b{_DAYS}(?: or so)?,? (?:usually |mostly )?(?:{_SITE}|{_HOME})"),
    ("hybrid", rf"(?<!\w )\b{_COUNT} (?:fixed )?(?:office|home[- ]office|on[- ]?site) days\b"),
    ("hybrid", rf"\b(?:on[- ]?site|in(?: the| our)? (?:\w+ )?office|at home|from home),? (?:for |at least |on )?(?:up to )?(?:{_DAYS}|{_WEEKDAY})"),
    ("hybrid", rf"\b{_WEEKDAY}(?:(?: and | or | to | through |, ?){_WEEKDAY})* (?:in(?: the| our)? (?:office|studio|lab)|on[- ]?site|at home|from home)\b"),
    ("hybrid", r"\b(?:the )?other days (?:from|at) home\b|\bmay be worked (?:partly )?from home\b"),
    ("hybrid", r"\b(?:shifts|work|time|week|hours) from home\b(?= *(?:$|[.,;)\n]))"),
    ("hybrid", rf"\bwork(?:ing)? from home (?:on|for|up to) {_COUNT}\b|\b(?:partly|partially|part[- ]time) (?:remote|from home)\b"),
    ("hybrid", r"\btelework[- ]eligible\b|\beligible for (?:regular |situational |ad hoc )?telework\b|\btelework eligible: yes\b"),
    ("hybrid", r"\bhybrid[- ](?:working|work(?! (?:item|flow|load))|(?:work(?:ing)? )(?:model|pattern))\b"),
    ("hybrid", r"\bhybrid[- ](?:schedule|arrangements?|set-?up|basis|way of working|office|workplace)\b"),
    ("hybrid", rf"\bhybrid {_JOB}(?! (?:between|of|that|which|combining|at the))"),
    ("hybrid", rf"\b(?:{_THIS_JOB}|our (?:team|office|company|policy)) (?:is|works|works in a|is a) hybrid\b"),
    ("hybrid", r"\bwork(?:s|ing)? (?:in )?(?:an? )?hybrid(?:ly)?(?: model| pattern| fashion)?\b(?! (?:cloud|environment|vehicle|\w+ systems?))"),
    ("hybrid", rf"{_EDGE_BEFORE}(?P<said>(?:mostly |fully )?hybrid)(?:{_EDGE_AFTER}| (?:from (?:our|the|your)|in (?-i:[A-Z(])|\(|or remote|days?\b))"),
    ("hybrid", rf"{_EDGE_BEFORE}(?P<said>hybrid),? with (?:about |up to |at least |some )?{_COUNT}\b| (?P<said_too>hybrid)(?= ?[·|()])"),
    ("hybrid", rf"(?<=[a-z)]), (?P<said>hybrid)(?=[ \t]*(?:$|[;.])|,? (?:with )?{_COUNT}\b)"),
    ("hybrid", rf"{_PLACE_LABEL}(?P<said>hybrid)(?=[ \t]*(?:$|[)/,]| remote\b))"),
    ("hybrid", r"\A[^\n.:;]{1,120}[(\[](?P<said>hybrid)\b[^()\n]{0,40}[)\]]"),
    # Wholly from home, or from anywhere.
    ("yes", rf"\b(?:{_WHOLLY}remote\b(?! (?:controlled|operated))|remote[- ]only\b|{_WHOLLY}(?:from home|home[- ]based)\b)"),
    ("yes", r"\bremote[- ]first\b(?! (?:tool|product|customers?))"),
    ("yes", r"\b(?:work|live|based)(?:ing)? (?:from )?(?:anywhere|wherever you (?:like|want|live|are|please))\b"),
    ("yes", rf"\b(?:remote {_JOB}|work[- ]from[- ]home {_JOB}|home-based (?:{_JOB}|with\b|anywhere\b)|(?P<said>home-based) in\b)"),
    (
        "yes",
        rf"\b{_THIS_JOB} (?:(?:is|can be|may be)(?: done| performed| carried out)? )?(?P<said>(?:{_WHOLLY})?"
        r"(?:remote(?:ly)?\b(?! (?:support|sensing))|home[- ]based\b))",
    ),
    ("yes", r"\b(?:or|and) (?:fully |work )?(?P<said>remote(?:ly)?)(?= (?:within|in|from|across|anywhere)\b|[ \t]*(?:$|[·|•,;.()\n]))"),
    ("yes", r"\bremote (?:from )?anywhere\b|(?:^|: ?|\b(?:or|from|work|live|be) )(?P<said>anywhere in (?:the |your |our )?\w+)"),
    ("yes", r"\b(?P<said>remote),? (?:within|across) (?:(?-i:[A-Z])|(?:the |all |either )?(?:countr|time|commut|UK\b|US\b|EU\b|United))"),
    ("yes", r"\A[^\n.:;]{1,120}[(\[](?P<said>(?:fully )?remote)\b[^()\n]{0,30}[)\]]$"),
    ("yes", rf"{_PLACE_LABEL}(?P<said>remote)(?=[ \t]*(?:$|[)/,]))"),
    ("yes", r"\bwe(?:['’]re| are) (?:an? )?(?:fully|100 ?%|completely) remote\b(?: (?:team|company|organi[sz]ation))?"),
    ("yes", r"\bremote possible\b|\bremote (?:is|work is|working is) (?:possible|fine|welcome|no problem|an option)\b"),
    ("yes", rf"{_EDGE_BEFORE}(?P<said>(?:fully )?remote)(?:{_EDGE_AFTER}| (?:in|from|within|across|anywhere|or|and hybrid|with)\b)"),
    # On site.
    ("no", rf"\b{_THIS_JOB}[^.;\n]{{0,30}} (?:is|requires|must be)(?: (?:performed|done|fully|strictly|entirely|based|wholly|regular|full-time))* {_SITE}\b"),
    ("no", rf"\b{_THIS_JOB} (?:is|must be)(?: fully| strictly| entirely)? (?:office[- ]based|site[- ]based)\b"),
    ("no", rf"\b{_WHOLLY}(?:on[- ]?site|office[- ]based|in[- ]person)\b"),
    ("no", rf"\bfive days (?:a|per|each) week {_SITE}|\b(?:on[- ]?site|in (?:the|our) office) five days\b|\b(?:required|expected) to be on[- ]site\b"),
    ("no", r"\b(?P<said>in person) in (?-i:[A-Z])|\ban on[- ]?site (?:role|position|job|post)\b|\bon site,? (?:obviously|of course|naturally)\b"),
    ("no", rf"{_PLACE_LABEL}(?P<said>on[- ]?site|in[- ]person)(?=[ \t]*(?:$|[)/,]))|{_EDGE_BEFORE}(?P<said_too>office[- ]based) {_JOB}"),
    ("no", rf"{_EDGE_BEFORE}(?:site, )?(?P<said>(?:fully )?(?:on[- ]?site|site[- ]based|office[- ]based|in[- ]person))(?: only)?{_EDGE_AFTER}"),
    ("no", r", (?P<said>on[- ]?site|in[- ]person|office[- ]based|site-based)(?=[.;·|\n]| ?$)|(?:^- |[;,] )(?P<said_too>on campus)(?=[.;\n])"),
)
_PATTERNS = tuple((value, regex(words, re.IGNORECASE | re.MULTILINE)) for value, words in _STATEMENTS)
# Every statement holds one of these words; the patterns are tried around them only.
_WORTH_A_LOOK = regex(r"remote|hybrid|telework|on[- ]?site|\b(?:home|office|studio|lab)|anywhere|wherever|in[- ]person|on campus|site-based")
# "Five days in the office" is no hybrid.
_WHOLE_WEEK = regex(r"(?:five|5) days|from monday to friday|monday (?:to|through|-|–) friday", re.IGNORECASE)
# Remote or hybrid, but not the place of this work: other people's, other things.
_OF_OTHERS = regex(
    r"(?:\b(?:customers?|clients?|patients?|users?|students?|wearers?|spouses?|members?|interested in|familiar with|experience (?:of|with|in)|colleagues?|"
    r"teams?|staff|manag\w+|lead(?:ing)?|support(?:s|ing)?|"
    r"coordinat\w+|supervis\w+|consider|interviews?|assessments?|meetings?|workshops?|training|courses?|"
    r"events?|induction|while|when|who|they|visits?|care) (?:\w+ ){0,3})$",
    re.IGNORECASE,
)
_OTHER_THING = regex(
    r"[- ](?:sensing|controls?|controlled|attestation|desktop|access|monitoring|villages?|areas?|locations?|sites?|offices|teams?|workers?|employees?|staff|"
    r"support|diagnos\w+|cloud|vehicles?|engines?|cars?|apps?|"
    r"search|electric|title|status|infrastructure|environments?|regions?|communit\w+|backup|parts|health)\b",
    re.IGNORECASE,
)
_BEFORE, _AROUND = 50, 160
_BY_WEIGHT = ("either", "hybrid", "denied", "yes", "no")


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a query wants to work ("yes": from home, "hybrid", "no": on site), and the place of the words: text[start:end]."""

    value: str
    start: int
    end: int


def read(role: Role) -> Iterator[Reading]:
    """Whether the role may be done from home; from its title before its text, nothing where it says both yes and no."""
    for text, in_title in ((role.title, True), (role.text, False)):
        if found := _decided(_stated(text)):
            yield Reading("remote", *found, in_title=in_title)
            return


def stated(value: AttributeValue) -> str | None:
    """What the value of a record's field says: yes, hybrid or no; None where it says neither.

    >>> stated(True), stated("hybrid, three days in the office"), stated("remote within Poland"), stated("false")
    ('yes', 'hybrid', 'yes', 'no')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if found := _decided(_stated(text)):
        return found[0]
    return next((said for said, words in _FIELD_VALUES if words.match(text)), None)


def mentions(text: str) -> list[Mention]:
    """What a query says of the place of work, in order; a bare "remote" counts, "remote sensing" does not.

    >>> [mention.value for mention in mentions("remote or hybrid, not on site, hybrid cloud")]
    ['yes', 'hybrid']
    """
    found: list[Mention] = []
    for value, words in _QUERY_PATTERNS:
        for match in words.finditer(text):
            taken = any(other.start < match.end() and match.start() < other.end for other in found)
            if not taken and not _OTHER_THING.match(text, match.end()) and not negated(text, *match.span()):
                found.append(Mention(value, *match.span()))
    return sorted(found, key=lambda mention: mention.start)


_FIELD_VALUES = tuple(
    (value, regex(words, re.IGNORECASE))
    for value, words in (
        ("no", r"\s*(?:no|false|none|0|never|on[- ]?site|office|in[- ](?:person|office))\b"),
        ("hybrid", r".*\b(?:hybrid|partial\w*|part[- ]time|partly|some|days? (?:from|at) home|sometimes|flexible)\b"),
        ("yes", r"\s*(?:yes|true|1|full\w*|100|remote|anywhere|telecommute|home)\b|.*\b(?:remote|anywhere)\b"),
    )
)
# In the order of trial: a phrase before the words that it is made of.
_QUERY_PATTERNS = tuple(
    (value, regex(rf"(?<![\w-])(?:{words})(?![\w])", re.IGNORECASE))
    for value, words in (
        (
            "hybrid",
            r"hybrid(?: (?:working|work|role|job|position))?|(?:partly|partially|part[- ]time) (?:remote|from home)|"
            rf"(?:{_DAYS}|(?:some|a few) days) (?:from|at) home|telework[- ]eligible",
        ),
        ("no", r"on[- ]?site|in[- ]person|office[- ]based|in[- ]office|in (?:the|an) office|not remote|no remote"),
        (
            "yes",
            r"(?:fully |100 ?% |entirely )?remote(?:ly)?(?: (?:working|work|role|job|position)s?)?|work(?:ing)?[- ]from[- ]home|wfh|"
            r"home[- ]?office|home[- ]based|home[- ]?working|from home|"
            r"(?:from|work) anywhere|telework(?:ing)?|telecommut(?:e|ing)|work(?:ing)? (?:\w+ )?at home|(?:nights|evenings|days) at home",
        ),
    )
)


def _stated(text: str) -> Iterator[tuple[str, int, int]]:
    """Every statement of the text with its place; none that is of others, and none that is denied."""
    for first, last in _windows(text):
        for value, words in _PATTERNS:
            for match in words.finditer(text, first, last):
                start, end = match.span(next((name for name in ("said", "said_too") if match.groupdict().get(name)), 0))
                ruled_out = value == "denied"
                if _OTHER_THING.match(text, end) or (not ruled_out and (_OF_OTHERS.search(text[max(0, start - _BEFORE) : start]) or negated(text, start, end))):
                    continue
                yield ("no" if value == "hybrid" and _WHOLE_WEEK.match(text, start) else value), start, end


def _windows(text: str) -> list[tuple[int, int]]:
    """The stretches around the words of interest, within their lines; those that overlap are one."""
    found: list[tuple[int, int]] = []
    for hit in _WORTH_A_LOOK.finditer(small_letters(text)):
        start, end = max(0, hit.start() - _AROUND), min(len(text), hit.end() + _AROUND)
        start = text.rfind("\n", start, hit.start()) + 1 or start
        line_end = text.find("\n", hit.end(), end)
        end = end if line_end < 0 else line_end
        if found and start <= found[-1][1]:
            start, _ = found.pop()
        found.append((start, end))
    return found


def _decided(found: Iterable[tuple[str, int, int]]) -> tuple[str, int, int] | None:
    """The statement that holds: partly on site outweighs all but "hybrid or remote"; where the text says both yes and no there is doubt."""
    first: dict[str, tuple[int, int]] = {}
    for value, start, end in found:
        first[value] = min(first.get(value, (start, end)), (start, end))
    if "yes" in first and "no" in first and not {"either", "hybrid", "denied"} & first.keys():
        return None
    return next((("yes" if value == "either" else "no" if value == "denied" else value, *first[value]) for value in _BY_WEIGHT if value in first), None)

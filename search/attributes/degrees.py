"""The lowest degree that is enough for a role: associate, bachelor, master or doctorate, where the text asks for one or prefers one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.attributes.asking import is_left_out
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

DEGREES: tuple[str, ...] = ("associate", "bachelor", "master", "doctorate")
"""The degrees, from the lowest to the highest."""

# Short names that are also other things (BA: business analyst, MS: Microsoft, MA: Massachusetts, MD: Maryland) count only beside another degree or a subject.
_SUBJECT = r" (?:in|of) (?:an? )?(?!(?:the|our|your|this|these|those|time|fact|case|action|charge|Excel|Office|Word|Teams)\b)[A-Za-z]"
_BESIDE = r"(?: ?/ ?|, | or |, or )(?:an? )?"
_KIND = r"(?:[- ]level)?(?: (?:degree|qualification|education))?"
_WORDS: tuple[tuple[str, str], ...] = (
    (
        "associate",
        r"(?i:\bassociate(?:['’?]?s['’]?)?(?: level)? degree|\bassociate['’]s(?= (?:in|or) )|\bassociates(?= or (?:higher|bachelor))|\bfoundation degree|"
        r"\btwo-year degree|\b2-year degree)|"
        r"\bA\.(?:A|S)\.(?! ?[A-Z])(?= degree| or )|\bA(?:A|S|AS) degree",
    ),
    (
        "bachelor",
        rf"(?i:\bbachelors?['’]?s?['’]?(?: or higher)?{_KIND}(?=$|[\s,./;:)–-])(?! part(?:y|ies)| pad)|\bbaccalaureate degree|"
        r"\bundergraduate(?:[- ]level)? (?:degree|qualification)|\bfirst degree|"
        r"\b(?:2[:.][12]|honou?rs) degree|\bdegree[- ](?:level )?(?:qualified|educated)|\bdegree[- ]level (?:qualification|education)|"
        r"\b(?:abgeschlossenes )?(?:hochschul|bachelor)studium)|"
        r"\bB\.?Sc\.?(?!\w)|\bB\.(?:A|S)\.?(?:/B\.?[AS]\.?|(?!\w))|\bB\.?Eng\b|\bBCom\b|\bBEd\b|\bBFA\b|\bBBA\b|\bLL\.?B\b(?!\.?,? or J)|\bBSN\b|\bBSEE\b|"
        r"\bBSCS\b|\bBSW\b|"
        rf"\bBS ?/ ?BA\b|\bBA ?/ ?BSc?\b|\bBA(?=(?: degree| ?\(Hons\)|{_SUBJECT}|{_BESIDE}(?:MA|BS|MS|MSc|PhD|equivalent)\b))|"
        rf"\bBS(?=(?: degree|{_SUBJECT}|{_BESIDE}(?:MS|MSc|BA|PhD|higher|equivalent)\b))",
    ),
    (
        "master",
        rf"(?i:\bmaster['’]?s['’](?:s)?{_KIND}(?= |$|[,./;:)–-])|\bmaster['’]s{_KIND}(?=$|[\s,./;:)–-])(?! (?:mate|license|certificate|office|voice))|"
        r"\bmasters (?:degree|level|qualification)|"
        r"\bmasters(?= in [A-Z]| or (?:ph|doc|equiv|higher))|"
        r"\bmaster degree|\bmaster of (?:science|arts|business|laws|public|social|education|engineering|fine|library|divinity)\b|\bgraduate degree|"
        r"\badvanced degree|"
        r"\bpost-?graduate (?:degree|qualification))|\bM\.?Sc\.?(?!\w)|\bM\.(?:A|S)\.(?! ?[A-Z]\.)|\bM\.?Eng\b|\bE?MBA\b|(?<!\d )(?<!\d)\bMPH\b|\bMSW\b|"
        r"\bMFA(?= in | degree)|\bM\.Ed\b|\bMEd\b|"
        rf"\bMPhil\b|\bLL\.?M\b(?=\.|,| degree| in )|\bMSN\b|\bMLIS\b|\bMA(?=(?: degree|{_SUBJECT}|{_BESIDE}(?:MBA|MSc|MS|PhD)\b))|(?<=\bBA/)MA\b|"
        rf"\bMS(?=(?: degree|{_SUBJECT}|{_BESIDE}(?:MA|MBA|Ph\.?D)\b))|(?<=\bBS/)MS\b|(?<=\bBS or )MS\b|\bDiplom(?:-?(?:Ingenieur|Informatik|Kauf)\w*)\b|"
        r"\bMagister\b",
    ),
    (
        "doctorate",
        r"(?i:(?<!post)(?<!post-)\bdoctora(?:te|l degree|l qualification|l level)(?:['’]s)?\b(?: (?:degree|level|qualification))?|\bjuris doctor(?:ate)?|"
        r"\bdoctor of (?:philosophy|medicine|education|veterinary|pharmacy|dental|osteopath\w+|jurisprudence|nursing|psychology|physical)\b)|\bPh\.? ?D\b\.?|"
        r"\bD\.?Phil\b|\bEd\.?D\b|"
        r"\bPsy\.?D\b|\bPharm\.?D\b|\bDNP\b|\bJ\.D\.|\bJD(?= (?:degree|from|or|required)|/)|\bM\.D\.|\bMD(?=/(?:PhD|DO)\b| or D\.?O\b| degree)|\bpromoviert\w*",
    ),
)
_PATTERNS = tuple((degree, regex(words)) for degree, words in _WORDS)
# A degree without its name is a first degree: "a degree in nursing", "a relevant degree", "degree or equivalent".
_BARE = regex(
    r"\b(?:(?:university|college|science|engineering|technical|law|numerate|relevant|related|academic|four-year|4-year|recogni[sz]ed|accredited|"
    "computer science|business|finance|"
    r"design|arts|accounting|nursing|good|professional|appropriate|stem|or medical) (?:or \w+ )?degree(?! of\b| program)|degree(?= (?:or|"
    "and/or) (?:an? )?(?:equivalent|equal|comparable|"
    r"similar|relevant|professional|the same))|(?<![\w'’]-)degree(?= in (?!(?:the|our|your|this|these|those|which)\b)\w)|degree(?= from )|"
    r"degree(?= (?:is )?(?:required|preferred|desirable|essential|welcome|ideal)\b)|(?<=(?:have|hold|with|need) a )degree(?=[ ,.;)]|$)(?! of\b)|"
    "universit(?:y|äts?) education|"
    r"university graduate)",
    re.IGNORECASE,
)
# Words that make of the "degree" behind them another than the first.
_NAMED_BEFORE = regex(r"(?:aster['’]?s?|aster of \w+|LL\.?M\.?|octor\w*|octor of \w+|Ph\.?D\.?|J\.?D\.?|ssociate['’?]?s?|(?:2|two)-year|not have an?)\)? $")
# Every name of a degree has one of these in it; the rest of a text is passed over.
_ANCHOR = regex(
    r"[Dd]egree|DEGREE|[Bb]achelor|BACHELOR|[Mm]aster|MASTER|[Dd]octor|DOCTOR|B\.?Sc|B\.[AS]|B\.?Eng|BCom|BEd|B[FB]A|LL\.?[BM]|BS|BA|M\.?Sc|M\.[AS]|"
    r"M\.?E[nd]|MBA|MPH|MSW|MFA|MPhil|MSN|MLIS|MA\b|MS\b|"
    r"Diplom-?[IK]|Magister|Ph\.? ?D|D\.?Phil|Ed\.?D|Psy\.?D|Pharm\.?D|DNP|J\.?D|M\.?D[./ ]|[Aa]ssociate['’]?s|promoviert|[sS]tudium|accalaureate|"
    "niversit(?:y|äts?) (?:edu|grad)"
)
_REACH = 60

# What stands around a word that asks for nothing: other senses, what is taught, offered or only under way, and whose degree it is.
_OTHER_BEFORE = regex(
    r"(?:\b(?:to (?:a|some|any|the|what|that|this|an?)|(?:high|large|great|certain|varying|fair|reasonable|considerable|some|same|significant|greater|higher|"
    r"third|second|\d+)[- ]|\d[- ])|"
    r"\b(?:toward|towards|pursu\w+|enrol\w+ (?:in|on)|study\w* (?:for|towards)|studying|working (?:on|towards?|toward)|year (?:of|or later of)|"
    r"while (?:doing|completing)|part of|semester\w* of|"
    r"sponsor\w*|(?:we|who) (?:pay|fund)\w*(?: for)?|paid|funded|reimburse\w*|award(?:s|ing)?|confer\w*|offer(?:s|ing)?|supervis\w+|advis\w+|teach\w*|"
    "candidates? for|leading to|tuition for|instead of|rather than|"
    r"admission to|applicants? to|at the|students?(?: in| at)?|graduates? of|lecture\w*|courses? (?:at|for)|beyond|above|toward a|"
    r"completion of (?:the )?\d+\S* (?:credits|hours) toward) "
    r"(?:an? |the |your |their |its |our |his |her |for |\w+ing )?(?:[\w-]+ ){0,2})$",
    re.IGNORECASE,
)
_OTHER_AFTER = regex(
    r" ?(?:programs?\b|programmes?\b|students?\b|candidates?\b|courses?\b|thes[ie]s\b|dissertations?\b|committees?\b|celsius|fahrenheit|[CF]\b|of (?:freedom|"
    "accuracy|autonomy|care|risk|confidence|"
    "independence|detail|difficulty|knowledge|skill|responsibility|complexity|judgment|precision|latitude|certainty|flexibility|success|tact)|stamping|"
    "apprenticeship|admissions|equivalency)",
    re.IGNORECASE,
)
_SKIPPED_SECTIONS = frozenset({"benefits", "apply"})
_BEFORE = 70


# In a query the short names stand in small letters too.
_AS_WRITTEN = {name.casefold(): name for name in ("BSc", "MSc", "MBA", "PhD", "LLB", "LLM", "BEng", "MEng", "BSN", "MSN")}
_SHORT_IN_QUERY = regex(rf"\b(?:{'|'.join(_AS_WRITTEN)})\b")


@dataclass(frozen=True, slots=True)
class Mention:
    """A degree that a text names, and where: text[start:end]."""

    degree: str
    start: int
    end: int


def read(role: Role) -> Iterator[Reading]:
    """The lowest of the degrees that the text asks for or prefers, where it first stands."""
    found = [mention for mention in _asked(role.text) if not is_left_out(role, mention.start, _SKIPPED_SECTIONS)]
    if found:
        lowest = min(found, key=lambda mention: DEGREES.index(mention.degree))
        yield Reading("degree", lowest.degree, lowest.start, lowest.end)


def mentions(text: str) -> list[Mention]:
    """The degrees that a query asks for, in order, in capitals or not; none that it denies, or speaks of in another sense.

    >>> [mention.degree for mention in mentions("bsc or MSc in physics, no PhD needed")]
    ['bachelor', 'master']
    """
    return _asked(_SHORT_IN_QUERY.sub(lambda match: _AS_WRITTEN[match.group()], text))


def held(text: str) -> list[Mention]:
    """The degrees that a text names as had or asked for, in order: of all of them, where `read` takes the lowest."""
    return _asked(text)


def denied(text: str) -> list[Mention]:
    """The degrees of which a text says that there is none ("I have no degree"), in order."""
    return _asked(text, denied=True)


def _asked(text: str, *, denied: bool = False) -> list[Mention]:
    """The degrees that a text asks for, in order; or those that it denies."""
    stretches = _stretches(text)
    taken = bytearray(len(text) if stretches else 0)
    found: list[Mention] = []
    for degree, pattern in (*_PATTERNS, ("bachelor", _BARE)):
        for match in (match for stretch in stretches for match in pattern.finditer(text, *stretch)):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            before = text[max(0, start - _BEFORE) : start]
            if _OTHER_BEFORE.search(before) or _OTHER_AFTER.match(text, end) or (pattern is _BARE and _NAMED_BEFORE.search(before)):
                continue
            if negated(text, start, end) is denied:
                taken[start:end] = b"\1" * (end - start)
                found.append(Mention(degree, start, end))
    return sorted(found, key=lambda mention: mention.start)


def _stretches(text: str) -> list[tuple[int, int]]:
    """The stretches of the text around all anchors, merged where they meet."""
    stretches: list[tuple[int, int]] = []
    for match in _ANCHOR.finditer(text):
        start, end = max(0, match.start() - _REACH), min(len(text), match.end() + _REACH)
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = stretches[-1][0], end
        else:
            stretches.append((start, end))
    return stretches

"""Natural languages that a role asks for: named beside words of speaking or proficiency, never as a nationality ("English law", "German customers")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from search.attributes.asking import is_left_out
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

_NAMES = """
    Afrikaans Albanian Amharic Arabic Armenian Azerbaijani Basque Bengali Bosnian Bulgarian Burmese Cantonese Catalan Chinese Croatian Czech Danish
    Dutch English Estonian Farsi Filipino Finnish Flemish French Galician Georgian German Greek Gujarati Hausa Hebrew Hindi Hungarian Icelandic Igbo
    Indonesian Irish Italian Japanese Kannada Kazakh Khmer Korean Kurdish Lao Latvian Lithuanian Luxembourgish Macedonian Malay Malayalam Maltese
    Mandarin Marathi Mongolian Nepali Norwegian Pashto Persian Polish Portuguese Punjabi Romanian Russian Serbian Sinhala Slovak Slovenian Somali
    Spanish Swahili Swedish Tagalog Tamil Telugu Thai Tibetan Turkish Ukrainian Urdu Uzbek Vietnamese Welsh Xhosa Yoruba Zulu Māori
"""
LANGUAGES: tuple[str, ...] = tuple(_NAMES.split())
"""The languages that are read, in English."""

# Other names of these languages, and what they are called here.
_ALIASES = {
    "Bahasa Indonesia": "Indonesian",
    "Deutsch": "German",
    "Deutschkenntnisse": "German",
    "Englischkenntnisse": "English",
    "Englisch": "English",
    "Français": "French",
    "Español": "Spanish",
    "Castilian": "Spanish",
    "Putonghua": "Mandarin",
    "Gaeilge": "Irish",
    "Maori": "Māori",
    "American Sign Language": "American Sign Language",
    "ASL": "American Sign Language",
    "British Sign Language": "British Sign Language",
    "BSL": "British Sign Language",
    "isiZulu": "Zulu",
    "isiXhosa": "Xhosa",
}
_CANONICAL = {name.casefold(): _ALIASES.get(name, name) for name in (*LANGUAGES, *_ALIASES)}
_LANGUAGE = "|".join(sorted((*LANGUAGES, *_ALIASES), key=len, reverse=True))
# No word boundary in front: it would keep the engine from jumping to the capitals that a name can begin with.
_NAMED = regex(rf"(?:{_LANGUAGE})(?!\w)")
_NAMED_IN_QUERY = regex(rf"(?<!\w)(?:{_LANGUAGE})(?!\w)", re.IGNORECASE)

_GRADE = (
    r"(?:[ABC][12]\+?|native|mother[- ]tongue|fluent(?:ly)?|business(?:[- ](?:level|fluent))?|conversational|intermediate|basic|advanced|proficient|"
    r"upper[- ]intermediate|near-native)"
)
_QUALITY = (
    "(?:fluent(?:ly)?|fluency|proficien(?:t|cy)|native(?:[- ]level)?|near-native|bilingual|trilingual|conversational|business[- ](?:level|fluent|grade)?|"
    "professional|working|good|excellent|"
    "strong|solid|very good|perfect|advanced|basic|intermediate|written|spoken|verbal|oral|confident|flawless|decent|everyday|technical|upper-intermediate|"
    "clear|precise|correct|impeccable)"
)
# Right before the language: "fluent", "speaks", "a good command of written and spoken", "language skills:".
_ASKED_BEFORE = regex(
    rf"(?:\b{_QUALITY}(?:,? (?:and|or|,|&|/) ?{_QUALITY}|,? {_QUALITY}|/{_QUALITY}){{0,3}}[ -]?(?:(?:level )?(?:in|of|with) )?(?:both )?|"
    r"\b(?:speak(?:s|ing|er of)?|spoken|written|write[s]?|read(?:s|ing)?|understand(?:s|ing)?|communicat(?:e|es|ing|ion)(?: \w+)? in|converse in|"
    "knowledge of|command of|grasp of|mastery of|"
    r"languages?(?: skills?| required| requirements?)? ?[:–—-]|languages? such as|languages? \(|mother tongue(?: is)?|express yourself(?: \w+)? in|work(?:s|"
    "ing)? in|works wholly in|skills in|"
    "speak and write|some|enough|your|you have|you need|besides|plus|competen(?:t|ce|cy) in|interpret(?:s|ing)? (?:from|into)|translat(?:e|es|ing|"
    r"ion)(?: \w+)? (?:from|into|to)|level of) "
    r"(?:both |either |basic |at least |also )?)$",
    re.IGNORECASE,
)
# Words before a language that alone are too weak: something must follow that speaks of language too.
_WEAK_BEFORE = regex(
    r"\b(?:some|enough|your|you have|you need|besides|plus|good|excellent|strong|basic|technical|clear|precise|correct|professional|working|advanced|decent|"
    r"solid|read\w*|understand\w*|everyday|perfect) (?:\w+ )?$",
    re.IGNORECASE,
)
# Right behind it: "-speaking", "skills", "(C1)", "at level B2", "is required", "would be a plus".
_ASKED_AFTER = regex(
    r"(?:[- ](?:speak(?:er|ing)\b(?! (?:market|countr|customer(?! (?:support|service|success|care))|client|world|region|users?|audience|communit|"
    r"guest|patient|player|visitor))|"
    r"language (?:skills?|proficiency|fluency|requirement|level|knowledge)|"
    r"skills?\b|proficiency|fluency|level\b|speaking,? (?:reading|writing))|"
    rf",? ?\(? ?(?:at )?(?:least |minimum |min\. |level |minimum level )?(?:[A-C][12]\b|{_GRADE}(?=[\s,.;)]|$))|"
    r" (?:\w+ ){0,2}?(?:at|to) (?:an? |the )?(?:\w+ )?(?:level|standard|[ABC][12])\b|"
    r" (?:\w+ )?(?:good|well|fluent|strong|solid|confident|sound) enough\b|"
    r",? (?:both )?(?:spoken|written|oral|verbal|in speech|in writing|well|fluently)\b|"
    r"(?: \([^)]{1,40}\))? (?:is|are|would be|will be|being|as) (?:an? |the |also |both |very |equally |absolutely |highly |really |strongly )*(?:required|"
    "must|essential|needed|mandatory|indispensable|plus|bonus|"
    "advantage|asset|welcome|desirable|preferred|beneficial|helpful|useful|nice|prerequisite|necessary|company language|working language|language|"
    r"our language|expected|compulsory|enough|sufficient)\b|"
    " (?:helps?|makes?|would (?:open|make|help|be)|will (?:make|open|help)|advantageous|required|preferred|essential|desirable|needed|a (?:plus|must|bonus)|"
    r"and (?:another|one more|a second|any other) language)\b)",
    re.IGNORECASE,
)
_JOINED = regex(
    "(?:(?: well)?,? ?(?:and|or|and/or|plus|as well as|&|/|,|und|oder|besides|nor|with) ?(?:in |also |either |preferably |ideally |some |basic |then )*|/|"
    "-/|, | - )$",
    re.IGNORECASE,
)
# Right behind it what makes it a nationality, a school subject or a style.
_OTHER_AFTER = regex(
    r"(?:[- ]+(?:law|laws|market|markets|customers?|clients?|compan(?:y|ies)|team|teams|office|offices|governments?|authorit\w+|tax|taxes|literature|"
    "teachers?|instructors?|tutors?|class(?:es)?|courses?|"
    r"lessons?|department|version|edition|food|cuisine|restaurants?|territor\w+|regions?|citizens?|nationals?|students?|learners?|breakfast|accent|bank|"
    r"subsidiar\w+|entit\w+|"
    r"GAAP|accounting|payroll|employment|labou?r|regulat\w+|legislation|court|courts|parliament|users?|players?|partners?|colleagues|suppliers?|universit\w+|"
    "school|schools|history|studies|"
    "your|our|the|up|language arts|as a second|for speakers|GCSE|degree|at grade|A-level|Wikipedia|press|media|site|sites|website|stores?|shops?|wine|"
    "embassy|border|"
    "Railways?|Sea|Kong|nationality|coast|army|navy|Heritage|Premier|Cup|test|exam|shepherd|toast|press|doors?|windows?|"
    "speaking (?:customers?(?! (?:support|service|success|care))|clients?|"
    r"markets?|countr\w+|users?)|"
    r"(?:and|&|or|/) (?:math\w*|science|Welsh law|history|Wales|American|Pacific)|Council|Standards?\b|Civil|Foreign|Red|Social|Academy|Association)\b|"
    r"[’']s?\b|-(?:based|owned|born|style|American|made|built))",
    re.IGNORECASE,
)
_OTHER_BEFORE = regex(
    r"(?:\b(?:plain|simple|limited|such as(?: basic)?|teach\w*|learn\w*|lessons? in|courses? in|classes in|free|old|the|of the|tutor\w* in|GCSEs?(?: in)?|"
    r"maths? and|mathematics and|math and|study\w*|in your first|translated (?:from|into) (?:the )?) )$",
    re.IGNORECASE,
)
# "But no German": enough where it is denied that somebody speaks it.
_LACKED_BEFORE = regex(r"\b(?:no|without|not speak|don['’]t speak|cannot speak)(?: any)? $", re.IGNORECASE)
_ONLY_LANGUAGES = regex(rf"(?:- |• )?(?:(?:{_LANGUAGE})(?:,? (?:and|or) |/|, |$| \([^)]{{1,30}}\)|\.)+)+\.?$", re.IGNORECASE)
_OFFERED = regex(
    r"\b(?:(?:we|they) (?:offer|provide|pay)[^.;\n]{0,40}(?:lessons?|course|classes)|(?:lessons?|classes|courses?|training)\b[^.;\n]{0,25}|"
    r"learn(?:ing)? (?:\w+ )?|teach\w* (?:\w+ )?)$",
    re.IGNORECASE,
)
_OFFERED_AFTER = regex(r" ?(?:can (?:come|be learn\w*)|(?:lessons?|classes|courses?)\b|from scratch|if you want|on us\b)", re.IGNORECASE)
_ASKING_SECTIONS = frozenset({"requirements", "desirable", "skills"})
_SKIPPED_SECTIONS = frozenset({"benefits"})
_BEFORE = 90
_LONGEST_LIST = 80


@dataclass(frozen=True, slots=True)
class Mention:
    """A language that a text names, and where: text[start:end]."""

    language: str
    start: int
    end: int


def read(role: Role) -> Iterator[Reading]:
    """The languages that title and text ask for, each once, where it is first asked for."""
    seen: set[str] = set()
    for in_title, found in ((True, _asked(role.title, _NAMED)), (False, _asked(role.text, _NAMED, role))):
        for mention in found:
            if mention.language not in seen:
                seen.add(mention.language)
                yield Reading("languages", mention.language, mention.start, mention.end, in_title)


def mentions(text: str) -> list[Mention]:
    """The languages that a query asks for, in order; in a query the names need no capitals, and may stand alone.

    >>> [mention.language for mention in mentions("support agent, fluent german and french, english law")]
    ['German', 'French']
    """
    return list(_asked(text, _NAMED_IN_QUERY))


def denied(text: str) -> list[Mention]:
    """The languages that a text says are not spoken or not needed, in order."""
    return list(_asked(text, _NAMED, denied=True))


def _asked(text: str, named: re.Pattern[str], role: Role | None = None, *, denied: bool = False) -> Iterator[Mention]:
    """The languages that are asked for: by the words beside them, or joined to one that is ("fluent German and English", "Spanish or French is a plus")."""
    places = [match for match in named.finditer(text) if not (match.start() and text[match.start() - 1].isalnum())]
    direct = [_is_asked(text, match, role) for match in places]
    joined = [
        _JOINED.fullmatch(text, previous.end(), following.start()) is not None and not _OTHER_AFTER.match(text, following.end())
        for previous, following in pairwise(places)
    ]
    asked = list(direct)
    for number, is_joined in enumerate(joined):
        asked[number + 1] = asked[number + 1] or (is_joined and asked[number])
    for number in range(len(joined) - 1, -1, -1):
        asked[number] = asked[number] or (joined[number] and asked[number + 1])
    for match, is_asked in zip(places, asked, strict=True):
        said_to_lack = denied and _LACKED_BEFORE.search(text, max(0, match.start() - _BEFORE), match.start()) is not None
        if (is_asked or said_to_lack) and negated(text, match.start(), match.end()) is denied:
            yield Mention(_CANONICAL[match.group().casefold()], match.start(), match.end())


def _is_asked(text: str, match: re.Match[str], role: Role | None) -> bool:
    start, end = match.span()
    before = text[max(0, start - _BEFORE) : start]
    if _OTHER_AFTER.match(text, end) or _OTHER_BEFORE.search(before) or _OFFERED.search(before) or _OFFERED_AFTER.match(text, end):
        return False
    section = next((section.name for section in role.sections if section.start <= start < section.end), "") if role else ""
    if role and is_left_out(role, start, _SKIPPED_SECTIONS):
        return False
    if _ASKED_AFTER.match(text, end):
        return True
    if _ASKED_BEFORE.search(before):
        return not _WEAK_BEFORE.search(before) or section in _ASKING_SECTIONS or role is None
    line = text[text.rfind("\n", 0, start) + 1 : _line_end(text, end)]
    return (section in _ASKING_SECTIONS or role is None) and len(line) < _LONGEST_LIST and _ONLY_LANGUAGES.fullmatch(line.strip()) is not None


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found

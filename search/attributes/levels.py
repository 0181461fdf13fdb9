"""The level of a role (intern … executive): what its title states, its grade code, or what its opening says of the role itself; and levels in queries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

# Where a level stands on the ladder. Two tracks share it: a lead leads people or a craft without the title of either track, about as far up as a senior or
# staff engineer; a manager, who answers for others' work too, a little above staff; a head of a function stands between principal and director.
_RANKS: dict[str, float] = {
    "intern": 0.0,
    "junior": 1.0,
    "mid": 2.0,
    "senior": 3.0,
    "lead": 3.5,
    "staff": 4.0,
    "manager": 4.2,
    "principal": 5.0,
    "head": 5.5,
    "director": 6.0,
    "executive": 7.0,
}
LEVELS: tuple[str, ...] = tuple(_RANKS)
"""All levels, in ascending order of seniority."""

GRADES: dict[str, str] = {
    "IC1": "junior",
    "IC2": "mid",
    "IC3": "mid",
    "IC4": "senior",
    "IC5": "staff",
    "IC6": "principal",
    "IC7": "principal",
    "M3": "manager",
    "M4": "manager",
    "M5": "head",
    "M6": "director",
    "M7": "director",
}
"""The customary grade codes and the levels that they stand for."""

# What "staff" must stand before to be a level: a staff nurse, a staff accountant and a staff assistant are ordinary posts.
_STAFF_CRAFTS = (
    r"engineer(?:ing)?|developer|architect|scientist|designer|researcher|programmer|sre|sdet|data|software|machine|ml|ai|backend|frontend|product|program|"
    r"programme|platform|security|reliability|technical|quality|site|devops|infrastructure|front|back|full|mobile|ios|android|ux|analytics|technologist"
)
_TITLE_LEVELS: tuple[tuple[str, str], ...] = (
    (
        "intern",
        r"interns?|internship(?! (?:program|coordinator|manager))|trainee|apprentice(?:ship)?(?! (?:program|coordinator|manager|instructor))|working student|"
        r"(?<!job )(?<!student )placement(?! (?:officer|coordinator|manager|specialist|advis[eo]r|counsell?or|consultant|director|agent|clerk|worker))",
    ),
    ("director", r"directors?|[se]?vp|vice[- ]president"),
    ("executive", r"chief (?:\S+ ){1,5}officers?|(?<!\()c(?:[efotim]|is|hr)o|chief executives?|(?<!vice )(?<!vice-)president"),
    ("head", r"head(?! (?:start|count|hunter|cook|cashier|wait(?:er|ress)|nurse|housekeeper|teller|host|bartender|saw|rig|injury))"),
    ("principal", r"(?<!school )(?<!assistant )(?<!vice )(?<!deputy )(?<!elementary )principal(?! investigator)|distinguished"),
    ("staff", rf"staff(?= (?:{_STAFF_CRAFTS})\b)"),
    (
        "lead",
        "lead(?! (?:generation|gen|time|paint|abatement|burner))|leader|supervisors?|foreman|forewoman|head (?:cook|nurse|housekeeper|cashier|wait(?:er|ress))",
    ),
    ("manager", r"managers?"),
    ("senior", r"senior(?! (?:care|living|citizens?|services|centers?|centres?)\b)|snr|sr"),
    (
        "junior",
        r"junior(?! (?:high|college|school))|jr|entry[- ]level|"
        r"(?<!under)graduate(?! (?:admissions?|school|stud(?:y|ies)|medical|teaching|research|professor|program(?:me)?s? (?:manager|director|coordinator)))|"
        r"associate(?= [\w&/-])(?! (?:director|professor|counsel|principal|dean|attorney|general|judge|justice|editor|producer|chief|vice|warden|provost|"
        "partner|"
        r"degree|pastor|veterinarian|dentist)\b)",
    ),
    ("mid", r"mid(?:[- ]?(?:level|weight|career))?(?![-\w])|intermediate(?! (?:care|school))"),
)
_LEVEL_PATTERNS = tuple((level, regex(rf"\b(?:{words})\b", re.IGNORECASE)) for level, words in _TITLE_LEVELS)
# "Engineer II" is the second of several steps; "Tier II" and "Title II" number something else.
_SECOND_STEP = regex(r"(?<!\bwar )(?<!\btier )(?<!\btype )(?<!\btitle )(?<!\bclass )(?<!\bphase )(?<!\blevel )(?<=\w )II(?= *(?:$|[,(/–—-]))", re.IGNORECASE)
# Words in which manager, director, associate and their like name a job, not a level, and persons that the job only works for.
_NOT_A_LEVEL = regex(
    r"\b(?:product(?: marketing)?|program(?:me)?|project|account|success|case|community|marketing|range|category|relationship|office|"
    "delivery|stage|campaign|release|property|brand|business|bar|content|social media|configuration|records|contract|engagement|customer success|"
    r"partner) managers?\b"
    r"|\b(?:art|music|funeral|casting|programming|talent|technical|choir|stage|photography|photo) directors?\b|\bdirectors of photography\b|"
    r"\bproducers and directors\b"
    r"|\bmanagers of artists\b|\bassociate (?=(?:director|professor|counsel)\b)"
    r"|\bchief (?:petty|warrant|of staff)\b|\bcompany president\b"
    r"|\b(?:to|for|of) (?:the |our |a )(?:chief|c[efotim]o|director|head|president|vice|board|managing|executive|managers?)\b.*"
    r"|\bto (?:c[efotim]o|chief|director|head)\b.*",
    re.IGNORECASE,
)
_GRADE_IN_TITLE = regex(r"(?:^|(?<=[\s(/,-]))(IC[ -]?[1-7]|M[3-7])(?=$|[\s),:/-])")
_LADDER_CODE = regex(r"\b(?:IC[ -]?[1-7]|M[3-7])\b")
_OWN_GRADE = regex(
    r"(?:\b(?:level|grade|band|graded|levelled)(?: for this (?:role|post|position|job))?(?: is|:| at)? ?(?:level )?|\b(?:is|"
    r"as) an? )\(?(?P<before>IC[ -]?[1-7]|M[3-7])\b|"
    r"\b(?P<after>IC[ -]?[1-7]|M[3-7])(?: level)? (?:role|post|position|job|grade)\b",
    re.IGNORECASE,
)
# Lines of a form: "Level: senior".
_LEVEL_LINE = regex(
    r"^[ \t]*(?:- )?(?:(?:job |career |experience )?level|seniority(?: level)?|career stage)[ \t]*[:–—][ \t]*(?P<words>[^\n]{2,40})$",
    re.IGNORECASE | re.MULTILINE,
)
# A level that stands by itself in a line of facts: "Bristol. Mid-level, permanent."
_LEVEL_ALONE = regex(r"(?:^|(?<=[.;,:·|•] ))(?P<words>(?:mid|entry|junior|senior)[- ]level)(?= ?[.,;·|•(]|$)", re.IGNORECASE | re.MULTILINE)
# How far into the text a role introduces itself.
_OPENING = 900
# The noun that a level stands before: a word for one who does something, or for the post.
_ROLE_NOUN = (
    r"(?:[\w+#./&-]+ ){0,4}?(?:(?!leader|stakeholder|member|number|other|matter|cent|partner|togeth|after|over|under|sector|major)\w{2,}(?:er|or|ist|ian|yst|"
    "ect)|"
    r"accountant|consultant|assistant|nurse|counsel|paralegal|executive|representative|role|position|post|job)\b"
)
_SAYS_OF_THE_ROLE = regex(
    r"\b(?:we(?:['’]re| are) (?:now |currently |also )?(?:looking for|seeking|hiring|recruiting|searching for)|we (?:need|seek|want)|(?:are|"
    "is) (?:looking for|seeking|hiring|recruiting)|"
    "(?:looking for|seeking|hiring)|this is|(?:the|this) (?:role|post|position|job|vacancy) is|(?:as|you(?:['’]ll| will) (?:be|join as|join us as)|(?:join|"
    "work for) us as|to be)(?= (?:a|an|our|the) ))"
    r" (?:(?:a|an|our|the|another|one|\d) )?(?:(?:new|first|second|experienced|talented|skilled|motivated|permanent|full-time|part-time|fixed-term|hands-on|"
    "very|truly|remote|pragmatic|curious|driven) ){0,2}"
    rf"(?P<words>(?:senior|junior|mid[- ]?level|mid|entry[- ]level|principal|staff|lead)(?:,? [\w-]+ly)? {_ROLE_NOUN}|(?:head|director|"
    r"vice president) of [a-z]|interns?\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A level that a query wishes for, and where: text[start:end]."""

    level: str
    start: int
    end: int


def rank(level: str) -> float:
    """Where a level stands on the ladder, from 0 (intern); the difference of two ranks is the distance between the levels.

    >>> rank("intern"), rank("senior") - rank("mid")
    (0.0, 1.0)
    """
    return _RANKS[level]


def level_in_title(title: str) -> str | None:
    """The level that a title states, or None. Where it states two ("Senior Engineering Manager") the one that says more about accountability.

    >>> level_in_title("Senior Platform Engineer"), level_in_title("Product Manager"), level_in_title("Head of Data")
    ('senior', None, 'head')
    """
    found = _found_in_title(title)
    return found[0] if found else None


def read(role: Role) -> Iterator[Reading]:
    """The role's level: from its title, else from a grade code, else from what the opening of its text says of the role itself."""
    if in_title := _found_in_title(role.title):
        yield Reading("level", *in_title, in_title=True)
    elif in_text := _grade_in_text(role.text) or _stated_in_text(role.text):
        yield Reading("level", *in_text)


def _found_in_title(title: str) -> tuple[str, int, int] | None:
    stated = _blanked(title)
    for level, pattern in _LEVEL_PATTERNS:
        if match := pattern.search(stated):
            return level, match.start(), match.end()
    if match := _GRADE_IN_TITLE.search(title):
        return GRADES[_code(match.group(1))], match.start(1), match.end(1)
    if match := _SECOND_STEP.search(title):
        return "mid", match.start(), match.end()
    return None


def _blanked(text: str) -> str:
    """The text with blanks for words that are no level, so that all places stay where they are."""
    return _NOT_A_LEVEL.sub(lambda match: " " * len(match.group()), text)


def _code(written: str) -> str:
    return written.upper().replace(" ", "").replace("-", "")


def _grade_in_text(text: str) -> tuple[str, int, int] | None:
    """The role's own grade: introduced as such, and the only one of which the text speaks."""
    if len({_code(match.group()) for match in _LADDER_CODE.finditer(text)}) != 1 or not (match := _OWN_GRADE.search(text)):
        return None
    group = "before" if match.group("before") else "after"
    level = GRADES.get(_code(match.group(group)))
    return (level, match.start(group), match.end(group)) if level else None


def _stated_in_text(text: str) -> tuple[str, int, int] | None:
    """What the opening says of the role itself; nothing where it names two levels ("a junior or senior developer")."""
    opening = text[:_OPENING]
    found = []
    for pattern in (_LEVEL_LINE, _LEVEL_ALONE, _SAYS_OF_THE_ROLE):
        for match in pattern.finditer(opening):
            if not negated(text, *match.span("words")) and (level := _found_in_title(match.group("words"))):
                found.append((level[0], match.start("words") + level[1], match.start("words") + level[2]))
    return found[0] if len({level for level, _, _ in found}) == 1 else None


# What queries say. In the order of trial at a place: a phrase before the words it is made of.
_ROLE_WORDS = (
    r"(?:[\w+#/.-]+ ){0,3}?(?:engineers?|developers?|designers?|scientists?|analysts?|architects?|researchers?|writers?|consultants?|nurses?|counsel|"
    r"recruiters?|accountants?|testers?)"
)
_WISHES: tuple[tuple[str, str], ...] = (
    ("executive", r"c-(?:level|suite)|c(?:[efot]|is|hr)o|cio|cmo|chief (?:\w+ ){1,3}officer|(?:executive|board) level|chief executive"),
    ("director", r"(?:managing )?director(?:[- ]level)?|[se]?vp|vice president"),
    ("head", r"head(?:s)? of|department head|(?:leads?|leading|heads?|heading) (?:a|the|an entire|a whole) (?:department|function|division)"),
    (
        "manager",
        r"(?:manag(?:es?|ing) (?:a|the|their own|my own|small|large) (?:\w+ )?teams?|(?:people|line|team|engineering|department|store|general|senior|"
        "hiring)[- ]manag(?:er|ement)|"
        r"(?:line[- ])?manag(?:es?|ing) (?:people|others|staff|engineers|developers|designers|managers)|engineering manager|manager of \w+|"
        r"managers?)",
    ),
    ("principal", r"principal(?! investigator)|distinguished (?=engineer|scientist)"),
    ("staff", rf"staff(?: plus|\+)|staff(?=[- ](?:level|{_STAFF_CRAFTS})\b)"),
    (
        "lead",
        r"(?:team|tech|technical|squad|chapter|shift|practice)[- ]?lead(?:er)?|team[- ]leader|"
        r"lead(?:s|ing)? (?:(?:a|the|small|other|several|fellow|more junior) )?(?:\w+ )?(?:engineers|developers|designers|analysts|scientists|others|people|"
        r"team|teams|squad)\b|"
        rf"lead(?= {_ROLE_WORDS})|(?!(?:not|no|or|and|to|i) )\w+ lead(?=$|[,.;])|lead(?:ership)? (?=role|position|post)|supervisor|supervis(?:es|"
        rf"ing) (?:a|the|others|people|staff)",
    ),
    (
        "senior",
        r"(?:mentor(?:s|ing)?|coach(?:es|ing)?|teach(?:es|ing)?|guid(?:es|ing)|support(?:s|ing)?) (?:\w+ )?(?:juniors?|graduates|newcomers|"
        r"(?:less experienced|younger|junior) \w+)|"
        r"senior(?:[- ]level)?|snr|sr|seasoned|seniority",
    ),
    (
        "junior",
        "junior(?:[- ]level)?|jr|entry[- ]level|graduates?(?! (?:degree|school))|grad(?= (?:role|job|scheme|program))|(?:with )?(?:no|without|zero|little|"
        "not much)(?: (?:prior|previous|work|any|much))*"
        " experience(?: (?:needed|required|necessary))?|first (?:job|role|position)|career (?:starter|beginner)s?|beginners?|"
        "(?:straight )?out of (?:university|college|school)|newly qualified|"
        r"school[- ]leavers?|associate(?= (?:product|software|data|project|program|engineer|consultant|analyst|designer|developer|ux)\b)",
    ),
    ("mid", r"mid[- ]?(?:level|career|weight)|mid(?= [a-z])|intermediate|middle[- ]level|[1-9] or [1-9] years in"),
    ("intern", r"intern(?:s|ship|ships)?|trainee(?:ship)?s?|apprentice(?:ship)?s?|work(?:ing)? (?:student|placement)|industrial placement"),
)
_WISH_PATTERNS = tuple((level, regex(rf"(?<![\w-])(?:{words})(?![\w])", re.IGNORECASE)) for level, words in _WISHES)
_GRADE_IN_QUERY = regex(r"(?<![\w-])(?:IC[ -]?[1-7]|M[3-7])(?!\w)", re.IGNORECASE)
# The level of somebody else: whom one reports to, works with or serves.
_OF_OTHERS = regex(
    r"(?:report(?:s|ing)?(?: \w+)? (?:in)?to|work(?:s|ing)?(?: \w+)? (?:with|for|beside|alongside|under)|support(?:s|ing)?|assist(?:s|ing)?|advis(?:es?|"
    "ing)(?: the)?|present(?:s|ing)? to|"
    "learn(?:s|ing)? from|help(?:s|ing)?|assistant to|for|manag(?:es?|ing)|hir(?:es?|ing)|recruit(?:s|ing)?|led by|briefs?|guidance (?:of|from)|"
    "supervised by) (?:(?:a|an|the|our|its|other|several|more|to|with) )*$",
    re.IGNORECASE,
)
_SAYS_NO = regex(r"(?:with )?(?:no|without|zero|little|not)\b", re.IGNORECASE)
_OTHER_SENSE = regex(
    r"[- ]*(?:(?:leadership|stakeholders?|management|leaders|executives|colleagues|clients|officials|citizens?|care|living|home|centre|center|homes)\b|"
    r"(?:high|school|college)\b|"
    r"(?:generation|gen|time|times|paint)\b)",
    re.IGNORECASE,
)


def mentions(text: str) -> list[Mention]:
    """The levels that a query wishes for, in order of place, none of them denied and none that is somebody else's.

    >>> [mention.level for mention in mentions("senior or staff engineer, not a manager, reports to the head of data")]
    ['senior', 'staff']
    """
    stated = _blanked(text)
    wishes = [(level, match) for level, pattern in _WISH_PATTERNS for match in pattern.finditer(stated)]
    wishes += [(GRADES[_code(match.group())], match) for match in _GRADE_IN_QUERY.finditer(stated)]
    # A stronger wish holds its place against all that come later in the table.
    taken = bytearray(len(text))
    found: list[Mention] = []
    for level, match in wishes:
        start, end = match.span()
        if not any(taken[start:end]) and _is_wished(text, start, end):
            taken[start:end] = b"\1" * (end - start)
            found.append(Mention(level, start, end))
    return sorted(found, key=lambda mention: mention.start)


def _is_wished(text: str, start: int, end: int) -> bool:
    """Whether a level is neither denied nor somebody else's, nor a word in another sense."""
    if _OF_OTHERS.search(text[max(0, start - 60) : start]) or _OTHER_SENSE.match(text, end):
        return False
    # "No experience" says no itself.
    return _SAYS_NO.match(text, start, end) is not None or not negated(text, start, end)

"""What a query asks for: text to search, soft wishes that raise roles, and hard demands that a role must meet. Pure functions over the query's text.

Hard is only what the user marks: operators (search.query_language), "no …", "without …", "at least …" and the like. All else is a wish, and stays in the text.
"""

import re
from collections.abc import Iterator

from search.attributes import families, languages, levels, pay, remote, skills, years
from search.query_language import take_operators
from search.records import WORDS, Asked, Condition, Demand, Understood, Wish
from search.words import exact_words

# A pasted advert is a description, not an instruction: in a text of more words nothing is a demand or a wish, its meaning speaks.
LONGEST_INSTRUCTION = 40

_REFUSAL = re.compile(
    r"(?<![\w-])(?:but |and )?(?:(?P<plain>no|without|excluding|except(?: for)?|nothing with|anything but|avoid(?:ing)?)|(?P<being>not(?= an? ))) "
    r"(?:any |an? |the )?(?P<what>[^,;.!?\n]+)",
    re.IGNORECASE,
)
# Where what is refused ends: at the next "but", "and no", "who …".
_END_OF_REFUSAL = re.compile(
    r" (?:but|and|who|that|which|with|for|in|at|on|please|required|needed|necessary|wanted|jobs?|roles?|work|stuff|things?)\b| - ", re.IGNORECASE
)
_OR = re.compile(r" or | nor |/", re.IGNORECASE)
# What makes a demand of a number of years; without it "5 years" only says what kind of role is looked for.
_BOUND = re.compile(
    r"(?:at (?:least|most)|min(?:imum|\.)?(?: of)?|max(?:imum|\.)?(?: of)?|more than|less than|no(?:t)? (?:less|more) than|over|under|up to|from|>=?|<=?) ?$",
    re.IGNORECASE,
)
# "No experience" is a level, "no later than" a date, "no need to" nothing at all.
_NO_REFUSAL = re.compile(
    r"(?:one|matter|later|sooner|more than|less than|longer|doubt|problem|need|idea|experience|limit|preference|worries|prior|previous|only)\b", re.IGNORECASE
)
_LONGEST_REFUSED = 4
_PEOPLE_MANAGEMENT = "people management"
_MANAGING_LEVELS = ("manager", "head", "director", "executive")


def understand(text: str) -> Understood:
    """Read a query.

    >>> read = understand("senior SRE, no people management, k8s")
    >>> read.asked.text, read.wished("level"), read.wished("skills")
    ('senior SRE, k8s', ('senior',), ('site reliability engineering', 'Kubernetes'))
    """
    asked = take_operators(text)
    if len(asked.text.split()) > LONGEST_INSTRUCTION:
        return Understood(asked)
    rest, demands = _without_demands(asked.text)
    looked_for = Asked(rest, asked.phrases, asked.excluded_words, asked.excluded_phrases)
    return Understood(looked_for, tuple(_wishes(rest)), tuple(demands))


def without(text: str, said: str) -> str:
    """The query without the words of one wish or demand: what is left when its chip is removed.

    >>> without("senior SRE, no crypto, AWS", "no crypto")
    'senior SRE, AWS'
    """
    start = text.casefold().find(said.casefold())
    if start < 0:
        return text
    return _tidied(text[:start] + text[start + len(said) :])


def _without_demands(text: str) -> tuple[str, list[Demand]]:
    demands: list[Demand] = []
    spans: list[tuple[int, int]] = []
    for start, end, conditions in sorted(_demands(text), key=lambda found: found[:2]):
        if not any(start < other_end and other_start < end for other_start, other_end in spans):
            spans.append((start, end))
            demands.append(Demand(conditions, text[start:end]))
    rest = text
    for start, end in reversed(spans):
        rest = rest[:start] + rest[end:]
    return _tidied(rest), demands


def _tidied(text: str) -> str:
    """Text without the commas and spaces that something taken out of it left behind."""
    text = re.sub(r"\s*([,;])(?:\s*[,;])+", r"\1", re.sub(r"\s+([,;])", r"\1", text))
    return " ".join(text.split()).strip(" ,;")


def _demands(text: str) -> Iterator[tuple[int, int, tuple[Condition, ...]]]:
    """Start, end and conditions of each demand; they may overlap."""
    for mention in years.mentions(text):
        bound = _BOUND.search(text[: mention.start])
        if bound or "+" in text[mention.start : mention.end]:
            start = bound.start() if bound else mention.start
            yield start, mention.end, (Condition("years", mention.operator, str(mention.value)),)
    for amount in pay.mentions(text):
        if amount.operator:
            key = "salary_max" if amount.operator == ">=" else "salary_min"
            yield amount.start, amount.end, (Condition(key, amount.operator, str(amount.value)),)
    for match in _REFUSAL.finditer(text):
        what, end = match["what"], match.end()
        if shorter := _END_OF_REFUSAL.search(what):
            what, end = what[: shorter.start()], match.start("what") + shorter.start()
        if _NO_REFUSAL.match(what) or len(what.split()) > _LONGEST_REFUSED:
            continue
        conditions = tuple(condition for part in _OR.split(what) for condition in _refused(part.strip(), by_words=match["plain"] is not None))
        if conditions:
            yield match.start(), end, conditions


def _refused(what: str, *, by_words: bool) -> Iterator[Condition]:
    """What a role must not be, for what is refused: by an attribute where it names one, else (`by_words`) by its words."""
    level = next((mention.level for mention in levels.mentions(what)), None) or levels.level_in_title(what)
    skill = next((mention.value for mention in skills.in_query(what) if (mention.start, mention.end) == (0, len(what))), None)
    place = next((mention.value for mention in remote.mentions(what)), None)
    spoken = next((mention.language for mention in languages.mentions(what)), None)
    if what.casefold() in ("degree", "university degree", "college degree"):
        yield Condition("degree", "!=", "*")
    elif skill == _PEOPLE_MANAGEMENT or level == "manager":
        yield Condition("skills", "!=", _PEOPLE_MANAGEMENT)
        yield from (Condition("level", "!=", managing) for managing in _MANAGING_LEVELS)
    elif level is not None:
        yield Condition("level", "!=", level)
    elif skill is not None:
        yield Condition("skills", "!=", skill)
    elif place is not None:
        yield Condition("remote", "!=", place)
    elif spoken is not None:
        yield Condition("languages", "!=", spoken)
    elif (family := families.in_query(what)) is not None:
        yield Condition("family", "!=", family)
    elif by_words and exact_words(what):
        yield Condition(WORDS, "!=", what)


def _wishes(text: str) -> Iterator[Wish]:
    for mention in levels.mentions(text):
        yield Wish("level", mention.level, text[mention.start : mention.end])
    for skill in skills.in_query(text):
        if not skill.negated:
            yield Wish("skills", skill.value, text[skill.start : skill.end])
    for place in remote.mentions(text):
        yield Wish("remote", place.value, text[place.start : place.end])
    for language in languages.mentions(text):
        yield Wish("languages", language.language, text[language.start : language.end])

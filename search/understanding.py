"""What a query asks for: text to search, soft wishes that raise roles, and hard demands that a role must meet. Pure functions over the query's text.

Hard is only what the user marks: operators (search.query_language), "no …", "without …", "at least …" and the like. All else is a wish, and stays in the text.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile

from search.attributes import families, languages, levels, pay, remote, skills, years
from search.attributes.regex import compile_all
from search.manifest import ANY
from search.query_language import take_operators
from search.records import WORDS, Asked, Condition, Demand, Understood, Wish
from search.words import exact_words, phrase_spans

# A pasted advert is a description, not an instruction: in a text of more words nothing is a demand or a wish, its meaning speaks.
LONGEST_INSTRUCTION = 40

# What is refused goes up to the next comma, or the next refusal.
_REFUSAL = re.compile(
    r"(?<![\w-])(?:but |and )?(?:I )?(?P<by>no|without|excluding|except(?: for)?|nothing with|anything but|avoid(?:ing)?|"
    r"(?:don['’]?t|do not|doesn['’]t) (?:want|like|do)(?: to)?|"
    r"never(?: on| in)?|not in|(?:(?:do|does) )?not(?: an?)?) (?:any |an? |the )?"
    r"(?P<what>(?:(?!(?:but|and|or)? ?\b(?:no|not|without)\b)[^,;.!?\n])+)",
    re.IGNORECASE,
)
# After a bare "not" only the name of an attribute is refused: it may be anything ("not sure").
_BARE = re.compile(r"(?:(?:do|does) )?not(?: an?)?", re.IGNORECASE)
# Where what is refused ends when it is only words: at the next "but", "who …".
_END_OF_REFUSAL = re.compile(
    r" (?:but|and|who|that|which|with|for|in|at|on|please|required|needed|necessary|wanted|jobs?|roles?|work|stuff|things?)\b| - ", re.IGNORECASE
)
_AFTER_REFUSED = re.compile(r" ?(?:required|needed|necessary|wanted|please|work|jobs?|roles?|at all)\b", re.IGNORECASE)
_OR = re.compile(r" or | nor | and |/", re.IGNORECASE)
# What makes a demand of a number of years; without it "5 years" only says what kind of role is looked for.
_BOUND = re.compile(
    r"(?:at (?:least|most)|min(?:imum|\.)?(?: of)?|max(?:imum|\.)?(?: of)?|more than|less than|no(?:t)? (?:less|more) than|over|under|up to|from|>=?|<=?) ?$",
    re.IGNORECASE,
)
# "No experience" is a level, "no later than" a date, "no need to" nothing at all.
_NO_REFUSAL = re.compile(
    r"(?:one|to|matter|later|sooner|more than|less than|longer|doubt|problem|need|idea|experience|limit|preference|worries|prior|previous|only)\b",
    re.IGNORECASE,
)
_LONGEST_REFUSED = 2
_LONGEST_ABBREVIATION = 5
_SHORTEST_PLACE = 3
# What columns of places hold besides places.
_NO_PLACES = frozenset({"remote", "hybrid", "anywhere", "home", "office", "various", "any", "flexible", "onsite", "on-site", "nationwide", "worldwide"})
_PEOPLE_MANAGEMENT = "people management"
_CURRENCIES = (
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("€", "EUR"),
    ("eur", "EUR"),
    ("$", "USD"),
    ("usd", "USD"),
    ("pln", "PLN"),
    ("chf", "CHF"),
    ("sek", "SEK"),
    ("dkk", "DKK"),
)
_PERIOD = re.compile(r"(?:per|an?|/) ?(?P<period>hour|day|week|month|year)\b", re.IGNORECASE)
_PERIOD_BEHIND = 12
# The period that an amount is for where none is said.
_PERIODS = ((200, "hour"), (1_000, "day"), (15_000, "month"), (float("inf"), "year"))
_NOT_MANAGING = (
    Condition("skills", "!=", _PEOPLE_MANAGEMENT),
    *(Condition("level", "!=", level) for level in ("manager", "head", "director", "executive")),
)
_CONTRACTS = {
    "part": "part-time", "full": "full-time", "perm": "permanent", "fixe": "fixed-term", "temp": "temporary", "free": "freelance", "cont": "freelance",
}  # fmt: skip
_CONTRACT = re.compile(
    r"(?<![\w-])(?:part[- ]?time|full[- ]?time|permanent(?= (?:role|job|post|position|contract)|$|,)|fixed[- ]?term|temporary|"
    r"freelance(?:r|rs)?|contractors?(?! manag))(?![\w-])",
    re.IGNORECASE,
)
# Where the name of a job ends that a query begins with, and the wishes that may stand before it.
_END_OF_NAME = re.compile(r"[,;:(]|(?<![\w-])(?:with|in|at|for|who|that|on|near|from)(?![\w-])", re.IGNORECASE)
_BEFORE_NAME = ("level", "remote", "contract", "languages")
_NAME_WORDS = range(2, 6)
_MANAGEMENT = re.compile(r"management\b|managing (?:people|others|staff)\b", re.IGNORECASE)
_DEGREE = re.compile(r"(?:(?:university|college) )?(?:degrees?|diploma)\b|university\b|(?:ph\.?d|bachelor['’]?s?|master['’]s)\b(?: degree)?", re.IGNORECASE)


def understand(text: str) -> Understood:
    """Read a query.

    >>> read = understand("senior SRE, no people management, k8s")
    >>> read.asked.text, read.wished("level"), read.wished("skills")
    ('senior SRE, k8s site reliability engineering Kubernetes', ('senior',), ('site reliability engineering', 'Kubernetes'))
    """
    if len(text.split()) > LONGEST_INSTRUCTION:
        return Understood(Asked(" ".join(text.split())))
    asked = take_operators(text)
    rest, demands = _without_demands(asked.text)
    wishes = tuple(_wishes(rest))
    looked_for = Asked(_spelt_out(rest, wishes), asked.phrases, asked.excluded_words, asked.excluded_phrases)
    return Understood(looked_for, wishes, tuple(demands))


def load() -> None:
    """Put together now all that questions are read by: without this, a question waits for what it is the first to need, tens of milliseconds at most."""
    skills.load()
    families.load()
    compile_all()


def places_by_word(places: Iterable[str]) -> dict[str, list[str]]:
    """Places as roles have them ("Leeds, UK"), by the first word of what stands before the comma, which is what a query may name."""
    found: dict[str, list[str]] = defaultdict(list)
    for place in places:
        name = _place_name(place)
        if len(name) >= _SHORTEST_PLACE and name.casefold() not in _NO_PLACES and (words := exact_words(name)):
            found[words[0]].append(place)
    return dict(found)


def place_wishes(text: str, places: Mapping[str, Sequence[str]]) -> tuple[Wish, ...]:
    """The places that a query names, of those that `places_by_word` gave, sorted."""
    near = sorted(place for word in set(exact_words(text)) for place in places.get(word, ()))
    found = ((place, phrase_spans(text, _place_name(place))) for place in near)
    return tuple(Wish("place", place, text[spans[0][0] : spans[0][1]]) for place, spans in found if spans)


def _place_name(place: str) -> str:
    return place.split(",")[0].strip()


def job_named(understood: Understood) -> tuple[str, ...]:
    """The words of the job that a query begins with, without the level and the like before it; none where they are not two to five.

    A single word ("manager", "engineer") names too many jobs to tell one from another.

    >>> job_named(understand("senior data engineer with Kafka in Leeds"))
    ('data', 'engineer')
    """
    end = _END_OF_NAME.search(understood.asked.text)
    beside = {word for wish in understood.wishes if wish.key in _BEFORE_NAME for word in exact_words(wish.said)}
    words = exact_words(understood.asked.text[: end.start()] if end else understood.asked.text)
    name = tuple(dropwhile(beside.__contains__, words))
    # The level is the job in "director of product".
    name = tuple(words) if name[:1] == ("of",) else name
    return name if len(name) in _NAME_WORDS else ()


def without(text: str, said: str) -> str:
    """The query without the words of one wish or demand: what is left when its chip is removed.

    >>> without("senior SRE, no crypto, AWS", "no crypto")
    'senior SRE, AWS'
    """
    found = re.search(r"(?<!\w)" + r"\s+".join(map(re.escape, said.split())) + r"(?!\w)", text, re.IGNORECASE)
    return _tidied(text[: found.start()] + text[found.end() :]) if found and said.strip() else text


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


def _spelt_out(text: str, wishes: Iterable[Wish]) -> str:
    """The text with the full names of the skills that it abbreviates behind it: neither the model nor an advert knows every abbreviation."""
    held = text.casefold()
    names = [wish.value for wish in wishes if wish.key == "skills" and len(wish.said) <= _LONGEST_ABBREVIATION and wish.value.casefold() not in held]
    return " ".join([text, *dict.fromkeys(names)])


def _demands(text: str) -> Iterator[tuple[int, int, tuple[Condition, ...]]]:
    """Start, end and conditions of each demand; they may overlap."""
    for mention in years.mentions(text):
        bound = _BOUND.search(text[: mention.start])
        if bound or "+" in text[mention.start : mention.end]:
            start = bound.start() if bound else mention.start
            yield start, mention.end, (Condition("years", mention.operator, str(mention.value)),)
    for amount in pay.mentions(text):
        if amount.operator:
            behind = _PERIOD.match(text, amount.end + 1)
            yield amount.start, behind.end() if behind else amount.end, _pay_demanded(amount, text[amount.start : amount.end + _PERIOD_BEHIND])
    for match in _REFUSAL.finditer(text):
        if not _NO_REFUSAL.match(match["what"]):
            conditions, length = _refused_list(match["what"], by_words=_BARE.fullmatch(match["by"]) is None)
            if conditions:
                end = match.start("what") + length
                after = _AFTER_REFUSED.match(text, end)
                yield match.start(), after.end() if after else end, conditions


def _pay_demanded(amount: pay.Mention, said: str) -> tuple[Condition, ...]:
    """An amount, in the currency and for the period that are said; what is not said of the period follows from the amount."""
    limit = Condition("salary_max" if amount.operator == ">=" else "salary_min", amount.operator, str(amount.value))
    currency = next((code for sign, code in _CURRENCIES if sign in said.casefold()), None)
    named = _PERIOD.search(said)
    period = named["period"].casefold() if named else next(period for most, period in _PERIODS if amount.value < most)
    return limit, Condition("salary_period", "=", period), *([Condition("currency", "=", currency)] if currency else [])


def _refused_list(what: str, *, by_words: bool) -> tuple[tuple[Condition, ...], int]:
    """What "no …" refuses, and how much of the text says it: the name that it begins with, and those that "or" joins to it; the rest is looked for."""
    conditions: list[Condition] = []
    end = 0
    for start, stop in _parts(what):
        part = what[start:stop]
        found, length = _refused_name(part)
        if not found and by_words and not conditions:
            shorter = _END_OF_REFUSAL.search(part)
            words = (part[: shorter.start()] if shorter else part).rstrip()
            if len(words.split()) > _LONGEST_REFUSED:
                # What follows is what is looked for: "no travel sales engineer".
                words = words.split()[0]
            if exact_words(words):
                found, length = (Condition(WORDS, "!=", words.strip()),), len(words)
        if not found:
            break
        conditions.extend(found)
        end = start + length
        if length < len(part.rstrip()):
            break
    return tuple(conditions), end


def _parts(what: str) -> Iterator[tuple[int, int]]:
    start = 0
    for joint in _OR.finditer(what):
        yield start, joint.start()
        start = joint.end()
    yield start, len(what)


def _refused_name(what: str) -> tuple[tuple[Condition, ...], int]:
    """What the name that a text begins with refuses, and its length; the longest of the names of attributes that stand there."""
    found: list[tuple[int, tuple[Condition, ...]]] = []
    for level, end in _levels_at_start(what):
        found.append((end, _NOT_MANAGING if level == "manager" else (Condition("level", "!=", level),)))
    for skill in skills.in_query(what):
        if skill.start == 0:
            found.append((skill.end, _NOT_MANAGING if skill.value == _PEOPLE_MANAGEMENT else (Condition("skills", "!=", skill.value),)))
    found += [(one.end, (Condition("remote", "!=", one.value),)) for one in remote.mentions(what) if one.start == 0]
    found += [(one.end, (Condition("languages", "!=", one.language),)) for one in languages.mentions(what) if one.start == 0]
    if contract := _CONTRACT.match(what):
        found.append((contract.end(), (Condition("contract", "!=", _contract_named(contract.group())),)))
    if degree := _DEGREE.match(what):
        found.append((degree.end(), (Condition("degree", "!=", ANY),)))
    if manages := _MANAGEMENT.match(what):
        found.append((manages.end(), _NOT_MANAGING))
    if not found and len(what.split()) <= _LONGEST_REFUSED and (family := families.in_query(what)) is not None:
        found.append((len(what.rstrip()), (Condition("family", "!=", family),)))
    end, conditions = max(found, key=lambda pair: pair[0], default=(0, ()))
    return conditions, end


def _contract_named(said: str) -> str:
    return _CONTRACTS[said[:4].casefold()]


def _levels_at_start(what: str) -> Iterator[tuple[str, int]]:
    yield from ((mention.level, mention.end) for mention in levels.mentions(what) if mention.start == 0)
    word = re.match(r"[\w-]+", what)
    if word and (level := levels.level_in_title(word.group().removesuffix("s"))):
        yield level, word.end()


def _wishes(text: str) -> Iterator[Wish]:
    for mention in levels.mentions(text):
        yield Wish("level", mention.level, text[mention.start : mention.end])
    if job := families.mention(text):
        yield Wish("family", job.family, text[job.start : job.end])
    for skill in skills.in_query(text):
        if not skill.negated:
            yield Wish("skills", skill.value, text[skill.start : skill.end])
    for place in remote.mentions(text):
        yield Wish("remote", place.value, text[place.start : place.end])
    for contract in _CONTRACT.finditer(text):
        yield Wish("contract", _contract_named(contract.group()), contract.group())
    for language in languages.mentions(text):
        yield Wish("languages", language.language, text[language.start : language.end])

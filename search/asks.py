"""What a role asks for, one by one: skills, years, degree, certificates, languages, and its duties and other requirements sentence by sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from search.attributes import skills
from search.quotes import Quotable, Quote, Sentence, denies, distinct, tells_of_a_person
from search.records import Role


class Kind(StrEnum):
    """What is asked for."""

    SKILL = "skill"
    YEARS = "years"
    DEGREE = "degree"
    CERTIFICATE = "certificate"
    LANGUAGE = "language"
    DUTY = "duty"
    REQUIREMENT = "requirement"


BY_ATTRIBUTE = {"skills": Kind.SKILL, "certificates": Kind.CERTIFICATE, "languages": Kind.LANGUAGE}
SENTENCES = frozenset({Kind.DUTY, Kind.REQUIREMENT})
# What stands there is offered, or says how to apply.
OFFERED = frozenset({"benefits", "apply"})
_DUTIES = frozenset({"responsibilities"})
_REQUIREMENTS = frozenset({"requirements", "skills", "desirable"})
_WISHED_SECTION = "desirable"
_WISHED = re.compile(
    r"\b(?:nice to have|(?:a|big|real|strong) (?:plus|bonus|advantage)|preferred|preferably|ideally|desirable|advantageous|optional|"
    r"not (?:required|essential))\b",
    re.IGNORECASE,
)
# Between names of which one is enough: "Python, Go or Java", "Terraform/Pulumi".
_ALTERNATIVE_GAP = re.compile(r"\s*(?:/|,|,? ?\(?or(?: in| with| an?| the)?)\s*", re.IGNORECASE)
_OR = re.compile(r"/|\bor\b", re.IGNORECASE)
_FEWEST_WORDS = 3
# A technology that is only told of ("We run Kubernetes") is worked with; a skill that is only told of ("a radiology viewer") may be the customer's.
_OFTEN_TOLD = frozenset({"skill", "method"})
# Before a technology's common noun, outside of what is required: one thing of that kind ("a hospital firewall changed without notice").
_ONE_THING = re.compile(r"(?<!\bin )\b(?:an?|every|each|another)\s+(?:[\w-]+\s+){0,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a role asks for.

    `values` are names of which one is enough, a number of years, a degree; none for a sentence. `said` is how a person reads it. `quote` is the role's own
    sentence, None where a field of the record says it. `wished` marks what the role would like but does not need.
    """

    kind: Kind
    said: str
    quote: Quote | None
    values: tuple[str, ...] = ()
    wished: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    value: str
    start: int
    end: int
    in_title: bool
    wished: bool
    in_heading: bool


def asks_of(role: Role) -> list[Ask]:
    """Everything that a role asks for: what its attributes say first, then its duties, then the requirements that no attribute covers, in its own order."""
    text = Quotable(role)
    named = [ask for key, kind in BY_ATTRIBUTE.items() for ask in _named_asks(text, key, kind)]
    asks = [*named, *_single_asks(text)]
    quotes = [(ask.kind, ask.quote.start, ask.quote.end) for ask in asks if ask.quote and not ask.quote.in_title]
    return [*asks, *_sentence_asks(text, quotes)]


# Names ----------------------------------------------------------------------------------------------------------------


def _named_asks(text: Quotable, key: str, kind: Kind) -> Iterator[Ask]:
    """An ask for each name, or for each run of names of which one is enough."""
    found = _asked_names(text, key)
    held = text.role.attributes.get(key, ())
    read = {reading.value for reading in text.role.readings if reading.key == key}
    known = {name.value for name in found} | read
    for run in _runs(text, found):
        yield Ask(
            kind,
            " or ".join(name.value for name in run),
            text.around(run[0].start, run[-1].end, in_title=run[0].in_title),
            tuple(name.value for name in run),
            all(name.wished for name in run),
        )
    for value in held if isinstance(held, tuple) else ():
        if value not in known:
            yield Ask(kind, value, None, (value,))


def _asked_names(text: Quotable, key: str) -> list[_Named]:
    """Each name where it is asked for most plainly: as a need rather than a wish, in a sentence rather than a heading, then in the title, then first."""
    places = [(str(one.value), one.start, one.end, one.in_title) for one in text.role.readings if one.key == key]
    if key == "skills":
        wanted = {value for value, *_ in places}
        mentions = [one for one in skills.mentions(text.role.text) if one.value in wanted and not one.negated]
        places += [(one.value, one.start, one.end, False) for one in mentions]
    best: dict[str, _Named] = {}
    for value, start, end, in_title in places:
        section = section_at(text.role, start)
        sentence = text.sentence_at(start)
        if not in_title and (section in OFFERED or _is_only_told(value, start, sentence)):
            continue
        wished = not in_title and _is_wished(section, text.around(start, end).text)
        named = _Named(value, start, end, in_title, wished, in_heading=not in_title and sentence is None)
        if value not in best or _plainness(named) < _plainness(best[value]):
            best[value] = named
    return sorted(best.values(), key=lambda name: (not name.in_title, name.start))


def _is_only_told(value: str, start: int, sentence: Sentence | None) -> bool:
    """Whether a sentence of the role tells of what this name stands for, without asking anybody for it."""
    if sentence is None:
        return False
    if skills.kind_of(value) in _OFTEN_TOLD and not tells_of_a_person(sentence):
        return True
    before = sentence.quote.text[: start - sentence.quote.start]
    is_common_noun = skills.kind_of(value) == "technology" and value == value.lower()
    return is_common_noun and sentence.section not in _REQUIREMENTS and _ONE_THING.search(before) is not None


def _plainness(name: _Named) -> tuple[bool, bool, bool, int]:
    return name.wished, name.in_heading, not name.in_title, name.start


def _runs(text: Quotable, names: Sequence[_Named]) -> Iterator[list[_Named]]:
    """Names in the order of the text, those together of which one is enough."""
    run: list[_Named] = []
    has_or = False
    for before, name in pairwise([None, *names]):
        gap = "" if before is None or name is None or before.in_title or name.in_title else text.role.text[before.end : name.start]
        if name is None:
            continue
        if run and gap and _ALTERNATIVE_GAP.fullmatch(gap):
            run.append(name)
            has_or = has_or or _OR.search(gap) is not None
            continue
        yield from _split(run, has_or)
        run, has_or = [name], False
    yield from _split(run, has_or)


def _split(run: list[_Named], has_or: bool) -> Iterator[list[_Named]]:
    if has_or:
        yield run
    else:
        yield from ([name] for name in run)


# Years and degree -----------------------------------------------------------------------------------------------------


def _single_asks(text: Quotable) -> Iterator[Ask]:
    for key, kind, said in (("years", Kind.YEARS, "{} years"), ("degree", Kind.DEGREE, "{}")):
        value = text.role.attributes.get(key)
        if value is None or isinstance(value, tuple):
            continue
        reading = next((one for one in text.role.readings if one.key == key), None)
        quote = text.around(reading.start, reading.end, in_title=reading.in_title) if reading else None
        wished = bool(reading and quote and _is_wished(section_at(text.role, reading.start), quote.text))
        yield Ask(kind, said.format(value), quote, (str(value),), wished)


# Sentences ------------------------------------------------------------------------------------------------------------


def _sentence_asks(text: Quotable, covered: Sequence[tuple[Kind, int, int]]) -> list[Ask]:
    told = [one for one in text.sentences() if tells_of_a_person(one)]
    sentences = [one for one in told if len(one.quote.text.split()) >= _FEWEST_WORDS and not denies(one.quote.text)]
    # A sentence that names skills is a duty all the same; one that asks for years, a degree, a certificate or a language is none.
    no_duties = {(start, end) for kind, start, end in covered if kind is not Kind.SKILL}
    taken = {(start, end) for _, start, end in covered}
    duties = [one for one in sentences if one.section in _DUTIES] or [one for one in sentences if one.section == "other"]
    requirements = [one for one in sentences if one.section in _REQUIREMENTS and (one.quote.start, one.quote.end) not in taken]
    return [*_as_asks([one for one in duties if (one.quote.start, one.quote.end) not in no_duties], Kind.DUTY), *_as_asks(requirements, Kind.REQUIREMENT)]


def _as_asks(sentences: Sequence[Sentence], kind: Kind) -> list[Ask]:
    return [Ask(kind, one.quote.text, one.quote, (), _is_wished(one.section, one.quote.text)) for one in distinct(sentences)]


def section_at(role: Role, place: int) -> str:
    """The kind of section that a place of the text lies in, "" where it lies in none."""
    return next((section.name for section in role.sections if section.start <= place < section.end), "")


def _is_wished(section: str, sentence: str) -> bool:
    return section == _WISHED_SECTION or _WISHED.search(sentence) is not None

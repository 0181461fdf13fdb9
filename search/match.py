"""What a role asks for, held against what a text shows: a CV, or another role's description. Each line quotes both sides.

Names, years and degrees are compared as values; duties and other requirements by meaning, as sentences.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from search.asks import BY_ATTRIBUTE, OFFERED, SENTENCES, Ask, Kind, asks_of
from search.attributes import certificates, degrees, implied, languages, skills
from search.embedding import Embedder, Vectors
from search.experience import Experience, experience_of
from search.nearness import shortness
from search.quotes import Quotable, Quote, Sentence, denies, distinct, folded, skills_in
from search.records import Role
from search.words import telling_stems

# How near two sentences are: their cosine, more where the one has the other's words, less where they are short, since short texts lie near each other by their
# form alone. The bars were chosen on 109 pairs from the shipped corpus and the tests' CV, each an asked sentence with the nearest of a related text: of 12
# from MET on 8 showed what was asked and 11 at least a part, of 34 from PARTLY on 23 a part or more, with a CV 6 of 6. Of 32 pairs not seen before, of roles
# only: 7 and 8 of 12, and 9 of 20. docs/decisions.md, "Match".
MET, PARTLY = 0.62, 0.48
SHARED_WORDS, SHORTNESS = 0.2, 0.05
# Two sentences that name the same skill are partly about the same from a lower bar on: of 8 such pairs that only this rule takes, 6 were, with a CV 4 of 4.
SAME_SKILL = 0.12
# The share of the years asked from which they are partly met.
PARTLY_YEARS = 0.5
# More than the model reads; no need to cut a page-long line into tokens.
LONGEST_SENTENCE = 2_000


class Verdict(StrEnum):
    """How far a text shows what is asked."""

    MET = "met"
    PARTLY = "partly"
    MISSING = "missing"


_WORTH = {Verdict.MET: 1.0, Verdict.PARTLY: 0.5, Verdict.MISSING: 0.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked, and what the text shows of it.

    `shown` is the text's sentence; where the verdict is missing, the sentence that denies it, if any. `value` is what the text has, such as "9 years" or
    "bachelor". `nearness` says how near the two sentences are, where meaning decided: 2 where they are the same.
    """

    ask: Ask
    verdict: Verdict
    shown: Quote | None = None
    value: str = ""
    nearness: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """All lines of one role against one text, in the order of `asks_of`."""

    role_id: str
    title: str
    lines: tuple[Line, ...]

    @property
    def share(self) -> float:
        """How much of what the role needs the text shows, from 0 to 1: met counts 1, partly a half; 0 where it needs nothing that could be read."""
        needed = [_WORTH[line.verdict] for line in self.lines if not line.ask.wished]
        return sum(needed) / len(needed) if needed else 0.0

    def count(self, verdict: Verdict, *, wished: bool = False) -> int:
        """How many lines have this verdict, among those that the role needs, or among those that it only wishes for."""
        return sum(line.verdict is verdict and line.ask.wished is wished for line in self.lines)


def match_role(text_role: Role, role: Role, embedder: Embedder, today: date | None = None) -> Match:
    """What `role` asks for against what `text_role` shows; "to present" in the text means up to `today`."""
    return match_roles(text_role, [role], embedder, today)[0]


def match_roles(text_role: Role, roles: Sequence[Role], embedder: Embedder, today: date | None = None) -> list[Match]:
    """As `match_role`, for several roles and one text; all sentences of all of them are embedded in one batch."""
    text = _Text(text_role, today or date.today())
    asks = [asks_of(role) for role in roles]
    meanings = _Meanings([ask.said for one in asks for ask in one if ask.kind in SENTENCES], text.sentences, embedder)
    return [Match(role.id, role.title, tuple(_line(ask, text, meanings) for ask in one)) for role, one in zip(roles, asks, strict=True)]


def _line(ask: Ask, text: "_Text", meanings: "_Meanings") -> Line:
    if ask.kind in SENTENCES:
        return meanings.line(ask)
    if ask.kind is Kind.YEARS:
        return _years_line(ask, text)
    if ask.kind is Kind.DEGREE:
        return _degree_line(ask, text)
    return _name_line(ask, text)


# What a text shows ----------------------------------------------------------------------------------------------------


class _Text:
    """A text's names, degrees, years and sentences, each with its quote; read once for all roles."""

    def __init__(self, role: Role, today: date) -> None:
        self.quotable = Quotable(role)
        self.names = {kind: _shown_names(self.quotable, key) for key, kind in BY_ATTRIBUTE.items()}
        self.denied = {
            Kind.SKILL: self._quoted((one.value, one.start, one.end) for one in skills.mentions(role.text) if one.negated),
            Kind.CERTIFICATE: self._quoted((one.certificate, one.start, one.end) for one in certificates.denied(role.text)),
            Kind.LANGUAGE: self._quoted((one.language, one.start, one.end) for one in languages.denied(role.text)),
            Kind.DEGREE: self._quoted((one.degree, one.start, one.end) for one in degrees.denied(role.text)),
        }
        self.jobs = _shown_by_jobs(self.quotable)
        self.degrees = dict(_shown_degrees(self.quotable))
        self.years = _shown_years(role, today)
        self.sentences = distinct([one for one in self.quotable.sentences() if one.section not in OFFERED])

    def _quoted(self, places: Iterable[tuple[str, int, int]]) -> dict[str, Quote]:
        quotes: dict[str, Quote] = {}
        for value, start, end in places:
            quotes.setdefault(value, self.quotable.around(start, end))
        return quotes


def _shown_names(text: Quotable, key: str) -> dict[str, Quote | None]:
    """Each name with the sentence that shows it best: of a skill the one that names the fewest others beside it, for a bare list shows little."""
    held = text.role.attributes.get(key, ())
    shown: dict[str, Quote | None] = dict.fromkeys(held if isinstance(held, tuple) else ())
    shown |= {str(one.value): text.around(one.start, one.end, in_title=one.in_title) for one in text.role.readings if one.key == key}
    if key != "skills":
        return shown
    mentions = [one for one in skills.mentions(text.role.text) if not one.negated]
    quotes = [text.around(one.start, one.end) for one in mentions]
    crowd = {quote: quotes.count(quote) for quote in quotes}
    best: dict[str, Quote] = {}
    for mention, quote in zip(mentions, quotes, strict=True):
        if mention.value in shown and (mention.value not in best or _fullness(text, quote, crowd) > _fullness(text, best[mention.value], crowd)):
            best[mention.value] = quote
    return shown | best


def _shown_by_jobs(text: Quotable) -> dict[str, tuple[str, Quote]]:
    """Each skill that a job of the text is called after, with the job and the line that names it."""
    shown: dict[str, tuple[str, Quote]] = {}
    for job in implied.jobs(text.role):
        said = (text.role.title if job.in_title else text.role.text)[job.start : job.end]
        shown.setdefault(job.skill, (said, text.around(job.start, job.end, in_title=job.in_title)))
    return shown


_ENOUGH_WORDS = 12


def _fullness(text: Quotable, quote: Quote, crowd: Mapping[Quote, int]) -> float:
    """How much a sentence says of each of the skills that it names; of a heading nothing."""
    return min(_ENOUGH_WORDS, len(quote.text.split())) / crowd[quote] if text.sentence_at(quote.start) else 0.0


def _shown_degrees(text: Quotable) -> Iterable[tuple[str, Quote | None]]:
    """The degrees that a text names, each with its sentence: all of them, not only the lowest, which is what a role asks."""
    held = text.role.attributes.get("degree")
    if isinstance(held, str) and held in degrees.DEGREES:
        yield held, None
    for mention in degrees.held(text.role.text):
        yield mention.degree, text.around(mention.start, mention.end)


def _shown_years(role: Role, today: date) -> Experience | None:
    """As the text shows them; more where a field of the record says so."""
    own, shown = role.attributes.get("years"), experience_of(role, today)
    if isinstance(own, int | float) and not isinstance(own, bool) and (shown is None or own > shown.years):
        return Experience(int(own), 0, 0)
    return shown


# Lines ----------------------------------------------------------------------------------------------------------------


def _name_line(ask: Ask, text: _Text) -> Line:
    shown, denied = text.names[ask.kind], text.denied[ask.kind]
    by_folded = {value.casefold(): value for value in shown}
    found = next((by_folded[value.casefold()] for value in ask.values if value.casefold() in by_folded), None)
    if found is not None:
        return Line(ask, Verdict.MET, shown[found], found)
    denial = next((denied[value] for value in ask.values if value in denied), None)
    return (None if denial else _implied_line(ask, text)) or Line(ask, Verdict.MISSING, denial)


def _implied_line(ask: Ask, text: _Text) -> Line | None:
    """Met by a job that is called after the skill, or by a tool with which it is practised; None where there is neither."""
    if ask.kind is not Kind.SKILL:
        return None
    for value in ask.values:
        if value in text.jobs:
            said, quote = text.jobs[value]
            return Line(ask, Verdict.MET, quote, said)
        tool = implied.shown_by(value, text.names[Kind.SKILL])
        if tool:
            return Line(ask, Verdict.MET, text.names[Kind.SKILL][tool], tool)
    return None


def _years_line(ask: Ask, text: _Text) -> Line:
    asked, shown = float(ask.values[0]), text.years
    if shown is None:
        return Line(ask, Verdict.MISSING)
    verdict = Verdict.MET if shown.years >= asked else Verdict.PARTLY if shown.years >= asked * PARTLY_YEARS else Verdict.MISSING
    said = f"{shown.years} {'year' if shown.years == 1 else 'years'}{' by its dates' if shown.from_dates else ''}"
    return Line(ask, verdict, text.quotable.around(shown.start, shown.end) if shown.end else None, said)


def _degree_line(ask: Ask, text: _Text) -> Line:
    """By rank: one step below what is asked is partly."""
    if ask.values[0] not in degrees.DEGREES:
        return Line(ask, Verdict.MET if ask.values[0] == text.quotable.role.attributes.get("degree") else Verdict.MISSING)
    asked = degrees.DEGREES.index(ask.values[0])
    if not text.degrees:
        return Line(ask, Verdict.MISSING, next(iter(text.denied[Kind.DEGREE].values()), None))
    best = max(text.degrees, key=degrees.DEGREES.index)
    rank = degrees.DEGREES.index(best)
    return Line(ask, Verdict.MET if rank >= asked else Verdict.PARTLY if rank == asked - 1 else Verdict.MISSING, text.degrees[best], best)


class _Meanings:
    """How near sentences that are asked come to sentences of the text."""

    def __init__(self, asked: Sequence[str], shown: Sequence[Sentence], embedder: Embedder) -> None:
        self._shown = shown
        self._denied = np.array([denies(one.quote.text) for one in shown], dtype=bool)
        self._skills = [skills_in(one.quote.text) for one in shown]
        self._words = [telling_stems(one.quote.text) for one in shown]
        self._shortness = np.array([shortness(one.quote.text) for one in shown])
        texts = list(dict.fromkeys([*asked, *(one.quote.text for one in shown)]))
        self._row = {text: number for number, text in enumerate(texts)}
        self._vectors: Vectors = embedder.encode_document([text[:LONGEST_SENTENCE] for text in texts])
        self._columns = self._vectors[[self._row[one.quote.text] for one in shown]]

    def line(self, ask: Ask) -> Line:
        """By the nearest sentence. One that denies shows nothing: it is quoted where it is the nearest of all and what is asked is missing."""
        if not self._shown:
            return Line(ask, Verdict.MISSING)
        nearness = self._nearness(ask.said)
        affirming = np.where(self._denied, -np.inf, nearness)
        skills_asked = skills_in(ask.said)
        partly = affirming + SAME_SKILL * np.array([bool(skills_asked & shown) for shown in self._skills])
        nearest, best, best_partly = int(nearness.argmax()), int(affirming.argmax()), int(partly.argmax())
        if affirming[best] >= MET:
            return Line(ask, Verdict.MET, self._shown[best].quote, "", float(nearness[best]))
        if partly[best_partly] >= PARTLY:
            return Line(ask, Verdict.PARTLY, self._shown[best_partly].quote, "", float(nearness[best_partly]))
        is_denied = bool(self._denied[nearest]) and nearness[nearest] >= PARTLY
        return Line(ask, Verdict.MISSING, self._shown[nearest].quote if is_denied else None, "", float(nearness[nearest]))

    def _nearness(self, asked: str) -> npt.NDArray[np.float64]:
        """Of each sentence of the text, shape (sentences,); 1 and more for one in the same words."""
        cosines = (self._columns @ self._vectors[self._row[asked]]).astype(np.float64)
        words = telling_stems(asked)
        shared = np.array([len(words & shown) / max(1, len(words)) for shown in self._words])
        same = np.array([folded(one.quote.text) == folded(asked) for one in self._shown])
        return np.where(same, 2.0, cosines + SHARED_WORDS * shared - SHORTNESS * (self._shortness + shortness(asked)))

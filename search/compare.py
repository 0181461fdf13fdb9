"""Two to four roles side by side: what their attributes say, the skills they share, and their sentences paired by meaning, so that what differs stands out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.asks import OFFERED
from search.attributes import skills
from search.embedding import Embedder, Vectors
from search.errors import UsageError
from search.marks import marking_words
from search.pairing import Pair, Paired, pairs_of
from search.quotes import Quotable, Quote, Sentence, tells_of_a_person
from search.records import Attributes, AttributeValue, Role

FEWEST, MOST = 2, 4
# Sentences of one role that are compared: twenty pages. Of a longer text the rest is left out, and said; embedding it all would hold the model for minutes.
MOST_SENTENCES = 600
# What is compared as values; skills and pay have places of their own.
_FACTS = ("level", "family", "years", "degree", "certificates", "languages", "place", "remote", "contract")
_PAY = ("salary_min", "salary_max", "currency", "salary_period")
# More than the model reads.
_LONGEST_SENTENCE = 2_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute of all roles: their values as a person reads them, () where a role says nothing, and the sentence that each was read from."""

    key: str
    values: tuple[tuple[str, ...], ...]
    quotes: tuple[Quote | None, ...]

    @property
    def same(self) -> bool:
        """Whether all roles have the same values, in whatever order."""
        return len({frozenset(values) for values in self.values}) == 1


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill and the sentence of each role that names it first; None where a role does not, or only a field of its record does."""

    name: str
    held: tuple[bool, ...]
    quotes: tuple[Quote | None, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The sentences of the first role against those of another, `other` being its number from 1.

    `marks` are the words that each of the two uses far more than the other, the most telling first.
    """

    other: int
    paired: Paired
    marks: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Roles side by side. `facts` are the attributes that at least one states; `skills` are in the order of the alphabet; each further role is paired with the
    first. `notes` say what a reader should know of how they were compared.
    """

    roles: tuple[Role, ...]
    facts: tuple[Fact, ...]
    skills: tuple[Skill, ...]
    pairings: tuple[Pairing, ...]
    notes: tuple[str, ...] = ()

    def shared_skills(self) -> tuple[str, ...]:
        """The skills that all roles have."""
        return tuple(skill.name for skill in self.skills if all(skill.held))

    def own_skills(self, number: int) -> tuple[str, ...]:
        """The skills that only this role has."""
        return tuple(skill.name for skill in self.skills if skill.held[number] and sum(skill.held) == 1)


def compare_roles(roles: Sequence[Role], embedder: Embedder) -> Comparison:
    """Compare two to four roles; all their sentences are embedded in one batch. compare(A, B) is compare(B, A) with the sides changed.

    Raises UsageError for fewer than two roles or more than four.
    """
    if not FEWEST <= len(roles) <= MOST:
        raise UsageError(f"{len(roles)} {'role was' if len(roles) == 1 else 'roles were'} named; compare {FEWEST} to {MOST}")
    texts = [Quotable(role) for role in roles]
    whole = [_compared(text) for text in texts]
    sentences = [one[:MOST_SENTENCES] for one in whole]
    vectors = _vectors(sentences, embedder)
    pairings = [_pairing(roles, sentences, vectors, other) for other in range(1, len(roles))]
    notes = [_cut_note(role, len(one)) for role, one in zip(roles, whole, strict=True) if len(one) > MOST_SENTENCES]
    return Comparison(tuple(roles), tuple(_facts(texts)), tuple(_skills(texts)), tuple(pairings), tuple(notes))


def _cut_note(role: Role, sentences: int) -> str:
    return f"{role.id} has {sentences:,} sentences; only the first {MOST_SENTENCES:,} were compared."


# Attributes -----------------------------------------------------------------------------------------------------------


def _facts(texts: Sequence[Quotable]) -> list[Fact]:
    facts = [Fact(key, tuple(_values(text.role.attributes.get(key)) for text in texts), tuple(_quote(text, key) for text in texts)) for key in _FACTS]
    pay = tuple(_pay(text.role.attributes) for text in texts)
    facts.append(Fact("pay", pay, tuple(_quote(text, _PAY[0]) or _quote(text, _PAY[1]) for text in texts)))
    return [fact for fact in facts if any(fact.values)]


def _values(value: AttributeValue | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (str(value),)


def _pay(attributes: Attributes) -> tuple[str, ...]:
    """The span of pay on one line: "82,000 to 91,000 USD per year"."""
    amounts = [attributes[key] for key in _PAY[:2] if key in attributes]
    numbers = list(dict.fromkeys(f"{amount:,}" if isinstance(amount, int | float) else str(amount) for amount in amounts))
    if not numbers:
        return ()
    period = f"per {attributes['salary_period']}" if "salary_period" in attributes else ""
    return (" ".join(part for part in (" to ".join(numbers), str(attributes.get("currency", "")), period) if part),)


def _quote(text: Quotable, key: str) -> Quote | None:
    reading = next((one for one in text.role.readings if one.key == key), None)
    return text.around(reading.start, reading.end, in_title=reading.in_title) if reading else None


def _skills(texts: Sequence[Quotable]) -> list[Skill]:
    held = [_values(text.role.attributes.get("skills")) for text in texts]
    quotes = [_skill_quotes(text) for text in texts]
    names = sorted({name for names in held for name in names}, key=lambda name: (name.casefold(), name))
    return [Skill(name, tuple(name in own for own in held), tuple(own.get(name) for own in quotes)) for name in names]


def _skill_quotes(text: Quotable) -> dict[str, Quote]:
    """Each skill with the sentence that names it first; the title or a heading only where no sentence does."""
    quotes = {str(one.value): text.around(one.start, one.end, in_title=one.in_title) for one in reversed(text.role.readings) if one.key == "skills"}
    mentions = [one for one in reversed(skills.mentions(text.role.text)) if not one.negated and text.sentence_at(one.start)]
    return quotes | {one.value: text.around(one.start, one.end) for one in mentions if one.value in quotes}


# Sentences ------------------------------------------------------------------------------------------------------------


def _compared(text: Quotable) -> list[Sentence]:
    """What a role says of the work and of who does it: not what it offers, nor what it tells of the employer."""
    return [one for one in text.sentences() if one.section not in OFFERED and tells_of_a_person(one)]


def _vectors(sentences: Sequence[Sequence[Sentence]], embedder: Embedder) -> list[Vectors]:
    """The vectors of each role's sentences. They are embedded in the order of the alphabet: in another order, the last digits would be others."""
    texts = sorted({one.quote.text[:_LONGEST_SENTENCE] for role in sentences for one in role})
    row = {text: number for number, text in enumerate(texts)}
    vectors = embedder.encode_document(texts)
    return [vectors[np.array([row[one.quote.text[:_LONGEST_SENTENCE]] for one in role], dtype=np.intp)] for role in sentences]


def _pairing(roles: Sequence[Role], sentences: Sequence[Sequence[Sentence]], vectors: Sequence[Vectors], other: int) -> Pairing:
    """The first role with another. Of equally good assignments the solver may take either: they are always worked out the same way round."""
    one, two = sorted((0, other), key=lambda number: (roles[number].title, roles[number].text, roles[number].id))
    paired = pairs_of(sentences[one], sentences[two], vectors[one], vectors[two])
    if one != 0:
        paired = _turned(paired)
    marks = marking_words(*([one.quote.text for one in sentences[number]] for number in (0, other)))
    return Pairing(other, paired, marks)


def _turned(paired: Paired) -> Paired:
    pairs = [Pair(pair.other, pair.first, pair.nearness, pair.same) for pair in paired.pairs]
    return Paired(tuple(sorted(pairs, key=lambda pair: pair.first.quote.start)), paired.only_other, paired.only_first)

"""What the program speaks of: roles, chunks, filters, queries and hits. Frozen; nothing here reads a file or computes a score.

Every span is a pair of character offsets into `Role.text`: `role.text[start:end]`, end exclusive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

AttributeValue: TypeAlias = str | int | float | bool | tuple[str, ...]
Attributes: TypeAlias = Mapping[str, AttributeValue]


# The key of a demand that is about words of the text, not about an attribute.
WORDS = "words"
# Between a heading and the one above it.
BELOW = " › "


class Mode(StrEnum):
    """Which half of the index answers: both, the vectors (meaning) or the words."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a role's text under one heading.

    `name` is the kind of section ("responsibilities", "requirements", …; "other" where it is none of the known kinds), `heading` the words as
    they stand in the text ("" where the section has no heading line), `above` the headings that it is nested in, outermost first. [start, end) is the body,
    without the heading line.
    """

    name: str
    heading: str
    start: int
    end: int
    above: tuple[str, ...] = ()

    @property
    def trail(self) -> str:
        """The heading with those above it, such as "Communication › Level 2"."""
        return BELOW.join((*self.above, self.heading)) if self.heading else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """An attribute's value and the place that it was read from: [start, end) in the role's text, or in its title where `in_title`."""

    key: str
    value: str | int | float
    start: int
    end: int
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """One role description, whole.

    `source` is the file it was read from, as a path below the ingested folder. `text` is plain text: paragraphs separated by blank lines, list
    items on lines that begin with "- ", heading lines on their own; without the title. `attributes` are the record's own fields together with what was
    read in title and text; `readings` say where the latter stand.
    """

    id: str
    title: str
    text: str
    source: str
    sections: tuple[Section, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a role's text that is embedded as one vector.

    `text` is exactly `role.text[start:end]`. `title` and `heading` are context: they are embedded and searched with the text but are no part of it.
    `section` is the name of the section that the chunk lies in, `heading` its heading with those above it.
    """

    id: str
    role_id: str
    start: int
    end: int
    text: str
    title: str
    section: str
    heading: str

    @property
    def embedded_text(self) -> str:
        """What the model is given: "Title — Heading: text"; the title in front was measured to help (docs/decisions.md)."""
        context = f"{self.title} — {self.heading}" if self.heading else self.title
        return f"{context}: {self.text}" if context else self.text


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on an attribute: `operator` is one of =, !=, >=, <=."""

    key: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that a role must meet. Those with "=" on one key are alternatives; all else must hold together."""

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index. `text` may hold operators: "exact phrase", -word, -"exact phrase". At most `k` roles come back.

    `like` and `unlike` are ids of roles that the answer should be nearer to and farther from; they are themselves no part of it. `like_texts` and
    `unlike_texts` are phrases that steer likewise, by meaning alone (how: search.feedback). Where a role or a phrase is liked, the text may be empty.
    Where `collapsed`, of near-identical roles only the best is a hit.
    """

    text: str
    k: int = 10
    mode: Mode = Mode.HYBRID
    filters: Filters = Filters()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    like_texts: tuple[str, ...] = ()
    unlike_texts: tuple[str, ...] = ()
    collapsed: bool = False

    @property
    def likes(self) -> bool:
        """Whether a role or a phrase is liked."""
        return bool(self.like or any(map(str.strip, self.like_texts)))

    @property
    def is_steered(self) -> bool:
        """Whether a role or a phrase is liked or not liked."""
        return self.likes or bool(self.unlike or any(map(str.strip, self.unlike_texts)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A query's text, its operators taken out.

    `text` is what to look for, in words and by meaning, the phrases' words among it; `phrases` must occur in a role as they stand; a role in which one of
    `excluded_words` or `excluded_phrases` occurs is left out.
    """

    text: str
    phrases: tuple[str, ...] = ()
    excluded_words: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()

    @property
    def has_operators(self) -> bool:
        """Whether some roles are ruled out by words."""
        return bool(self.phrases or self.excluded_words or self.excluded_phrases)


@dataclass(frozen=True, slots=True)
class Wish:
    """A role with this value of an attribute is raised, none is dropped for lack of it; `said` are the query's words for it."""

    key: str
    value: str
    said: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What a role must meet; `said` are the query's words for it. The key WORDS stands for a word or phrase in the role's text."""

    conditions: tuple[Condition, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that no role holds, and the word that was searched for instead."""

    said: str
    read: str


@dataclass(frozen=True, slots=True)
class Understood:
    """How a query was read. `asked` holds the text to search, free of demands, and the operators."""

    asked: Asked = Asked("")
    wishes: tuple[Wish, ...] = ()
    demands: tuple[Demand, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def wished(self, key: str) -> tuple[str, ...]:
        """The values wished for one attribute."""
        return tuple(dict.fromkeys(wish.value for wish in self.wishes if wish.key == key))


@dataclass(frozen=True, slots=True)
class Passage:
    """Evidence: `text` is exactly `role.text[start:end]`; `score` ranks the passages of one hit."""

    text: str
    section: str
    start: int
    end: int
    score: float


class Grade(StrEnum):
    """How sure it is that two roles are one: the same advert, or the same role advertised with changes, such as for another place."""

    CERTAIN = "certain"
    PROBABLE = "probable"


@dataclass(frozen=True, slots=True)
class Twin:
    """Another role that is near-identical to a role: the same advert posted again, copied or kept in another format."""

    role_id: str
    title: str
    source: str
    attributes: Attributes
    grade: Grade


@dataclass(frozen=True, slots=True)
class Hit:
    """A role that answers the query.

    `why` is flat: for each half that found the role its score and rank, the cosine of the role as a whole, and for each attribute that the query wishes for
    how far the wish is met, from 0 to 1: {"dense": 0.61, "dense_rank": 3, "role": 0.55, "lexical": 7.2, "lexical_rank": 1, "wish_level": 0.5}; "title" is 1
    where the role's title names the job that the query begins with.
    `twins` are all roles of the index that are near-identical to this one, the certain ones first.
    """

    role_id: str
    title: str
    source: str
    score: float
    why: Mapping[str, float]
    attributes: Attributes
    passages: tuple[Passage, ...]
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a query: how it was read, hits, best first, and `notes` that explain what a user should know about how it was answered."""

    query: Query
    understood: Understood
    hits: tuple[Hit, ...]
    notes: tuple[str, ...]
    took_ms: float
    generation: str

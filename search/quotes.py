"""Sentences of a role as quotes: each with its words, its place in the role's text and the section it stands in."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.attributes import skills
from search.attributes.negation import negated
from search.records import BELOW, Role, Section
from search.sentences import Span, sentence_spans

_BULLET = re.compile(r"(?:[-–•*▪·] ?)+(?=\S)")
_WORD = re.compile(r"[^\W\d_]{3,}")
# Where none of these stands in a sentence, it denies nothing, and its words need not be looked at one by one.
_DENIER = re.compile(r"n['’]t\b|\b(?:no|not|never|neither|nor|without|cannot|lack\w*)\b", re.IGNORECASE)
_DENIED_SHARE = 0.5
_OF_A_PERSON = re.compile(
    r"\b(?:you|your|yours|yourself|I|my|(?:some|any)(?:one|body) (?:who(?! (?:wants|needs|asks) to)|with)|"
    r"candidates?|applicants?|(?:post|role|job)[- ]?holder|experienced?|knowledge|"
    r"skills?|ability|able|fluen\w+|proficien\w+|degree|responsible|must)\b",
    re.IGNORECASE,
)
# The employer speaks of itself, of what it gives and of how to apply.
_EMPLOYER = re.compile(
    r"\W*(?:(?:we|our)\b(?!['’ ](?:are |re |ll |will |would |d )?(?:expect|need|want|ask|look|seek|hope|like|imagine))|in return\b|(?:to )?apply\b|"
    r"send (?:us )?(?:your|a) )",
    re.IGNORECASE,
)
_OTHER_SUBJECT = re.compile(
    r"\W*(?:the|its?|they|their|this|that|there|these|those|he|she|some|most|all|each|every|many|an?|about|\d+|one|two|three|four|five|six|seven|eight|"
    r"nine|ten|somebody|someone|nobody|today|here)\b",
    re.IGNORECASE,
)
# A verb in the third person among the first words: something is told of somebody or something else.
_STATES = re.compile(r"(?:[^\s,]+,? ){1,6}(?:is|are|was|were|has|had|will|would|can|could|should|may|does|did|comes?|came|runs|gives|goes)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a role: `text` is exactly `role.text[start:end]`, or `role.title[start:end]` where `in_title`."""

    text: str
    start: int
    end: int
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with the section that it stands in: its kind, and its heading with those above it. `listed` where it begins a list item."""

    quote: Quote
    section: str
    trail: str
    listed: bool = False

    @property
    def heading(self) -> str:
        """The heading that it stands below, without those above that; "" where there is none."""
        return self.trail.rpartition(BELOW)[2]


class Quotable:
    """A role's text cut into sentences once, to be quoted from many times."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._spans = [_without_bullet(role.text, *span) for span in sentence_spans(role.text, 0, len(role.text))]
        self._starts = [start for start, _ in self._spans]
        self._by_start = {one.quote.start: one for one in self.sentences()}

    def span_around(self, place: int) -> Span:
        """The sentence that a place of the text lies in."""
        number = max(0, bisect_right(self._starts, place) - 1)
        return self._spans[number] if self._spans else (0, 0)

    def sentence_at(self, place: int) -> Sentence | None:
        """The sentence that a place of the text lies in; None where it lies in a heading."""
        return self._by_start.get(self.span_around(place)[0])

    def around(self, start: int, end: int, *, in_title: bool = False) -> Quote:
        """The sentence around a reading, or the whole title where it was read there."""
        if in_title:
            return Quote(self.role.title, 0, len(self.role.title), in_title=True)
        first, last = self.span_around(start)[0], max(end, self.span_around(max(start, end - 1))[1])
        return Quote(self.role.text[first:last], first, last)

    def sentences(self) -> Iterator[Sentence]:
        """The sentences of all sections, in order. Lines that only announce what follows ("You will:") are none, headings neither."""
        for section in self.role.sections or (Section("other", "", 0, len(self.role.text)),):
            for span in sentence_spans(self.role.text, section.start, section.end):
                start, end = _without_bullet(self.role.text, *span)
                if start < end and not self.role.text.endswith(":", start, end):
                    yield Sentence(Quote(self.role.text[start:end], start, end), section.name, section.trail, start > span[0])


def denies(sentence: str) -> bool:
    """Whether at least half of a sentence's words are denied in it.

    >>> denies("I have no experience with Java or Kotlin."), denies("Curious why things break, with no urge to blame anyone.")
    (True, False)
    """
    if not _DENIER.search(sentence):
        return False
    words = [match.span() for match in _WORD.finditer(sentence) if not _DENIER.fullmatch(match.group())]
    return bool(words) and sum(negated(sentence, *span) for span in words) >= _DENIED_SHARE * len(words)


def tells_of_a_person(sentence: Sentence) -> bool:
    """Whether a sentence is about who does the work, not about the employer, the product or the office: every list item, and prose that speaks to the reader,
    of what one must bring, or without a subject ("Run the clusters"). Below a heading such as "About us" only what speaks to the reader.
    """
    said = sentence.quote.text
    if sentence.section == "about" and sentence.trail:
        return _OF_A_PERSON.search(said) is not None
    if sentence.listed or _EMPLOYER.match(said):
        return sentence.listed
    return _OF_A_PERSON.search(said) is not None or not (_OTHER_SUBJECT.match(said) or _STATES.match(said))


def distinct(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences without those that an earlier one says in the same words."""
    return list({folded(sentence.quote.text): sentence for sentence in reversed(sentences)}.values())[::-1]


def skills_in(sentence: str) -> set[str]:
    """The skills that a sentence names and does not deny, by the names of the gazetteer: "k8s" is Kubernetes."""
    return {mention.value for mention in skills.mentions(sentence) if not mention.negated}


def folded(text: str) -> str:
    """A text by which sentences in the same words are known: whatever their case and spaces."""
    return " ".join(text.split()).casefold()


def _without_bullet(text: str, start: int, end: int) -> Span:
    bullet = _BULLET.match(text, start, end)
    return (bullet.end() if bullet else start), end

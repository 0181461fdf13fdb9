"""The skills that a role asks for: names of technologies, methods and professional skills, looked up in the gazetteer's tables and read in context.

The tables are the *.tsv files in `gazetteer/`; a row is a canonical name, its kind, its category, its aliases separated by "|" and a rule. A row's names are
found in any case, in any of their spellings (Node.js, NodeJS, node js). Names that are also ordinary words carry a rule:

    name        only where it is written as given and its capitals say something: not where every word has them, nor at the beginning of a sentence
    technical   as `name`, and only beside another technology or a word such as "developer", "language", "software"

A row of the kind "phrase" is no skill: its names hide those in them ("word processing").
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from search.attributes.any_case import small_letters
from search.attributes.asking import is_left_out
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

_TABLES = Path(__file__).with_name("gazetteer")
# What is offered is read too, as a skill (docs/attributes.md): only headings that deny leave something out.
_SKIPPED_SECTIONS: frozenset[str] = frozenset()

_KINDS = frozenset({"technology", "method", "skill"})
# The kind of phrases that hide a name in them: "word processing", "excel at".
_HIDING = "phrase"

# C++, C# and .NET are words of their own; ASP.NET is two.
_TOKEN = regex(r"[^\W_]+(?:\+\+|#(?!\w))?|(?<![\w.])\.net\b", re.IGNORECASE)
# What may stand between the words of one name.
_GAPS = frozenset({" ", "-", ".", "/", "&", "_", "'", "’", "‑", "–", " & ", " / ", "\u00a0", "\u202f"})
_ADDRESS = regex(r"https?://\S+|www\.\S+|@[\w.-]+|(?<![\w-])[\w-]+\.(?:com|org|gov|io|edu|php|html?|aspx?)\b", re.IGNORECASE)
# By how many of their letters names are sorted.
_BEGINNING = 2
# The shortest name of several words that is also looked for written as one ("oncall", "nodejs").
_SHORTEST_JOINED = 5

_SENTENCE_BREAK = regex(r"[.!?:•|]\s|\n|[.!?][”\"’)]")
# What stands between the members of a list, and the words that may stand there too.
_LIST_MARKS = frozenset({"", ",", ";", "/", "&", "+", "(", "[", ")", "),", "|", "•", "·", "–", "—", ":"})
_LIST_WORDS = frozenset({"and", "or", "with", "plus", "like", "using", "in", "as"})
_BULLETS = frozenset({"-", "•", "*"})
# A guarded name that one of these ties to another word is part of that word: R&D, C-level, go-getter, R.N.
_TIES = frozenset({"-", "&", "'", "’", ".", "_", "@", "‑"})
_TIED_YET_APART = frozenset({"based", "like", "style", "native", "first", "specific"})
# The plural of an abbreviation of three letters or more.
_PLURAL = regex(r"[A-Z]{2,}[A-RT-Z]s")
# Capitals within a word are no accident (EndNote, LEEDs).
_INNER_CAPITAL = regex(r"[a-z][A-Z]|[A-Z]{2}s\b")
# How far, in words, another technology may stand, and how far around the capitals are compared.
_NEAR, _CAPITALS_AROUND = 6, 4

_TELLING_WORDS = (
    "programming programmer programmers developer developers development language languages software scripting script scripts coding code coder framework "
    "frameworks library libraries sdk api apis backend frontend fullstack stack microsoft ms proficient proficiency database databases spreadsheet "
    "spreadsheets macros macro app apps plugin plugins codebase microservices sql engineer engineers statistics statistical dashboards workspace"
)
_TELLING = frozenset(_TELLING_WORDS.split())
# Languages that, with a capital after "in", can be nothing else ("a service in Go"): no place, person or season is called so.
_WRITTEN_IN = frozenset({"go", "rust", "elixir", "zig"})
# Words that, right after a name in a query or at a sentence's beginning, say that it is an ordinary word ("go to market", "swift response", "excel at").
_PLAIN_WORDS = "to the at a an of for in on by from into beyond above through out up down ahead our your their his her response team teams"
_ORDINARY_NEXT = frozenset(_PLAIN_WORDS.split())
_QUERY_FILLERS = frozenset({"senior", "junior", "lead", "principal", "staff", "mid", "entry", "level", "intern", "remote", "hybrid"})

# Where none of these is near, `negated` need not be asked: it is the slower of the two.
_DENIAL = regex(r"n['’]t\b|\b(?:(?:no[tr]?|never|neither|without|cannot|unlike)\b|lack|free )|rather than|instead of|anything but|unnecessary|irrelevant")
_DENIAL_REACH = 120


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill's canonical name and the place where it is named, text[start:end]; `negated` where the text says that it is not needed."""

    value: str
    start: int
    end: int
    negated: bool


class _Skill(NamedTuple):
    """A tuple, as `_Name` is: thousands are made before a first search."""

    name: str
    kind: str
    category: str


class _Name(NamedTuple):
    """One spelling of a skill: its words in lower case, and as they are written."""

    words: tuple[str, ...]
    written: tuple[str, ...]
    skill: _Skill
    rule: str


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    """Names by their words, how many words names have that begin with a word, most first, and skills by a name's words run together."""

    names: Mapping[tuple[str, ...], _Name]
    lengths: Mapping[str, Sequence[int]]
    by_run_together: Mapping[str, _Skill]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name found in a text: it is the words [first, after)."""

    name: _Name
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class _Words:
    """A text's words: in lower case, and where they stand."""

    text: str
    lower: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def written(self, at: int) -> str:
        return self.text[self.starts[at] : self.ends[at]]

    def gap(self, at: int) -> str:
        """What stands between the word before and this one; the text's rims count as line ends."""
        if not 0 < at < len(self.lower):
            return "\n"
        return self.text[self.ends[at - 1] : self.starts[at]]

    def breaks(self, at: int) -> bool:
        """Whether a sentence ends before this word."""
        return _SENTENCE_BREAK.search(self.gap(at)) is not None

    def sentence_around(self, first: int, after: int, reach: int) -> tuple[range, range]:
        """The words of the same sentence before and after [first, after), at most `reach` on each side."""
        begin, end = first, after
        while begin > max(0, first - reach) and not self.breaks(begin):
            begin -= 1
        while end < min(len(self.lower), after + reach) and not self.breaks(end):
            end += 1
        return range(begin, first), range(after, end)


def mentions(text: str) -> list[Mention]:
    """The skills that a text names, in order and without overlap; of two names at one place the longer."""
    return _mentions(_words(text), _in_prose)


def in_query(text: str) -> list[Mention]:
    """As `mentions`, for the few words of a query, where "go", "excel" or "r" is the technology if what stands beside it is technical."""
    return _mentions(_words(text), _in_query)


def canonical(name: str) -> str | None:
    """The name that the gazetteer has for what is called `name`, whatever its case, blanks, dots and hyphens."""
    skill = _skill(name)
    return skill.name if skill else None


def kind_of(name: str) -> str | None:
    """Whether a skill is a "technology", a "method" or a "skill"; None for a name that the gazetteer does not have."""
    skill = _skill(name)
    return skill.kind if skill else None


def load() -> None:
    """Put all names together now: without this, a text waits for those that begin like its words, if it is the first to have such words."""
    for beginning in _by_beginning():
        _gazetteer(beginning)


def spellings() -> list[tuple[str, str]]:
    """Each skill's canonical name with each of its spellings that needs no rule."""
    return [(skill.name, spelling) for skill, spelling, rule in _spellings(list(_rows())) if skill.kind != _HIDING and not rule]


def read(role: Role) -> Iterator[Reading]:
    """The role's skills, each where it is first named, in the title or else in the text; what is said not to be needed is left out."""
    known: set[str] = set()
    for source, in_title in ((role.title, True), (role.text, False)):
        for mention in mentions(source):
            is_denied = mention.negated or (not in_title and is_left_out(role, mention.start, _SKIPPED_SECTIONS))
            if not is_denied and mention.value not in known:
                known.add(mention.value)
                yield Reading("skills", mention.value, mention.start, mention.end, in_title)


# The gazetteer --------------------------------------------------------------------------------------------------------


@cache
def _gazetteer(beginning: str) -> _Gazetteer:
    """The names that begin with these letters: those of a question's words are put together sooner than all 24,000, for which a first search would wait."""
    names: dict[tuple[str, ...], _Name] = {}
    skills: dict[str, _Skill] = {}
    for skill, spelling, rule in _by_beginning()[beginning]:
        written = tuple(_TOKEN.findall(spelling))
        for form in (written, *_further_forms(written, spelling)):
            # The plural of an abbreviation counts only as written: LEEDs is not Leeds.
            name = _Name(tuple([word.lower() for word in form]), form, skill, rule or ("name" if _PLURAL.fullmatch(form[-1]) else ""))
            names.setdefault(name.words, name)
            if skill.kind != _HIDING:
                skills.setdefault("".join(name.words), skill)
    lengths: dict[str, set[int]] = {}
    for words in names:
        lengths.setdefault(words[0], set()).add(len(words))
    return _Gazetteer(names, {word: sorted(found, reverse=True) for word, found in lengths.items()}, skills)


@cache
def _by_beginning() -> Mapping[str, Sequence[tuple[_Skill, str, str]]]:
    """All names, in their order, by the letters that they begin with."""
    found: dict[str, list[tuple[_Skill, str, str]]] = {}
    for skill, spelling, rule in _spellings(list(_rows())):
        for beginning in _beginnings(spelling):
            found.setdefault(beginning, []).append((skill, spelling, rule))
    return found


def _beginnings(spelling: str) -> set[str]:
    """With which letters a name begins, and its words run together: "c++", "x" and "xr" of X-ray."""
    # Nearly all begin with a word of two letters or more.
    if (first := spelling[:_BEGINNING]).isalnum() and len(first) == _BEGINNING:
        return {first.lower()[:_BEGINNING]}
    words = [word.lower() for word in _TOKEN.findall(spelling)]
    return {words[0][:_BEGINNING], "".join(words)[:_BEGINNING]} if words else set()


def _rows() -> Iterator[tuple[_Skill, list[str], str]]:
    """Each row's skill, its aliases and its rule. The first row of a skill says its kind and category."""
    skills: dict[str, _Skill] = {}
    for table in sorted(_TABLES.glob("*.tsv")):
        for line in table.read_text(encoding="utf-8").splitlines():
            name, kind, category, aliases, rule = (*line.split("\t"), "", "", "", "")[:5]
            if kind in _KINDS or kind == _HIDING:
                yield skills.setdefault(name, _Skill(name, kind, category)), aliases.split("|"), rule


def _spellings(rows: Sequence[tuple[_Skill, list[str], str]]) -> Iterator[tuple[_Skill, str, str]]:
    """All names, each with its rule. Of equal names the first counts: a skill's own before another's alias, by the rule of its first row."""
    for skill, _, rule in rows:
        yield skill, skill.name, rule
    for skill, aliases, rule in rows:
        for alias in filter(None, aliases):
            yield skill, alias, rule


def _further_forms(written: tuple[str, ...], spelling: str) -> Iterator[tuple[str, ...]]:
    """A spelling's plural where it ends in an abbreviation (APIs), and two words written as one (oncall, NodeJS)."""
    if _PLURAL.fullmatch(plural := written[-1] + "s"):
        yield (*written[:-1], plural)
    if (len(written) == 2 or (len(written) > 2 and " " not in spelling)) and len("".join(written)) >= _SHORTEST_JOINED:
        yield ("".join(written),)


def _skill(name: str) -> _Skill | None:
    together = "".join(_TOKEN.findall(name)).lower()
    beginning = together[:_BEGINNING]
    return _gazetteer(beginning).by_run_together.get(together) if beginning in _by_beginning() else None


# Names in a text ------------------------------------------------------------------------------------------------------


def _words(text: str) -> _Words:
    found = list(_TOKEN.finditer(small_letters(text)))
    return _Words(text, [match.group() for match in found], [match.start() for match in found], [match.end() for match in found])


def _mentions(words: _Words, accepted: "_Judge") -> list[Mention]:
    denials = [match.start() for match in _DENIAL.finditer(small_letters(words.text))]
    found = []
    for candidate in accepted(words, list(_candidates(words))):
        start, end = words.starts[candidate.first], words.ends[candidate.after - 1]
        near = bisect_left(denials, start - _DENIAL_REACH) < bisect_left(denials, end + _DENIAL_REACH)
        found.append(Mention(candidate.name.skill.name, start, end, near and negated(words.text, start, end)))
    return found


def _candidates(words: _Words) -> Iterator[_Candidate]:
    """The longest names at each place, whether or not their rules hold there."""
    addresses = [match.span() for match in _ADDRESS.finditer(words.text)]
    beginnings = _by_beginning()
    free_from = 0
    for first, word in enumerate(words.lower):
        if first >= free_from and (beginning := word[:_BEGINNING]) in beginnings:
            gazetteer = _gazetteer(beginning)
            for length in gazetteer.lengths.get(word, ()):
                name = gazetteer.names.get(tuple(words.lower[first : first + length]))
                after = first + length
                if name is not None and all(words.gap(at) in _GAPS for at in range(first + 1, after)):
                    if name.skill.kind != _HIDING and not _is_within(addresses, words.starts[first], words.ends[after - 1]):
                        yield _Candidate(name, first, after)
                    free_from = after
                    break


def _is_within(addresses: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether [start, end) is a part of an address, and not the whole of it (Customer.io)."""
    at = bisect_right(addresses, start, key=lambda address: address[0]) - 1
    return at >= 0 and start < addresses[at][1] and (start, end) != addresses[at]


# Names that are ordinary words too ------------------------------------------------------------------------------------


_Judge = Callable[[_Words, list[_Candidate]], list[_Candidate]]


def _in_prose(words: _Words, candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates whose rules hold in running text."""
    certain = [candidate for candidate in candidates if _is_certain(words, candidate)]
    open_to_doubt = [candidate for candidate in candidates if candidate.name.rule and _is_as_written(words, candidate) and not _is_tied(words, candidate)]
    return _settled(words, certain, open_to_doubt, _is_near_technology)


def _in_query(words: _Words, candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates whose rules hold in a query, where case says nothing."""
    certain = _in_prose(words, candidates)
    open_to_doubt = [candidate for candidate in candidates if candidate.name.rule and not _is_tied(words, candidate) and not _is_ordinary(words, candidate)]
    return _settled(words, certain, open_to_doubt, _is_asked_alone)


@dataclass(frozen=True, slots=True)
class _Technologies:
    """Technologies named in a text, by each of their words' places, and those that are open to doubt."""

    accepted: Mapping[int, _Candidate]
    pending: Mapping[int, _Candidate]

    @classmethod
    def of(cls, accepted: Iterable[_Candidate], pending: Iterable[_Candidate]) -> "_Technologies":
        return cls(_by_place(accepted), _by_place(pending))

    def vouches(self, at: int, candidate: _Candidate) -> bool:
        """Whether the word at this place makes a technology of the candidate beside it: another one, or a doubtful one of the same category."""
        pending = self.pending.get(at)
        return at in self.accepted or (pending is not None and pending.name.skill.category == candidate.name.skill.category)

    def has_category(self, at: int, category: str) -> bool:
        """Whether the word at this place names a technology of a category."""
        named = self.accepted.get(at) or self.pending.get(at)
        return named is not None and named.name.skill.category == category


def _by_place(candidates: Iterable[_Candidate]) -> dict[int, _Candidate]:
    return {at: candidate for candidate in candidates if candidate.name.skill.kind == "technology" for at in range(candidate.first, candidate.after)}


def _settled(
    words: _Words, certain: list[_Candidate], open_to_doubt: list[_Candidate], tells: Callable[[_Words, _Candidate, _Technologies], bool]
) -> list[_Candidate]:
    """The certain candidates and those of the others that they vouch for, directly or through one another ("R, SAS or C")."""
    accepted = {candidate.first: candidate for candidate in certain}
    pending = [candidate for candidate in open_to_doubt if candidate.first not in accepted]
    while pending:
        around = _Technologies.of(accepted.values(), pending)
        vouched = [candidate for candidate in pending if _is_beside_technology(words, candidate, around) or tells(words, candidate, around)]
        if not vouched:
            break
        accepted.update({candidate.first: candidate for candidate in vouched})
        pending = [candidate for candidate in pending if candidate.first not in accepted]
    return [accepted[first] for first in sorted(accepted)]


def _is_certain(words: _Words, candidate: _Candidate) -> bool:
    rule = candidate.name.rule
    return not rule or (rule == "name" and _is_as_written(words, candidate) and not _is_tied(words, candidate) and _stands_out(words, candidate))


def _is_as_written(words: _Words, candidate: _Candidate) -> bool:
    return all(words.written(at) == word for at, word in zip(range(candidate.first, candidate.after), candidate.name.written, strict=True))


def _is_tied(words: _Words, candidate: _Candidate) -> bool:
    """Whether the name is part of a longer word, such as R&D or go-getter, or the currency of a sum, as in CAD 74,000."""
    before, after = words.gap(candidate.first), words.gap(candidate.after)
    is_sum = candidate.name.written == ("CAD",) and after == " " and words.lower[candidate.after].isdigit()
    return before in _TIES or is_sum or (after in _TIES and words.lower[candidate.after] not in _TIED_YET_APART)


def _stands_out(words: _Words, candidate: _Candidate) -> bool:
    """Whether the name's capitals say that it is a name: the words around have none, and no sentence begins with it."""
    before, after = words.sentence_around(candidate.first, candidate.after, _CAPITALS_AROUND)
    around = [word for at in (*before, *after) if (word := words.written(at)).isalpha()]
    written = "".join(candidate.name.written)
    if _INNER_CAPITAL.search(written):
        return True
    if written.isupper() and len(written) > 1:
        return not around or not all(word.isupper() for word in around)
    return bool(before) and written != written.lower() and any(word[0].islower() and len(word) > 3 for word in around)


def _is_beside_technology(words: _Words, candidate: _Candidate, around: _Technologies) -> bool:
    """Whether another technology or a telling word is next to the name, or next in its list."""
    if words.breaks(candidate.first) and _is_ordinary(words, candidate):
        return False
    return _neighbour_vouches(words, candidate, around, -1) or _neighbour_vouches(words, candidate, around, 1)


def _neighbour_vouches(words: _Words, candidate: _Candidate, around: _Technologies, step: int) -> bool:
    at = candidate.first - 1 if step < 0 else candidate.after
    # At most two of the words that lists hold may stand between.
    for _ in range(3):
        if not 0 <= at < len(words.lower):
            return False
        gap = words.gap(at + 1 if step < 0 else at)
        if "\n" in gap:
            return gap.strip() in _BULLETS and around.vouches(at, candidate)
        if gap.strip() not in _LIST_MARKS:
            return False
        if around.vouches(at, candidate) or words.lower[at] in _TELLING:
            # HVAC/R is no list of technologies, C/C++ is.
            return gap != "/" or not _is_letter(candidate) or around.has_category(at, candidate.name.skill.category)
        if words.lower[at] not in _LIST_WORDS:
            return False
        at += step
    return False


def _is_near_technology(words: _Words, candidate: _Candidate, around: _Technologies) -> bool:
    """Whether a name that stands out, and is no part of a longer name, has a technology or a telling word in its sentence nearby."""
    if _is_letter(candidate) or not _stands_out(words, candidate) or _is_in_longer_name(words, candidate):
        return False
    before, after = words.sentence_around(candidate.first, candidate.after, _NEAR)
    if before and words.lower[before[-1]] == "in" and candidate.name.words[-1] in _WRITTEN_IN:
        return True
    return any(at in around.accepted for at in (*before, *after)) or any(words.lower[at] in _TELLING for at in (*before[-2:], *after[:2]))


def _is_letter(candidate: _Candidate) -> bool:
    return len("".join(candidate.name.words)) == 1


def _is_in_longer_name(words: _Words, candidate: _Candidate) -> bool:
    """Whether a capitalised word is right beside the name: Design Teams, Access Control, Puget Sound."""
    joined_before = words.gap(candidate.first) == " " and not words.breaks(candidate.first - 1)
    joined_after = words.gap(candidate.after) == " "
    return (joined_before and words.written(candidate.first - 1)[0].isupper()) or (joined_after and words.written(candidate.after)[0].isupper())


def _is_ordinary(words: _Words, candidate: _Candidate) -> bool:
    return words.gap(candidate.after) == " " and words.lower[candidate.after] in _ORDINARY_NEXT


def _is_asked_alone(words: _Words, candidate: _Candidate, _: _Technologies) -> bool:
    """Whether a query is nothing but this name and words for a level: "senior rust"."""
    others = {word for at, word in enumerate(words.lower) if not candidate.first <= at < candidate.after}
    is_plain = candidate.name.rule == "name" or candidate.name.skill.category == "programming language"
    return is_plain and candidate.name.skill.kind == "technology" and others <= _QUERY_FILLERS

"""Which roles are one and the same advert: posted again, copied by an agency, or kept in two formats. Graded, and never two levels together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from search.attributes import contracts, places, remote
from search.manifest import Manifest
from search.records import Role
from search.shingles import SIGNATURE_SIZE, Kinds, Signature, candidates, compared_words, readable, resemblance, signature_of
from search.words import exact_words

# The share of shingles that two adverts must have in common, of all that either has. Measured: docs/decisions.md, "One of each".
CERTAIN_SHARE, PROBABLE_SHARE = 0.95, 0.8
# Adverts that state different levels are never one.
LEVEL = "level"
# Adverts that state different values of one of these are the same advert for another place, employer or time: no more than probable.
FACTS = (
    *("agency", "city", "company", "contract", "country", "degree", "department", "employer", "employment_type", "location", "organisation", "organization"),
    *("place", "remote", "salary_max", "salary_min", "team", "years"),
)
# Roles that are held in memory while their shingles are taken.
_ROLES_AT_ONCE = 500
_NAMED = "names in the text"
# What is written with capitals after a word without, and what is written like "Aviano, Italy".
_NAMES = re.compile(r"(?:\b[a-z]\w* )([A-Z]\w*[a-z]\w*(?: [A-Z]\w*[a-z]\w*)*)|([A-Z]\w+(?: [A-Z]\w+)*, [A-Z]\w+)")
# What a title may say of the post beside the job.
_BESIDE_THE_JOB = (places.read, remote.read, contracts.read)
_FOR_ALL = re.compile(r"\(\s*(?:[a-z*]\s*[/|,]\s*){1,3}[a-z*]\s*\)", re.IGNORECASE)
# A scale of grades with the steps named behind it, and steps that stand by themselves: "gs 9 11", "level ii", "ic5".
_STEPS = re.compile(
    r"\b(?:(?:grades?|bands?|levels?|steps?|g[sgl]|w[gls]|n[afh]|cy|ic|ad|es)(?: (?:[0-9]{1,4}|i{1,3}|iv|vi?|[a-f]))+"
    r"|i{2,3}|iv|(?:gs|gg|wg|nf|cy|ic|[lmpe])[0-9]{1,2})\b"
)

Stated = Mapping[str, frozenset[frozenset[str]]]
"""What roles state of LEVEL and FACTS: by key, the words that each role says it in."""


@dataclass(frozen=True, slots=True)
class Advert:
    """What of a role is compared. Only adverts of one `kind`, which stands for the title and the grades that the text names, may be one.

    `level` is what a role states of its level beside its title; None where it states none or where the title says it. `names` stands for the names of places,
    units and people in the text: with others an advert is for another post, however little else changes.
    """

    kind: int
    level: str | None
    names: int
    signature: Signature


def advert_of(role: Role) -> Advert:
    """A role as it is compared, the same for all formats that it may have been read from."""
    title, words = compared_words(role.title), compared_words(role.text)
    while title and len(words) > len(title) and words[: len(title)] == title:
        words = words[len(title) :]
    kind = "\n".join([" ".join(_job(role)), *sorted({*_steps(title), *_steps(words)})])
    named = {name or place for name, place in _NAMES.findall(readable(role.text))}
    names = "\n".join(sorted({" ".join(compared_words(name)) for name in named}))
    level = None if any(reading.key == LEVEL and reading.in_title for reading in role.readings) else _level(role)
    return Advert(_number(kind), level, _number(names), signature_of(words))


def near_pairs(kinds: Kinds, signatures: Signature) -> list[tuple[float, int, int]]:
    """The pairs of adverts that may be one, each as the share of shingles in common and the numbers of the two."""
    pairs = candidates(signatures, kinds)
    shares = resemblance(signatures, pairs)
    near = shares >= PROBABLE_SHARE
    return [(share, one, other) for share, (one, other) in zip(shares[near].tolist(), pairs[near].tolist(), strict=True)]


def grouped(pairs: Sequence[tuple[float, int, int]], stated: Mapping[int, Stated]) -> dict[int, tuple[int, int]]:
    """For each advert that is in a pair the first of those that are probably one with it, and the first of those that certainly are: itself, where none is.

    Adverts are joined by single linkage, most alike first (J. B. Kruskal, 1956). A join that would bring together two levels, or two values of a fact among
    those that are certainly one, is left out. Exact copies come first, so that they are together wherever the rest may go.
    """
    alike = _Sets({number: {LEVEL: known[LEVEL]} for number, known in stated.items() if LEVEL in known})
    same = _Sets(stated)
    for share, one, other in sorted(pairs, key=lambda pair: (-pair[0], stated.get(pair[1]) != stated.get(pair[2]), pair)):
        alike.join(one, other)
        if share >= CERTAIN_SHARE and alike.first(one) == alike.first(other):
            same.join(one, other)
    return {number: (alike.first(number), same.first(number)) for _, *pair in pairs for number in pair}


def bring_in_step(manifest: Manifest) -> None:
    """Take the shingles of the roles of a manifest that are new in it or have changed, and say anew which of all roles are one."""
    fresh = manifest.roles_without_advert()
    for start in range(0, len(fresh), _ROLES_AT_ONCE):
        for role in manifest.roles(fresh[start : start + _ROLES_AT_ONCE]).values():
            advert = advert_of(role)
            manifest.put_advert(role.id, advert.kind, advert.level, advert.names, advert.signature.tobytes())
    ids, kinds, levels, names, signatures = manifest.adverts()
    pairs = near_pairs(np.array(kinds, dtype=np.int64), np.frombuffer(b"".join(signatures), dtype=np.uint16).reshape(len(ids), SIGNATURE_SIZE))
    near = {number for _, *pair in pairs for number in pair}
    held = manifest.attributes_of({ids[number] for number in near}, set(FACTS))
    stated = {number: _stated(held.get(ids[number], {}), levels[number], names[number]) for number in near}
    manifest.set_groups({ids[number]: (ids[alike], ids[same]) for number, (alike, same) in grouped(pairs, stated).items()})


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), signed=True)


def _stated(held: Mapping[str, Sequence[str]], level: str | None, names: int) -> Stated:
    facts = {key: frozenset([frozenset(exact_words(" ".join(values)))]) for key, values in held.items()}
    facts[_NAMED] = frozenset([frozenset([str(names)])])
    return facts | ({LEVEL: frozenset([frozenset([level])])} if level else {})


def _agree(one: frozenset[frozenset[str]], other: frozenset[frozenset[str]]) -> bool:
    """Whether all say the same, some in more words than others: "Leeds" and "Leeds, UK"."""
    return all(some <= others or others <= some for some in one for others in other)


def _level(role: Role) -> str | None:
    level = role.attributes.get(LEVEL)
    return str(level).casefold() if level is not None else None


def _job(role: Role) -> list[str]:
    """The words of the title in the order of the alphabet, without what it says beside the job: "Senior Nurse (f/m/d), Leeds" is "Nurse, Senior"."""
    title, alone = role.title, Role("", role.title, "", "")
    for reading in (reading for read in _BESIDE_THE_JOB for reading in read(alone) if reading.in_title):
        title = title[: reading.start] + " " * (reading.end - reading.start) + title[reading.end :]
    words = compared_words(_FOR_ALL.sub(" ", title)) or compared_words(role.title)
    return sorted(word.lstrip("0") or word for word in words)


def _steps(words: Sequence[str]) -> list[str]:
    """The grades that a text names, such as "gs 9 11", "level ii" and "ic5"."""
    return [" ".join(word.lstrip("0") or word for word in found.split()) for found in _STEPS.findall(" ".join(words))]


class _Sets:
    """Numbers in sets that can be joined unless they state different values of something; each set is named by its lowest number."""

    def __init__(self, stated: Mapping[int, Stated]) -> None:
        self._stated = dict(stated)
        self._links: dict[int, int] = {}

    def first(self, number: int) -> int:
        while (link := self._links.get(number, number)) != number:
            self._links[number] = self._links.get(link, link)
            number = link
        return number

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.first(one), self.first(other)))
        known, more = self._stated.get(first, {}), self._stated.get(second, {})
        if first != second and all(_agree(known[key], more[key]) for key in known.keys() & more.keys()):
            self._links[second] = first
            self._stated[first] = {key: known.get(key, frozenset()) | more.get(key, frozenset()) for key in known.keys() | more.keys()}

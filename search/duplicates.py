"""Which roles are one and the same advert, posted again or copied with small changes."""

from collections.abc import Sequence

from search.embedding import Vectors
from search.records import Role
from search.words import exact_words

# Runs of so many words are compared; so large a share of those of two roles together must be common to both.
SHINGLE_WORDS = 4
SMALLEST_SHARE = 0.8
# Roles farther apart in meaning than this are not looked at: no near-identical pair of the corpora was below 0.97.
SMALLEST_COSINE = 0.95


def near_identical(roles: Sequence[Role], vectors: Vectors) -> list[tuple[str, ...]]:
    """Ids of the roles in groups: each role joins the first before it that it is near-identical to and that began a group, or begins one.

    `vectors` are those of the roles, shape (len(roles), width), of unit length. Two roles are near-identical when their levels are the same and the Jaccard
    index of their shingles is at least 0.8 (A. Z. Broder, "On the resemblance and containment of documents", 1997).
    """
    cosines = vectors @ vectors.T if len(roles) else vectors
    shingles: dict[int, frozenset[tuple[str, ...]]] = {}
    groups: dict[int, list[str]] = {}

    def shingles_of(number: int) -> frozenset[tuple[str, ...]]:
        if number not in shingles:
            shingles[number] = _shingles(roles[number].text)
        return shingles[number]

    for number, role in enumerate(roles):
        near = (first for first in groups if cosines[number, first] >= SMALLEST_COSINE and _level(roles[first]) == _level(role))
        same = next((first for first in near if _share(shingles_of(first), shingles_of(number)) >= SMALLEST_SHARE), number)
        groups.setdefault(same, []).append(role.id)
    return [tuple(group) for group in groups.values()]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = exact_words(text)
    return frozenset(tuple(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1)))


def _share(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def _level(role: Role) -> object:
    return role.attributes.get("level")

"""What makes a role's score: the weights of its parts, and how closely a role meets a query's wishes. Every figure has its row in docs/ranking.md."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.attributes.levels import level_in_title, rank
from search.records import AttributeValue, Wish
from search.words import exact_words

# Attributes that wishes are about.
WISHED = ("level", "family", "skills", "remote", "place", "contract", "languages")
# Beyond this distance between two levels a role is no nearer to what was wished for than any other.
_FARTHEST = 2.0
# What a role that states no level gets of the bonus for a level: it may have it or not.
_UNSTATED = 0.4
# Words that lose no plural: "SRE", "ops", "iOS".
_SHORT = 3
# "Mid-level", "Senior staff".
_LEVEL_WORDS = 2
# Most titles come again and again, in one question after the other and in one corpus.
_TITLES_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights of what is added to the cosine of a role's best chunk, and whether queries are understood (wishes, demands, spelling) and adapted.

    PLAIN is hybrid search without any of it; operators hold in both.
    """

    understanding: bool = True
    adapter: bool = True
    whole_role: float = 0.5
    words: float = 0.08
    level: float = 0.14
    others: float = 0.08
    title: float = 0.14


OURS = Ranking()
PLAIN = Ranking(understanding=False, adapter=False, whole_role=0.0, words=0.1, level=0.0, others=0.0, title=0.0)


def fulfilment(wishes: Sequence[Wish], attributes: Mapping[str, Collection[AttributeValue]]) -> dict[str, float]:
    """For each attribute that is wished for, how far a role with these values meets the wish: 0 (not at all) to 1.

    The nearest of several levels counts; of several skills, languages and the like, the share that the role has.
    """
    found: dict[str, float] = {}
    for key in dict.fromkeys(wish.key for wish in wishes):
        wanted = {wish.value for wish in wishes if wish.key == key}
        held = {str(value) for value in attributes.get(key, ())}
        if key == "level":
            found[key] = _level_fulfilment(wanted, held)
        elif key == "place":
            # One town may stand there in several ways of writing.
            found[key] = float(not wanted.isdisjoint(held))
        else:
            found[key] = len(wanted & held) / len(wanted)
    return found


def bonus(ranking: Ranking, fulfilled: Mapping[str, float]) -> float:
    """What the wishes that are met add to a role's score."""
    others = [value for key, value in fulfilled.items() if key != "level"]
    return ranking.level * fulfilled.get("level", 0.0) + ranking.others * (sum(others) / len(others) if others else 0.0)


def titled(titles: Iterable[str], job: Sequence[str]) -> list[bool]:
    """For each title whether it begins with the words of a job, at least one, the plural and a level before it aside.

    >>> titled(["Senior Data Engineers, Streaming", "Big Data Engineer"], ["data", "engineer"])
    [True, False]
    """
    wanted = _singular(tuple(job))
    return [wanted[0] in words[: _LEVEL_WORDS + 1] and _begins_with(words, wanted) for words in map(_title_words, titles)]


def _begins_with(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    start = next((start for start in range(_LEVEL_WORDS + 1) if words[start : start + len(wanted)] == wanted), None)
    return start == 0 or (start is not None and level_in_title(" ".join(words[:start])) is not None)


@lru_cache(_TITLES_REMEMBERED)
def _title_words(title: str) -> tuple[str, ...]:
    return _singular(tuple(exact_words(title)))


@lru_cache(_TITLES_REMEMBERED)
def _singular(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word[:-1] if len(word) > _SHORT and word.endswith("s") and not word.endswith("ss") else word for word in words)


def _level_fulfilment(wanted: Collection[str], held: Collection[str]) -> float:
    if not held:
        return _UNSTATED
    distances = [abs(rank(one) - rank(other)) for one in wanted for other in held if _is_level(other)]
    return max(0.0, 1 - min(distances) / _FARTHEST) if distances else _UNSTATED


def _is_level(value: str) -> bool:
    try:
        rank(value)
    except KeyError:
        return False
    return True

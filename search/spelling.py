"""Misspelt words of a query, corrected to words of the index: only those that no role holds and that are no words otherwise known."""

import re
from collections.abc import Callable, Sequence

from search.attributes import skills
from search.index import Index
from search.records import Correction, Understood
from search.words import exact_words

# One typing error is believed of any word, two only of longer ones. Shorter words are abbreviations too often, and so are words in capitals.
_SHORTEST = 5
_LETTERS_OF_TWO_ERRORS = 7
# A word that only one place holds is as rare as the word that it would replace.
_FEWEST_PLACES = 2
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
# "Hackers" and "trucker" are words where "hacker" and "truck" are.
_ENDINGS = ("s", "es", "ed", "d", "ing", "ings", "er", "ers", "r", "rs", "or", "ors", "ly")
_SHORTEST_STEM = 4

TokenCounts = Callable[[Sequence[str]], list[int]]
"""The number of a model's tokens in each text."""


def misspelt(understood: Understood, index: Index, count_tokens: TokenCounts) -> tuple[Correction, ...]:
    """The misspelt words of a query, each with the word that is meant.

    A word is taken for misspelt when no role holds it, in any inflection, it names no skill, and the model knows it, and what it may be derived from, only in
    pieces; meant is the nearest word that roles hold, of several the most frequent. What stands between quotation marks is meant as it stands.
    """
    quoted = {word for phrase in understood.asked.phrases for word in exact_words(phrase)}
    suspects = [
        word
        for word in dict.fromkeys(_LETTERS_ONLY.findall(understood.asked.text))
        if len(word) >= _SHORTEST and not word.isupper() and word.casefold() not in quoted and not index.lexical.holds(word) and skills.canonical(word) is None
    ]
    unknown = [word for word in suspects if min(count_tokens(_forms(word.casefold()))) > 1]
    # A word too long to be one has no folded form.
    return tuple(Correction(word, nearest) for word in unknown for folded in exact_words(word) if (nearest := _nearest_word(index, folded)) is not None)


def respelt(text: str, corrections: Sequence[Correction]) -> str:
    """The text with its misspelt words replaced.

    >>> respelt("kuberntes lead", [Correction("kuberntes", "kubernetes")])
    'kubernetes lead'
    """
    for correction in corrections:
        text = re.sub(rf"\b{re.escape(correction.said)}\b", correction.read, text)
    return text


def _forms(word: str) -> list[str]:
    """The word and what it may be an inflection of."""
    stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
    return [word, *(stem for stem in stems if len(stem) >= _SHORTEST_STEM)]


def _nearest_word(index: Index, word: str) -> str | None:
    for errors in (1, 2):
        held = index.lexical.spelt_like(word, errors)
        near = [other for other, places in held.items() if places >= _FEWEST_PLACES and (errors == 1 or _may_be_two_errors(word, other))]
        if near:
            return max(near, key=lambda other: (other[0] == word[0], held[other], other))
    return None


def _may_be_two_errors(word: str, other: str) -> bool:
    """Two errors are believed of long words, and where the same letters stand in another order ("phyton"); most people get the first letter right."""
    return other[0] == word[0] and (len(word) >= _LETTERS_OF_TWO_ERRORS or sorted(word) == sorted(other))

"""What counts as a word, for the lexical index and for the marks on its matches: one rule for both."""

import re
from collections.abc import Set
from functools import cache, lru_cache

import tantivy

# Letters and digits, with the tails and heads that make a technology of them: C++, C#, F#, .NET.
_WORD = r"(?i:\.net\b)|[\p{L}\p{N}]+(?:\+\+|#)?"
_LONGEST_WORD = 100
# Words whose stems are kept: texts are made of few.
_WORDS_REMEMBERED = 20_000
# From this share on, the words that differ are nearly all of a sentence.
MOST_DIFFERING = 0.7
# The same rule for Python's engine, which says where in the text a word stands.
_WORD_PLACE = re.compile(r"(?i:\.net\b)|[^\W_]+(?:\+\+|#)?")
# Words that say nothing by matching, and what an apostrophe leaves ("team's", "you'll"). Only marks leave them out; BM25 weighs them down by itself.
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about all an and any are as at be but by can do for from has have how i if in is it its like me my no not of on or our out so some such that
        the their them then there they this those to us was we were what when where which who whose why will with without would you your d ll m re s t ve""",
    )
)


def _builder() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_WORD))
        .filter(tantivy.Filter.remove_long(_LONGEST_WORD))
        .filter(tantivy.Filter.ascii_fold())  # before lowercase, which makes two characters of the İ of İstanbul that no folding joins again
        .filter(tantivy.Filter.lowercase())
    )


@cache
def exact_analyzer() -> tantivy.TextAnalyzer:
    """Words in lower case and without accents."""
    return _builder().build()


@cache
def stem_analyzer() -> tantivy.TextAnalyzer:
    """Words as `exact_analyzer` gives them, reduced to their English stems: "mentoring" and "mentors" become "mentor"."""
    return _builder().filter(tantivy.Filter.stemmer("english")).build()


def exact_words(text: str) -> list[str]:
    """The words of a text, in order.

    >>> exact_words("C++, .NET and the Résumé")
    ['c++', '.net', 'and', 'the', 'resume']
    """
    return exact_analyzer().analyze(text)


def stems(text: str) -> list[str]:
    """The stems of the words of a text, in order."""
    return stem_analyzer().analyze(text)


def telling_stems(text: str) -> set[str]:
    """The stems of a text's words, without words such as "the" and "who".

    >>> sorted(telling_stems("Mentors the SRE teams"))
    ['mentor', 'sre', 'team']
    """
    return {stem for word in exact_words(text) if word not in _FUNCTION_WORDS for stem in stems(word)}


@lru_cache(_WORDS_REMEMBERED)
def _telling(word: str) -> Set[str]:
    return telling_stems(word)


def telling_places(text: str) -> list[tuple[str, int, int]]:
    """The stems of a text's words in order, each with its place, without words such as "the" and "who"."""
    return [(stem, *match.span()) for match in _WORD_PLACE.finditer(text) for stem in _telling(match.group())]


def differing_spans(text: str, other: str) -> list[tuple[int, int]]:
    """Where in `text` a telling word stands that `other` has in no inflection, as (start, end); none where nearly all do, since no word stands out then.

    >>> differing_spans("Own the team's goals", "Own the multi-team goal")
    []
    >>> differing_spans("Own the multi-year goals", "Own the goal")
    [(8, 13), (14, 18)]
    """
    known, places = telling_stems(other), telling_places(text)
    differing = [(start, end) for stem, start, end in places if stem not in known]
    return differing if len(differing) <= MOST_DIFFERING * len(places) else []


def matching_spans(text: str, query: str) -> list[tuple[int, int]]:
    """Where in `text` a word of `query` stands, in any of its inflections, as (start, end); words such as "the" and "who" are passed over.

    >>> matching_spans("Mentors the SRE team", "the mentoring")
    [(0, 7)]
    """
    wanted = telling_stems(query)
    return [match.span() for match in _WORD_PLACE.finditer(text) if wanted.intersection(_telling(match.group()))]


def phrase_spans(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where in `text` the words of `phrase` stand next to each other, case and accents aside, as (start, end).

    >>> phrase_spans("Help desk; a desk is not needed.", "desk")
    [(5, 9), (13, 17)]
    """
    wanted = exact_words(phrase)
    places = [match.span() for match in _WORD_PLACE.finditer(text)]
    words = [" ".join(exact_words(text[start:end])) for start, end in places]
    starts = [number for number in range(len(words) - len(wanted) + 1) if wanted and words[number : number + len(wanted)] == wanted]
    return [(places[number][0], places[number + len(wanted) - 1][1]) for number in starts]

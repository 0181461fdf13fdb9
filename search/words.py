"""What counts as a word, for the lexical index and for the marks on its matches: one rule for both."""

from functools import cache

import tantivy

# Letters and digits, with the tails and heads that make a technology of them: C++, C#, F#, .NET.
_WORD = r"(?i:\.net\b)|[\p{L}\p{N}]+(?:\+\+|#)?"
_LONGEST_WORD = 100


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

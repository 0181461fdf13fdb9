"""The operators in a query's text: "exact phrase" must occur, -word and -"exact phrase" must not. All else is what to look for."""

import re
import unicodedata

from search.records import Asked
from search.words import exact_words

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_PART = re.compile(
    r'(?<!\S)[-−](?:"(?P<excluded_phrase>[^"\n]*)"|(?P<excluded_word>[^\s"−-][^\s"]*))'
    r'|"(?P<phrase>[^"\n]*)"'
    r'|(?P<word>[^\s"]+)'
)
_BULLET = re.compile(r"^[ \t]*[-−][ \t]*(?=\S)", re.MULTILINE)


def take_operators(text: str) -> Asked:
    """Take the operators out of a query's text.

    A hyphen inside a word or alone is no operator; nor is one at the beginning of a line of a text of several lines, where it marks a list. An operator
    without a word or letter after it is dropped, a quotation mark without its partner is passed over. Accents come composed, as in the index, whatever the
    keyboard or terminal made of them; what cannot be encoded becomes a question mark.

    >>> take_operators('"site reliability" lead -manager front-end')
    Asked(text='site reliability lead front-end', phrases=('site reliability',), excluded_words=('manager',), excluded_phrases=())
    """
    text = unicodedata.normalize("NFC", text.encode(errors="replace").decode()).translate(_QUOTES)
    if "\n" in text.strip():
        text = _BULLET.sub("", text)
    found: dict[str, list[str]] = {name: [] for name in _PART.groupindex}
    looked_for: list[str] = []
    for part in _PART.finditer(text):
        name = str(part.lastgroup)
        found[name].append(part[name])
        if name in ("word", "phrase"):
            looked_for.append(part[name])
    return Asked(
        " ".join(" ".join(looked_for).split()), _with_words(found["phrase"]), _with_words(found["excluded_word"]), _with_words(found["excluded_phrase"])
    )


def _with_words(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if exact_words(text)))

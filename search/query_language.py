"""The operators in a query's text: "exact phrase" must occur, -word and -"exact phrase" must not. All else is what to look for."""

import re
import unicodedata
from dataclasses import dataclass

from search.words import exact_words

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_PART = re.compile(
    r'(?<!\S)[-−](?:"(?P<excluded_phrase>[^"\n]*)"|(?P<excluded_word>[^\s"−-][^\s"]*))'
    r'|"(?P<phrase>[^"\n]*)"'
    r'|(?P<word>[^\s"]+)'
)
_BULLET = re.compile(r"^[ \t]*[-−][ \t]*(?=\S)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query's text, understood.

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


def understand(text: str) -> Asked:
    """Take the operators out of a query's text.

    A hyphen inside a word or alone is no operator; nor is one at the beginning of a line of a text of several lines, where it marks a list. An operator
    without a word or letter after it is dropped, a quotation mark without its partner is passed over. Accents come composed, as in the index, whatever the
    keyboard or terminal made of them; what cannot be encoded becomes a question mark.

    >>> understand('"site reliability" lead -manager front-end')
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

"""Whether the words around a mention deny it: "no Java needed", "a degree is not required", "neither Go nor Rust". Rules over one sentence; no parser."""

import re

from search.attributes.regex import regex

# How far the words that deny may stand from what they deny, in characters.
_BEFORE, _AFTER = 110, 70
_SENTENCE_END = regex(r"[;!?\n•|]|[.:](?=\s|$)")

_DENIER = regex(
    r"\b(?:no|not|never|neither|nor|without|cannot|rather than|instead of|unlike|lack(?:s|ing)? of|free (?:of|from)|anything but)\b|n['’]t\b",
    re.IGNORECASE,
)
# Words after a denier, or before it, with which it denies nothing that follows.
_DENIES_NOTHING = regex(
    r" (?:only|just|simply|merely|least|limited|afraid|shy|to mention|less|fewer|problems?|later|doubt|matter|limit|more than|longer|stranger|exclusively|"
    r"solely|yet|surprise|wonder|sooner|one size)\b",
    re.IGNORECASE,
)
_WHY = regex(r"\b(?:why|whether or|or|if)\s$", re.IGNORECASE)
# A word between denier and mention with which another statement begins, or the denial is complete.
_NEW_STATEMENT = regex(
    r"\b(?:but|however|though|although|because|so|we|you|they|he|she|it|is|are|was|were|must|will|should|who|which|instead|just|only|until|unless|except|"
    r"(?:need|requir|expect)ed|necessary|essential|mandatory)\b|[()]| [–—-] ",
    re.IGNORECASE,
)
_LISTING = regex(r"\b(?:or|nor)\b|/", re.IGNORECASE)
_MOST_WORDS_BETWEEN = 9

_DENIED_AFTERWARDS = regex(
    r"(?P<between>[^()]*?)\(?(?:\b(?:is|are|was|were|be|being|does|do)(?:\b ?|(?=n['’]t)))?(?:\bnot\b|n['’]t)"
    r"(?: (?:strictly|absolutely|at all|really|a|an|currently))* "
    r"(?:need(?:ed)?|require(?:d|ments?)?|necessary|essential|expected|mandatory|compulsory|obligatory|must|used|wanted|part of)\b|"
    r"(?P<between_too>[^()]*?)\b(?:(?:is|are) (?:unnecessary|irrelevant)|unnecessary|"
    r"(?:lies?|sits?|is|are|remains?|rests?) (?:deliberately |intentionally )?(?:outside|elsewhere|absent|with (?:the|your|our) \w+)|lie outside)\b|"
    r"(?P<between_last>[^()]{0,3}): (?:none|no)\b",
    re.IGNORECASE,
)
_ASSERTED = regex(r"\b(?:but|must|needed|required|essential|necessary|is|are|we|you|they)\b", re.IGNORECASE)


def negated(text: str, start: int, end: int) -> bool:
    """Whether the mention text[start:end] is denied within its own clause.

    >>> said = "No Java needed, Python is a must"
    >>> negated(said, 3, 7), negated(said, 16, 22)
    (True, False)
    """
    return _denied_before(_sentence_before(text, start), _sentence_after(text, end)) or _denied_after(_sentence_after(text, end))


def _sentence_before(text: str, start: int) -> str:
    stretch = text[max(0, start - _BEFORE) : start]
    ends = [match.end() for match in _SENTENCE_END.finditer(stretch)]
    return stretch[ends[-1] :] if ends else stretch


def _sentence_after(text: str, end: int) -> str:
    stretch = text[end : end + _AFTER]
    found = _SENTENCE_END.search(stretch)
    return stretch[: found.start()] if found else stretch


def _denied_before(before: str, after: str) -> bool:
    deniers = list(_DENIER.finditer(before))
    if not deniers:
        return False
    denier = deniers[-1]
    between = before[denier.end() :]
    if _DENIES_NOTHING.match(between) or _WHY.search(before[: denier.start()]) or _NEW_STATEMENT.search(between) or len(between.split()) > _MOST_WORDS_BETWEEN:
        return False
    if "," in between:
        # "No Java, Go or Rust" goes on denying; in "no travel, Python" the comma ends it.
        return bool(_LISTING.search(between) or _LISTING.search(after.split(",")[0]) or denier.group().casefold() in ("neither", "nor"))
    return not re.search(r"\band\b", between) or denier.group().casefold() == "without"


def _denied_after(after: str) -> bool:
    match = _DENIED_AFTERWARDS.match(after)
    if match is None:
        return False
    between = match["between"] or match["between_too"] or match["between_last"] or ""
    return not _ASSERTED.search(between) and ("," not in between or bool(_LISTING.search(between)))

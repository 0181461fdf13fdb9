"""Texts as sets of shingles, runs of four words: a signature of each, how alike two are, and which of many may be, found without comparing all pairs.

A. Z. Broder, "On the resemblance and containment of documents", 1997; bands: J. Leskovec, A. Rajaraman, J. D. Ullman, "Mining of Massive Datasets", chapter 3;
signatures of 16 bits a hash: P. Li, A. C. König, "b-Bit Minwise Hashing", 2010.
"""

import re
import unicodedata
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from search.words import exact_words

SHINGLE_WORDS = 4
# Two texts that share 0.8 of their shingles agree in at least one of 40 bands of 6 numbers in all but 5 of a million cases, those that share 0.3 in 3 of 100.
BANDS, ROWS_A_BAND = 40, 6
SIGNATURE_SIZE = BANDS * ROWS_A_BAND
# Of texts that agree in a band each is compared with so many after it: thousands of copies of one advert cost thousands of comparisons, not millions.
NEIGHBOURS = 16

Signature = npt.NDArray[np.uint16]
"""16 bits of the least number that each hash function finds among a text's shingles, shape (SIGNATURE_SIZE,); of several texts, a row each."""
Kinds = npt.NDArray[np.int64]
"""A number for each text, shape (texts,); only texts with the same number are compared."""
Pairs = npt.NDArray[np.int64]
"""Numbers of two texts each, the lower first, ascending; shape (pairs, 2)."""

_MIXER = np.uint64(0x9E3779B97F4A7C15)
# Hash functions that are computed in one go: with few, NumPy is called more often; with many, their numbers do not stay in the processor's cache.
_HASHES_AT_ONCE = 16
_HASHES = np.random.default_rng(20_260_101).integers(0, 2**64, (2, SIGNATURE_SIZE), dtype=np.uint64) | np.uint64(1)
_MASKS, _FACTORS = _HASHES.reshape(2, -1, _HASHES_AT_ONCE, 1)
_PAIRS_AT_ONCE = 50_000
# What counts the items of a list; one format writes it out, another leaves it to the page.
COUNTED = re.compile(r"^[ \t]*(?:[-*•‣▪·–—][ \t]*)?\(?(?:[0-9]{1,2}|[A-Za-z])[.)][ \t]+", re.MULTILINE)
# Places where a word may be broken, and marks that cannot be seen.
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")


def compared_words(text: str) -> list[str]:
    """The words of a text as it is compared: without what formats change, such as case, accents, bullets, numbers of list items and marks of all kinds.

    >>> compared_words("1. Bake\\n2) Clean") == compared_words("- bake;\\n- CLEAN!")
    True
    """
    return exact_words(COUNTED.sub("", readable(text)))


def readable(text: str) -> str:
    """The text without what a reader cannot see: one form for each character, no marks for breaking words."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def signature_of(words: Sequence[str]) -> Signature:
    """The MinHash signature of a text, of which `compared_words` gave the words; fewer than four words are one shingle."""
    numbers = np.zeros(max(SHINGLE_WORDS, len(words)), dtype=np.uint64)
    number_of = {word: crc32(word.encode(errors="replace")) for word in set(words)}
    numbers[: len(words)] = [number_of[word] for word in words]
    shingles = np.zeros(len(numbers) - SHINGLE_WORDS + 1, dtype=np.uint64)
    for place in range(SHINGLE_WORDS):
        shingles = _mixed(shingles, numbers[place : place + len(shingles)])
    least = np.concatenate([((shingles ^ masks) * factors).min(axis=1) for masks, factors in zip(_MASKS, _FACTORS, strict=True)])
    return (least >> np.uint64(32)).astype(np.uint16)


def resemblance(signatures: Signature, pairs: Pairs) -> npt.NDArray[np.float64]:
    """The Jaccard index of each pair's shingles, how many both have of all that either has, as their signatures tell it: 0.03 off at 0.8, exact for copies."""
    blocks = np.split(pairs, range(_PAIRS_AT_ONCE, len(pairs), _PAIRS_AT_ONCE))
    return np.concatenate([(signatures[block[:, 0]] == signatures[block[:, 1]]).mean(axis=1) for block in blocks])


def candidates(signatures: Signature, kinds: Kinds) -> Pairs:
    """The pairs of texts that are of one kind and agree in a band of their signatures: those that share much, and some that do not."""
    found = np.empty(0, dtype=np.int64)
    kinds_as_keys = kinds.view(np.uint64)
    whole = kinds_as_keys
    for column in signatures.T:
        whole = _mixed(whole, column.astype(np.uint64))
    for band in range(BANDS):
        keys = kinds_as_keys
        for column in signatures[:, band * ROWS_A_BAND : (band + 1) * ROWS_A_BAND].T:
            keys = _mixed(keys, column.astype(np.uint64))
        found = np.union1d(found, _pairs_of_equals(keys, whole))
    return np.stack(np.divmod(found, max(1, len(kinds))), axis=1)


def _pairs_of_equals(keys: npt.NDArray[np.uint64], whole: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Pairs of rows with equal keys, as one number each. Rows that are equal as a whole stand beside each other, so that copies are always compared."""
    order = np.lexsort((whole, keys))
    ordered = keys[order]
    found = []
    for distance in range(1, min(NEIGHBOURS, len(keys) - 1) + 1):
        (starts,) = np.nonzero(ordered[distance:] == ordered[:-distance])
        if not len(starts):
            break
        one, other = order[starts], order[starts + distance]
        found.append(np.minimum(one, other) * len(keys) + np.maximum(one, other))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _mixed(numbers: npt.NDArray[np.uint64], more: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    product = (numbers ^ more) * _MIXER
    return np.asarray(product ^ (product >> np.uint64(29)), dtype=np.uint64)

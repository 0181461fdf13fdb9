"""Kinds of arrays that go through a search and an ingest."""

import threading
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
"""Which of something: true or false for each row."""

Numbers: TypeAlias = npt.NDArray[np.integer]
"""Rows, or how many of something."""

Scores: TypeAlias = npt.NDArray[np.float64]
"""How well each answers."""

Ids: TypeAlias = npt.NDArray[np.bytes_]
"""Ids of chunks, as bytes: in order they stand as their texts do, and in sets of texts they would take six times as much memory."""

# Ids that are bytes of Python's at a time, which take three times the memory that they take in the array.
_IDS_AT_ONCE = 10_000

# NumPy reads what stands before an array with Python's parser, which in two threads at once may fail ("AST constructor recursion depth mismatch").
_reading = threading.Lock()


def mapped(path: Path) -> npt.NDArray[Any]:
    """The array in a .npy file, read where it lies. Raises OSError, EOFError and ValueError as np.load does. Safe to use from several threads."""
    with _reading:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def unpacked(path: Path) -> list[npt.NDArray[Any]]:
    """The arrays in a .npz file, in their order. Raises KeyError and zipfile.BadZipFile, too. Safe to use from several threads."""
    with _reading, np.load(path, allow_pickle=False) as stored:
        return list(stored.values())


def is_first(values: Numbers) -> Mask:
    """Which of the values, ascending, are not the same as the one before."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def as_ids(texts: Iterable[str]) -> Ids:
    """Ids as an array, in their order."""
    encoded = (text.encode() for text in texts)
    blocks = iter(lambda: list(islice(encoded, _IDS_AT_ONCE)), [])
    return np.concatenate([np.array([], dtype=np.bytes_), *(np.array(block, dtype=np.bytes_) for block in blocks)])


def as_texts(ids: Ids) -> list[str]:
    """Ids of an array, in their order."""
    return [one.decode() for one in ids.tolist()]


def places_among(ids: Ids, others: Ids, order: Numbers | None = None) -> tuple[Numbers, Mask]:
    """For each of the ids its place among the others, or some place where it is not among them; and whether it is. Quickest where the ids ascend.

    The others ascend, as they stand or in this `order`.
    """
    if not len(others):
        return np.zeros(len(ids), dtype=np.intp), np.zeros(len(ids), dtype=np.bool_)
    # As wide as the others: else all of these would be made as wide as the ids.
    places = np.minimum(np.searchsorted(others, ids.astype(others.dtype), sorter=order), len(others) - 1)
    if order is not None:
        places = order[places]
    return places, np.asarray(others[places] == ids)


def without(ids: Ids, others: Ids) -> Ids:
    """The ids that are not among the others; both ascend."""
    return ids[~places_among(ids, others)[1]]

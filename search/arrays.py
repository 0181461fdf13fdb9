"""Kinds of arrays that go through a search and an ingest."""

from collections.abc import Iterable
from typing import TypeAlias

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


def as_ids(texts: Iterable[str]) -> Ids:
    """Ids as an array, in their order."""
    return np.array([text.encode() for text in texts], dtype=np.bytes_)

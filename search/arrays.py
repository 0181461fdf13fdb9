"""Kinds of arrays that go through a search."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
"""Which of something: true or false for each row."""

Numbers: TypeAlias = npt.NDArray[np.integer]
"""Rows, or how many of something."""

Scores: TypeAlias = npt.NDArray[np.float64]
"""How well each answers."""

"""How sure a mean over queries is: bootstrap intervals and a paired test. Pure functions over one value a query; nothing about ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
CONFIDENCE = 0.95
# Repeatable: the same values give the same interval.
_SEED = 20_260_101
# Rows of random numbers at a time: 10,000 resamples of 40,000 queries would not fit into memory at once.
_ROWS = 250

_Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the bounds that it lies between with 95 % confidence, as far as the choice of queries goes."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """The mean with its percentile bootstrap interval over queries (B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).

    Raises ValueError without values.
    """
    if not len(values):
        raise ValueError("an interval needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(_SEED)
    means = np.concatenate([sample[generator.integers(0, len(sample), (_ROWS, len(sample)))].mean(axis=1) for _ in range(RESAMPLES // _ROWS)])
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(sample.mean()), float(low), float(high))


def p_value(differences: Sequence[float]) -> float:
    """How often chance alone makes a mean difference as large as this, either way: Fisher's paired randomization test, by signs drawn at random.

    M. Smucker, J. Allan, B. Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation", CIKM 2007.
    Between 1 / (RESAMPLES + 1) and 1; 1 without any difference.
    """
    sample: _Values = np.asarray([value for value in differences if value], dtype=np.float64)
    if not len(sample):
        return 1.0
    generator = np.random.default_rng(_SEED)
    observed = abs(sample.sum())
    sums = np.concatenate([(generator.integers(0, 2, (_ROWS, len(sample))) * 2 - 1) @ sample for _ in range(RESAMPLES // _ROWS)])
    # What was observed is itself one of the arrangements; sums that differ by rounding only count as equal.
    return float((1 + np.count_nonzero(np.abs(sums) >= observed - 1e-9)) / (1 + len(sums)))

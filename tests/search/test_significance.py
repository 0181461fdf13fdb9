import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.significance import RESAMPLES, interval, p_value

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(VALUES)
def test_an_interval_holds_its_mean_and_stays_within_the_values(values: list[float]) -> None:
    found = interval(values)
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert min(values) - 1e-9 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= max(values) + 1e-9


def test_an_interval_is_about_two_standard_errors_to_either_side() -> None:
    values = [number % 10 / 10 for number in range(400)]
    error = statistics.pstdev(values) / len(values) ** 0.5
    found = interval(values)
    assert (found.high - found.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.05)


def test_an_interval_narrows_with_more_queries_and_is_the_same_each_time() -> None:
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 1000)
    assert few.high - few.low > 5 * (many.high - many.low)
    assert interval([0.0, 1.0] * 10) == few


def test_an_interval_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        interval([])


@pytest.mark.parametrize("differences", [[0.5, 0.4, 0.3, 0.2, 0.1], [0.2, -0.1, 0.3, 0.05, 0.1, -0.02], [0.1, -0.1], [1.0]])
def test_the_p_value_is_that_of_all_arrangements_of_signs(differences: list[float]) -> None:
    observed = abs(sum(differences))
    sums = [abs(sum(sign * value for sign, value in zip(signs, differences, strict=True))) for signs in itertools.product((1, -1), repeat=len(differences))]
    exact = sum(one >= observed - 1e-9 for one in sums) / len(sums)
    assert p_value(differences) == pytest.approx(exact, abs=0.02)


def test_equal_settings_do_not_differ_and_a_clear_difference_is_hardly_chance() -> None:
    assert p_value([0.0, 0.0, 0.0]) == 1
    assert p_value([0.1] * 50) == pytest.approx(1 / (RESAMPLES + 1))
    assert p_value([-0.1] * 50) == p_value([0.1] * 50)

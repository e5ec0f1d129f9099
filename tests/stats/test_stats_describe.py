"""Moments, quantiles, counts and standardised differences of a baseline table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats import describe

METHODS = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    3: "closest_observation",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}
samples = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@settings(deadline=None)
@given(samples, st.lists(st.integers(0, 64), min_size=1, max_size=5), st.integers(1, 9))
def test_quantiles_are_those_of_numpy(x, shares, kind):
    if kind == 3:
        return  # numpy rounds halves otherwise than R
    p = np.array(shares) / 64
    want = np.quantile(x, p, method=METHODS[kind])
    assert np.allclose(describe.quantiles(x, p, kind), want, rtol=1e-9, atol=1e-9)


def test_quantiles_at_whole_positions():
    x = np.arange(1.0, 21)
    # 0.15 * 20 is 3 but for floating point
    assert [describe.quantiles(x, 0.15, kind) for kind in (1, 2, 3, 4)] == [3, 3.5, 3, 3]
    assert describe.quantiles(x, 0.225, 3) == 4  # position 4.5 - 0.5, even
    assert describe.quantiles(x, 0.275, 3) == 6


@settings(deadline=None)
@given(samples)
def test_hinges_lie_between_the_quartiles_of_types_2_and_7(x):
    low, hinge, middle, upper, high = describe.tukey_five(x)
    assert (low, middle, high) == (min(x), np.median(x), max(x))
    assert low <= hinge <= middle <= upper <= high


def test_known_descriptions():
    assert list(describe.tukey_five([1, 2, 3, 4, 5, 6])) == [1, 2, 3.5, 5, 6]
    assert list(describe.tukey_five([1, 2, 3, 4, 5])) == [1, 2, 3, 4, 5]
    assert describe.mad([1, 2, 3, 4, 100], scale=1) == 1
    assert describe.geometric_mean([1, 10, 100]) == pytest.approx(10)
    assert np.isnan(describe.geometric_mean([0, 1]))
    assert describe.coefficient_of_variation([1, 2, 3]) == 0.5


def test_moments_of_all_types():
    x = np.random.default_rng(0).exponential(size=30)
    assert describe.skewness(x, 1) == pytest.approx(stats.skew(x))
    assert describe.skewness(x, 2) == pytest.approx(stats.skew(x, bias=False))
    assert describe.skewness(x, 3) == pytest.approx(
        ((x - x.mean()) ** 3).mean() / x.std(ddof=1) ** 3
    )
    assert describe.kurtosis(x, 1) == pytest.approx(stats.kurtosis(x))
    assert describe.kurtosis(x, 2) == pytest.approx(stats.kurtosis(x, bias=False))
    fourth = ((x - x.mean()) ** 4).mean() / x.var(ddof=1) ** 2
    assert describe.kurtosis(x, 3) == pytest.approx(fourth - 3)


@pytest.mark.parametrize("x", [[], [1.0], [2.0, 2.0, 2.0], [np.nan]])
def test_moments_that_are_not_there(x):
    assert np.isnan(describe.skewness(x))
    assert np.isnan(describe.kurtosis(x, 2))


def test_too_few_for_type_2():
    assert np.isnan(describe.skewness([1, 2], 2))
    assert np.isnan(describe.kurtosis([1, 2, 4], 2))


def test_refused():
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        describe.quantiles([1, 2], 50)
    with pytest.raises(ValueError, match="type 10"):
        describe.quantiles([1, 2], 0.5, 10)
    with pytest.raises(ValueError, match="type 4"):
        describe.skewness([1, 2], 4)


def test_smd_and_counts():
    assert describe.smd_continuous([1, 2, 3], [3, 4, 5]) == pytest.approx(2)
    assert np.isnan(describe.smd_continuous([1, 1], [1, 1]))
    assert describe.smd_categorical([5, 5], [5, 5]) == 0
    assert np.isnan(describe.smd_categorical([5, 0], [0, 5]))
    counts = describe.count(["a", "b", None, "a"], ["a", "b", "c"])
    assert counts.counts.tolist() == [2, 1, 0]
    assert (counts.n, counts.missing) == (3, 1)
    assert np.isnan(describe.describe([np.nan]).mean)

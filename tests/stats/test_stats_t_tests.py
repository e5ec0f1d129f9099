"""t tests by hand, by scipy, and where there is nothing to test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats import t_tests

values = st.lists(st.integers(-50, 50), min_size=2, max_size=15)


@settings(deadline=None)
@given(values, values, st.booleans())
def test_swapping_the_groups_turns_the_sign(a, b, even):
    one, two = t_tests.t_test(a, b, even), t_tests.t_test(b, a, even)
    assert np.isclose(one.statistic, -two.statistic, equal_nan=True)
    assert np.allclose([one.lower, one.p], [-two.upper, two.p], equal_nan=True)


@settings(deadline=None)
@given(values, st.floats(-10, 10))
def test_one_sample_interval_and_test_say_the_same(x, mean):
    found = t_tests.one_sample_t_test(x, mean)
    if np.isnan(found.p):
        assert len(set(x)) == 1
        assert found.note
    elif abs(found.p - 0.05) > 1e-9:
        assert (found.lower <= mean <= found.upper) == (found.p > 0.05)


def test_pairs_are_the_one_sample_test_of_differences():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=12), rng.normal(size=12)
    y[3] = np.nan
    found, d = t_tests.paired_t_test(x, y), np.delete(x - y, 3)
    want = stats.ttest_1samp(d, 0).confidence_interval()
    assert np.allclose([found.lower, found.upper], want)
    assert found.p == pytest.approx(t_tests.one_sample_t_test(d).p)
    assert (found.n, found.note) == (11, "1 incomplete pairs left out")


def test_hand_computed():
    mean = t_tests.mean_interval([1.0, 2, 3])
    assert (mean.estimate, mean.se) == pytest.approx((2, 1 / np.sqrt(3)))
    assert t_tests.t_test([1.0, 2, 3], [2.0, 3, 4], True).statistic == pytest.approx(-(1.5**0.5))


def test_a_constant_but_for_rounding_has_no_test():
    x = np.array([0.3, 0.1 + 0.2, 0.3])
    for found in (
        t_tests.t_test(x, x + 1),
        t_tests.one_sample_t_test(x),
        t_tests.paired_t_test([1.1, 0.1], [-0.2, -1.2]),
    ):
        assert np.isnan(found.p)
        assert "equal" in found.note or "constant" in found.note


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="3 and 2 values are not paired"):
        t_tests.paired_t_test([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="confidence level is 95"):
        t_tests.t_test([1, 2, 3], [1, 2], level=95)
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        t_tests.t_test([[1, 2]], [1, 2])

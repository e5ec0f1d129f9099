"""Tests of variances, of normality, and of whole distributions."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from radpipe.stats import kolmogorov_smirnov, normality, variance_tests

small = st.lists(st.integers(0, 4), min_size=1, max_size=5)


@settings(deadline=None)
@given(small, small)
def test_exact_ks_given_the_ties_is_the_enumeration(a, b):
    both = np.array(a + b)
    ways = np.array([np.isin(range(both.size), c) for c in combinations(range(both.size), len(a))])
    below = 1.0 * (both[:, None] <= np.unique(both))
    apart = np.abs(ways @ below / len(a) - ~ways @ below / len(b)).max(axis=1)
    found = kolmogorov_smirnov.ks_two_sample(a, b)
    assert found.statistic == pytest.approx(apart[0])  # the first way is the data's own
    assert found.p == pytest.approx(np.mean(apart >= apart[0] - 1e-9))


def test_ks_without_ties_is_that_of_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=60), rng.normal(0.4, 1, 45)
    found = kolmogorov_smirnov.ks_two_sample(a, b)
    assert found.p == pytest.approx(stats.ks_2samp(a, b, method="exact").pvalue, rel=1e-9)
    assert "limiting" in kolmogorov_smirnov.ks_two_sample(np.r_[a, a, a, a], b).method


@pytest.mark.parametrize("x", [0.3, 0.7, 0.99, 1.0, 1.4, 2.5])
def test_limiting_distribution(x):
    assert kolmogorov_smirnov.limiting_p(x) == pytest.approx(special.kolmogorov(x), rel=1e-12)
    assert kolmogorov_smirnov.limiting_p(x, 1e-6) == pytest.approx(special.kolmogorov(x), abs=4e-5)


def test_variances_equal_scipy():
    rng = np.random.default_rng(1)
    groups = [rng.normal(0, s, n) for s, n in ((1, 12), (2, 20), (1.5, 9))]
    for center in ("mean", "median"):
        found, want = variance_tests.levene(groups, center), stats.levene(*groups, center=center)
        assert (found.statistic, found.p) == pytest.approx((want.statistic, want.pvalue))


def test_f_test_and_its_interval_say_the_same():
    rng = np.random.default_rng(2)
    for _ in range(50):
        a, b = rng.normal(size=9), rng.normal(0, rng.uniform(1, 3), 14)
        found, back = variance_tests.f_test(a, b), variance_tests.f_test(b, a)
        assert (found.lower < 1 < found.upper) == (found.p > 0.05)
        assert found.p == pytest.approx(back.p)
        assert found.lower == pytest.approx(1 / back.upper)


def test_distances_that_do_not_vary_have_no_test():
    found = variance_tests.levene([[0.1, 0.3], [1.1, 1.4]])
    assert np.isnan(found.p)
    assert "vary" in found.note
    constant = variance_tests.f_test([1, 1, 1], [1, 2, 3])
    assert np.isnan(constant.p)
    assert constant.note


@settings(deadline=None)
@given(st.floats(1e-9, 1e9), st.floats(-1e3, 1e3))
def test_normality_has_no_unit(scale, by):
    x = np.array([0.2, 0.5, 0.9, 1.7, 2.2, 4.1, 9.0])
    for test in (normality.shapiro_wilk, normality.lilliefors):
        assert test(scale * (x + by)).p == pytest.approx(test(x).p, rel=1e-4)


def test_lilliefors_p_falls_with_the_distance():
    for n in (5, 40, 300):
        p = [normality._lilliefors_p(d, n) for d in np.linspace(0.3, 2, 200) / np.sqrt(n)]
        assert np.all(np.diff(p) <= 0.01)  # two approximations meet near 0.1
        assert p[0] > 0.9
        assert p[-1] < 1e-4


def test_lilliefors_has_its_size():
    rng = np.random.default_rng(3)
    p = np.array([normality.lilliefors(rng.normal(size=20)).p for _ in range(1500)])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.05)


def test_too_few_or_equal_values():
    for test, x in (
        (normality.shapiro_wilk, [1, 2]),
        (normality.lilliefors, [1, 2, 3, 4]),
        (normality.lilliefors, np.full(9, 0.1)),
        (normality.shapiro_wilk, np.arange(5001)),
    ):
        assert np.isnan(test(x).p)
        assert "no test" in test(x).note

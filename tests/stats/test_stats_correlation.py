from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from radpipe.stats import correlation, exact_spearman, partial_correlation

ALL = (correlation.pearson, correlation.spearman, correlation.kendall)
few_values = arrays(float, (12, 2), elements=st.integers(0, 4).map(float))


@given(few_values)
@settings(max_examples=40, deadline=None)
def test_agrees_with_scipy_with_ties(table):
    x, y = table.T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    for ours, theirs in zip(ALL, (stats.pearsonr, stats.spearmanr, stats.kendalltau), strict=True):
        result, expected = ours(x, y), theirs(x, y)
        assert result.estimate == pytest.approx(expected.statistic, abs=1e-12)
        assert result.p == pytest.approx(expected.pvalue, abs=1e-9)
        swapped, mirrored = ours(y, x), ours(x, -y)
        assert swapped.estimate == pytest.approx(result.estimate)
        assert mirrored.estimate == pytest.approx(-result.estimate)
        if np.isfinite(result.lower):
            assert result.lower <= result.estimate <= result.upper
            assert mirrored.lower == pytest.approx(-result.upper)


@pytest.mark.parametrize("function", ALL)
def test_a_constant_or_too_few_pairs_have_no_correlation(function):
    for x, y in (([1.0, 1, 1, 1], [1.0, 2, 3, 4]), ([1.0, 2], [2.0, 1]), ([], [])):
        result = function(x, y)
        assert np.isnan(result.p)
        assert result.note
    with pytest.raises(ValueError, match="paired"):
        function([1.0, 2, 3], [1.0, 2])
    with pytest.raises(ValueError, match="level"):
        function([1.0, 2, 3], [1.0, 3, 2], level=95)
    left_out = function([1.0, 2, np.nan, 4, 5, 6], [2.0, 1, 3, 4, 6, 5])
    assert left_out.n == 5
    assert "1 incomplete" in left_out.note


def test_perfect_correlation_has_no_interval():
    for function in ALL:
        result = function(np.arange(30.0), np.arange(30.0) * 2)
        assert result.estimate == pytest.approx(1)
        assert result.p < 1e-12
        assert np.isnan(result.lower)


@pytest.mark.parametrize("n", [4, 6])
def test_exact_spearman_counts_permutations(n):
    ranks = np.arange(n)
    sums = np.array([np.sum((ranks - np.array(p)) ** 2) for p in permutations(ranks)])
    for q in range(0, sums.max() + 2, 2):
        assert exact_spearman.spearman_chance(q, n) == pytest.approx(np.mean(sums >= q))


def test_edgeworth_series_is_near_the_exact_law():
    law = exact_spearman._law(10)
    upper = law[::-1].cumsum()[::-1]
    for q in range(2, law.size, 2):
        assert exact_spearman._edgeworth(q, 10) == pytest.approx(upper[q], abs=1e-3)
    assert exact_spearman.spearman_p(0, 12) < 1e-5
    assert exact_spearman.spearman_p(12 * 143 / 3, 12) < 1e-5


def test_exact_tests_follow_the_rule_of_r():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 20))
    exact = correlation.spearman(x, y, exact=None)
    assert "exact" in exact.method
    assert exact.statistic == np.sum((stats.rankdata(x) - stats.rankdata(y)) ** 2)
    assert exact.p == pytest.approx(correlation.spearman(x, y).p, abs=0.02)
    x[0] = x[1]
    assert "t approximation" in correlation.spearman(x, y, exact=None).method
    for function in (correlation.spearman, correlation.kendall):
        with pytest.raises(ValueError, match="ties"):
            function(x, y, exact=True)
    with pytest.raises(ValueError, match="interval"):
        correlation.spearman(x, y, interval="wald")


def test_intervals_of_spearman_are_ordered_by_variance():
    x, y = np.random.default_rng(1).normal(size=(2, 40))
    y = y + x
    widths = [
        np.ptp([r.lower, r.upper])
        for r in (correlation.spearman(x, y, interval=i) for i in ("fisher", "fieller"))
    ]
    assert widths[0] < widths[1]


def test_standard_error_of_kendall_is_near_the_jackknife():
    rng = np.random.default_rng(2)
    x = np.round(rng.normal(size=300), 1)
    y = np.round(x + rng.normal(size=300), 1)
    left = [stats.kendalltau(np.delete(x, i), np.delete(y, i)).statistic for i in range(300)]
    jackknife = np.sqrt(299 / 300 * np.sum((left - np.mean(left)) ** 2))
    assert correlation.kendall(x, y).se == pytest.approx(jackknife, rel=0.02)


def test_kendall_by_blocks_is_the_same(monkeypatch):
    x, y = np.random.default_rng(3).normal(size=(2, 60))
    whole = correlation.kendall(x, y)
    monkeypatch.setattr(correlation, "_BLOCK", 7)
    assert repr(correlation.kendall(x, y)) == repr(whole)


def residuals(v, z):
    design = np.column_stack([np.ones(len(z)), z])
    return v - design @ np.linalg.lstsq(design, v, rcond=None)[0]


def test_partial_is_the_correlation_of_residuals():
    rng = np.random.default_rng(4)
    z = rng.normal(size=(40, 2))
    x, y = z @ [1, 2] + rng.normal(size=40), z @ [2, -1] + rng.normal(size=40)
    a, b = residuals(x, z), residuals(y, z)
    both = partial_correlation.partial(x, y, z)
    assert both.estimate == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert (both.n, both.df) == (40, 36)
    half = partial_correlation.semi_partial(x, y, z)
    assert half.estimate == pytest.approx(np.corrcoef(x, b)[0, 1])
    matrix = partial_correlation.partial_matrix(np.column_stack([x, y, z]))
    assert matrix[0, 1] == matrix[1, 0] == pytest.approx(both.estimate)
    for kind in ("spearman", "kendall"):
        one = partial_correlation.partial(x, y, z[:, 0], kind)
        table = np.column_stack([x, y, z[:, 0]])
        assert one.estimate == pytest.approx(partial_correlation.partial_matrix(table, kind)[0, 1])
    monotone = partial_correlation.partial(np.exp(x), y, z, "spearman")
    assert monotone.estimate == pytest.approx(
        partial_correlation.partial(x, y, z, "spearman").estimate
    )


def test_partial_kendall_of_three():
    rng = np.random.default_rng(5)
    x, y, z = rng.normal(size=(3, 25))
    xy, xz, yz = (stats.kendalltau(*p).statistic for p in ((x, y), (x, z), (y, z)))
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    result = partial_correlation.partial(x, y, z, "kendall")
    assert result.estimate == pytest.approx(expected)
    assert result.p == pytest.approx(
        2 * stats.norm.sf(abs(expected) / np.sqrt(2 * 53 / (9 * 24 * 23)))
    )


def test_degenerate_partial_correlation():
    rng = np.random.default_rng(6)
    x, y, z = rng.normal(size=(3, 10))
    for covariate, match in ((np.ones(10), "constant"), (x * 2 + 1, "spanned")):
        result = partial_correlation.partial(x, y, covariate)
        assert np.isnan(result.p)
        assert match in result.note
    assert "not more cases" in partial_correlation.partial(x[:3], y[:3], z[:3]).note
    assert np.isnan(partial_correlation.partial_matrix(np.column_stack([x, y, x - y]))).all()
    z[0] = np.nan
    assert partial_correlation.partial(x, y, z).n == 9
    with pytest.raises(ValueError, match="rows of one table"):
        partial_correlation.partial(x, y, z[:5])
    with pytest.raises(ValueError, match="kind"):
        partial_correlation.partial(x, y, z, "phi")

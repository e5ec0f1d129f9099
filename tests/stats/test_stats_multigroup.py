from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats import group_tests, multigroup, posthoc, posthoc_ranks, simultaneous, trend


@pytest.fixture
def groups():
    rng = np.random.default_rng(0)
    return [rng.normal(m, s, n) for m, s, n in ((0, 1, 9), (0.8, 2, 14), (1.5, 1, 6))]


def test_anova_and_bartlett_agree_with_scipy(groups):
    result = multigroup.anova(groups)
    expected = stats.f_oneway(*groups)
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert multigroup.bartlett(groups).p == pytest.approx(stats.bartlett(*groups).pvalue)
    assert result.omega_squared < result.eta_squared < 1
    two = multigroup.anova(groups[:2])
    t = group_tests.t_test(*groups[:2], equal_variance=True)
    assert two.statistic == pytest.approx(t.statistic**2)


def test_anova_without_variance_or_groups():
    for parts in ([[1.0, 1], [2.0, 2]], [[1.0, 2]], [[1.0], [2.0]], [[], [np.nan]]):
        result = multigroup.anova(parts)
        assert np.isnan(result.p)
        assert result.note
    assert multigroup.bartlett([[1.0, 1], [2.0, 3]]).note
    left_out = multigroup.anova([[1.0, 2, np.nan], [3.0, 4]])
    assert left_out.n == 4
    assert "1 missing" in left_out.note


@given(st.floats(0.1, 15), st.integers(2, 12), st.floats(1, 200))
@settings(max_examples=15, deadline=None)
def test_range_agrees_with_scipy(q, k, df):
    expected = stats.studentized_range.sf(q, k, df)
    assert simultaneous.range_sf(q, k, df) == pytest.approx(expected, abs=1e-9)


def test_laws_of_the_largest_difference():
    # two means: the range is |t| sqrt 2; one comparison with a control: |t|
    assert simultaneous.range_sf(3, 2, 7) == pytest.approx(2 * stats.t.sf(3 / 2**0.5, 7))
    assert simultaneous.dunnett_sf(2, [0.3], 7) == pytest.approx(2 * stats.t.sf(2, 7))
    assert simultaneous.range_sf(0.0, 3, 7) == 1
    assert simultaneous.range_sf(np.inf, 3, 7) == 0
    assert np.isnan(simultaneous.range_sf(np.nan, 3, 7))
    assert simultaneous.range_quantile(0.95, 3, np.inf) == pytest.approx(3.314493, abs=1e-6)
    # Dunnett 1964, table 2: two groups and a control, 20 degrees of freedom
    assert simultaneous.dunnett_quantile(0.95, [0.5, 0.5], 20) == pytest.approx(2.38, abs=5e-3)
    for bad in ((3, 1, 5), (3, 2, 0)):
        with pytest.raises(ValueError, match=r"groups|degrees"):
            simultaneous.range_sf(*bad)
    with pytest.raises(ValueError, match="shares"):
        simultaneous.dunnett_sf(2, [0.5, 1.0], 7)


def test_dunnett_agrees_with_scipy(groups):
    expected = stats.dunnett(*groups[1:], control=groups[0], rng=np.random.default_rng(1))
    limits = expected.confidence_interval()
    found = posthoc.dunnett(groups)
    for i, c in enumerate(found):
        assert c.test.p == pytest.approx(expected.pvalue[i], abs=1e-3)
        assert c.test.lower == pytest.approx(limits.low[i], abs=5e-3)
        assert (c.first, c.second) == (0, i + 1)


def test_tukey_and_games_howell(groups):
    expected = stats.tukey_hsd(*groups)
    for c in posthoc.tukey_hsd(groups):
        assert c.test.p == pytest.approx(expected.pvalue[c.first, c.second], abs=1e-9)
        assert c.test.estimate == pytest.approx(groups[c.second].mean() - groups[c.first].mean())
    (pair,) = posthoc.games_howell(groups[:2])
    welch = group_tests.t_test(groups[1], groups[0])
    assert (pair.test.p, pair.test.lower) == pytest.approx((welch.p, welch.lower))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_intervals_without_zero_are_significant(level):
    rng = np.random.default_rng(7)
    parts = [rng.normal(m, 1, 8) for m in (0, 1, 2.5)]
    for method in (posthoc.tukey_hsd, posthoc.games_howell, posthoc.dunnett):
        for c in method(parts, level):
            outside = c.test.lower > 0 or c.test.upper < 0
            assert outside == (c.test.p < 1 - level)


def test_least_significant_difference_of_two_groups_is_student(groups):
    (pair,) = posthoc.pairwise_t(groups[:2], "none")
    student = group_tests.t_test(groups[1], groups[0], equal_variance=True)
    assert (pair.test.p, pair.test.upper) == pytest.approx((student.p, student.upper))
    assert pair.p_adjusted == pair.test.p
    holm = posthoc.pairwise_t(groups)
    assert all(c.p_adjusted >= c.test.p for c in holm)


def test_ranks_of_two_groups_are_kruskal_wallis(groups):
    h = group_tests.kruskal_wallis(groups[:2])
    assert multigroup.epsilon_squared(h) == pytest.approx(h.statistic / 22)
    (dunn,) = posthoc_ranks.dunn(groups[:2])
    (nemenyi,) = posthoc_ranks.nemenyi(groups[:2])
    assert dunn.test.statistic**2 == pytest.approx(h.statistic)
    assert (dunn.test.p, nemenyi.test.p) == pytest.approx((h.p, h.p))


def test_nemenyi_after_friedman():
    values = np.random.default_rng(3).normal(size=(12, 4)) + np.arange(4)
    found = posthoc_ranks.nemenyi_friedman(values)
    # Demsar 2006: the critical difference of mean ranks, q = 2.569 for four at 5%
    critical = 2.569 * np.sqrt(4 * 5 / (6 * 12))
    assert len(found) == 6
    for c in found:
        assert (abs(c.test.estimate) > critical) == (c.test.p < 0.05)
    assert np.isnan(posthoc_ranks.nemenyi_friedman(np.full((2, 3), np.nan))[0].test.p)


@pytest.mark.parametrize(
    "method",
    [
        posthoc.tukey_hsd,
        posthoc.games_howell,
        posthoc.dunnett,
        posthoc.pairwise_t,
        posthoc_ranks.pairwise_mann_whitney,
        posthoc_ranks.dunn,
        posthoc_ranks.nemenyi,
    ],
)
def test_degenerate_groups(method):
    with pytest.raises(ValueError, match="at least two"):
        method([[1.0, 2]])
    constant = method([[1.0, 1], [1.0, 1, 1]])[0].test
    assert np.isnan(constant.p)
    assert constant.note
    found = method([[1.0, 2, 4], [], [2.0, 3, np.nan, 7]])
    assert np.isnan(found[0].test.p)
    assert all("1 missing" in c.test.note for c in found)
    kept = next(c for c in found if (c.first, c.second) == (0, 2))
    assert 0 < kept.test.p <= kept.p_adjusted <= 1


def test_exact_jonckheere_counts_all_arrangements():
    parts = [np.array([1.0, 4]), np.array([2.0, 3]), np.array([5.0])]

    def j(groups):
        return sum(float(np.sum(b[None] > a[:, None])) for a, b in combinations(groups, 2))

    law = [j([np.array(p[:2]), np.array(p[2:4]), np.array(p[4:])]) for p in permutations(range(5))]
    result = trend.jonckheere(parts)
    assert result.statistic == j(parts) == 6
    assert result.p == pytest.approx(min(1, 2 * np.mean(np.array(law) >= 6)))
    assert trend.jonckheere(parts[::-1]).p == pytest.approx(result.p)


def test_jonckheere_approximation(groups):
    smooth, exact = (trend.jonckheere(groups, exact=e) for e in (False, True))
    assert smooth.p == pytest.approx(exact.p, abs=0.01)
    two = trend.jonckheere(groups[:2], exact=False)
    plain = group_tests.mann_whitney(*groups[:2], exact=False, continuity=False)
    assert two.p == pytest.approx(plain.p)
    tied = [np.round(g) for g in groups[:2]]
    corrected = trend.jonckheere(tied, tie_correction=True)
    plain = group_tests.mann_whitney(*tied, exact=False, continuity=False)
    assert corrected.p == pytest.approx(plain.p)
    assert trend.jonckheere(tied).p > corrected.p
    with pytest.raises(ValueError, match="ties"):
        trend.jonckheere(tied, exact=True)
    assert trend.jonckheere([[1.0, 1], [1.0]]).note
    assert trend.jonckheere([]).note

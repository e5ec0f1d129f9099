"""Tests from printed summaries equal those of the data behind them."""

import numpy as np
import pytest
from scipy import stats

from radpipe.stats import delong, effect_sizes, group_tests, summaries, t_tests
from radpipe.stats.describe import smd_continuous
from radpipe.stats.fisher_exact import fisher


def groups():
    rng = np.random.default_rng(0)
    return [rng.normal(m, s, n) for m, s, n in ((0, 1, 12), (1, 2, 20), (0.5, 1, 9))]


def printed(*parts):
    return tuple((float(p.mean()), float(p.std(ddof=1)), p.size) for p in parts)


@pytest.mark.parametrize("even", [False, True])
def test_t_test(even):
    a, b, _ = groups()
    (m1, s1, n1), (m2, s2, n2) = printed(a, b)
    found, want = summaries.t_test(m1, s1, n1, m2, s2, n2, even), t_tests.t_test(a, b, even)
    assert found.method == want.method
    got = (found.statistic, found.df, found.p, found.lower, found.upper)
    assert got == pytest.approx((want.statistic, want.df, want.p, want.lower, want.upper))


def test_one_sample():
    ((m, s, n),) = printed(groups()[0])
    found, want = summaries.one_sample_t_test(m, s, n, 0.4), stats.ttest_1samp(groups()[0], 0.4)
    assert (found.statistic, found.p) == pytest.approx((want.statistic, want.pvalue))


def test_analyses_of_variance():
    parts = groups()
    columns = list(zip(*printed(*parts), strict=True))
    found, want = summaries.anova(*columns), stats.f_oneway(*parts)
    assert (found.statistic, found.p) == pytest.approx((want.statistic, want.pvalue))
    found, want = summaries.anova(*columns, equal_variance=False), group_tests.welch_anova(parts)
    assert (found.statistic, found.p, found.df) == pytest.approx((want.statistic, want.p, want.df))
    two = [column[:2] for column in columns]
    assert summaries.anova(*two).p == pytest.approx(t_tests.t_test(*parts[:2], True).p)


def test_counts():
    table = summaries.proportion_table([3, 9], [12, 11])
    assert table.tolist() == [[3, 9], [9, 2]]
    assert fisher(table).p == pytest.approx(stats.fisher_exact(table).pvalue)
    found = summaries.two_proportions(56, 70, 48, 80)
    # Newcombe 1998, table II, (a): method 10
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (0.2, 0.0524, 0.3339), abs=5e-5
    )
    assert found.p == pytest.approx(stats.chi2_contingency([[56, 14], [48, 32]]).pvalue)
    assert np.isnan(summaries.two_proportions(0, 5, 0, 6).p)


def test_auc_from_counts_is_that_from_scores():
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], [30, 20])
    score = rng.normal(size=50) + y
    want = delong.hanley_mcneil(y, score)
    found = summaries.auc_hanley_mcneil(want.estimate, 20, 30)
    assert (found.se, found.lower) == pytest.approx((want.se, want.lower))
    perfect = summaries.auc_hanley_mcneil(1, 20, 30)
    assert np.isnan(perfect.lower)
    assert perfect.note


def test_two_aucs():
    found = summaries.two_aucs(0.8, 0.03, 0.7, 0.04)
    assert (found.statistic, found.se) == pytest.approx((2, 0.05))
    assert summaries.two_aucs(0.8, 0.03, 0.7, 0.04, r=0.5).p < found.p
    assert np.isnan(summaries.two_aucs(0.8, 0, 0.7, 0).p)


def test_from_intervals():
    # Altman and Bland, BMJ 2011;343:d2304: RR 0.81 (0.70 to 0.94), p = 0.005
    found = summaries.from_interval(0.81, 0.70, 0.94, ratio=True)
    assert found.p == pytest.approx(0.005, abs=5e-4)
    mean = t_tests.mean_interval(groups()[0])
    sd = summaries.sd_from_interval(mean.lower, mean.upper, mean.n)
    assert sd == pytest.approx(groups()[0].std(ddof=1))


def test_effects():
    a, b, _ = groups()
    (m1, s1, n1), (m2, s2, n2) = printed(a, b)
    assert summaries.smd(m1, s1, m2, s2) == pytest.approx(smd_continuous(a, b))
    found, want = effect_sizes.cohens_d_from(m1, s1, n1, m2, s2, n2), effect_sizes.cohens_d(a, b)
    assert found.lower == pytest.approx(want.lower)
    exact, near = (effect_sizes.hedges_g(a, b, word) for word in ("exact", "approximate"))
    assert abs(exact.estimate) < abs(want.estimate)
    assert near.estimate == pytest.approx(exact.estimate, rel=1e-3)
    same = effect_sizes.cohens_dz(a, a + 1)
    assert np.isnan(same.estimate)
    assert same.note
    ranks = effect_sizes.rank_effects([1, 2, 3], [4, 5, 6])
    assert (ranks.auc, ranks.rank_biserial) == (0, -1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: summaries.t_test(1, -1, 5, 2, 1, 5), "no SD is negative"),
        (lambda: summaries.t_test(1, 1, 1, 2, 1, 5), "two cases or more"),
        (lambda: summaries.anova([1, 2], [1], [3, 4]), "one mean, one SD"),
        (lambda: summaries.proportion_table([5], [4]), "0 <= events <= n"),
        (lambda: summaries.auc_hanley_mcneil(1.2, 5, 5), "AUC lies in"),
        (lambda: summaries.from_interval(2, 0, 3, ratio=True), "above 0"),
        (lambda: summaries.from_interval(2, 3, 4), "around the estimate"),
    ],
)
def test_impossible_summaries_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_constant_groups_have_no_test_but_a_reason():
    for found in (
        summaries.t_test(1, 0, 5, 2, 0, 5),
        summaries.one_sample_t_test(1, 0, 5),
        summaries.anova([1, 2], [0, 0], [3, 3]),
        summaries.anova([1, 2], [0, 1], [3, 3], equal_variance=False),
        summaries.from_interval(1, 1, 1),
    ):
        assert np.isnan(found.p)
        assert found.note

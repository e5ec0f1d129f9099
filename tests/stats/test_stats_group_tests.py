import numpy as np
import pytest
from scipy import stats

from radpipe.stats import contingency, correlation, describe, group_tests


def test_r_rule_of_the_exact_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=30), rng.normal(size=25)
    assert group_tests.mann_whitney(a, b).method.endswith("exact")
    assert "normal" in group_tests.mann_whitney(np.append(a, a[0]), b).method
    assert "normal" in group_tests.mann_whitney(rng.normal(size=50), b).method


def anova(a, b):
    return group_tests.welch_anova([a, b])


@pytest.mark.parametrize("test", [group_tests.t_test, group_tests.mann_whitney, anova])
def test_constant_groups_have_no_p_but_a_reason(test):
    result = test([1.0, 1, 1], [1.0, 1, 1])
    assert np.isnan(result.p)
    assert result.note


def test_missing_values_are_counted():
    result = group_tests.t_test([1.0, 2, np.nan, 3], [2.0, 4, 5])
    assert result.n == 6
    assert "1 missing" in result.note


def test_more_groups():
    rng = np.random.default_rng(1)
    normal = [rng.normal(m, s, 40) for m, s in ((0, 1), (0.5, 2), (1, 1))]
    assert "Welch" in group_tests.measure_test(normal).method
    skewed = [rng.exponential(m, 40) for m in (1, 2, 3)]
    chosen = group_tests.measure_test(skewed)
    assert chosen.method == "Kruskal-Wallis test"
    assert chosen.p == pytest.approx(stats.kruskal(*skewed).pvalue)
    two = [normal[0], normal[1]]
    welch = group_tests.welch_anova(two)
    assert welch.p == pytest.approx(group_tests.t_test(*two).p)


def test_fisher_beyond_two_by_two_agrees_with_its_own_monte_carlo():
    table = np.array([[3, 6, 2], [8, 1, 4], [2, 5, 9]])
    exact = contingency.fisher(table)
    assert exact.method == "Fisher's exact test"
    assert contingency._monte_carlo(table, 1) == pytest.approx(exact.p, abs=0.003)
    two = np.array([[3, 9], [8, 2]])
    assert contingency._freeman_halton(two) == pytest.approx(contingency.fisher(two).p)


def test_count_rule():
    assert "chi-square" in contingency.count_test([[20, 15], [10, 25]]).method
    assert "Fisher" in contingency.count_test([[3, 2], [10, 25]]).method
    single = contingency.count_test([[3, 2], [0, 0]])
    assert np.isnan(single.p)
    assert single.note


def test_smd_and_counts():
    assert describe.smd_continuous([1, 2, 3], [3, 4, 5]) == pytest.approx(2)
    assert np.isnan(describe.smd_continuous([1, 1], [1, 1]))
    assert describe.smd_categorical([5, 5], [5, 5]) == 0
    assert np.isnan(describe.smd_categorical([5, 0], [0, 5]))
    counts = describe.count(["a", "b", None, "a"], ["a", "b", "c"])
    assert counts.counts.tolist() == [2, 1, 0]
    assert (counts.n, counts.missing) == (3, 1)
    assert np.isnan(describe.describe([np.nan]).mean)


def test_correlation_of_a_constant():
    for function in (correlation.pearson, correlation.spearman, correlation.kendall):
        result = function([1.0, 1, 1, 1], [1.0, 2, 3, 4])
        assert np.isnan(result.p)
        assert result.note


def test_perfect_correlation_has_no_interval():
    result = correlation.pearson([1.0, 2, 3, 4], [2.0, 4, 6, 8])
    assert (result.estimate, result.p) == (1, 0)
    assert np.isnan(result.lower)


def test_adjusted_values_keep_order_and_bounds():
    p = np.random.default_rng(2).random(30) ** 3
    for method in ("bonferroni", "holm", "hochberg", "hommel", "BH", "BY"):
        adjusted = group_tests.p_adjust(p, method)
        assert (adjusted >= p).all()
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()

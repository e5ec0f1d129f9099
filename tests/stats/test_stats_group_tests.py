import numpy as np
import pytest
from scipy import stats

from radpipe.stats import group_tests


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

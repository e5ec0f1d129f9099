"""The rows of a baseline table and the rule that picks the test."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from radpipe.stats import baseline, describe, group_tests


def test_two_groups():
    rng = np.random.default_rng(0)
    a, b = rng.exponential(size=30), rng.exponential(2, 25)
    row = baseline.measure([np.append(a, np.nan), b])
    assert (row.overall.n, row.overall.missing, row.groups[0].missing) == (55, 1, 1)
    assert row.welch.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert row.equal_variance.p == pytest.approx(stats.ttest_ind(a, b).pvalue)
    assert row.kruskal.p == pytest.approx(
        stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic").pvalue
    )
    assert row.chosen.method == "Mann-Whitney test, exact"


def test_three_groups():
    rng = np.random.default_rng(1)
    parts = [rng.normal(m, 1, 20) for m in (0, 1, 2)]
    row = baseline.measure(parts)
    assert row.equal_variance.p == pytest.approx(stats.f_oneway(*parts).pvalue)
    assert np.isnan(row.mann_whitney.p)
    pairs = [describe.smd_continuous(a, b) for a, b in combinations(parts, 2)]
    assert row.smd == pytest.approx(np.mean(pairs))


def test_categories():
    row = baseline.category([["a"] * 8 + ["b"] * 2, ["a"] * 3 + ["b"] * 6 + [None]], ["a", "b"])
    assert row.overall.counts.tolist() == [11, 8]
    assert row.overall.missing == 1
    assert row.min_expected == pytest.approx(8 * 9 / 19)
    assert row.chosen.p == row.fisher.p  # an expected count is below 5
    assert row.chi_square.p > row.chi_square_plain.p


def test_one_group_or_one_level_has_no_test():
    for found in (
        baseline.measure([[1.0, 2, 3]]).chosen,
        baseline.category([["a", "a"], ["a"]], ["a", "b"]).chosen,
        baseline.category([[None], [None]], ["a", "b"]).chi_square,
    ):
        assert np.isnan(found.p)
        assert found.note
    with pytest.raises(ValueError, match="no group"):
        baseline.measure([])


def test_footnote_names_tests_and_rules():
    text = baseline.footnote(["Welch's t test", "", "Welch's t test", "chi-square test"])
    assert text.startswith("Tests: Welch's t test; chi-square test. ")
    assert group_tests.MEASURE_RULE in text
    assert group_tests.COUNT_RULE in text

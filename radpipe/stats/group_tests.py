"""Tests between groups by ranks and means; the rule that picks one for a baseline table.

R's defaults where R and Python differ: Welch's t, exact Mann-Whitney when both groups are below 50
and free of ties, Yates' correction for 2x2 tables only. The tests of two groups, of variances and
of normality can be had from here or from their own modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.normality import shapiro_wilk
from radpipe.stats.p_values import Adjustment, p_adjust
from radpipe.stats.rank_tests import mann_whitney
from radpipe.stats.results import NAN, TestResult, join_notes
from radpipe.stats.summaries import anova
from radpipe.stats.t_tests import t_test
from radpipe.stats.variance_tests import levene

__all__ = [
    "COUNT_RULE",
    "MEASURE_RULE",
    "Adjustment",
    "kruskal_wallis",
    "levene",
    "mann_whitney",
    "measure_test",
    "p_adjust",
    "shapiro_wilk",
    "t_test",
    "welch_anova",
]

MEASURE_RULE = (
    "two groups: t test where Shapiro-Wilk p > 0.05 in both (Student's where Levene's test about "
    "the median has p > 0.05, else Welch's), else Mann-Whitney; more groups: Welch's analysis of "
    "variance where Shapiro-Wilk p > 0.05 in all, else Kruskal-Wallis"
)
COUNT_RULE = (
    "chi-square (Yates' correction for 2x2) where all expected counts are at least 5, else "
    "Fisher's exact test"
)


def kruskal_wallis(groups: Sequence[Any]) -> TestResult:
    """Compare two or more groups by ranks, with tie correction."""
    from scipy.stats import kruskal

    parts, note = samples.many(groups)
    n = sum(p.size for p in parts)
    method = "Kruskal-Wallis test"
    if len(parts) < 2 or np.unique(np.concatenate(parts)).size < 2:
        note = join_notes(note, "fewer than two groups, or all values equal: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    result = kruskal(*parts)
    df = float(len(parts) - 1)
    return TestResult(float(result.statistic), float(result.pvalue), method, n, df, note=note)


def welch_anova(groups: Sequence[Any]) -> TestResult:
    """Compare several means without assuming equal variances (Welch, Biometrika 1951;38:330).

    ``df`` is that of the denominator.
    """
    parts, note = samples.many(groups)
    n = sum(p.size for p in parts)
    method = "Welch's analysis of variance"
    if len(parts) < 2 or any(p.size < 2 or samples.constant(p) for p in parts):
        note = join_notes(note, "a group is constant or below two cases: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    means, sds = [p.mean() for p in parts], [np.std(p, ddof=1) for p in parts]
    test = anova(means, sds, [p.size for p in parts], equal_variance=False)
    return replace(test, note=join_notes(note, test.note))


def measure_test(groups: Sequence[Any]) -> TestResult:
    """Compare a continuous variable between groups by the test that MEASURE_RULE picks."""
    parts, note = samples.many(groups)
    if len(parts) < 2:
        n = sum(p.size for p in parts)
        return TestResult(NAN, NAN, "none", n, note="fewer than two groups with values")
    normal = all(shapiro_wilk(p).p > 0.05 for p in parts)
    if len(parts) > 2:
        test = welch_anova(parts) if normal else kruskal_wallis(parts)
    elif normal:
        test = t_test(parts[0], parts[1], equal_variance=levene(parts).p > 0.05)
    else:
        test = mann_whitney(parts[0], parts[1])
    return replace(test, note=join_notes(note, test.note))

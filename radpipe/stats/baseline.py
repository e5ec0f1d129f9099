"""One variable of a baseline table: descriptions, every usual test, and the one that a rule picks.

Packages differ in what they print. R's tableone: Student's t (analysis of variance), Kruskal-Wallis
where a variable is called non-normal, chi-square with Yates' correction, Fisher's where asked.
R's gtsummary: Mann-Whitney with continuity correction, chi-square without Yates' correction. Ours:
the test that ``MEASURE_RULE`` or ``COUNT_RULE`` picks, told by `footnote`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.contingency import chi_square, count_test
from radpipe.stats.counts import expected_counts, filled
from radpipe.stats.describe import (
    Counts,
    Description,
    count,
    describe,
    smd_categorical,
    smd_continuous,
)
from radpipe.stats.fisher_exact import fisher
from radpipe.stats.group_tests import (
    COUNT_RULE,
    MEASURE_RULE,
    kruskal_wallis,
    mann_whitney,
    measure_test,
    t_test,
    welch_anova,
)
from radpipe.stats.multigroup import anova
from radpipe.stats.results import NAN, TestResult


@dataclass(frozen=True)
class Measure:
    """A continuous variable over groups.

    Parameters
    ----------
    overall : Description
        Of all groups together. ``groups`` holds that of each.
    equal_variance, welch : TestResult
        Student's and Welch's t test; the analyses of variance where there are more groups.
    kruskal : TestResult
        Kruskal-Wallis; of two groups, Mann-Whitney without continuity correction.
    mann_whitney : TestResult
        With continuity correction; without p where there are not two groups.
    chosen : TestResult
        By ``MEASURE_RULE``.
    smd : float
        Absolute standardised mean difference, the mean over all pairs of groups.
    """

    overall: Description
    groups: tuple[Description, ...]
    equal_variance: TestResult
    welch: TestResult
    kruskal: TestResult
    mann_whitney: TestResult
    chosen: TestResult
    smd: float


@dataclass(frozen=True)
class Category:
    """A categorical variable over groups.

    Parameters
    ----------
    overall : Counts
        Of all groups together. ``groups`` holds those of each.
    chi_square : TestResult
        With Yates' correction for a 2x2 table.
    chi_square_plain : TestResult
        Without correction.
    fisher : TestResult
        Fisher's exact test.
    chosen : TestResult
        By ``COUNT_RULE``.
    min_expected : float
        Smallest expected count; NaN for an empty table.
    smd : float
        Standardised difference of the shares, the mean over all pairs of groups.
    """

    overall: Counts
    groups: tuple[Counts, ...]
    chi_square: TestResult
    chi_square_plain: TestResult
    fisher: TestResult
    chosen: TestResult
    min_expected: float
    smd: float


def measure(groups: Sequence[Any]) -> Measure:
    """Describe and compare a continuous variable.

    Parameters
    ----------
    groups : sequence of arrays
        The values of each group; NaN is missing.
    """
    if not groups:
        raise ValueError("there is no group to describe")
    parts = [np.asarray(group, dtype=np.float64) for group in groups]
    described = tuple(describe(part) for part in parts)
    smd = _mean_over_pairs(smd_continuous(a, b) for a, b in combinations(parts, 2))
    if len(parts) == 2:
        a, b = parts
        means = t_test(a, b, equal_variance=True), t_test(a, b)
        ranks = mann_whitney(a, b, exact=False)
    else:
        means, ranks = (_anova(parts), welch_anova(parts)), _only_two(parts)
    return Measure(
        overall=describe(np.concatenate(parts)),
        groups=described,
        equal_variance=means[0],
        welch=means[1],
        kruskal=kruskal_wallis(parts),
        mann_whitney=ranks,
        chosen=measure_test(parts),
        smd=smd,
    )


def category(groups: Sequence[Sequence[Any]], levels: Sequence[Any]) -> Category:
    """Describe and compare a categorical variable.

    Parameters
    ----------
    groups : sequence of sequences
        The labels of each group; what is none of the levels is missing.
    levels : sequence
        The levels, in the order of the table.
    """
    if not groups:
        raise ValueError("there is no group to describe")
    counted = tuple(count(group, levels) for group in groups)
    table = np.array([c.counts for c in counted])
    whole = filled(table)
    return Category(
        overall=count([label for group in groups for label in group], levels),
        groups=counted,
        chi_square=chi_square(table),
        chi_square_plain=chi_square(table, correction=False),
        fisher=fisher(table),
        chosen=count_test(table),
        min_expected=float(expected_counts(whole).min()) if whole.size else NAN,
        smd=_mean_over_pairs(smd_categorical(a, b) for a, b in combinations(table, 2)),
    )


def footnote(methods: Iterable[str]) -> str:
    """Return the footnote that names the tests of a table and the rules which picked them."""
    used = "; ".join(dict.fromkeys(name for name in methods if name))
    rules = f"Continuous variables: {MEASURE_RULE}. Categorical variables: {COUNT_RULE}."
    return f"Tests: {used}. {rules}" if used else rules


def _anova(parts: Sequence[Any]) -> TestResult:
    test = anova(parts)
    return TestResult(test.statistic, test.p, test.method, test.n, test.df_error, note=test.note)


def _only_two(parts: Sequence[Any]) -> TestResult:
    n = sum(part.size for part in samples.many(parts)[0])
    return TestResult(NAN, NAN, "Mann-Whitney test", n, note="it compares two groups")


def _mean_over_pairs(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else NAN

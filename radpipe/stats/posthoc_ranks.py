"""Comparisons of every two of several groups by ranks: Mann-Whitney, Dunn, Nemenyi."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from radpipe.stats.group_tests import Adjustment, mann_whitney
from radpipe.stats.posthoc import Comparison, adjusted, several
from radpipe.stats.repeated_measures import complete
from radpipe.stats.results import NAN, TestResult, floats, normal_p
from radpipe.stats.simultaneous import range_sf


def pairwise_mann_whitney(
    groups: Sequence[Any],
    adjustment: Adjustment = "holm",
    exact: bool | None = None,
    continuity: bool = True,
) -> tuple[Comparison, ...]:
    """Compare every two groups by Mann-Whitney tests, as pairwise.wilcox.test.

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out.
    adjustment : str
        As of ``p_adjust``.
    exact, continuity : bool
        As of ``mann_whitney``.
    """
    parts, note = several(groups)
    tests = {
        (i, j): mann_whitney(parts[j], parts[i], exact, continuity)
        for i, j in combinations(range(len(parts)), 2)
    }
    return adjusted(tests, adjustment, note)


def dunn(groups: Sequence[Any], adjustment: Adjustment = "holm") -> tuple[Comparison, ...]:
    """Compare every two groups by mean ranks among all (Dunn, Technometrics 1964;6:241).

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out.
    adjustment : str
        As of ``p_adjust``.

    Returns
    -------
    tuple of Comparison
        ``estimate`` is the second mean rank minus the first, ``statistic`` its z, corrected for
        ties; p is two-sided (dunn.test with altp = TRUE).
    """
    from scipy.stats import rankdata

    parts, note = several(groups)
    method = "Dunn's test"
    pool = np.concatenate(parts)
    n = pool.size
    cuts = np.cumsum([p.size for p in parts])[:-1]
    ranks = np.split(floats(rankdata(pool)), cuts)
    tied = np.unique(pool, return_counts=True)[1].astype(float)
    variance = n * (n + 1) / 12 - float(np.sum(tied**3 - tied)) / (12 * max(n - 1, 1))
    tests = {}
    for i, j in combinations(range(len(parts)), 2):
        one, two = ranks[i], ranks[j]
        size = one.size + two.size
        if min(one.size, two.size) == 0 or tied.size < 2:
            why = "an empty group, or all values equal: no test"
            tests[i, j] = TestResult(NAN, NAN, method, size, note=why)
            continue
        se = float(np.sqrt(variance * (1 / one.size + 1 / two.size)))
        off = float(two.mean() - one.mean())
        tests[i, j] = TestResult(off / se, normal_p(off / se), method, size, estimate=off, se=se)
    return adjusted(tests, adjustment, note)


def nemenyi(groups: Sequence[Any]) -> tuple[Comparison, ...]:
    """Compare every two groups by mean ranks and the studentised range, after Kruskal-Wallis.

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out.

    Returns
    -------
    tuple of Comparison
        ``estimate`` is the second mean rank minus the first, ``statistic`` the studentised range
        of the ranks, without correction for ties (Nemenyi, Distribution-free multiple
        comparisons, 1963).
    """
    parts, note = several(groups)
    n = sum(p.size for p in parts)
    ranked = dunn(groups, "none")
    tests = {}
    for pair in ranked:
        size = (parts[pair.first].size, parts[pair.second].size)
        plain = NAN
        if np.isfinite(pair.test.se):
            plain = float(np.sqrt(n * (n + 1) / 12 * (1 / size[0] + 1 / size[1])))
        tests[pair.first, pair.second] = _range_of_ranks(
            pair.test, plain, sum(p.size > 0 for p in parts)
        )
    return adjusted(tests, "none", note)


def nemenyi_friedman(values: Any) -> tuple[Comparison, ...]:
    """Compare every two conditions by mean ranks within cases, after Friedman's test.

    Parameters
    ----------
    values : array (n, k)
        One row a case, one column a condition; a row with NaN is left out.

    Returns
    -------
    tuple of Comparison
        ``statistic`` is the studentised range of the mean ranks (Demsar, J Mach Learn Res
        2006;7:1).
    """
    from scipy.stats import rankdata

    table, note = complete(values)
    n, k = table.shape
    mean = floats(rankdata(table, axis=1)).mean(axis=0) if n else np.full(k, NAN)
    se = float(np.sqrt(k * (k + 1) / (6 * n))) if n else NAN
    why = "" if n else "no complete case: no test"
    tests = {}
    for i, j in combinations(range(k), 2):
        off = TestResult(NAN, NAN, "", n, estimate=float(mean[j] - mean[i]), note=why)
        tests[i, j] = _range_of_ranks(off, se, k)
    return adjusted(tests, "none", note)


def _range_of_ranks(off: TestResult, se: float, k: int) -> TestResult:
    q = abs(off.estimate) / se * float(np.sqrt(2)) if se > 0 else NAN
    p = range_sf(q, k, float("inf")) if se > 0 else NAN
    return replace(off, statistic=q, p=p, se=se, method="Nemenyi's test")

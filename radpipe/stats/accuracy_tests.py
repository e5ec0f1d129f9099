"""Tests between sensitivities, specificities and other proportions of correct calls.

Paired (two tests on the same cases): McNemar's test with the interval of Bonett and Price, J Educ
Behav Stat 2012;37:479; where a patient has several cases, the cluster-adjusted z test of
Obuchowski, Stat Med 1998;17:1495. Independent: the test of
:func:`radpipe.stats.contingency.count_test` with Newcombe's hybrid score interval, Stat Med
1998;17:873 (method 10).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, sums
from radpipe.stats.contingency import count_test, mcnemar, risk_difference
from radpipe.stats.results import (
    NAN,
    BoolArray,
    FloatArray,
    TestResult,
    counted,
    floats,
    join_notes,
    labels01,
    normal_p,
    z_value,
)


def compare_sensitivities(
    y: Any, call_a: Any, call_b: Any, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare the sensitivities of two tests on the same cases; ``estimate`` is a minus b.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    call_a, call_b : array (n,)
        1 where the test is positive, else 0; a case with NaN in one of them is left out.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case.
    """
    return _compare(y, call_a, call_b, level, groups, "sensitivities")


def compare_specificities(
    y: Any, call_a: Any, call_b: Any, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare the specificities of two tests on the same cases; ``estimate`` is a minus b.

    Parameters as for :func:`compare_sensitivities`.
    """
    return _compare(y, call_a, call_b, level, groups, "specificities")


def compare_accuracies(
    y: Any, call_a: Any, call_b: Any, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare the shares of correct calls of two tests on the same cases.

    Parameters as for :func:`compare_sensitivities`.
    """
    return _compare(y, call_a, call_b, level, groups, "accuracies")


def compare_independent(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> TestResult:
    """Compare two proportions of different cases, such as sensitivities at two centres.

    Parameters
    ----------
    k1, n1, k2, n2 : int
        Successes and trials of each, 0 <= k <= n; ``estimate`` is k1 / n1 - k2 / n2.
    level : float
        Confidence level, in (0, 1).
    """
    if min(n1, n2) == 0:
        note = "a denominator is zero: no test"
        return TestResult(NAN, NAN, "comparison of proportions", n1 + n2, level=level, note=note)
    gap = risk_difference([[n2 - k2, k2], [n1 - k1, k1]], level)
    test = count_test([[k1, n1 - k1], [k2, n2 - k2]])
    return TestResult(
        test.statistic,
        test.p,
        f"{test.method}; interval: Newcombe's hybrid score",
        n1 + n2,
        test.df,
        gap.estimate,
        gap.lower,
        gap.upper,
        level=level,
        note=test.note,
    )


def _compare(y: Any, call_a: Any, call_b: Any, level: float, groups: Any, what: str) -> TestResult:
    a, b = floats(call_a), floats(call_b)
    truth = labels01(y)
    if not a.shape == b.shape == truth.shape or truth.ndim != 1:
        raise ValueError(f"calls of shapes {a.shape} and {b.shape} for {truth.shape} outcomes")
    known = np.isfinite(a) & np.isfinite(b)
    first, second = (labels01(np.where(known, call, 0.0)) for call in (a, b))
    among = {"sensitivities": truth, "specificities": ~truth}.get(what, np.ones_like(truth)) & known
    hit_a, hit_b = (first == truth)[among], (second == truth)[among]
    missing = int((~known).sum())
    note = f"{counted(missing, 'case')} without both calls left out" if missing else ""
    kept = None if groups is None else codes(groups, truth.size)[among]
    if not among.any():
        note = join_notes(note, "no case to compare them on")
        return TestResult(NAN, NAN, f"paired {what}", 0, level=level, note=note)
    if clustered(kept):
        return _clustered(hit_a, hit_b, kept, level, what, note)
    return _mcnemar(hit_a, hit_b, level, what, note)


def _mcnemar(hit_a: BoolArray, hit_b: BoolArray, level: float, what: str, note: str) -> TestResult:
    n = hit_a.size
    b, c = int(np.sum(hit_a & ~hit_b)), int(np.sum(~hit_a & hit_b))
    test = mcnemar(b, c)
    # One discordant pair is added either way: the interval holds its level in small samples too.
    up, down = (b + 1) / (n + 2), (c + 1) / (n + 2)
    half = z_value(level) * float(np.sqrt((up + down - (up - down) ** 2) / (n + 2)))
    return TestResult(
        test.statistic,
        test.p,
        f"paired {what}: {test.method}; interval of Bonett and Price",
        n,
        test.df,
        (b - c) / n,
        max(-1.0, up - down - half),
        min(1.0, up - down + half),
        level=level,
        note=join_notes(note, test.note),
    )


def _clustered(
    hit_a: BoolArray, hit_b: BoolArray, groups: Any, level: float, what: str, note: str
) -> TestResult:
    group = codes(groups, hit_a.size)
    excess: FloatArray = sums(hit_a.astype(np.float64) - hit_b, group)
    size = sums(np.ones(hit_a.size), group)
    patients, n = size.size, hit_a.size
    difference = float(excess.sum()) / n
    method = f"paired {what}: z test, clustered by patient (Obuchowski)"
    if patients < 2:
        note = join_notes(note, "fewer than two patients: no test")
        return TestResult(NAN, NAN, method, n, estimate=difference, level=level, note=note)
    residual = excess - difference * size
    se = float(np.sqrt(patients / (patients - 1) * np.sum(residual**2))) / n
    if se == 0:
        note = join_notes(note, "the variance of the difference is zero: no test")
        return TestResult(NAN, NAN, method, n, estimate=difference, se=0, level=level, note=note)
    half = z_value(level) * se
    return TestResult(
        difference / se,
        normal_p(difference / se),
        method,
        n,
        NAN,
        difference,
        max(-1.0, difference - half),
        min(1.0, difference + half),
        se,
        level,
        note,
    )

"""Correlation with intervals: Pearson, Spearman, Kendall, as cor.test."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes, z_value


def pearson(x: Any, y: Any, level: float = 0.95) -> TestResult:
    """Return Pearson's r with Fisher's z interval and the t test."""
    a, b, note = _pairs(x, y)
    method = "Pearson correlation, Fisher z interval"
    r, reason = _r(a, b)
    if reason:
        return TestResult(NAN, NAN, method, a.size, note=join_notes(note, reason))
    return _tested(r, a.size, method, 1.0, level, note)


def spearman(x: Any, y: Any, level: float = 0.95) -> TestResult:
    """Return Spearman's rho (mid-ranks), p by the t approximation.

    The interval is Fisher's z with the variance of Bonett and Wright (Psychometrika 2000;65:23).
    """
    from scipy.stats import rankdata

    a, b, note = _pairs(x, y)
    method = "Spearman correlation (t approximation), Bonett-Wright interval"
    r, reason = _r(floats(rankdata(a)), floats(rankdata(b)))
    if reason:
        return TestResult(NAN, NAN, method, a.size, note=join_notes(note, reason))
    return _tested(r, a.size, method, 1 + r**2 / 2, level, note)


def kendall(x: Any, y: Any) -> TestResult:
    """Return Kendall's tau-b; p exact below 50 cases without ties, else asymptotic."""
    from scipy.stats import kendalltau

    a, b, note = _pairs(x, y)
    ties = np.unique(a).size < a.size or np.unique(b).size < b.size
    exact = a.size < 50 and not ties
    method = "Kendall's tau-b, " + ("exact" if exact else "normal approximation")
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        note = join_notes(note, "fewer than three pairs, or a constant variable")
        return TestResult(NAN, NAN, method, a.size, note=note)
    result = kendalltau(a, b, method="exact" if exact else "asymptotic")
    tau = float(result.statistic)
    return TestResult(tau, float(result.pvalue), method, a.size, estimate=tau, note=note)


def _tested(r: float, n: int, method: str, factor: float, level: float, note: str) -> TestResult:
    from scipy.stats import t

    df = n - 2
    perfect = abs(r) >= 1
    statistic = float(np.sign(r)) * np.inf if perfect else r * float(np.sqrt(df / (1 - r**2)))
    lower = upper = NAN
    if n > 3 and not perfect:
        half = z_value(level) * float(np.sqrt(factor / (n - 3)))
        lower, upper = (float(np.tanh(np.arctanh(r) + s * half)) for s in (-1, 1))
    else:
        note = join_notes(note, "no interval: fewer than four pairs, or a perfect correlation")
    p = 0.0 if perfect else float(2 * t.sf(abs(statistic), df))
    return TestResult(statistic, p, method, n, df, r, lower, upper, level=level, note=note)


def _r(a: FloatArray, b: FloatArray) -> tuple[float, str]:
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return NAN, "fewer than three pairs, or a constant variable"
    x, y = a - a.mean(), b - b.mean()
    r = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    return min(1.0, max(-1.0, r)), ""


def _pairs(x: Any, y: Any) -> tuple[FloatArray, FloatArray, str]:
    a, b = floats(x), floats(y)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} and {b.size} values are not paired")
    known = np.isfinite(a) & np.isfinite(b)
    note = "" if known.all() else f"{int((~known).sum())} incomplete pairs left out"
    return a[known], b[known], note

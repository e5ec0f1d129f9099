"""Tests between groups: of means, ranks and counts; adjustment for many tests.

R's defaults where R and Python differ: Welch's t, exact Mann-Whitney when both groups are below 50
and free of ties, Yates' correction for 2x2 tables only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes

Adjustment = Literal["none", "bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]

MEASURE_RULE = (
    "two groups: t test where Shapiro-Wilk p > 0.05 in both (Student's where Levene's test about "
    "the median has p > 0.05, else Welch's), else Mann-Whitney; more groups: Welch's analysis of "
    "variance where Shapiro-Wilk p > 0.05 in all, else Kruskal-Wallis"
)
COUNT_RULE = (
    "chi-square (Yates' correction for 2x2) where all expected counts are at least 5, else "
    "Fisher's exact test"
)


def t_test(a: Any, b: Any, equal_variance: bool = False, level: float = 0.95) -> TestResult:
    """Compare two means by Welch's t (default) or Student's; ``estimate`` is mean(a) - mean(b).

    Parameters
    ----------
    a, b : array
        The values of each group, of any length; NaN is left out.
    equal_variance : bool
        Student's pooled-variance test instead of Welch's.
    """
    from scipy.stats import t

    x, y, note = _two(a, b)
    method = "Student's t test" if equal_variance else "Welch's t test"
    n = x.size + y.size
    if min(x.size, y.size) < 2:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, "a group is below two cases"))
    vx, vy = float(np.var(x, ddof=1)), float(np.var(y, ddof=1))
    difference = float(x.mean() - y.mean())
    if equal_variance:
        df = float(n - 2)
        pooled = ((x.size - 1) * vx + (y.size - 1) * vy) / df
        variance = pooled * (1 / x.size + 1 / y.size)
    else:
        sx, sy = vx / x.size, vy / y.size
        variance = sx + sy
        bottom = sx**2 / (x.size - 1) + sy**2 / (y.size - 1)
        df = variance**2 / bottom if bottom > 0 else NAN
    if not variance > 0 or np.isnan(df):
        note = join_notes(note, "both groups are constant: no test")
        return TestResult(NAN, NAN, method, n, estimate=difference, note=note)
    se = float(np.sqrt(variance))
    half = float(t.ppf(0.5 + level / 2, df)) * se
    return TestResult(
        statistic=difference / se,
        p=float(2 * t.sf(abs(difference / se), df)),
        method=method,
        n=n,
        df=df,
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=se,
        level=level,
        note=note,
    )


def mann_whitney(a: Any, b: Any, exact: bool | None = None, continuity: bool = True) -> TestResult:
    """Compare two groups by ranks, as wilcox.test; ``statistic`` is U of ``a``.

    ``estimate`` is U / (n_a n_b), the share of pairs in which ``a`` is larger (ties one half).

    Parameters
    ----------
    a, b : array
        The values of each group; NaN is left out.
    exact : bool, optional
        None: R's rule, exact where both groups are below 50 and there are no ties; else the
        normal approximation with continuity correction and tie-corrected variance.
    continuity : bool
        Continuity correction of the normal approximation.
    """
    from scipy.stats import mannwhitneyu

    x, y, note = _two(a, b)
    n = x.size + y.size
    if min(x.size, y.size) == 0:
        return TestResult(NAN, NAN, "Mann-Whitney test", n, note=join_notes(note, "empty group"))
    both = np.concatenate([x, y])
    ties = np.unique(both).size < n
    if exact is None:
        exact = max(x.size, y.size) < 50 and not ties
    method = "Mann-Whitney test, " + (
        "exact" if exact else "normal approximation" + (" with continuity" if continuity else "")
    )
    if np.unique(both).size == 1:
        note = join_notes(note, "all values are equal: no test")
        return TestResult(NAN, NAN, method, n, estimate=0.5, note=note)
    if exact and ties:
        raise ValueError("the exact Mann-Whitney test needs data without ties")
    kind = "exact" if exact else "asymptotic"
    result = mannwhitneyu(x, y, use_continuity=continuity, method=kind)
    u = float(result.statistic)
    return TestResult(
        u, min(1.0, float(result.pvalue)), method, n, estimate=u / (x.size * y.size), note=note
    )


def kruskal_wallis(groups: Sequence[Any]) -> TestResult:
    """Compare two or more groups by ranks, with tie correction."""
    from scipy.stats import kruskal

    parts, note = _many(groups)
    n = sum(p.size for p in parts)
    method = "Kruskal-Wallis test"
    if len(parts) < 2 or np.unique(np.concatenate(parts)).size < 2:
        note = join_notes(note, "fewer than two groups, or all values equal: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    result = kruskal(*parts)
    df = float(len(parts) - 1)
    return TestResult(float(result.statistic), float(result.pvalue), method, n, df, note=note)


def welch_anova(groups: Sequence[Any]) -> TestResult:
    """Compare several means without assuming equal variances (Welch, Biometrika 1951;38:330)."""
    from scipy.stats import f

    parts, note = _many(groups)
    n = sum(p.size for p in parts)
    k = len(parts)
    method = "Welch's analysis of variance"
    if k < 2 or min(p.size for p in parts) < 2 or min(np.var(p, ddof=1) for p in parts) == 0:
        note = join_notes(note, "a group is constant or below two cases: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    size = floats([p.size for p in parts])
    weight = size / floats([np.var(p, ddof=1) for p in parts])
    mean = floats([p.mean() for p in parts])
    centre = float(np.sum(weight * mean) / weight.sum())
    spread = float(np.sum((1 - weight / weight.sum()) ** 2 / (size - 1))) / (k**2 - 1)
    top = float(np.sum(weight * (mean - centre) ** 2)) / (k - 1)
    statistic = top / (1 + 2 * (k - 2) * spread)
    df = 1 / (3 * spread)
    return TestResult(statistic, float(f.sf(statistic, k - 1, df)), method, n, df, note=note)


def shapiro_wilk(x: Any) -> TestResult:
    """Test for a normal distribution (Royston's AS R94); 3 to 5000 values, not all equal."""
    from scipy.stats import shapiro

    values = floats(x)
    values = values[np.isfinite(values)]
    method = "Shapiro-Wilk test"
    if not 3 <= values.size <= 5000 or np.ptp(values) == 0:
        note = "fewer than 3 or more than 5000 values, or all equal: no test"
        return TestResult(NAN, NAN, method, values.size, note=note)
    result = shapiro(values)
    return TestResult(float(result.statistic), float(result.pvalue), method, values.size)


def levene(groups: Sequence[Any], center: Literal["mean", "median"] = "median") -> TestResult:
    """Test for equal variances by Levene's test about the mean or median (Brown-Forsythe)."""
    from scipy.stats import levene as scipy_levene

    parts, note = _many(groups)
    n = sum(p.size for p in parts)
    method = f"Levene's test about the {center}"
    if len(parts) < 2 or min(p.size for p in parts) < 2 or max(np.ptp(p) for p in parts) == 0:
        note = join_notes(note, "a group is below two cases, or all are constant: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    result = scipy_levene(*parts, center=center)
    df = float(len(parts) - 1)
    return TestResult(float(result.statistic), float(result.pvalue), method, n, df, note=note)


def measure_test(groups: Sequence[Any]) -> TestResult:
    """Compare a continuous variable between groups by the test that MEASURE_RULE picks."""
    parts, note = _many(groups)
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


def p_adjust(p: Any, method: Adjustment) -> FloatArray:
    """Return p values adjusted for their number, as R's p.adjust; NaN stays and is not counted."""
    values = floats(p)
    known = np.isfinite(values)
    out = values.copy()
    if known.any():
        out[known] = _adjusted(values[known], method)
    return out


def _adjusted(p: FloatArray, method: Adjustment) -> FloatArray:
    n = p.size
    if method == "none" or n == 1:
        return p
    if method == "bonferroni":
        return np.minimum(1.0, n * p)
    if method == "hommel":
        return _hommel(p)
    rising = np.argsort(p, kind="stable")
    back = np.argsort(rising, kind="stable")
    rank = np.arange(1, n + 1)
    if method == "holm":
        return floats(np.minimum(1, np.maximum.accumulate((n - rank + 1) * p[rising]))[back])
    if method == "hochberg":
        factor = (n - rank + 1).astype(float)
    else:
        factor = n / rank * (1.0 if method == "BH" else float(np.sum(1 / rank)))
    stepped = np.minimum.accumulate((factor * p[rising])[::-1])[::-1]
    return floats(np.minimum(1, stepped)[back])


def _hommel(p: FloatArray) -> FloatArray:
    """Hommel, Biometrika 1988;75:383, by the algorithm of R's p.adjust."""
    n = p.size
    rising = np.argsort(p, kind="stable")
    ordered = p[rising]
    i = np.arange(1, n + 1)
    q = np.full(n, float(np.min(n * ordered / i)))
    best = q.copy()
    for m in range(n - 1, 1, -1):
        low, high = np.arange(n - m + 1), np.arange(n - m + 1, n)
        q1 = float(np.min(m * ordered[high] / np.arange(2, m + 1)))
        q[low] = np.minimum(m * ordered[low], q1)
        q[high] = q[n - m]
        best = np.maximum(best, q)
    return floats(np.maximum(best, ordered)[np.argsort(rising, kind="stable")])


def _two(a: Any, b: Any) -> tuple[FloatArray, FloatArray, str]:
    x, y = floats(a), floats(b)
    missing = int((~np.isfinite(x)).sum() + (~np.isfinite(y)).sum())
    note = f"{missing} missing values left out" if missing else ""
    return x[np.isfinite(x)], y[np.isfinite(y)], note


def _many(groups: Sequence[Any]) -> tuple[list[FloatArray], str]:
    parts = [floats(g) for g in groups]
    missing = sum(int((~np.isfinite(p)).sum()) for p in parts)
    kept = [p[np.isfinite(p)] for p in parts]
    note = f"{missing} missing values left out" if missing else ""
    return [p for p in kept if p.size], note

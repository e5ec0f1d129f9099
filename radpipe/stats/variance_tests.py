"""Tests for equal variances: Levene and Brown-Forsythe, F; Bartlett's is in `multigroup`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from radpipe.stats import samples
from radpipe.stats.results import NAN, TestResult, floats, join_notes


def levene(groups: Sequence[Any], center: Literal["mean", "median"] = "median") -> TestResult:
    """Test for equal variances by Levene's test about the mean or median (Brown-Forsythe).

    An analysis of variance of the distances from each group's centre, as car's leveneTest;
    ``df`` is that of the numerator, the denominator's is n less the number of groups.
    """
    from scipy.stats import f

    if center not in ("mean", "median"):
        raise ValueError(f"center {center!r}: mean or median")
    parts, note = samples.many(groups)
    n, k = sum(p.size for p in parts), len(parts)
    method = f"Levene's test about the {center}"
    if k < 2 or min(p.size for p in parts) < 2:
        note = join_notes(note, "fewer than two groups, or one is below two cases: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    centre = np.mean if center == "mean" else np.median
    away = [np.abs(p - centre(p)) for p in parts]
    size, means = floats([d.size for d in away]), floats([d.mean() for d in away])
    total = float(np.concatenate(away).mean())
    within = float(sum(((d - m) ** 2).sum() for d, m in zip(away, means, strict=True)))
    # distances that differ by rounding of the values only are equal
    noise = 1e-14 * max(float(np.abs(p).max()) for p in parts)
    if within <= n * noise**2:
        note = join_notes(note, "no group has distances that vary: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    df, rest = float(k - 1), float(n - k)
    statistic = float((size * (means - total) ** 2).sum()) / df / (within / rest)
    return TestResult(statistic, float(f.sf(statistic, df, rest)), method, n, df, note=note)


def f_test(a: Any, b: Any, level: float = 0.95) -> TestResult:
    """Compare two variances, as var.test; ``estimate`` is var(a) / var(b) with its interval.

    ``df`` is that of the numerator, the size of ``a`` less 1.
    """
    from scipy.stats import f

    samples.check_level(level)
    x, y, note = samples.two(a, b)
    n, method = x.size + y.size, "F test of two variances"
    if min(x.size, y.size) < 2 or samples.constant(x) or samples.constant(y):
        note = join_notes(note, "a group is constant or below two cases: no test")
        return TestResult(NAN, NAN, method, n, level=level, note=note)
    df1, df2 = float(x.size - 1), float(y.size - 1)
    ratio = float(np.var(x, ddof=1) / np.var(y, ddof=1))
    p = min(1.0, 2 * float(min(f.cdf(ratio, df1, df2), f.sf(ratio, df1, df2))))
    tail = (1 - level) / 2
    limits = ratio / float(f.isf(tail, df1, df2)), ratio / float(f.ppf(tail, df1, df2))
    return TestResult(ratio, p, method, n, df1, ratio, *limits, level=level, note=note)

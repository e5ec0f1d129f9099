"""Student's and Welch's t tests: two samples, pairs, one sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.results import NAN, Estimate, FloatArray, TestResult, join_notes

WELCH = "Welch's t test"
STUDENT = "Student's t test"


def t_test(a: Any, b: Any, equal_variance: bool = False, level: float = 0.95) -> TestResult:
    """Compare two means by Welch's t (default) or Student's; ``estimate`` is mean(a) - mean(b).

    Parameters
    ----------
    a, b : array
        The values of each group, of any length; NaN is left out.
    equal_variance : bool
        Student's pooled-variance test instead of Welch's.
    level : float
        Confidence level of the interval, in (0, 1).
    """
    samples.check_level(level)
    x, y, note = samples.two(a, b)
    method = STUDENT if equal_variance else WELCH
    n = x.size + y.size
    if min(x.size, y.size) < 2:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, "a group is below two cases"))
    difference = float(x.mean() - y.mean())
    if samples.constant(x, y):
        note = join_notes(note, "both groups are constant: no test")
        return TestResult(NAN, NAN, method, n, estimate=difference, note=note)
    variances = (_variance(x), _variance(y))
    se, df = standard_error(variances, (x.size, y.size), equal_variance)
    return from_t(difference, se, df, method, n, level, note)


def paired_t_test(x: Any, y: Any, level: float = 0.95) -> TestResult:
    """Compare the means of pairs; ``estimate`` is the mean of x - y.

    Parameters
    ----------
    x, y : array (n,)
        The two values of each pair; an incomplete pair is left out.
    level : float
        Confidence level of the interval, in (0, 1).

    Raises
    ------
    ValueError
        If ``x`` and ``y`` differ in length.
    """
    first, second, note = samples.pairs(x, y)
    still = samples.constant(samples.differences(first, second))
    return _one(first - second, still, "paired t test", level, note)


def one_sample_t_test(x: Any, mean: float = 0.0, level: float = 0.95) -> TestResult:
    """Test whether the mean of ``x`` is ``mean``; ``estimate`` is the mean with its interval."""
    values, note = samples.one(x)
    still = samples.constant(values)
    found = _one(values - mean, still, "one-sample t test", level, note)
    shifted = (found.estimate + mean, found.lower + mean, found.upper + mean)
    return replace(found, estimate=shifted[0], lower=shifted[1], upper=shifted[2])


def mean_interval(x: Any, level: float = 0.95) -> Estimate:
    """Return the mean of ``x`` with the t interval; ``se`` is the standard error of the mean."""
    found = one_sample_t_test(x, 0.0, level)
    limits = (found.lower, found.upper)
    return Estimate(
        found.estimate, *limits, "mean, t interval", found.n, found.se, level, note=found.note
    )


def standard_error(
    variances: tuple[float, float], sizes: tuple[int, int], equal_variance: bool
) -> tuple[float, float]:
    """Return the standard error of a difference of means and its degrees of freedom.

    Student's: the pooled variance; Welch's: Satterthwaite's degrees of freedom (Welch, Biometrika
    1947;34:28).
    """
    (v1, v2), (n1, n2) = variances, sizes
    if equal_variance:
        df = float(n1 + n2 - 2)
        pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / df
        return float(np.sqrt(pooled * (1 / n1 + 1 / n2))), df
    s1, s2 = v1 / n1, v2 / n2
    total = s1 + s2
    # shares first: squares of tiny variances would vanish
    df = 1 / ((s1 / total) ** 2 / (n1 - 1) + (s2 / total) ** 2 / (n2 - 1))
    return float(np.sqrt(total)), float(df)


def from_t(
    estimate: float, se: float, df: float, method: str, n: int, level: float, note: str = ""
) -> TestResult:
    """Return the two-sided t test of an estimate against 0, with its interval."""
    from scipy.stats import t

    half = float(t.ppf(0.5 + level / 2, df)) * se
    return TestResult(
        statistic=estimate / se,
        p=float(2 * t.sf(abs(estimate / se), df)),
        method=method,
        n=n,
        df=df,
        estimate=estimate,
        lower=estimate - half,
        upper=estimate + half,
        se=se,
        level=level,
        note=note,
    )


def _one(d: FloatArray, still: bool, method: str, level: float, note: str) -> TestResult:
    samples.check_level(level)
    centre = float(d.mean()) if d.size else NAN
    if d.size < 2 or still:
        why = "fewer than two values" if d.size < 2 else "all values are equal"
        note = join_notes(note, f"{why}: no test")
        return TestResult(NAN, NAN, method, d.size, estimate=centre, note=note)
    se = float(np.sqrt(_variance(d) / d.size))
    return from_t(centre, se, float(d.size - 1), method, d.size, level, note)


def _variance(x: FloatArray) -> float:
    return float(np.var(x, ddof=1))

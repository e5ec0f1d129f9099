"""Tests from printed summaries: means with SDs, counts, an AUC, an estimate with its interval.

For counts, `proportion_table` makes the table that the tests of `radpipe.stats.contingency` take.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.contingency import chi_square, risk_difference
from radpipe.stats.results import (
    NAN,
    Estimate,
    IntArray,
    TestResult,
    floats,
    join_notes,
    normal_p,
    z_value,
)
from radpipe.stats.t_tests import STUDENT, WELCH, from_t, standard_error


def t_test(
    mean1: float,
    sd1: float,
    n1: int,
    mean2: float,
    sd2: float,
    n2: int,
    equal_variance: bool = False,
    level: float = 0.95,
) -> TestResult:
    """Compare two means by Welch's t (default) or Student's; ``estimate`` is mean1 - mean2.

    Parameters
    ----------
    mean1, sd1, n1, mean2, sd2, n2 : float
        Mean, SD (divisor n - 1, not negative) and size (2 or more) of each group.
    equal_variance : bool
        Student's pooled-variance test instead of Welch's.
    level : float
        Confidence level of the interval, in (0, 1).
    """
    samples.check_level(level)
    _check([mean1, mean2], [sd1, sd2], [n1, n2])
    method = STUDENT if equal_variance else WELCH
    n, difference = n1 + n2, mean1 - mean2
    if sd1 == sd2 == 0:
        note = "both groups are constant: no test"
        return TestResult(NAN, NAN, method, n, estimate=difference, note=note)
    se, df = standard_error((sd1**2, sd2**2), (n1, n2), equal_variance)
    return from_t(difference, se, df, method, n, level)


def one_sample_t_test(
    mean: float, sd: float, n: int, null: float = 0.0, level: float = 0.95
) -> TestResult:
    """Test a mean against ``null``; ``estimate`` is mean - null.

    With mean and SD of the differences of pairs this is the paired t test.
    """
    samples.check_level(level)
    _check([mean], [sd], [n])
    method = "one-sample t test"
    if sd == 0:
        note = "all values are equal: no test"
        return TestResult(NAN, NAN, method, n, estimate=mean - null, note=note)
    return from_t(mean - null, sd / float(np.sqrt(n)), n - 1.0, method, n, level)


def anova(means: Any, sds: Any, sizes: Any, equal_variance: bool = True) -> TestResult:
    """Compare several means: analysis of variance, or Welch's, which lets the variances differ.

    Parameters
    ----------
    means, sds, sizes : array (k,)
        Of each of two or more groups; SDs with divisor n - 1, sizes of 2 or more.
    equal_variance : bool
        False: Welch, Biometrika 1951;38:330.

    Returns
    -------
    TestResult
        F; ``df`` is that of the denominator, the numerator's is k - 1.
    """
    from scipy.stats import f

    mean, sd, size = _check(means, sds, sizes)
    k, n = mean.size, int(size.sum())
    method = "analysis of variance" if equal_variance else "Welch's analysis of variance"
    if k < 2:
        return TestResult(NAN, NAN, method, n, note="fewer than two groups: no test")
    if equal_variance:
        if not (sd > 0).any():
            return TestResult(NAN, NAN, method, n, note="all groups are constant: no test")
        df = float(n - k)
        within = float((size - 1) @ sd**2) / df
        centre = float(size @ mean) / n
        statistic = float(size @ (mean - centre) ** 2) / (k - 1) / within
    else:
        if not (sd > 0).all():
            return TestResult(NAN, NAN, method, n, note="a group is constant: no test")
        weight = size / sd**2
        weight = weight / weight.sum()
        centre = float(weight @ mean)
        spread = float(((1 - weight) ** 2 / (size - 1)).sum()) / (k**2 - 1)
        top = float((size / sd**2) @ (mean - centre) ** 2) / (k - 1)
        statistic = top / (1 + 2 * (k - 2) * spread)
        df = 1 / (3 * spread)
    return TestResult(statistic, float(f.sf(statistic, k - 1, df)), method, n, df)


def proportion_table(events: Any, totals: Any) -> IntArray:
    """Return the counts (k, 2), event and no event, of groups with ``events`` among ``totals``.

    Raises
    ------
    ValueError
        If a number is not whole, or there are more events than cases.
    """
    k, n = floats(events), floats(totals)
    whole = np.isfinite(k + n).all() and (k == np.round(k)).all() and (n == np.round(n)).all()
    if k.shape != n.shape or k.ndim != 1 or not whole or not ((k >= 0) & (k <= n)).all():
        raise ValueError("events and totals are whole numbers, one pair a group, 0 <= events <= n")
    return np.column_stack([k, n - k]).astype(np.int64)


def two_proportions(
    k1: int, n1: int, k2: int, n2: int, correction: bool = True, level: float = 0.95
) -> TestResult:
    """Compare k1 / n1 with k2 / n2 by chi-square; ``estimate`` is their difference.

    The test is that of prop.test (Yates' correction by default); the interval is Newcombe's from
    two Wilson intervals (Stat Med 1998;17:873, method 10).
    """
    table = proportion_table([k1, k2], [n1, n2])
    test = chi_square(table, correction)
    gap = risk_difference(table[::-1, ::-1], level)
    return replace(
        test,
        method=f"{test.method}, Newcombe interval",
        n=n1 + n2,
        estimate=gap.estimate,
        lower=gap.lower,
        upper=gap.upper,
        se=gap.se,
        level=level,
        note=join_notes(test.note, gap.note),
    )


def auc_hanley_mcneil(auc: float, events: int, nonevents: int, level: float = 0.95) -> Estimate:
    """Return an AUC with the standard error that its value and the class sizes give.

    Hanley and McNeil, Radiology 1982;143:29, with Q1 = A / (2 - A) and Q2 = 2 A^2 / (1 + A); the
    interval is the normal one, clipped to [0, 1]. An approximation for want of the scores: with
    them, DeLong's variance is better.
    """
    samples.check_level(level)
    if not 0 <= auc <= 1 or min(events, nonevents) < 1:
        raise ValueError(
            f"an AUC of {auc:g} with {events} events and {nonevents} non-events: the AUC lies in "
            "[0, 1], and each class has a case"
        )
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    extra = (events - 1) * (q1 - auc**2) + (nonevents - 1) * (q2 - auc**2)
    se = float(np.sqrt(max(0.0, auc * (1 - auc) + extra) / (events * nonevents)))
    half, n = z_value(level) * se, events + nonevents
    note = "" if 0 < auc < 1 else "no standard error at an AUC of 0 or 1"
    limits = (max(0.0, auc - half), min(1.0, auc + half)) if not note else (NAN, NAN)
    return Estimate(auc, *limits, "Hanley-McNeil", n, se, level, events, note)


def two_aucs(auc1: float, se1: float, auc2: float, se2: float, r: float = 0.0) -> TestResult:
    """Compare two AUCs by z; ``r`` is the correlation of the two, 0 for independent cases.

    Hanley and McNeil, Radiology 1983;148:839. ``n`` is unknown and given as 0.
    """
    if not (se1 >= 0 and se2 >= 0 and -1 <= r <= 1):
        raise ValueError("standard errors are 0 or more, and a correlation lies in [-1, 1]")
    difference = auc1 - auc2
    variance = se1**2 + se2**2 - 2 * r * se1 * se2
    method = "z test of two AUCs"
    if not variance > 0:
        return TestResult(NAN, NAN, method, 0, estimate=difference, note="no variance: no test")
    se = float(np.sqrt(variance))
    half = z_value(0.95) * se
    limits = (difference - half, difference + half)
    z = difference / se
    return TestResult(z, normal_p(z), method, 0, NAN, difference, *limits, se)


def from_interval(
    estimate: float, lower: float, upper: float, ratio: bool = False, level: float = 0.95
) -> TestResult:
    """Return z and p of an estimate with its interval (Altman and Bland, BMJ 2011;343:d2304).

    Parameters
    ----------
    estimate, lower, upper : float
        lower <= estimate <= upper; above 0 for a ratio.
    ratio : bool
        An odds, risk or hazard ratio, tested against 1 on the log scale; else tested against 0.
    """
    samples.check_level(level)
    if not lower <= estimate <= upper or (ratio and not lower > 0):
        raise ValueError(
            f"{estimate:g} ({lower:g} to {upper:g}): limits lie around the estimate, and a ratio "
            "lies above 0"
        )
    method = "z test from the interval" + (" of a ratio" if ratio else "")
    values = floats([estimate, lower, upper])
    value, low, high = np.log(values) if ratio else values
    se = float((high - low) / (2 * z_value(level)))
    if not se > 0:
        return TestResult(NAN, NAN, method, 0, note="the interval has no width: no test")
    z = float(value / se)
    return TestResult(z, normal_p(z), method, 0, NAN, estimate, lower, upper, se, level)


def sd_from_interval(lower: float, upper: float, n: int, level: float = 0.95) -> float:
    """Return the SD behind a mean's t interval, for the tests above (Cochrane Handbook 6.5.2.2)."""
    from scipy.stats import t

    samples.check_level(level)
    if n < 2 or not lower <= upper:
        raise ValueError("the interval of a mean needs two cases or more, and lower <= upper")
    return float(np.sqrt(n) * (upper - lower) / (2 * t.ppf(0.5 + level / 2, n - 1)))


def smd(mean1: float, sd1: float, mean2: float, sd2: float) -> float:
    """Return the absolute standardised mean difference |m1 - m2| / sqrt((s1^2 + s2^2) / 2)."""
    pooled = (sd1**2 + sd2**2) / 2
    return abs(mean1 - mean2) / float(np.sqrt(pooled)) if pooled > 0 else NAN


def _check(means: Any, sds: Any, sizes: Any) -> tuple[Any, Any, Any]:
    mean, sd, size = floats(means), floats(sds), floats(sizes)
    if mean.ndim != 1 or not mean.shape == sd.shape == size.shape:
        raise ValueError("each group has one mean, one SD and one size")
    if not np.isfinite(mean).all() or not (np.isfinite(sd) & (sd >= 0)).all():
        raise ValueError("means and SDs are finite numbers, and no SD is negative")
    if not (size >= 2).all() or not (size == np.round(size)).all():
        raise ValueError("a mean with its SD needs a whole number of two cases or more")
    return mean, sd, size

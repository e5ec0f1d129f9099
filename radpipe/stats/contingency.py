"""Tables of counts: tests of independence, residuals, measures of association."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from radpipe.stats.counts import cross_table, expected_counts, filled, two_by_two
from radpipe.stats.fisher_exact import fisher
from radpipe.stats.matched import mcnemar
from radpipe.stats.results import NAN, Estimate, FloatArray, TestResult, floats, z_value
from radpipe.stats.samples import check_level

__all__ = [
    "adjusted_residuals",
    "chi_square",
    "count_test",
    "cramers_v",
    "cross_table",
    "expected_counts",
    "fisher",
    "g_test",
    "mcnemar",
    "odds_ratio",
    "phi",
    "risk_difference",
    "risk_ratio",
]

_ONE_LINE = "one row or column only: no test"


def chi_square(counts: Any, correction: bool | None = None) -> TestResult:
    """Test independence by Pearson's chi-square, as chisq.test.

    Parameters
    ----------
    counts : array (r, c)
        Whole numbers; empty rows and columns are left out.
    correction : bool, optional
        Yates' correction by min(0.5, |O - E|); None: for 2x2 tables only.
    """
    from scipy.stats import chi2

    table = filled(counts)
    n = int(table.sum())
    yates = table.shape == (2, 2) and (correction is None or correction)
    method = "chi-square test" + (" with Yates' correction" if yates else "")
    if min(table.shape) < 2:
        return TestResult(NAN, NAN, method, n, 0, note=_ONE_LINE)
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    expected = expected_counts(table)
    distance = np.abs(table - expected)
    if yates:
        distance = distance - min(0.5, float(distance.min()))
    statistic = float(np.sum(distance**2 / expected))
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df)


def g_test(counts: Any) -> TestResult:
    """Test independence by the likelihood ratio G = 2 sum O log(O / E), without correction.

    Parameters
    ----------
    counts : array (r, c)
        Whole numbers; empty rows and columns are left out.
    """
    from scipy.special import xlogy
    from scipy.stats import chi2

    table = filled(counts)
    n = int(table.sum())
    method = "likelihood ratio (G) test"
    if min(table.shape) < 2:
        return TestResult(NAN, NAN, method, n, 0, note=_ONE_LINE)
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    statistic = max(0.0, 2 * float(np.sum(xlogy(table, table / expected_counts(table)))))
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df)


def adjusted_residuals(counts: Any) -> FloatArray:
    """Return (O - E) / sqrt(E (1 - row share) (1 - column share)), (r, c), as chisq.test's stdres.

    Standard normal under independence (Haberman, Biometrics 1973;29:205). NaN in an empty row or
    column, and where one row or column holds all.

    Parameters
    ----------
    counts : array (r, c)
        Whole numbers; shapes are kept, so that residuals and counts stand in the same cells.
    """
    table = floats(counts)
    filled(table)
    expected, total = expected_counts(table), max(table.sum(), 1.0)
    rows, columns = table.sum(axis=1) / total, table.sum(axis=0) / total
    variance = expected * np.outer(1 - rows, 1 - columns)
    out = np.full(table.shape, NAN)
    np.divide(table - expected, np.sqrt(variance), out=out, where=variance > 0)
    return out


def count_test(counts: Any) -> TestResult:
    """Compare counts by the test that group_tests.COUNT_RULE picks."""
    table = filled(counts)
    if min(table.shape) >= 2 and float(expected_counts(table).min()) < 5:
        return fisher(table)
    return chi_square(table)


def odds_ratio(counts: Any, level: float = 0.95) -> Estimate:
    """Return the sample odds ratio ad / bc of a 2x2 table with Woolf's interval."""
    return _ratio(counts, level, odds=True)


def risk_ratio(counts: Any, level: float = 0.95) -> Estimate:
    """Return the risk of the second column, second row over first, with the log interval."""
    return _ratio(counts, level, odds=False)


def risk_difference(
    counts: Any, level: float = 0.95, interval: Literal["wald", "newcombe"] = "newcombe"
) -> Estimate:
    """Return the risk of the second column, second row minus first.

    Parameters
    ----------
    counts : array (2, 2)
        Whole numbers.
    level : float
        Confidence level, in (0, 1).
    interval : str
        ``newcombe``: from Wilson's two intervals (Newcombe, Stat Med 1998;17:873, method 10);
        ``wald``: as prop.test without correction, within [-1, 1].
    """
    from radpipe.stats.proportions import wilson

    check_level(level)
    if interval not in ("wald", "newcombe"):
        raise ValueError(f"the interval is wald or newcombe, not {interval!r}")
    table = two_by_two(counts)
    method = "Wald" if interval == "wald" else "Newcombe (Wilson scores)"
    n = int(table.sum())
    size, events = table.sum(axis=1), table[:, 1]
    if size.min() == 0:
        return Estimate(NAN, NAN, NAN, method, n, level=level, note="a row is empty")
    risk = events / size
    value = float(risk[1] - risk[0])
    se = float(np.sqrt(np.sum(risk * (1 - risk) / size)))
    if interval == "wald":
        half = z_value(level) * se
        lower, upper = max(-1.0, value - half), min(1.0, value + half)
    else:
        zero, one = (wilson(float(k), float(m), level) for k, m in zip(events, size, strict=True))
        lower = value - float(np.hypot(one.estimate - one.lower, zero.upper - zero.estimate))
        upper = value + float(np.hypot(one.upper - one.estimate, zero.estimate - zero.lower))
    return Estimate(value, lower, upper, method, n, se, level)


def cramers_v(counts: Any) -> float:
    """Return Cramer's V, without correction; NaN for one row or column."""
    table = filled(counts)
    test = chi_square(table, correction=False)
    if np.isnan(test.statistic):
        return NAN
    return float(np.sqrt(test.statistic / (test.n * (min(table.shape) - 1))))


def phi(counts: Any) -> float:
    """Return the correlation of the two sides of a 2x2 table; NaN where a margin is empty.

    Its sign is that of ad - bc; its size is Cramer's V.
    """
    (a, b), (c, d) = two_by_two(counts)
    margins = float((a + b) * (c + d) * (a + c) * (b + d))
    return float(a * d - b * c) / float(np.sqrt(margins)) if margins > 0 else NAN


def _ratio(counts: Any, level: float, odds: bool) -> Estimate:
    check_level(level)
    (a, b), (c, d) = two_by_two(counts)
    method = "log method (Woolf)" if odds else "log method"
    n = int(a + b + c + d)
    if (min(a, b, c, d) if odds else min(b, d)) == 0:
        return Estimate(NAN, NAN, NAN, method, n, level=level, note="a count is zero")
    if odds:
        value, variance = a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d
    else:
        value = (d / (c + d)) / (b / (a + b))
        variance = 1 / d - 1 / (c + d) + 1 / b - 1 / (a + b)
    se = float(np.sqrt(variance))
    factor = float(np.exp(z_value(level) * se))
    return Estimate(
        float(value), float(value / factor), float(value * factor), method, n, se, level
    )

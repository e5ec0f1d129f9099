"""Tests on tables of counts: chi-square, Fisher's exact (any size), McNemar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, Estimate, FloatArray, IntArray, TestResult, floats, z_value

_MOST_TABLES = 2_000_000
_DRAWS = 100_000


def cross_table(rows: Any, columns: Any) -> tuple[IntArray, tuple[Any, ...], tuple[Any, ...]]:
    """Return the counts (r, c) of two label arrays (n,) with the sorted labels of either side."""
    first, i = np.unique(np.asarray(rows), return_inverse=True)
    second, j = np.unique(np.asarray(columns), return_inverse=True)
    counts = np.zeros((first.size, second.size), dtype=np.int64)
    np.add.at(counts, (i, j), 1)
    return counts, tuple(first.tolist()), tuple(second.tolist())


def expected_counts(counts: Any) -> FloatArray:
    """Return the counts expected if rows and columns are independent, (r, c)."""
    table = floats(counts)
    total = table.sum()
    return (
        np.zeros(table.shape)
        if total == 0
        else floats(np.outer(table.sum(axis=1), table.sum(axis=0)) / total)
    )


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

    table = _filled(counts)
    n = int(table.sum())
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    yates = table.shape == (2, 2) if correction is None else correction
    yates = yates and table.shape == (2, 2)
    method = "chi-square test" + (" with Yates' correction" if yates else "")
    if df < 1:
        return TestResult(NAN, NAN, method, n, df, note="one row or column only: no test")
    expected = expected_counts(table)
    distance = np.abs(table - expected)
    if yates:
        distance = distance - min(0.5, float(distance.min()))
    statistic = float(np.sum(distance**2 / expected))
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df)


def fisher(counts: Any, level: float = 0.95, seed: int = 20240) -> TestResult:
    """Test independence by Fisher's exact test (r x c: Freeman and Halton), as fisher.test.

    For 2x2 tables ``estimate`` is the conditional maximum likelihood odds ratio with its exact
    interval. A larger table with more than two million possible tables is tested on 100,000
    random ones (named in ``method``; ``seed`` starts them).
    """
    table = _filled(counts).astype(np.int64)
    n = int(table.sum())
    method = "Fisher's exact test"
    if min(table.shape) < 2:
        return TestResult(NAN, NAN, method, n, note="one row or column only: no test")
    if table.shape == (2, 2):
        from scipy.stats import fisher_exact
        from scipy.stats.contingency import odds_ratio

        ratio = odds_ratio(table, kind="conditional")
        limits = ratio.confidence_interval(level)
        p = min(1.0, float(fisher_exact(table).pvalue))
        result = TestResult(NAN, p, method, n, level=level)
        return replace(
            result,
            estimate=float(ratio.statistic),
            lower=float(limits.low),
            upper=float(limits.high),
        )
    if table.shape[1] > table.shape[0]:
        table = table.T
    if _size(table) > _MOST_TABLES:
        p = _monte_carlo(table, seed)
        return TestResult(NAN, p, f"{method} (Monte Carlo, {_DRAWS} tables)", n)
    return TestResult(NAN, _freeman_halton(table), method, n)


def count_test(counts: Any) -> TestResult:
    """Compare counts by the test that group_tests.COUNT_RULE picks."""
    table = _filled(counts)
    if min(table.shape) >= 2 and float(expected_counts(table).min()) < 5:
        return fisher(table)
    return chi_square(table)


def mcnemar(b: int, c: int) -> TestResult:
    """Compare paired proportions from the two discordant counts.

    Exact (binomial) below 25 discordant pairs, else chi-square with continuity correction, as
    mcnemar.test.
    """
    from scipy.stats import binomtest, chi2

    n = b + c
    if n == 0:
        return TestResult(NAN, NAN, "McNemar's test", 0, note="no discordant pairs: no test")
    if n < 25:
        p = float(binomtest(b, n, 0.5).pvalue)
        return TestResult(NAN, p, "McNemar's test, exact", n)
    statistic = max(0.0, abs(b - c) - 1) ** 2 / n
    return TestResult(
        statistic, float(chi2.sf(statistic, 1)), "McNemar's test with continuity correction", n, 1
    )


def odds_ratio(counts: Any, level: float = 0.95) -> Estimate:
    """Return the sample odds ratio ad / bc of a 2x2 table with Woolf's interval."""
    return _ratio(counts, level, odds=True)


def risk_ratio(counts: Any, level: float = 0.95) -> Estimate:
    """Return the risk of the second column, second row over first, with the log interval."""
    return _ratio(counts, level, odds=False)


def cramers_v(counts: Any) -> float:
    """Return Cramer's V, without correction; NaN for one row or column."""
    table = _filled(counts)
    test = chi_square(table, correction=False)
    if np.isnan(test.statistic):
        return NAN
    return float(np.sqrt(test.statistic / (test.n * (min(table.shape) - 1))))


def _ratio(counts: Any, level: float, odds: bool) -> Estimate:
    (a, b), (c, d) = floats(counts)
    method = "log method (Woolf)" if odds else "log method"
    n = int(a + b + c + d)
    if min(a, b, c, d) == 0:
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


def _filled(counts: Any) -> FloatArray:
    table = floats(counts)
    if table.ndim != 2 or (table < 0).any() or not np.isfinite(table).all():
        raise ValueError("a table of counts has rows, columns, and no negative or missing number")
    return floats(table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0])


def _size(table: IntArray) -> float:
    """Return an upper bound of the number of tables with these margins."""
    left = np.sort(table.sum(axis=1))[:-1]
    return float(np.prod(left + 1.0) ** (table.shape[1] - 1))


def _freeman_halton(table: IntArray) -> float:
    """Add up the probabilities of all tables no likelier than this one, column by column."""
    from scipy.special import gammaln

    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed = float(-np.sum(gammaln(table + 1.0)))
    left = rows[None, :]
    weight = np.zeros(1)
    for total in columns[:-1]:
        left, weight = _add_column(left, weight, int(total))
    # The last column is what is left of the rows.
    weight = weight - gammaln(left + 1.0).sum(axis=1)
    constant = float(
        gammaln(rows + 1.0).sum() + gammaln(columns + 1.0).sum() - gammaln(rows.sum() + 1.0)
    )
    as_rare = weight <= observed + 1e-7
    return min(1.0, float(np.exp(weight[as_rare] + constant).sum()))


def _add_column(left: IntArray, weight: FloatArray, total: int) -> tuple[IntArray, FloatArray]:
    """Extend each partial table by every way to fill its next column with ``total``."""
    from scipy.special import gammaln

    need = np.full(left.shape[0], total)
    after = [left[:, j:].sum(axis=1) for j in range(1, left.shape[1] + 1)]
    owner = np.arange(left.shape[0])
    chosen: list[IntArray] = []
    for j in range(left.shape[1]):
        room, rest = left[owner, j], after[j][owner]
        low, high = np.maximum(0, need - rest), np.minimum(room, need)
        ways = high - low + 1
        parent = np.repeat(np.arange(owner.size), ways)
        step = np.arange(parent.size) - np.repeat(np.cumsum(ways) - ways, ways)
        value = low[parent] + step
        chosen = [c[parent] for c in chosen] + [value]
        owner, need = owner[parent], need[parent] - value
    cells = np.column_stack(chosen)
    return left[owner] - cells, weight[owner] - gammaln(cells + 1.0).sum(axis=1)


def _monte_carlo(table: IntArray, seed: int) -> float:
    from scipy.special import gammaln
    from scipy.stats import random_table

    observed = float(-np.sum(gammaln(table + 1.0)))
    law = random_table(table.sum(axis=1), table.sum(axis=0))
    drawn = law.rvs(size=_DRAWS, random_state=np.random.default_rng(seed))
    as_rare = -gammaln(drawn + 1.0).sum(axis=(1, 2)) <= observed + 1e-7
    return (1 + int(as_rare.sum())) / (_DRAWS + 1)

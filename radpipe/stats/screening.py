"""Univariable tests of many features at once, one column a feature.

Every function takes ``X`` of shape (n, p), finite, and gives p values of shape (p,), two-sided,
NaN where the statistic is undefined (a constant column).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from radpipe.stats.cox_likelihood import Ties, risk_sets
from radpipe.stats.design import Array, BoolArray, DegenerateDataError, matrix, vector
from radpipe.stats.exact_ranks import rank_sum_counts
from radpipe.stats.shapiro_many import shapiro_p


@dataclass(frozen=True)
class Screen:
    """One test for every column.

    Attributes
    ----------
    statistic, p : array of shape (p,)
        NaN where undefined.
    method : tuple of str, length p
        The test each column got.
    n : int
        Rows used.
    """

    statistic: Array
    p: Array
    method: tuple[str, ...]
    n: int


def _groups(X: Any, y: Any) -> tuple[Array, BoolArray]:
    rows = matrix(X)
    labels = vector(y, rows.shape[0], "the outcome")
    if not np.isin(labels, (0.0, 1.0)).all():
        raise ValueError("the outcome must be 0 or 1")
    events = labels == 1.0
    if events.all() or not events.any():
        raise DegenerateDataError("the outcome has one class only")
    return rows, events


def _screen(statistic: Array, p: Array, method: str, n: int) -> Screen:
    return Screen(statistic, p, (method,) * statistic.size, n)


def _divide(a: Array, b: Array) -> Array:
    out: Array = np.full(np.broadcast_shapes(a.shape, b.shape), np.nan)
    np.divide(a, b, out=out, where=b > 0)
    return out


def varying(rows: Array) -> BoolArray:
    """Return whether each column varies beyond rounding, shape (p,)."""
    bound = 10 * np.finfo(np.float64).eps * np.abs(rows).max(axis=0, initial=0.0)
    out: BoolArray = np.ptp(rows, axis=0) > np.maximum(bound, 1e-150)
    return out


def t_test(X: Any, y: Any, equal_variances: bool = False) -> Screen:
    """Test equal means in the groups y = 1 and y = 0: Welch's t, or Student's on demand."""
    rows, events = _groups(X, y)
    one, zero = rows[events], rows[~events]
    n1, n0 = len(one), len(zero)
    name = "Student's t" if equal_variances else "Welch's t"
    if min(n1, n0) < 2:
        nothing = np.full(rows.shape[1], np.nan)
        return _screen(nothing, nothing.copy(), name, len(rows))
    a, b = one.var(axis=0, ddof=1) / n1, zero.var(axis=0, ddof=1) / n0
    a, b = np.where(varying(one), a, 0.0), np.where(varying(zero), b, 0.0)
    if equal_variances:
        pooled = (a * n1 * (n1 - 1) + b * n0 * (n0 - 1)) / (n1 + n0 - 2)
        variance, df = pooled * (1.0 / n1 + 1.0 / n0), np.full(a.shape, n1 + n0 - 2.0)
    else:
        variance = a + b
        df = _divide(variance**2, a**2 / (n1 - 1) + b**2 / (n0 - 1))
    t = _divide(one.mean(axis=0) - zero.mean(axis=0), np.sqrt(variance))
    return _screen(t, 2.0 * special.stdtr(df, -np.abs(t)), name, len(rows))


def mann_whitney(X: Any, y: Any, exact: bool | None = None) -> Screen:
    """Test equal distributions by ranks, by the rule of R's ``wilcox.test``.

    Exact where both groups have fewer than 50 cases and the column has no ties; else the normal
    approximation with continuity correction and variance corrected for ties. With ``exact`` False
    always the latter; True, exact in every column without ties. The statistic is U of the group
    y = 1 (R's W), so that ``U / (n1 n0)`` is the AUC.
    """
    rows, events = _groups(X, y)
    n = len(rows)
    n1, n0 = int(events.sum()), int((~events).sum())
    ranks = stats.rankdata(rows, axis=0)
    u = ranks[events].sum(axis=0) - n1 * (n1 + 1) / 2.0
    # ties lower the sum of squared ranks: sum(t^3 - t) = 12 (n(n+1)(2n+1)/6 - sum r^2)
    ties = 12.0 * (n * (n + 1) * (2 * n + 1) / 6.0 - (ranks**2).sum(axis=0))
    variance = n1 * n0 / 12.0 * ((n + 1) - ties / (n * (n - 1)))
    variance = np.where(varying(rows), variance, 0.0)
    z = u - n1 * n0 / 2.0
    p = 2.0 * special.ndtr(-np.abs(_divide(z - 0.5 * np.sign(z), np.sqrt(variance))))
    p = np.minimum(p, 1.0)
    wanted = max(n1, n0) < 50 if exact is None else exact
    counted = (ties < 0.5) & wanted
    if counted.any():
        lower = np.cumsum(rank_sum_counts(n1, n0))
        tail = np.minimum(u, n1 * n0 - u).round().astype(np.int64)
        chance = 2.0 * lower[np.where(counted, tail, 0)] / lower[-1]
        p = np.where(counted, np.minimum(1.0, chance), p)
    names = ("Mann-Whitney, normal approximation with continuity", "Mann-Whitney, exact")
    return Screen(u, p, tuple(names[int(e)] for e in counted), n)


def logistic_score(X: Any, y: Any) -> Screen:
    """Rao's score test of the slope in a logistic model of one feature (chi-squared, 1 df).

    Equals n times the squared correlation of feature and outcome.
    """
    rows, events = _groups(X, y)
    rate = events.mean()
    centred = rows - rows.mean(axis=0)
    score = centred.T @ (events - rate)
    information = np.where(varying(rows), rate * (1 - rate) * (centred**2).sum(axis=0), 0.0)
    chi2 = _divide(score**2, information)
    return _screen(chi2, special.chdtrc(1.0, chi2), "logistic score test", len(rows))


def cox_score(X: Any, time: Any, event: Any, ties: Ties = "efron") -> Screen:
    """Score test of the slope in a Cox model of one feature (chi-squared, 1 df), as coxph's.

    The log-rank test is this test of a group indicator (up to the treatment of ties).
    """
    rows = matrix(X)
    n = len(rows)
    happened = vector(event, n, "event") == 1.0
    if not happened.any():
        raise DegenerateDataError("no event was observed")
    sets = risk_sets(vector(time, n, "time"), happened, ties, np.zeros(n))
    spread = rows.std(axis=0)
    varies = varying(rows)
    scaled = _divide(rows - rows.mean(axis=0), np.where(varies, spread, 0.0))[sets.order]
    starts = np.flatnonzero(np.r_[True, sets.tied[1:] != sets.tied[:-1]])
    left = sets.count * sets.fraction
    size = (sets.last + 1.0 - left)[:, None]

    def means(values: Array) -> Array:
        total = np.cumsum(values, axis=0)[sets.last]
        if sets.fraction.any():
            tied = np.add.reduceat(values[sets.slots], starts, axis=0)
            total -= sets.fraction[:, None] * np.repeat(tied, sets.count[starts], axis=0)
        out: Array = total / size
        return out

    first = means(scaled)
    score = (scaled[sets.slots] - first).sum(axis=0)
    information = (means(scaled**2) - first**2).sum(axis=0)
    information = np.where(information > 1e-12 * n, information, 0.0)
    chi2 = _divide(score**2, information)
    return _screen(chi2, special.chdtrc(1.0, chi2), f"Cox score test ({ties} ties)", n)


def shapiro(X: Any) -> Array:
    """Return the Shapiro-Wilk p value of each column, NaN where ``normality`` gives none."""
    return shapiro_p(matrix(X))


def levene(X: Any, y: Any) -> Screen:
    """Test equal variances: ANOVA of the distances from each group's median (Brown-Forsythe)."""
    rows, events = _groups(X, y)
    n = len(rows)
    groups = [np.abs(part - np.median(part, axis=0)) for part in (rows[events], rows[~events])]
    total = np.concatenate(groups)
    between = sum(len(g) * (g.mean(axis=0) - total.mean(axis=0)) ** 2 for g in groups)
    within = sum(((g - g.mean(axis=0)) ** 2).sum(axis=0) for g in groups)
    # distances that differ by rounding of the values only are equal
    noise = n * (1e-14 * np.abs(rows).max(axis=0)) ** 2
    f = _divide(np.asarray(between) * (n - 2), np.where(within > noise, within, 0.0))
    return _screen(f, special.fdtrc(1.0, n - 2.0, f), "Levene's test about the median", n)


def automatic(X: Any, y: Any, exact: bool | None = None) -> Screen:
    """Choose t or Mann-Whitney for each column, as ``group_tests.measure_test``.

    Where Shapiro-Wilk finds both groups normal (p > 0.05): Student's t if Levene's test about the
    median has p > 0.05, else Welch's. Otherwise Mann-Whitney, see `mann_whitney` for ``exact``.
    """
    rows, events = _groups(X, y)
    normal = (shapiro(rows[events]) > 0.05) & (shapiro(rows[~events]) > 0.05)
    even = levene(rows, y).p > 0.05
    tests = (mann_whitney(rows, y, exact), t_test(rows, y, equal_variances=True), t_test(rows, y))
    return choose(tests, np.where(~normal, 0, np.where(even, 1, 2)))


def choose(tests: Sequence[Screen], choice: NDArray[np.int64]) -> Screen:
    """Return for each column the test that ``choice``, its number among ``tests``, says."""
    columns = np.arange(choice.size)
    return Screen(
        np.stack([test.statistic for test in tests])[choice, columns],
        np.stack([test.p for test in tests])[choice, columns],
        tuple(tests[c].method[j] for j, c in enumerate(choice)),
        tests[0].n,
    )

"""Univariable tests of many features at once against numbers or ordered levels.

As `radpipe.stats.screening`: ``X`` has shape (n, p) and is finite, p values are two-sided, NaN
where the statistic is undefined.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from radpipe.stats.design import Array, DegenerateDataError, matrix, vector
from radpipe.stats.normality import shapiro_wilk
from radpipe.stats.screening import Screen, choose, shapiro, varying


def _both(X: Any, y: Any) -> tuple[Array, Array]:
    rows = matrix(X)
    values = vector(y, len(rows), "the outcome")
    if np.ptp(values) == 0:
        raise DegenerateDataError("the outcome has one value only")
    return rows, values


def correlations(X: Any, y: Any) -> Array:
    """Return Pearson's r of each column with ``y``, shape (p,); NaN for a constant column."""
    rows, values = _both(X, y)
    own = varying(rows)
    centred = rows - rows.mean(axis=0)
    norm = np.where(own, np.sqrt((centred**2).sum(axis=0)), 1.0)
    about = values - values.mean()
    r = np.clip((about @ centred) / (norm * np.sqrt(about @ about)), -1.0, 1.0)
    return np.where(own, r, np.nan)


def pearson(X: Any, y: Any) -> Screen:
    """Test Pearson's correlation by t with n - 2 degrees of freedom; the statistic is r."""
    return _tested(correlations(X, y), len(matrix(X)), "Pearson correlation")


def spearman(X: Any, y: Any) -> Screen:
    """Test Spearman's correlation (mid-ranks) by the t approximation; the statistic is rho."""
    rows, values = _both(X, y)
    rho = correlations(stats.rankdata(rows, axis=0), stats.rankdata(values))
    return _tested(rho, len(rows), "Spearman correlation, t approximation")


def _tested(r: Array, n: int, method: str) -> Screen:
    if n < 3:
        return Screen(r, np.full(r.shape, np.nan), (method,) * r.size, n)
    t = np.sqrt((n - 2.0) / np.maximum(1.0 - r * r, 1e-300)) * np.abs(r)
    return Screen(r, 2.0 * special.stdtr(n - 2.0, -t), (method,) * r.size, n)


def automatic_numbers(X: Any, y: Any) -> Screen:
    """Choose Pearson's correlation where Shapiro-Wilk finds both normal, else Spearman's.

    Normal means p > 0.05.
    """
    rows, values = _both(X, y)
    ranked = spearman(rows, values)
    if not shapiro_wilk(values).p > 0.05:
        return ranked
    normal = shapiro(rows) > 0.05
    return choose((ranked, pearson(rows, values)), normal.astype(np.int64))


def ordinal_score(X: Any, y: Any) -> Screen:
    """Rao's score test of the slope in a proportional-odds model of one feature (1 df).

    Equals n times the squared correlation of the feature with the levels' ridits, and with two
    levels `screening.logistic_score`.

    Parameters
    ----------
    X : array of shape (n, p)
    y : array of shape (n,)
        Numbers of the levels, in their order.
    """
    rows, values = _both(X, y)
    n = len(rows)
    # mid-ranks are ridits times n, plus one half
    chi2 = n * correlations(rows, stats.rankdata(values)) ** 2
    name = "proportional-odds score test"
    return Screen(chi2, special.chdtrc(1.0, chi2), (name,) * chi2.size, n)

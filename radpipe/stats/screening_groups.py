"""Univariable tests of many features at once against two or more groups, one column a feature.

As `radpipe.stats.screening`, whose tests are those of two groups and of survival: ``X`` has shape
(n, p) and is finite, p values are two-sided, NaN where the statistic is undefined.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from radpipe.stats.design import Array, BoolArray, DegenerateDataError, matrix
from radpipe.stats.screening import Screen, choose, shapiro, varying

MOST_VALUES = 10
"""Values that a column may have to be taken as categories by `chi_square`."""


def _marks(X: Any, groups: Any) -> tuple[Array, Array]:
    """Return the columns, and a 0/1 column for each group that has cases, (n, k)."""
    rows = matrix(X)
    labels = np.asarray(groups)
    if labels.shape != (len(rows),):
        raise ValueError(f"the groups have shape {labels.shape}, the design has {len(rows)} rows")
    names, place = np.unique(labels, return_inverse=True)
    if names.size < 2:
        raise DegenerateDataError("the outcome has one class only")
    return rows, (place[:, None] == np.arange(names.size)).astype(np.float64)


def _ratio(a: Array, b: Array, defined: BoolArray) -> Array:
    out: Array = np.full(a.shape, np.nan)
    np.divide(a, b, out=out, where=defined)
    return out


def _squares(rows: Array, marks: Array) -> tuple[Array, Array]:
    """Return the sums of squares between groups and about their means, each (p,)."""
    centred = rows - rows.mean(axis=0)
    size = marks.sum(axis=0)[:, None]
    means = (marks.T @ centred) / size
    return (size * means**2).sum(axis=0), ((centred - marks @ means) ** 2).sum(axis=0)


def _screen(statistic: Array, p: Array, method: str, n: int) -> Screen:
    return Screen(statistic, p, (method,) * statistic.size, n)


def anova(X: Any, groups: Any) -> Screen:
    """Test equal means by one-way analysis of variance under equal variances (F)."""
    rows, marks = _marks(X, groups)
    n, k = marks.shape
    between, within = _squares(rows, marks)
    # distances from the means that are rounding of the values only
    noise = n * (1e-14 * np.abs(rows).max(axis=0)) ** 2
    defined = varying(rows) & (within > noise) & (n > k)
    f = _ratio(between * (n - k), within * (k - 1.0), defined)
    return _screen(f, special.fdtrc(k - 1.0, max(n - k, 1), f), "analysis of variance", n)


def welch(X: Any, groups: Any) -> Screen:
    """Test equal means by Welch's analysis of variance, as ``summaries.anova`` for one column."""
    rows, marks = _marks(X, groups)
    n, k = marks.shape
    size = marks.sum(axis=0)[:, None]
    means = (marks.T @ rows) / size
    about = (marks.T @ (rows - marks @ means) ** 2) / np.maximum(size - 1.0, 1.0)
    spread = np.stack([varying(rows[own > 0]) for own in marks.T])
    defined = (spread & (size > 1)).all(axis=0)
    weight = size / np.where(spread & (about > 0), about, 1.0)
    share = weight / weight.sum(axis=0)
    centre = (share * means).sum(axis=0)
    slack = ((1 - share) ** 2 / np.maximum(size - 1.0, 1.0)).sum(axis=0) / (k**2 - 1)
    top = (weight * (means - centre) ** 2).sum(axis=0) / (k - 1)
    f = _ratio(top, 1 + 2 * (k - 2) * slack, defined)
    p = special.fdtrc(k - 1.0, 1 / (3 * np.where(defined, slack, 1.0)), f)
    return _screen(f, p, "Welch's analysis of variance", n)


def kruskal(X: Any, groups: Any) -> Screen:
    """Test equal distributions by ranks (Kruskal-Wallis), corrected for ties."""
    rows, marks = _marks(X, groups)
    n, k = marks.shape
    ranks = stats.rankdata(rows, axis=0)
    between, within = _squares(ranks, marks)
    h = _ratio((n - 1) * between, between + within, varying(rows))
    return _screen(h, special.chdtrc(k - 1.0, h), "Kruskal-Wallis test", n)


def automatic_groups(X: Any, groups: Any) -> Screen:
    """Choose the test of each column by ``group_tests.measure_test``'s rule for several groups.

    Welch's analysis of variance where Shapiro-Wilk finds all groups normal (p > 0.05), else
    Kruskal-Wallis.
    """
    rows, marks = _marks(X, groups)
    normal = np.all([shapiro(rows[own > 0]) > 0.05 for own in marks.T], axis=0)
    return choose((kruskal(rows, groups), welch(rows, groups)), normal.astype(np.int64))


def chi_square(X: Any, groups: Any) -> Screen:
    """Test independence of group and category by Pearson's chi-square, without correction.

    A column with up to 10 different values has these as its categories; another is cut at its
    quartiles (R's type 7; a value at a cut belongs below it).
    """
    rows, marks = _marks(X, groups)
    n, k = marks.shape
    levels = categories(rows)
    depth = int(levels.max(initial=0)) + 1
    counts = np.stack([marks.T @ (levels == level) for level in range(depth)])
    present = counts.sum(axis=1)
    expected = present[:, None, :] * marks.sum(axis=0)[None, :, None] / n
    parts = np.divide(
        (counts - expected) ** 2, expected, out=np.zeros_like(counts), where=expected > 0
    )
    df = ((present > 0).sum(axis=0) - 1.0) * (k - 1.0)
    chi2 = np.where(df > 0, parts.sum(axis=(0, 1)), np.nan)
    return _screen(chi2, special.chdtrc(np.maximum(df, 1.0), chi2), "chi-square test", n)


def categories(rows: Array) -> NDArray[np.int64]:
    """Return the category of each value by its column, from 0 (see `chi_square`), shape (n, p)."""
    levels = np.empty(rows.shape, dtype=np.int64)
    cuts = np.quantile(rows, [0.25, 0.5, 0.75], axis=0)
    for j, column in enumerate(rows.T):
        values, place = np.unique(column, return_inverse=True)
        few = values.size <= MOST_VALUES
        levels[:, j] = place if few else np.searchsorted(np.unique(cuts[:, j]), column)
    return levels


def multinomial_score(X: Any, groups: Any) -> Screen:
    """Rao's score test of a feature in a multinomial logistic model of it alone.

    Equals n times the share of the feature's variance between groups; k - 1 degrees of freedom,
    and with two groups `screening.logistic_score`.
    """
    rows, marks = _marks(X, groups)
    n, k = marks.shape
    between, within = _squares(rows, marks)
    chi2 = _ratio(n * between, between + within, varying(rows))
    return _screen(chi2, special.chdtrc(k - 1.0, chi2), "multinomial logistic score test", n)

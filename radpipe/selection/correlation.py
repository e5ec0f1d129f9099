"""Of columns that say the same, keep one."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import settled

Correlation = Literal["pearson", "spearman"]
Preferred = Literal["least_correlated", "first", "strongest"]

COLUMNS = 256
"""Columns whose correlations with the others are in memory at a time."""
ROUNDING = 1e-12
"""A correlation above the threshold by less than this is not above it."""


class CorrelationSpec(SelectorSpec):
    """Drop columns until no two are correlated above a threshold.

    Of a pair above the threshold one is kept, by default the column with the lower mean absolute
    correlation with all columns; on a tie, the first by name.

    Parameters
    ----------
    threshold : float
        Largest absolute correlation that two kept columns may have.
    method : {'pearson', 'spearman'}
        Correlation coefficient: of the values, or of their ranks.
    keep : {'least_correlated', 'first', 'strongest'}
        Which of a pair stays: the one less correlated with all columns on average, the first by
        name, or the one with the stronger relation to the outcome, tested alone (correlation,
        share of variance between classes, or a Cox model's score test).
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["correlation"] = "correlation"
    threshold: float = Field(0.9, gt=0, le=1)
    method: Correlation = "pearson"
    keep: Preferred = "least_correlated"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return CorrelationSelector(self.threshold, self.method, self.keep)


class CorrelationSelector(Selector):
    """Greedy filter: columns join, the preferred one first, unless a member repeats them.

    The default order is that of `caret::findCorrelation`, which drops the column with the larger
    mean absolute correlation of a pair; going from the least correlated column upwards leaves a
    set in which no pair exceeds the threshold and to which no dropped column could be added. So
    do the other orders.
    """

    def __init__(
        self, threshold: float = 0.9, method: str = "pearson", keep: str = "least_correlated"
    ) -> None:
        self.threshold = threshold
        self.method = method
        self.keep = keep

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        repeats, mean = repeated(X, self.threshold, self.method)
        free = np.ones(X.shape[1], dtype=bool)
        kept = np.zeros(X.shape[1], dtype=bool)
        for column in self._order(X, mean, y):
            if free[column]:
                kept[column] = True
                free &= ~repeats[column]
        return kept

    def _order(self, X: FloatArray, mean: FloatArray, y: NDArray[Any]) -> NDArray[np.intp]:
        if self.keep == "first":
            return np.arange(X.shape[1])
        if self.keep == "strongest":
            from radpipe.selection.relation import strength

            return np.argsort(-settled(strength(X, y)), kind="stable")
        # Rounded, so that columns which are equal but for rounding are ordered by their names.
        return np.argsort(mean.round(9), kind="stable")


def repeated(
    X: FloatArray, threshold: float, method: str = "pearson"
) -> tuple[BoolArray, FloatArray]:
    """Return which columns are correlated above a threshold, and each one's mean correlation.

    The matrix of correlations itself is never whole: a few columns at a time it stays where the
    processor is quick, and each pair is computed once. A correlation that equals the threshold but
    for rounding is not above it.

    Returns
    -------
    repeats : bool array, shape (p, p)
        Whether the absolute correlation is above ``threshold``.
    mean : array, shape (p,)
        Mean absolute correlation with all columns, itself included.
    """
    rows = np.ascontiguousarray(_unit_columns(X, method).T)
    p = len(rows)
    repeats, total = np.zeros((p, p), dtype=bool), np.zeros(p)
    for start in range(0, p, COLUMNS):
        end = min(start + COLUMNS, p)
        r = rows[start:end] @ rows[start:].T
        np.abs(r, out=r)
        total[start:end] += r.sum(axis=1)
        total[end:] += r[:, end - start :].sum(axis=0)
        above = r > threshold + ROUNDING
        repeats[start:end, start:] = above
        repeats[end:, start:end] = above[:, end - start :].T
    return repeats, total / max(p, 1)


def absolute_correlation(X: FloatArray, method: str = "pearson") -> FloatArray:
    """Return the matrix of absolute correlations of the columns of ``X``, shape (p, p).

    A constant column has correlation 0 with every other.
    """
    Z = _unit_columns(X, method)
    r = Z.T @ Z
    np.abs(r, out=r)
    np.minimum(r, 1.0, out=r)
    return r


def _unit_columns(X: FloatArray, method: str) -> FloatArray:
    """Return the columns, or their ranks, about 0 and of length 1; 0 where they are constant."""
    if method == "spearman":
        from scipy.stats import rankdata

        X = rankdata(X, axis=0)
    centred = X - X.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    return np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0)

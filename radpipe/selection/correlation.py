"""Of columns that say the same, keep one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec


class CorrelationSpec(SelectorSpec):
    """Drop columns until no two are correlated above a threshold.

    Of a pair above the threshold, the column with the lower mean absolute correlation with
    all columns is kept; on a tie, the first by name.

    Parameters
    ----------
    threshold : float
        Largest absolute correlation that two kept columns may have.
    method : {'pearson', 'spearman'}
        Correlation coefficient: of the values, or of their ranks.
    """

    kind: Literal["correlation"] = "correlation"
    threshold: float = Field(0.9, gt=0, le=1)
    method: Literal["pearson", "spearman"] = "pearson"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return CorrelationSelector(self.threshold, self.method)


class CorrelationSelector(Selector):
    """Greedy filter: columns join, the least correlated one first, unless a member repeats them.

    The order is that of `caret::findCorrelation`, which drops the column with the larger mean
    absolute correlation of a pair; going from the least correlated column upwards leaves a
    set in which no pair exceeds the threshold and to which no dropped column could be added.
    """

    def __init__(self, threshold: float = 0.9, method: str = "pearson") -> None:
        self.threshold = threshold
        self.method = method

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        r = absolute_correlation(X, self.method)
        # Rounded, so that columns which are equal but for rounding are ordered by their names.
        order = np.argsort(r.mean(axis=0).round(9), kind="stable")
        repeats = r > self.threshold
        free = np.ones(X.shape[1], dtype=bool)
        kept = np.zeros(X.shape[1], dtype=bool)
        for column in order:
            if free[column]:
                kept[column] = True
                free &= ~repeats[column]
        return kept


def absolute_correlation(X: FloatArray, method: str = "pearson") -> FloatArray:
    """Return the matrix of absolute correlations of the columns of ``X``, shape (p, p).

    A constant column has correlation 0 with every other.
    """
    if method == "spearman":
        from scipy.stats import rankdata

        X = rankdata(X, axis=0)
    centred = X - X.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    Z = np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0)
    r = Z.T @ Z
    np.abs(r, out=r)
    np.minimum(r, 1.0, out=r)
    return r

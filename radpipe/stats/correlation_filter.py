"""Which of many correlated features to drop, from their correlation matrix alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats


def find_correlation(r: Any, cutoff: float = 0.9, exact: bool = True) -> IntArray:
    """Return the columns to drop, rising, as caret's findCorrelation.

    Exact: the columns are taken by falling mean absolute correlation. Of a pair above the cut-off,
    the first goes if its mean absolute correlation with the columns still there exceeds that among
    all others, else the second; the means are then those of what is left. Not exact: every pair
    above the cut-off loses the column with the larger mean over all columns, the first on a tie,
    whether or not the other one stays.

    Parameters
    ----------
    r : array (p, p)
        Correlations in [-1, 1]; the diagonal is 1.
    cutoff : float
        Largest absolute correlation that two columns may have, in [0, 1].
    exact : bool
        caret's default is True below 100 columns.

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric and complete, or the cut-off lies outside [0, 1].

    Notes
    -----
    No pair above the cut-off is left by either rule.
    """
    size = np.abs(floats(r))
    if size.ndim != 2 or size.shape[0] != size.shape[1]:
        raise ValueError(f"a correlation matrix is square, not of shape {size.shape}")
    if not np.isfinite(size).all() or not np.allclose(size, size.T, atol=1e-9):
        raise ValueError("the correlation matrix has missing values or is not symmetric")
    if not 0 <= cutoff <= 1:
        raise ValueError(f"the cut-off is {cutoff:g}; it must lie between 0 and 1")
    dropped = _exact(size, cutoff) if exact else _at_once(size, cutoff)
    return np.sort(dropped).astype(np.int64)


def _exact(size: FloatArray, cutoff: float) -> IntArray:
    p = size.shape[0]
    off = size * ~np.eye(p, dtype=np.bool_)
    # rounded, so that columns which are equal but for rounding keep their order
    order = np.argsort(-off.sum(axis=1).round(9), kind="stable")
    off = off[np.ix_(order, order)]
    left = np.ones(p, dtype=np.bool_)
    sums = off.sum(axis=1)
    for i in range(p - 1):
        for j in np.flatnonzero(off[i] > cutoff):
            if j <= i or not left[i] or not left[j]:
                continue
            others = int(left.sum()) - 1
            mine, rest = sums[i] / others, (sums[left].sum() - sums[j]) / others**2
            gone = i if mine > rest * (1 + 1e-12) else int(j)
            left[gone] = False
            sums = sums - off[gone]
    return order[~left].astype(np.int64)


def _at_once(size: FloatArray, cutoff: float) -> IntArray:
    mean = size.sum(axis=0).round(9)
    first, second = np.nonzero(np.triu(size, 1) > cutoff)
    return np.unique(np.where(mean[second] > mean[first], second, first)).astype(np.int64)

"""Shapiro and Wilk's test of many columns at once, by Royston's algorithm.

References
----------
Royston 1995, Applied Statistics 44:547-551 (AS R94).
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy import special

from radpipe.stats.design import Array

_LAST = (0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056)
_BUT_ONE = (0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633)
_FEW_MEAN, _FEW_SD = (
    (0.544, -0.39978, 0.025054, -6.714e-4),
    (1.3822, -0.77857, 0.062767, -2.0322e-3),
)
_MEAN, _SD = (-1.5861, -0.31082, -0.083751, 3.8915e-3), (-0.4803, -0.082676, 3.0302e-3)
_MARGIN, _FEW, _MOST = (-2.273, 0.459), 11, 5000


def shapiro_p(X: Array) -> Array:
    """Return the p value of each column of ``X`` (n, p), shape (p,).

    NaN for a constant column, and for all with fewer than 3 or more than 5000 rows.
    """
    n, p = X.shape
    out: Array = np.full(p, np.nan)
    reach = np.ptp(X, axis=0) if n else np.zeros(p)
    varies = reach > 0.0
    if not 3 <= n <= _MOST or not varies.any():
        return out
    # W has no unit; a small range would be taken for none
    values = np.sort((X[:, varies] - np.median(X[:, varies], axis=0)) / reach[varies], axis=0)
    about = values - values.mean(axis=0)
    weights = coefficients(n)
    # 1 - W without cancelling: what the weights do not explain
    explained = np.outer(weights, weights @ about)
    rest = np.maximum(((about - explained) ** 2).sum(axis=0) / (about**2).sum(axis=0), 1e-19)
    out[varies] = _p(rest, n)
    return out


def coefficients(n: int) -> Array:
    """Return the weights of the sorted values, of length 1, rising."""
    if n == 3:
        return np.array([-np.sqrt(0.5), 0.0, np.sqrt(0.5)])
    m: Array = special.ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    size, u = float(m @ m), 1.0 / np.sqrt(n)
    outer = [m[-1] / np.sqrt(size) + polyval(u, _LAST)]
    if n > 5:
        outer.append(m[-2] / np.sqrt(size) + polyval(u, _BUT_ONE))
    k = len(outer)
    left = size - 2.0 * float((m[-k:] ** 2).sum())
    out: Array = m / np.sqrt(left / (1.0 - 2.0 * float(np.sum(np.square(outer)))))
    out[-k:] = outer[::-1]
    out[:k] = -np.array(outer)
    return out


def _p(rest: Array, n: int) -> Array:
    """Return p values from 1 - W."""
    if n == 3:
        angle = np.arcsin(np.sqrt(1.0 - rest)) - np.arcsin(np.sqrt(0.75))
        return np.asarray(np.clip(6.0 / np.pi * angle, 0.0, 1.0), dtype=np.float64)
    y = np.log(rest)
    if n <= _FEW:
        margin = polyval(n, _MARGIN)
        known = y < margin
        y = -np.log(np.where(known, margin - y, 1.0))
        mean, sd = polyval(n, _FEW_MEAN), np.exp(polyval(n, _FEW_SD))
        return np.where(known, special.ndtr((mean - y) / sd), 1e-99)
    at = np.log(n)
    out: Array = special.ndtr((polyval(at, _MEAN) - y) / np.exp(polyval(at, _SD)))
    return out

"""Quantiles and moments of many columns at once, whatever is missing in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

ROUNDING = 1e-10
"""A spread below this share of the mean is rounding, not information."""


def gaps(values: FloatArray) -> NDArray[np.int64]:
    """Return how many values of each column are missing, (p,)."""
    # one sum tells at once that nothing is missing, which is what is found nearly always
    if np.isfinite(values.sum()):
        return np.zeros(values.shape[1], dtype=np.int64)
    return np.asarray(np.isnan(values).sum(axis=0), dtype=np.int64)


class Ordered:
    """The known values of each column in order.

    One sort serves medians and quantiles of thousands of columns faster than a call a column.
    Statistics of a column without any value are NaN.
    """

    def __init__(self, values: FloatArray) -> None:
        # one column's values stand together in memory, and NaN go to the end
        self.rows = values.T.copy(order="C")
        self.rows.sort(axis=1)
        self.known = len(values) - gaps(values)

    def at(self, place: NDArray[np.int64]) -> FloatArray:
        """Return the value at a place (p,) of each column; NaN where there is none."""
        if not self.rows.shape[1]:
            return np.full(len(self.rows), np.nan)
        inside = np.clip(place, 0, self.rows.shape[1] - 1)
        return np.where(self.known > 0, self.rows[np.arange(len(self.rows)), inside], np.nan)

    def median(self) -> FloatArray:
        """Return the medians, (p,)."""
        return (self.at((self.known - 1) // 2) + self.at(self.known // 2)) / 2

    def quantile(self, q: float) -> FloatArray:
        """Return the quantiles of type 7, (p,)."""
        place = np.maximum(self.known - 1, 0) * q
        below = np.floor(place).astype(np.int64)
        low, high = self.at(below), self.at(np.minimum(below + 1, np.maximum(self.known - 1, 0)))
        return low + (high - low) * (place - below)


def moments(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the standard deviation (divisor n - 1) of known values, both (p,).

    A column without two known values has no spread: its standard deviation is 0.
    """
    lost = gaps(values)
    known = len(values) - lost
    if lost.any():
        empty = np.isnan(values)
        mean = np.where(empty, 0.0, values).sum(axis=0) / np.maximum(known, 1)
        rest = np.where(empty, 0.0, values - mean)
    else:
        mean = values.sum(axis=0) / max(len(values), 1)
        rest = values - mean
    np.multiply(rest, rest, out=rest)
    return mean, np.sqrt(rest.sum(axis=0) / np.maximum(known - 1, 1))


def varies(mean: FloatArray, sd: FloatArray) -> NDArray[np.bool_]:
    """Return which columns vary by more than rounding."""
    return np.asarray(sd > ROUNDING * np.abs(mean))

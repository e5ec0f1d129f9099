"""What every regression asks of its design matrix: finite numbers and independent columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class DegenerateDataError(ValueError):
    """The data do not determine the model (one class, no events, missing values, no rows)."""


def matrix(X: Any) -> Array:
    """Return ``X`` as a finite (n, p) float64 matrix; a vector becomes one column.

    Raises
    ------
    DegenerateDataError
        If a value is missing or infinite, or there are no rows.
    """
    out = np.asarray(X, dtype=np.float64)
    if out.ndim == 1:
        out = out[:, None]
    if out.ndim != 2 or out.shape[0] == 0:
        raise DegenerateDataError(f"the design needs rows and columns, not shape {out.shape}")
    if not np.isfinite(out).all():
        raise DegenerateDataError("the design holds missing or infinite values")
    return out


def vector(values: Any, n: int, name: str) -> Array:
    """Return ``values`` as a finite float64 vector of length ``n``.

    Raises
    ------
    DegenerateDataError
        If a value is missing or infinite.
    ValueError
        If the length is not ``n``.
    """
    out = np.asarray(values, dtype=np.float64)
    if out.shape != (n,):
        raise ValueError(f"{name} has shape {out.shape}, the design has {n} rows")
    if not np.isfinite(out).all():
        raise DegenerateDataError(f"{name} holds missing or infinite values")
    return out


def independent(X: Array, tolerance: float = 1e-11) -> BoolArray:
    """Return True for the columns that earlier columns do not already span, shape (p,).

    R's rule (``dqrdc2`` as glm calls it): a column whose norm falls below ``tolerance`` times its
    own once the earlier ones are projected out is aliased, and its coefficient is missing.
    """
    n, p = X.shape
    keep = np.zeros(p, dtype=np.bool_)
    basis = np.empty((n, min(n, p)))
    rank = 0
    for j in range(p):
        column = X[:, j]
        norm = float(np.linalg.norm(column))
        if norm == 0.0 or rank == n:
            continue
        used = basis[:, :rank]
        rest = column - used @ (used.T @ column)
        rest = rest - used @ (used.T @ rest)  # twice is enough (Kahan)
        left = float(np.linalg.norm(rest))
        if left > tolerance * norm:
            basis[:, rank] = rest / left
            keep[j] = True
            rank += 1
    return keep


def spread(values: Array, keep: BoolArray) -> Array:
    """Put ``values`` of the kept columns into a vector (or square matrix) with NaN elsewhere."""
    p = keep.shape[0]
    if values.ndim == 1:
        out = np.full(p, np.nan)
        out[keep] = values
        return out
    square = np.full((p, p), np.nan)
    square[np.ix_(keep, keep)] = values
    return square

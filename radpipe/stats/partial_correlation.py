"""Correlation of two variables given others: partial, semi-partial, the matrix of all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats.correlation import from_r, kendall
from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes, normal_p
from radpipe.stats.samples import check_level, constant

Kind = Literal["pearson", "spearman", "kendall"]


def partial(
    x: Any, y: Any, covariates: Any, kind: Kind = "pearson", level: float = 0.95
) -> TestResult:
    """Return the correlation of x and y with covariates held fixed, as ppcor::pcor.test.

    Parameters
    ----------
    x, y : array (n,)
        Paired values; a row with NaN in any variable is left out.
    covariates : array (n, k) or (n,)
        What is held fixed.
    kind : str
        Pearson's r, or Spearman's or Kendall's in the same formula of the correlation matrix.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    TestResult
        t on n - 2 - k degrees of freedom (for Pearson that of y in a linear model) and Fisher's
        z interval with variance 1 / (n - k - 3). For Kendall's tau z, without interval.

    References
    ----------
    Kim, Commun Stat Appl Methods 2015;22:665 (ppcor).
    """
    return _given(x, y, covariates, kind, level, both=True)


def semi_partial(
    x: Any, y: Any, covariates: Any, kind: Kind = "pearson", level: float = 0.95
) -> TestResult:
    """Return the correlation of x with what covariates leave of y, as ppcor::spcor.test.

    Parameters and result are those of :func:`partial`.
    """
    return _given(x, y, covariates, kind, level, both=False)


def partial_matrix(X: Any, kind: Kind = "pearson") -> FloatArray:
    """Return the correlation of every two columns with all others held fixed, as ppcor::pcor.

    Parameters
    ----------
    X : array (n, p)
        Rows with NaN are left out.
    kind : str
        As of :func:`partial`.

    Returns
    -------
    array (p, p)
        1 on the diagonal; all NaN where a column is constant or spanned by others, or n <= p.
    """
    table, _ = _complete(X)
    p = table.shape[1]
    correlation, reason = _correlation(table, kind)
    if reason:
        return np.full((p, p), NAN)
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    out = np.clip(-(inverse + inverse.T) / (2 * np.outer(scale, scale)), -1.0, 1.0)
    np.fill_diagonal(out, 1.0)
    return floats(out)


def _given(x: Any, y: Any, covariates: Any, kind: Kind, level: float, both: bool) -> TestResult:
    check_level(level)
    held = floats(covariates)
    held = held[:, None] if held.ndim == 1 else held
    first, second = floats(x), floats(y)
    if held.ndim != 2 or not first.shape == second.shape == held.shape[:1]:
        raise ValueError(f"{first.shape}, {second.shape} and {held.shape} are no rows of one table")
    table, note = _complete(np.column_stack([first, second, held]))
    n, k = table.shape[0], held.shape[1]
    method = f"{'partial' if both else 'semi-partial'} {kind.capitalize()} correlation"
    correlation, reason = _correlation(table, kind)
    if reason:
        note = join_notes(note, reason)
        return TestResult(NAN, NAN, method, n, level=level, note=note)
    # What the covariates leave of x and y.
    cross = correlation[:2, 2:]
    left = correlation[:2, :2] - cross @ np.linalg.solve(correlation[2:, 2:], cross.T)
    size = left[1, 1] * (left[0, 0] if both else 1.0)
    r = float(np.clip(left[0, 1] / np.sqrt(size), -1.0, 1.0))
    free = n - k
    if kind != "kendall":
        return replace(from_r(r, free, f"{method}, Fisher z interval", level, note), n=n)
    z = r / float(np.sqrt(2 * (2 * free + 5) / (9 * free * (free - 1))))
    return TestResult(z, normal_p(z), method, n, estimate=r, level=level, note=note)


def _complete(X: Any) -> tuple[FloatArray, str]:
    table = floats(X)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"at least two variables are needed, not shape {table.shape}")
    known = np.isfinite(table).all(axis=1)
    missing = int((~known).sum())
    return table[known], f"{missing} incomplete rows left out" if missing else ""


def _correlation(table: FloatArray, kind: Kind) -> tuple[FloatArray, str]:
    """Return the correlation matrix, and why it has no inverse."""
    from scipy.stats import rankdata

    if kind not in get_args(Kind):
        raise ValueError(f"the kind is one of {get_args(Kind)}, not {kind!r}")
    n, p = table.shape
    nothing = np.full((p, p), NAN)
    if n <= p:
        return nothing, "not more cases than variables: no partial correlation"
    if any(constant(column) for column in table.T):
        return nothing, "a variable is constant: no partial correlation"
    if kind == "kendall":
        matrix = np.eye(p)
        for i in range(p):
            for j in range(i):
                matrix[i, j] = matrix[j, i] = kendall(table[:, i], table[:, j]).estimate
    else:
        values = floats(rankdata(table, axis=0)) if kind == "spearman" else table
        matrix = floats(np.corrcoef(values, rowvar=False))
    if np.linalg.cond(matrix) > 1e13:
        return nothing, "a variable is spanned by the others: no partial correlation"
    return floats(matrix), ""

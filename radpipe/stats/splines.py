"""Restricted cubic splines: Harrell's knots and basis."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, floats

_OUTER = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}


def rcs_knots(x: Any, k: int = 5, tied: float = 0.05) -> FloatArray:
    """Return Harrell's default knots, as ``rms::rcs(x, k)``.

    Evenly spaced quantiles (type 7) between the outer ones: 0.10 and 0.90 for 3 knots, 0.05 and
    0.95 for 4 to 6, 0.025 and 0.975 for 7 (Harrell, Regression Modeling Strategies, section 2.4).
    Below 100 values the outer knots are the fifth smallest and fifth largest value. A share
    ``tied`` or more of the values at the minimum (maximum), where no value in between is as
    frequent, puts a knot at the next value and the quantiles beyond it.

    Parameters
    ----------
    x : array of shape (n,)
        NaN is left out.
    k : int
        Knots, 3 to 7.
    tied : float
        In (0, 1).

    Raises
    ------
    ValueError
        If k is not 3 to 7 or the values do not give three distinct knots.
    """
    if k not in _OUTER:
        raise ValueError(f"{k} knots were asked for; 3 to 7 are possible")
    values = floats(x)
    values = np.sort(values[np.isfinite(values)])
    distinct, counts = np.unique(values, return_counts=True)
    if values.size < 6 or distinct.size < 5:
        raise ValueError(
            f"{values.size} values, {distinct.size} of them distinct, are too few for a spline"
        )
    if distinct.size - 2 <= k:
        return floats(distinct[1:-1])
    share = counts / values.size
    low, high = [], []
    if share[1:-1].max() < tied:
        if share[0] >= tied:
            low = [distinct[1]]
            values = values[values > distinct[1]]
        if share[-1] >= tied:
            high = [distinct[-2]]
            values = values[values < distinct[-2]]
    left = k - len(low) - len(high)
    outer = _OUTER[k]
    if left == 1:
        inner = floats([np.median(values)])
    else:
        inner = np.quantile(values, np.linspace(0.5 if left == 2 else outer, 1 - outer, left))
        if np.unique(inner).size < min(left, 3):  # ties: look at twice as many quantiles
            inner = np.quantile(values, np.linspace(outer, 1 - outer, 2 * left))
        if 5 <= values.size < 100:
            inner[0] = inner[0] if low else values[4]
            inner[-1] = inner[-1] if high else values[-5]
    knots = np.unique([*low, *inner, *high])
    if knots.size < 3:
        raise ValueError(f"only {knots.size} distinct knots: too many equal values for a spline")
    return floats(knots)


def rcs_basis(x: Any, knots: Any) -> FloatArray:
    """Return the basis of a restricted cubic spline, linear beyond the outer knots.

    The first column is ``x``, the others are the truncated cubics of Devlin and Weeks (1986),
    divided by the squared distance of the outer knots, as ``Hmisc::rcspline.eval(norm = 2)``.
    The test that their coefficients are all 0 is the test of non-linearity
    (`radpipe.stats.model_tests.wald_test`).

    Parameters
    ----------
    x : array of shape (n,)
    knots : array of shape (k,)
        Ascending, k >= 3.

    Returns
    -------
    array of shape (n, k - 1)
    """
    values, t = floats(x), floats(knots)
    if t.ndim != 1 or t.size < 3 or not (np.diff(t) > 0).all():
        raise ValueError(f"a spline needs three or more ascending knots, not {t.tolist()}")

    def cubic(knot: float) -> FloatArray:
        return floats(np.maximum(values - knot, 0.0) ** 3 / (t[-1] - t[0]) ** 2)

    last, before = t[-1], t[-2]
    columns = [values]
    for knot in t[:-2]:
        columns.append(
            cubic(knot)
            - cubic(before) * (last - knot) / (last - before)
            + cubic(last) * (before - knot) / (last - before)
        )
    return np.column_stack(columns)

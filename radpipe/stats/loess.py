"""Loess of one predictor as R's ``loess``: local quadratics at a few vertices, cubics between."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, floats

_MARGIN = 0.005  # the vertices' box is wider than the points by this share of their range


def loess(
    x: Any, y: Any, span: float = 0.75, degree: int = 2, at: Any = None, exact: bool = False
) -> FloatArray:
    """Return the local regression of ``y`` on ``x`` at ``at`` (at ``x`` itself by default).

    Parameters
    ----------
    x, y : array (n,)
        Points, without NaN.
    span : float
        Share of the points that a local polynomial is fitted to, in (0, 1].
    degree : int
        Of the local polynomial, 1 or 2.
    at : array (m,), optional
        Where to evaluate; NaN is returned beyond the range of ``x``.
    exact : bool
        Fit at every point (R's surface = "direct"), not only at the vertices.

    Returns
    -------
    array (m,)
        NaN throughout where the points are too few, or their ``x`` too tied, for the polynomial.

    Raises
    ------
    ValueError
        If span or degree is out of range, or a point is missing.

    Notes
    -----
    Cleveland and Grosse, Stat Comput 1991;1:47: tricube weights; the box is cut at medians until
    no cell holds more than ``span * 0.2`` of the points; value and slope of the local polynomials
    at the cuts are joined by cubic Hermite interpolation. No robustness iterations.
    """
    xs, ys = floats(x), floats(y)
    if xs.shape != ys.shape or xs.ndim != 1:
        raise ValueError(f"x and y have shapes {xs.shape} and {ys.shape}, not one (n,)")
    if not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        raise ValueError("loess takes no missing or infinite values")
    if not 0 < span <= 1:
        raise ValueError(f"span {span} is not in (0, 1]")
    if degree not in (1, 2):
        raise ValueError(f"degree {degree} is neither 1 nor 2")
    points = xs if at is None else floats(at)
    order = np.argsort(xs, kind="stable")
    xs, ys = xs[order], ys[order]
    size = int(np.floor(xs.size * span + 1e-5))
    if size <= degree or np.unique(xs).size <= degree:
        return np.full(points.shape, np.nan)
    inside = (points >= xs[0]) & (points <= xs[-1])
    if exact:
        where, back = np.unique(points[inside], return_inverse=True)
        fitted = _local(xs, ys, where, size, degree)[0][back]
    else:
        knots = _vertices(xs, max(1, int(xs.size * span * 0.2)))
        fitted = _hermite(points[inside], knots, *_local(xs, ys, knots, size, degree))
    out = np.full(points.shape, np.nan)
    out[inside] = fitted
    return out


def _vertices(xs: FloatArray, cell: int) -> FloatArray:
    """Return the ends of the box and the cuts, ascending: cells hold at most ``cell`` points."""
    reach = max(xs[-1] - xs[0], 1e-3 * float(np.abs(xs).max()) + 1e-30)
    low, high = xs[0] - _MARGIN * reach, xs[-1] + _MARGIN * reach
    cuts: list[float] = []

    def split(first: int, last: int) -> None:
        """Cut the points first..last at the gap between values that is nearest to their median."""
        if last - first + 1 <= cell:
            return
        middle = (first + last) // 2
        gaps = np.flatnonzero(xs[first:last] < xs[first + 1 : last + 1]) + first
        if not gaps.size:
            return
        # Of two gaps equally near, the one above, which is looked at first.
        nearest = int(gaps[np.argmin(np.abs(gaps - middle) - 0.25 * (gaps > middle))])
        cuts.append(float(xs[nearest] + xs[nearest + 1]) / 2)
        split(first, nearest)
        split(nearest + 1, last)

    split(0, xs.size - 1)
    return floats([low, *sorted(cuts), high])


def _local(
    xs: FloatArray, ys: FloatArray, at: FloatArray, size: int, degree: int
) -> tuple[FloatArray, FloatArray]:
    """Return value and slope of the local polynomials at ``at``."""
    values, slopes = np.empty(at.size), np.empty(at.size)
    for i, centre in enumerate(at):
        d = np.abs(xs - centre)
        h = float(np.partition(d, size - 1)[size - 1])
        share = np.minimum(d / h, 1.0) if h > 0 else np.where(d > 0, 1.0, 0.0)
        root = np.sqrt((1 - share**3) ** 3)
        near = root > 0
        unit = h if h > 0 else 1.0
        design = np.vander((xs[near] - centre) / unit, degree + 1, increasing=True)
        weighted = design * root[near, None]
        found = np.linalg.lstsq(weighted, ys[near] * root[near], rcond=1e-7)[0]
        values[i], slopes[i] = found[0], found[1] / unit
    return values, slopes


def _hermite(
    at: FloatArray, knots: FloatArray, values: FloatArray, slopes: FloatArray
) -> FloatArray:
    right = np.clip(np.searchsorted(knots, at), 1, knots.size - 1)
    left = right - 1
    width = knots[right] - knots[left]
    s = (at - knots[left]) / width
    return floats(
        values[left] * (1 + 2 * s) * (1 - s) ** 2
        + slopes[left] * width * s * (1 - s) ** 2
        + values[right] * s**2 * (3 - 2 * s)
        + slopes[right] * width * s**2 * (s - 1)
    )

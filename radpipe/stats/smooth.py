"""Cleveland's lowess without robustness iterations, as R's lowess(iter = 0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, floats


def lowess(
    x: Any, y: Any, span: float = 2 / 3, delta: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the sorted ``x`` and the smoothed ``y`` there, both (n,).

    Parameters
    ----------
    x, y : array (n,)
        Points, without NaN.
    span : float
        Share of the points that a local line is fitted to, in (0, 1].
    delta : float, optional
        Within this distance the curve is interpolated; 1% of the range of ``x`` by default.

    Notes
    -----
    Cleveland, JASA 1979;74:829; the algorithm of R's clowess. A binary outcome is never
    robustified: its outliers are its events.
    """
    order = np.argsort(floats(x), kind="stable")
    xs, ys = floats(x)[order], floats(y)[order]
    n = xs.size
    if n < 2 or xs[0] == xs[-1]:
        return xs, np.full(n, float(ys.mean()) if n else 0.0)
    width = xs[-1] - xs[0]
    step = 0.01 * width if delta is None else delta
    size = min(max(int(span * n + 1e-7), 2), n)
    at = _anchors(xs, step)
    fitted = np.array([_local(xs, ys, i, size, width) for i in at])
    return xs, floats(np.interp(xs, xs[at], fitted))


def _anchors(xs: FloatArray, step: float) -> list[int]:
    """Return where a line is fitted: the last point within ``step`` of the one before it."""
    n = xs.size
    anchors = [0]
    last = int(np.searchsorted(xs, xs[0], side="right")) - 1
    while last < n - 1:
        beyond = int(np.searchsorted(xs, xs[last] + step, side="right"))
        nxt = max(last + 1, beyond - 1)
        anchors.append(nxt)
        last = int(np.searchsorted(xs, xs[nxt], side="right")) - 1
    return anchors


def _local(xs: FloatArray, ys: FloatArray, i: int, size: int, width: float) -> float:
    """Return the weighted line through the ``size`` nearest points, at point ``i``."""
    centre = xs[i]
    left = 0
    while left + size < xs.size and centre - xs[left] > xs[left + size] - centre:
        left += 1
    h = max(centre - xs[left], xs[left + size - 1] - centre)
    first = int(np.searchsorted(xs, xs[left], side="left")) if h == 0 else left
    # Ties with the furthest neighbour on the right take part, as in R.
    distance = np.abs(xs[first:] - centre)
    near = distance <= 0.999 * h
    near &= xs[first:] <= centre + 0.999 * h
    d, px, py = distance[near], xs[first:][near], ys[first:][near]
    weight = np.ones(d.size)
    far = d > 0.001 * h
    weight[far] = (1 - (d[far] / h) ** 3) ** 3
    weight = weight / weight.sum()
    if h > 0:
        mean = float(weight @ px)
        spread = float(weight @ (px - mean) ** 2)
        if np.sqrt(spread) > 0.001 * width:
            weight = weight * (1 + (centre - mean) / spread * (px - mean))
    return float(weight @ py)

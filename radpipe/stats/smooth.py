"""Cleveland's lowess without robustness iterations, as R's lowess(iter = 0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats, same_length

_CELLS = 2_000_000  # weights held at a time: bounds the memory of the local fits


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
    same_length(x=x, y=y)
    if not (np.isfinite(floats(x)).all() and np.isfinite(floats(y)).all()):
        raise ValueError("points are finite: leave missing ones out")
    order = np.argsort(floats(x), kind="stable")
    xs, ys = floats(x)[order], floats(y)[order]
    n = xs.size
    if n < 2 or xs[0] == xs[-1]:
        return xs, np.full(n, float(ys.mean()) if n else 0.0)
    width = float(xs[-1] - xs[0])
    step = 0.01 * width if delta is None else delta
    size = min(max(int(span * n + 1e-7), 2), n)
    at = np.array(_anchors(xs, step))
    blocks = np.array_split(at, 1 + at.size * n // _CELLS)
    fitted = np.concatenate([_local(xs, ys, block, size, width) for block in blocks])
    return xs, floats(np.interp(xs, xs[at], fitted))


def _anchors(xs: FloatArray, step: float) -> list[int]:
    """Return where a line is fitted: the last point within ``step`` of the one before it."""
    n = xs.size
    last_tied = np.searchsorted(xs, xs, side="right") - 1
    reach = np.searchsorted(xs, xs + step, side="right") - 1
    anchors = [0]
    last = int(last_tied[0])
    while last < n - 1:
        nxt = max(last + 1, int(reach[last]))
        anchors.append(nxt)
        last = int(last_tied[nxt])
    return anchors


def _local(xs: FloatArray, ys: FloatArray, at: IntArray, size: int, width: float) -> FloatArray:
    """Return the weighted lines through the ``size`` nearest points, each at its anchor."""
    centre = xs[at]
    # The window moves right while that brings its far end nearer.
    left = np.searchsorted(xs[: xs.size - size] + xs[size:], 2 * centre, side="left")
    h = np.maximum(centre - xs[left], xs[left + size - 1] - centre)
    first = np.where(h == 0, np.searchsorted(xs, centre, side="left"), left)
    # Ties with the furthest neighbour on the right take part, as in R.
    distance = np.abs(xs - centre[:, None])
    near = (distance <= 0.999 * h[:, None]) & (np.arange(xs.size) >= first[:, None])
    share = distance / np.where(h > 0, h, 1.0)[:, None]
    weight = np.where(share > 0.001, (1 - np.minimum(share, 1) ** 3) ** 3, 1.0) * near
    weight /= weight.sum(axis=1, keepdims=True)
    offset = xs - (weight @ xs)[:, None]
    spread = (weight * offset**2).sum(axis=1)
    sloped = np.sqrt(spread) > 0.001 * width
    lean = (centre - weight @ xs) / np.where(sloped, spread, 1.0) * sloped
    return floats((weight * (1 + lean[:, None] * offset)) @ ys)

"""A root of a function by Brent's method, with the tolerance in the caller's hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)
R_TOLERANCE = EPSILON**0.25
"""The default tolerance of R's uniroot: what it prints is right to about four digits."""


def brent(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-12
) -> float:
    """Return a root of ``function`` between ``low`` and ``high``, where its signs differ.

    Parameters
    ----------
    function : callable
        Continuous on the interval.
    low, high : float
        The ends of the interval.
    tolerance : float
        Absolute, on the argument. scipy's ``brentq`` keeps another step in its safeguard, and so
        stops elsewhere within a coarse tolerance; this is the published form, which uniroot has.

    Raises
    ------
    ValueError
        If the function has the same sign at both ends.

    Notes
    -----
    Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4 (procedure zero).
    """
    a, b = low, high
    fa, fb = function(a), function(b)
    if not fa * fb <= 0:
        raise ValueError(f"no change of sign between {low:g} and {high:g}")
    c, fc = a, fa
    for _ in range(1000):
        last = b - a
        if abs(fc) < abs(fb):
            a, b, c = b, c, b
            fa, fb, fc = fb, fc, fb
        near = 2 * EPSILON * abs(b) + tolerance / 2
        step = (c - b) / 2
        if abs(step) <= near or fb == 0:
            break
        if abs(last) >= near and abs(fa) > abs(fb):
            step = _interpolated(a, b, c, fa, fb, fc, last, near)
        if abs(step) < near:
            step = near if step > 0 else -near
        a, fa = b, fb
        b += step
        fb = function(b)
        if (fb > 0) == (fc > 0):
            c, fc = a, fa
    return b


def _interpolated(
    a: float, b: float, c: float, fa: float, fb: float, fc: float, last: float, near: float
) -> float:
    """Return the step of the secant or of inverse quadratic interpolation, else half the way."""
    gap = c - b
    ratio = fb / fa
    if a == c:
        p, q = gap * ratio, 1 - ratio
    else:
        first, second = fa / fc, fb / fc
        p = ratio * (gap * first * (first - second) - (b - a) * (second - 1))
        q = (first - 1) * (second - 1) * (ratio - 1)
    p, q = (p, -q) if p > 0 else (-p, q)
    if p < 0.75 * gap * q - abs(near * q) / 2 and p < abs(last * q / 2):
        return p / q
    return gap / 2

"""Laws of the largest of several t statistics: the studentised range, and Dunnett's.

Both are integrals over the scale s of the error, s^2 df being chi-square, of a normal probability.
The trapezoid rule on log s, and on the normal deviate inside, converges exponentially: tail areas
are right to about 1e-13, without random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray, floats
from radpipe.stats.roots import brent

_REACH = 9.0
_STEP = 0.2


def range_sf(q: float, k: int, df: float) -> float:
    """Return the chance that the studentised range of k means exceeds ``q``, as ptukey.

    Parameters
    ----------
    q : float
        Range over the standard error of one mean; at or below 0 gives 1.
    k : int
        Means, at least 2.
    df : float
        Degrees of freedom of the error, above 0; infinite for a known variance.

    References
    ----------
    Copenhaver and Holland, J Stat Comput Simul 1988;30:1.
    """
    from scipy.special import ndtr

    _check(k, df, 2)
    z, weight = _deviates(_STEP)

    def within(width: FloatArray) -> FloatArray:
        inside = (ndtr(z) - ndtr(z - width[:, None])) ** (k - 1)
        return floats(k * inside @ weight)

    return _tail(within, q, df)


def range_quantile(level: float, k: int, df: float) -> float:
    """Return the studentised range that is exceeded with chance 1 - ``level``, as qtukey."""
    return _quantile(lambda q: range_sf(q, k, df), level)


def dunnett_sf(t: float, shares: Any, df: float) -> float:
    """Return the chance that the largest of k |t| against one control exceeds ``t``.

    Parameters
    ----------
    t : float
        Largest difference over its standard error; at or below 0 gives 1.
    shares : array (k,)
        For each group its cases over those of group and control together, in (0, 1): the
        correlation of two comparisons is the root of the product of their shares.
    df : float
        Degrees of freedom of the error, above 0; infinite for a known variance.

    References
    ----------
    Dunnett, J Am Stat Assoc 1955;50:1096; Biometrics 1964;20:482.
    """
    from scipy.special import ndtr

    share = floats(shares)
    _check(share.size, df, 1)
    if not ((share > 0) & (share < 1)).all():
        raise ValueError("the groups' shares lie between 0 and 1")
    common, own = np.sqrt(share), np.sqrt(1 - share)
    z, weight = _deviates(min(_STEP, float(own.min()) / 2))

    def within(width: FloatArray) -> FloatArray:
        inside = np.ones((width.size, z.size))
        for a, b in zip(common, own, strict=True):
            inside *= ndtr((a * z + width[:, None]) / b) - ndtr((a * z - width[:, None]) / b)
        return floats(inside @ weight)

    return _tail(within, t, df)


def dunnett_quantile(level: float, shares: Any, df: float) -> float:
    """Return the |t| that the largest of k comparisons exceeds with chance 1 - ``level``."""
    return _quantile(lambda t: dunnett_sf(t, shares, df), level)


def _tail(within: Callable[[FloatArray], FloatArray], q: float, df: float) -> float:
    if np.isnan(q):
        return NAN
    if q <= 0:
        return 1.0
    if np.isinf(q):
        return 0.0
    scale, weight = _scales(df)
    outside = 1 - within(q * scale)
    return float(np.clip(outside @ weight, 0.0, 1.0))


def _scales(df: float) -> tuple[FloatArray, FloatArray]:
    """Return scales of the error and their weights, which add up to 1."""
    from scipy.stats import chi2

    if np.isinf(df):
        return np.ones(1), np.ones(1)
    low, high = (0.5 * np.log(q / df) for q in (chi2.ppf(1e-18, df), chi2.isf(1e-18, df)))
    # a tenth where the law is wide, a fifth of its spread where it is narrow
    u = np.arange(low, high, min(0.1, 0.2 / np.sqrt(2 * df)))
    weight = np.exp(df * (u - (np.exp(2 * u) - 1) / 2))
    return np.exp(u), weight / weight.sum()


def _deviates(step: float) -> tuple[FloatArray, FloatArray]:
    """Return normal deviates and their weights, which add up to 1."""
    z = np.linspace(-_REACH, _REACH, 2 * round(_REACH / step) + 1)
    weight = np.exp(-(z**2) / 2)
    return z, weight / weight.sum()


def _quantile(tail: Callable[[float], float], level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"the level is {level:g}; it must lie between 0 and 1")
    high = 4.0
    while tail(high) > 1 - level:
        high *= 2
    return brent(lambda q: 1 - level - tail(q), 0.0, high, 1e-11)


def _check(k: int, df: float, least: int) -> None:
    if k < least:
        raise ValueError(f"{k} groups; at least {least} are needed")
    if not df > 0:
        raise ValueError(f"{df:g} degrees of freedom; they must be above 0")

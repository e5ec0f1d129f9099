"""Adjustment of p values for their number."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats.results import FloatArray, floats

Adjustment = Literal["none", "bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]


def p_adjust(p: Any, method: Adjustment) -> FloatArray:
    """Return p values adjusted for their number, as R's p.adjust; NaN stays and is not counted.

    Parameters
    ----------
    p : array (m,)
        P values in [0, 1], or NaN.
    method : {'none', 'bonferroni', 'holm', 'hochberg', 'hommel', 'BH', 'BY'}
        BH and BY bound the false discovery rate (Benjamini and Hochberg, J R Stat Soc B
        1995;57:289; Benjamini and Yekutieli, Ann Stat 2001;29:1165), the others the chance of any
        false rejection (Holm, Scand J Stat 1979;6:65; Hochberg, Biometrika 1988;75:800; Hommel,
        Biometrika 1988;75:383).

    Raises
    ------
    ValueError
        If a p value lies outside [0, 1], or the method is none of these.
    """
    values = floats(p)
    known = ~np.isnan(values)
    if method not in get_args(Adjustment):
        raise ValueError(f"adjustment {method!r}: {', '.join(get_args(Adjustment))}")
    if values.ndim != 1 or not ((values[known] >= 0) & (values[known] <= 1)).all():
        raise ValueError("p values are a flat array of numbers from 0 to 1")
    out = values.copy()
    if known.any():
        out[known] = _adjusted(values[known], method)
    return out


def _adjusted(p: FloatArray, method: Adjustment) -> FloatArray:
    n = p.size
    if method == "none" or n == 1:
        return p
    if method == "bonferroni":
        return np.minimum(1.0, n * p)
    if method == "hommel":
        return _hommel(p)
    rising = np.argsort(p, kind="stable")
    back = np.argsort(rising, kind="stable")
    rank = np.arange(1, n + 1)
    if method == "holm":
        return floats(np.minimum(1, np.maximum.accumulate((n - rank + 1) * p[rising]))[back])
    if method == "hochberg":
        factor = (n - rank + 1).astype(float)
    else:
        factor = n / rank * (1.0 if method == "BH" else float(np.sum(1 / rank)))
    stepped = np.minimum.accumulate((factor * p[rising])[::-1])[::-1]
    return floats(np.minimum(1, stepped)[back])


def _hommel(p: FloatArray) -> FloatArray:
    """Step through the sizes of intersections, as Wright, Biometrics 1992;48:1005."""
    rising = np.argsort(p, kind="stable")
    ordered = p[rising]
    adjusted = ordered.copy()
    for m in range(p.size, 1, -1):
        rest, largest = ordered[:-m], ordered[-m:]
        simes = float(np.min(m * largest / np.arange(1, m + 1)))
        adjusted[-m:] = np.maximum(adjusted[-m:], simes)
        adjusted[:-m] = np.maximum(adjusted[:-m], np.minimum(m * rest, simes))
    return floats(adjusted[np.argsort(rising, kind="stable")])

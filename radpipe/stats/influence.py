"""Means, ratios and functions of them over cases, with intervals from each case's influence.

The variance is the sum of the squared influences (infinitesimal jackknife), added up within each
patient first, times u / (u - 1) for u patients: for a mean this is the usual standard error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered
from radpipe.stats.ipcw import influence_se
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    counted,
    floats,
    join_notes,
    z_value,
)


def wald(
    value: float,
    influence: FloatArray,
    method: str,
    level: float = 0.95,
    groups: Any = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    note: str = "",
) -> Estimate:
    """Return an estimate with Wald's interval, clipped to ``bounds``.

    Parameters
    ----------
    value : float
        The estimate; NaN where undefined.
    influence : array (n,)
        Of each case on the estimate (summing to about zero); NaN where it was not used.
    groups : array (n,), optional
        Patient of each case.
    """
    used = int(np.isfinite(influence).sum())
    method += ", clustered by patient" if clustered(groups) else ""
    if not np.isfinite(value):
        return Estimate(NAN, NAN, NAN, method, used, level=level, note=note or "undefined")
    se = influence_se(influence, groups)
    if not np.isfinite(se):
        note = join_notes(note, "fewer than two patients: no interval")
        return Estimate(value, NAN, NAN, method, used, level=level, note=note)
    half = z_value(level) * se
    low, high = max(bounds[0], value - half), min(bounds[1], value + half)
    return Estimate(value, low, high, method, used, se, level, note=note)


def mean_of(
    values: Any,
    method: str,
    level: float = 0.95,
    groups: Any = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:
    """Return the mean over cases of values (n,); NaN ones are left out and counted in the note."""
    v = floats(values)
    return ratio_of(v, np.where(np.isfinite(v), 1.0, np.nan), method, level, groups, bounds)


def ratio_of(
    top: Any,
    bottom: Any,
    method: str,
    level: float = 0.95,
    groups: Any = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:
    """Return sum(top) / sum(bottom) over cases (n,), which both may be missing for."""
    value, influence, note = ratio_influence(floats(top), floats(bottom))
    return wald(value, influence, method, level, groups, bounds, note)


def ratio_influence(top: FloatArray, bottom: FloatArray) -> tuple[float, FloatArray, str]:
    """Return sum(top) / sum(bottom), the influence of each case (n,) on it, and a note."""
    known: BoolArray = np.isfinite(top) & np.isfinite(bottom)
    missing = int((~known).sum())
    note = f"{counted(missing, 'case')} without a prediction left out" if missing else ""
    whole = float(bottom[known].sum())
    if whole == 0:
        reason = "the denominator is zero" if known.any() else "no case has a prediction"
        return NAN, np.where(known, 0.0, NAN), join_notes(note, reason)
    value = float(top[known].sum()) / whole
    return value, np.where(known, (top - value * bottom) / whole, NAN), note

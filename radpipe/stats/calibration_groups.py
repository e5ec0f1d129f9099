"""Observed against predicted risk in groups: at quantiles of the risk, or of equal width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.calibration_measures import known_cases
from radpipe.stats.calibration_surv import quantile_groups
from radpipe.stats.results import NAN, Estimate, FloatArray, IntArray, floats, join_notes


@dataclass(frozen=True)
class RiskGroups:
    """Groups of rising risk; every array (g,): cases, events, mean risk, share with the event."""

    n: IntArray
    events: IntArray
    predicted: FloatArray
    observed: FloatArray
    method: str
    note: str = ""


def risk_groups(y: Any, risk: Any, groups: int = 10) -> RiskGroups:
    """Return observed and predicted risk in quantile groups, as with Hmisc::cut2.

    Parameters
    ----------
    y, risk : array (n,)
        Outcome 0/1 and probability of the event, in [0, 1]; cases with NaN are left out.
    groups : int
        Groups wanted; equal risks stay together, which can leave fewer.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1], or fewer than one group is wanted.
    """
    if groups < 1:
        raise ValueError(f"{groups} groups: at least 1")
    event, p, note = known_cases(y, risk)
    label = quantile_groups(p, groups) if p.size else np.zeros(0, dtype=np.int64)
    size = np.bincount(label)
    return RiskGroups(
        n=size.astype(np.int64),
        events=np.bincount(label, weights=event).astype(np.int64),
        predicted=floats(np.bincount(label, weights=p) / size),
        observed=floats(np.bincount(label, weights=event) / size),
        method=f"{size.size} groups cut at quantiles of the risk",
        note=join_notes(note, "" if size.size else "no cases"),
    )


def expected_calibration_error(y: Any, risk: Any, bins: int = 10) -> Estimate:
    """Return the mean of |observed - predicted| over bins of equal width, weighted by cases.

    The bins are (0, 1/b], (1/b, 2/b] ...; a risk of 0 belongs to the first. There is no interval.

    Parameters
    ----------
    y, risk : array (n,)
        Outcome 0/1 and probability of the event, in [0, 1]; cases with NaN are left out.
    bins : int
        At least 1.
    """
    if bins < 1:
        raise ValueError(f"{bins} bins: at least 1")
    event, p, note = known_cases(y, risk)
    edges = np.arange(1, bins + 1) / bins
    label = np.minimum(np.searchsorted(edges, p, side="left"), bins - 1)
    gap = np.bincount(label, weights=event - p, minlength=bins)
    value = float(np.abs(gap).sum() / p.size) if p.size else NAN
    return Estimate(
        value,
        NAN,
        NAN,
        f"expected calibration error, {bins} bins of equal width",
        p.size,
        events=int(event.sum()),
        note=join_notes(note, "" if p.size else "no cases"),
    )

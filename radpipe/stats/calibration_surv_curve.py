"""A smooth calibration curve at a horizon, and how far it is from the diagonal.

Austin, Harrell and van Klaveren (Stat Med 2020;39:2714): Cox's model of the complementary log-log
of the predicted risk, as a restricted cubic spline, gives each case its observed risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.censoring import follow_up
from radpipe.stats.results import NAN, FloatArray, counted, floats, join_notes
from radpipe.stats.splines import rcs_basis, rcs_knots


@dataclass(frozen=True)
class SurvivalCalibrationCurve:
    """Predicted against smoothed observed risk at a horizon.

    Parameters
    ----------
    predicted, observed : array (n,)
        For each case used, in the order of the input.
    ici, e50, e90, emax : float
        Mean, median, 90th percentile and maximum of their absolute difference.
    """

    predicted: FloatArray
    observed: FloatArray
    ici: float
    e50: float
    e90: float
    emax: float
    horizon: float
    knots: FloatArray
    method: str
    n: int
    events: int
    note: str = ""


def calibration_curve_at(
    time: Any, event: Any, risk: Any, horizon: float, knots: int = 3
) -> SurvivalCalibrationCurve:
    """Return the smooth calibration curve at a horizon with its integrated calibration index.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 1 where the event was seen.
    risk : array (n,)
        P(event by the horizon), in [0, 1]; cases with NaN, 0 or 1 are left out (the
        complementary log-log of 0 and 1 is infinite).
    horizon : float
        In the unit of ``time``.
    knots : int
        Knots of the spline, 3 to 7.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1].
    """
    from radpipe.stats.cox import fit_cox, survival_at

    p = floats(risk)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("a risk lies outside [0, 1]")
    t, d = follow_up(time, event)
    if p.shape != t.shape:
        raise ValueError(f"{p.shape} risks for {t.shape} times")
    known = (p > 0) & (p < 1)
    t, d, p = t[known], d[known], p[known]
    lost = int((~known).sum())
    notes = [
        f"{counted(lost, 'case')} without a risk, or with one of 0 or 1, left out" if lost else ""
    ]
    method = f"Cox model of the complementary log-log risk, {knots}-knot restricted cubic spline"
    events = int((d & (t <= horizon)).sum())
    x = np.log(-np.log1p(-p))
    place, observed = np.array([]), np.full(p.shape, NAN)
    reason = ""
    if events == 0 or not t.max() >= horizon:
        reason = "no events by the horizon, or nobody is followed up to it"
    else:
        try:
            place = rcs_knots(x, knots)
        except ValueError as fault:
            reason = str(fault)
    if not reason:
        basis = rcs_basis(x, place)
        observed = 1 - survival_at(fit_cox(basis, t, d), basis, horizon)[:, 0]
    off = np.abs(observed - p)
    e50, e90 = np.quantile(off, [0.5, 0.9]) if off.size else (NAN, NAN)
    return SurvivalCalibrationCurve(
        predicted=p,
        observed=floats(observed),
        ici=float(off.mean()) if off.size else NAN,
        e50=float(e50),
        e90=float(e90),
        emax=float(off.max()) if off.size else NAN,
        horizon=horizon,
        knots=floats(place),
        method=method,
        n=p.size,
        events=events,
        note=join_notes(reason, *notes),
    )

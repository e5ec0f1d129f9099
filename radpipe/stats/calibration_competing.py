"""Calibration at a horizon where other events compete: risk against the cumulative incidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.calibration_surv import (
    GroupedCalibration,
    grouped_rows,
    over_expected,
    quantile_groups,
)
from radpipe.stats.clusters import clustered
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.event_risk import risk_at
from radpipe.stats.results import NAN, Estimate, floats, z_value


def grouped_calibration_competing(
    time: Any, event: Any, risk: Any, horizon: float, groups: int = 5, level: float = 0.95
) -> GroupedCalibration:
    """Return the cumulative incidence against mean predicted risk in quantile groups.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 0 (censored), 1 (the event) or 2 (a competing one).
    risk : array (n,)
        P(event by the horizon), in [0, 1]; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.
    groups : int
        Quantile groups asked for; ties can leave fewer.
    """
    p = floats(risk)
    known = np.isfinite(p)
    t, code, p = floats(time)[known], np.asarray(event)[known], p[known]
    label = quantile_groups(p, groups)
    rows, notes = [], [] if p.size else ["no cases"]
    for g in np.unique(label):
        own = label == g
        curve = cumulative_incidence(t[own], code[own], level=level)
        head = (own.sum(), (code[own] == 1).sum(), float(p[own].mean()))
        # Nobody is left at risk where the last time ended with an event.
        done = curve.event_free[-1] < 1e-12
        when = min(horizon, float(curve.times[-1])) if done else horizon
        if when > curve.times[-1]:
            notes.append("a group is not followed up to the horizon")
            rows.append((*head, NAN, NAN, NAN, NAN))
            continue
        low, high = curve.interval_at(when)
        rows.append((*head, *(float(v) for v in (curve.at(when), low, high, curve.se_at(when)))))
    method = (
        f"cumulative incidence (Aalen-Johansen) at {horizon:g} in {len(rows)} risk groups, log-log "
        "interval"
    )
    return grouped_rows(rows, horizon, method, notes)


def oe_competing(
    time: Any, event: Any, risks: Any, horizon: float, level: float = 0.95, groups: Any = None
) -> Estimate:
    """Return the observed cumulative incidence over the mean predicted risk at the horizon.

    ``event`` is coded as in :func:`grouped_calibration_competing`; ``risks`` is (n,) or
    (n, repeats), the ratio then the mean over repeats. The interval takes the error of the
    incidence on the log scale; it has no form for several cases of one patient.
    """
    t, code, matrix = floats(time), np.asarray(event), floats(risks)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    method = f"observed (Aalen-Johansen) / expected at {horizon:g}, log method"
    used = np.isfinite(matrix).any(axis=1)
    n, events = int(used.sum()), int((used & (code == 1) & (t <= horizon)).sum())

    def nothing(value: float, note: str) -> Estimate:
        return Estimate(value, NAN, NAN, method, n, level=level, events=events, note=note)

    if n == 0 or t[used].max() < horizon:
        return nothing(NAN, "nobody is followed up to the horizon")
    if events == 0:
        return nothing(NAN, "no events by the horizon")
    ratios = over_expected(matrix, lambda known: risk_at(t[known], code[known], horizon))
    if not ratios:
        return nothing(NAN, "a predicted risk of zero for all")
    value = float(np.mean(ratios))
    if clustered(groups):
        return nothing(value, "no interval for several cases of one patient")
    curve = cumulative_incidence(t[used], code[used])
    se = float(curve.se_at(horizon)) / float(curve.at(horizon))
    factor = float(np.exp(z_value(level) * se))
    return Estimate(value, value / factor, value * factor, method, n, se, level, events)

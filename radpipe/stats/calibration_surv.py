"""Calibration at a horizon: predicted risk against Kaplan-Meier, over all cases and in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    TestResult,
    counted,
    floats,
    join_notes,
    labels01,
    normal_p,
    same_length,
    z_value,
)
from radpipe.stats.survival import kaplan_meier, survival_at


@dataclass(frozen=True)
class GroupedCalibration:
    """Groups of rising predicted risk (g of them; all arrays (g,)).

    ``predicted`` is the mean predicted risk, ``observed`` 1 - Kaplan-Meier at the horizon with
    log-log limits, NaN (with a note) where nobody of a group is followed that far. ``se`` is
    Greenwood's.
    """

    n: IntArray
    events: IntArray
    predicted: FloatArray
    observed: FloatArray
    lower: FloatArray
    upper: FloatArray
    se: FloatArray
    horizon: float
    method: str
    note: str = ""


def grouped_calibration(
    time: Any, event: Any, risk: Any, horizon: float, groups: int = 5, level: float = 0.95
) -> GroupedCalibration:
    """Return Kaplan-Meier against mean predicted risk in quantile groups, as rms::groupkm.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 1 where the event was seen.
    risk : array (n,)
        P(event by the horizon), in [0, 1]; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.
    groups : int
        Quantile groups asked for; ties can leave fewer.
    """
    p = floats(risk)
    known = np.isfinite(p)
    t, d, p = floats(time)[known], labels01(event)[known], p[known]
    label = quantile_groups(1 - p, groups)
    rows, notes = [], [] if p.size else ["no cases"]
    for g in np.unique(label)[::-1]:  # survival rises with the label, so this is rising risk
        own = label == g
        curve = kaplan_meier(t[own], d[own], level=level)
        mean = float(p[own].mean())
        reached = bool(t[own].max() >= horizon) or float(curve.survival[-1]) == 0
        if not reached:
            notes.append("a group is not followed up to the horizon")
            rows.append((own.sum(), d[own].sum(), mean, NAN, NAN, NAN, NAN))
            continue
        low, high = curve.interval_at(horizon)
        rows.append(
            (
                own.sum(),
                d[own].sum(),
                mean,
                1 - float(curve.at(horizon)),
                1 - float(high),
                1 - float(low),
                float(curve.se_at(horizon)),
            )
        )
    method = f"1 - Kaplan-Meier at {horizon:g} in {len(rows)} risk groups, log-log interval"
    return grouped_rows(rows, horizon, method, notes)


def grouped_rows(
    rows: Sequence[tuple[float, ...]], horizon: float, method: str, notes: Iterable[str]
) -> GroupedCalibration:
    """Return the groups of rows (n, events, predicted, observed, lower, upper, se)."""
    table = np.array(rows, dtype=float).reshape(-1, 7)
    return GroupedCalibration(
        n=table[:, 0].astype(np.int64),
        events=table[:, 1].astype(np.int64),
        predicted=table[:, 2],
        observed=table[:, 3],
        lower=table[:, 4],
        upper=table[:, 5],
        se=table[:, 6],
        horizon=horizon,
        method=method,
        note=join_notes(*notes),
    )


def gnd_test(groups: GroupedCalibration) -> TestResult:
    """Test calibration in groups (Greenwood-Nam-D'Agostino; Demler, Stat Med 2015;34:1659)."""
    from scipy.stats import chi2

    df = groups.n.size - 1
    method = f"Greenwood-Nam-D'Agostino test, {groups.n.size} groups"
    n = int(groups.n.sum())
    if df < 1 or np.isnan(groups.se).any() or (groups.se == 0).any():
        return TestResult(NAN, NAN, method, n, df, note="a group has no variance: no test")
    statistic = float(np.sum((groups.observed - groups.predicted) ** 2 / groups.se**2))
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df)


def nam_dagostino_test(groups: GroupedCalibration) -> TestResult:
    """Test calibration in groups by binomial variances of the predicted risks.

    Notes
    -----
    D'Agostino and Nam, Handbook of Statistics 2003;23:1. It takes censored cases as fully seen;
    :func:`gnd_test` does not, and is to be preferred (Demler et al., Stat Med 2015;34:1659).
    """
    from scipy.stats import chi2

    df = groups.n.size - 1
    method = f"Nam-D'Agostino test, {groups.n.size} groups"
    n = int(groups.n.sum())
    variance = groups.predicted * (1 - groups.predicted) / groups.n
    if df < 1 or np.isnan(groups.observed).any() or (variance == 0).any():
        return TestResult(NAN, NAN, method, n, df, note="a group has no variance: no test")
    statistic = float(np.sum((groups.observed - groups.predicted) ** 2 / variance))
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df)


def slope_survival(time: Any, event: Any, lp: Any, level: float = 0.95) -> TestResult:
    """Return the calibration slope: Cox's coefficient of the linear predictor; p is of slope 1.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 1 where the event was seen.
    lp : array (n,)
        Log relative hazard predicted by the model; cases with NaN are left out.
    level : float
        Of the Wald interval, in (0, 1).

    Notes
    -----
    van Houwelingen, Stat Med 2000;19:3401. Ties as in survival::coxph (Efron).
    """
    from radpipe.stats.cox import fit_cox

    x = floats(lp)
    same_length(time=time, event=event, lp=x)
    known = np.isfinite(x)
    t, d, x = floats(time)[known], labels01(event)[known], x[known]
    method = "calibration slope: Cox model of the linear predictor, Wald test of slope 1"
    note = (
        ""
        if known.all()
        else f"{counted(int((~known).sum()), 'case')} without a prediction left out"
    )
    if not d.any() or np.ptp(x) == 0:
        reason = "no events" if not d.any() else "the linear predictor does not vary"
        return TestResult(NAN, NAN, method, t.size, note=join_notes(reason, note))
    fit = fit_cox(x[:, None], t, d, level=level)
    if fit.monotone or not fit.se[0] > 0:
        reason = "the linear predictor orders the events perfectly: the slope is infinite"
        return TestResult(NAN, NAN, method, t.size, note=join_notes(reason, note))
    slope, se = float(fit.coef[0]), float(fit.se[0])
    return TestResult(
        statistic=(slope - 1) / se,
        p=normal_p((slope - 1) / se),
        method=method,
        n=t.size,
        estimate=slope,
        lower=float(fit.lower[0]),
        upper=float(fit.upper[0]),
        se=se,
        level=level,
        note=note,
    )


def oe_at(
    time: Any,
    event: Any,
    risks: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return observed (1 - Kaplan-Meier) over mean predicted risk at the horizon.

    ``risks`` is (n,) or (n, repeats), the ratio then the mean over repeats. The interval takes
    Greenwood's error of the observed risk on the log scale; it has no form for several cases of
    one patient, and is then left out.
    """
    t, d, matrix = floats(time), labels01(event), floats(risks)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    method = f"observed / expected at {horizon:g}, log method with Greenwood's error"
    used = np.isfinite(matrix).any(axis=1)
    n = int(used.sum())
    events = int((d & used & (t <= horizon)).sum())
    if n == 0 or not t[used].max() >= horizon:
        note = "nobody is followed up to the horizon"
        return Estimate(NAN, NAN, NAN, method, n, level=level, events=events, note=note)
    ratios = over_expected(matrix, lambda known: 1 - survival_at(t[known], d[known], horizon))
    curve = kaplan_meier(t[used], d[used])
    observed = 1 - float(curve.at(horizon))
    if not ratios or observed == 0:
        note = "no events by the horizon, or a predicted risk of zero for all"
        value = float(np.mean(ratios)) if ratios else NAN
        return Estimate(value, NAN, NAN, method, n, level=level, events=events, note=note)
    value = float(np.mean(ratios))
    if clustered(groups):
        note = "no interval for several cases of one patient"
        return Estimate(value, NAN, NAN, method, n, level=level, events=events, note=note)
    se = float(curve.se_at(horizon)) / observed
    factor = float(np.exp(z_value(level) * se))
    return Estimate(value, value / factor, value * factor, method, n, se, level, events=events)


def over_expected(risks: FloatArray, observed: Callable[[BoolArray], float]) -> list[float]:
    """Return observed over mean predicted risk of each repeat (column) that predicts one above 0.

    ``observed`` gives the observed risk of the cases (n,) that a repeat has predicted.
    """
    ratios = []
    for column in risks.T:
        known = np.isfinite(column)
        expected = float(column[known].mean()) if known.any() else 0.0
        if expected > 0:
            ratios.append(observed(known) / expected)
    return ratios


def quantile_groups(x: Any, g: int) -> IntArray:
    """Return each value's quantile group, 0 to at most g - 1, as Hmisc::cut2 makes them.

    Groups end at the smallest observed value whose cumulative count reaches j n / g, so equal
    values stay together and groups can be fewer than ``g``.
    """
    values = floats(x)
    unique, counts = np.unique(values, return_counts=True)
    reached = np.cumsum(counts)
    targets = np.arange(1, g + 1) * values.size / g
    if values.size == 0:
        return np.zeros(0, dtype=np.int64)
    ends = unique[np.minimum(np.searchsorted(reached, targets - 1e-9), unique.size - 1)]
    return np.searchsorted(np.unique(ends), values).astype(np.int64)

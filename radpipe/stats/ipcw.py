"""Inverse probability of censoring weights; AUC and Brier score at a horizon.

Cases are the events up to the horizon, weighted 1 / G(T-); controls are those seen beyond it,
weighted 1 / G(t), with G the Kaplan-Meier estimate of the censoring distribution of the same
cases (Graf et al., Stat Med 1999;18:2529; Hung and Chiang; Blanche et al., Stat Med 2013;32:5381).
Standard errors come from the i.i.d. representation, the variability of G included. Over repeats,
estimates and influences are averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, influence_variance
from radpipe.stats.placements import placement_values
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    labels01,
    normal_p,
    z_value,
)


@dataclass(frozen=True)
class StepFunction:
    """A right-continuous step function that is 1 before its first time."""

    times: FloatArray
    values: FloatArray

    def at(self, t: Any) -> FloatArray:
        """Return the value at ``t``."""
        return floats(np.append(1.0, self.values)[np.searchsorted(self.times, t, side="right")])

    def before(self, t: Any) -> FloatArray:
        """Return the limit from the left at ``t``."""
        return floats(np.append(1.0, self.values)[np.searchsorted(self.times, t, side="left")])


@dataclass(frozen=True)
class _AtHorizon:
    """One repeat: an estimate with each case's influence on it; NaN where undefined."""

    estimate: float
    influence: FloatArray
    note: str = ""


def censoring_survival(time: Any, event: Any) -> StepFunction:
    """Return the Kaplan-Meier estimate of remaining uncensored; events come before censorings."""
    t, d = floats(time), labels01(event)
    times, lost, at_risk = _censorings(t, d)
    return StepFunction(times, floats(np.cumprod(1 - lost / at_risk)))


def censoring_weights(time: Any, event: Any, horizon: float) -> FloatArray:
    """Return each case's weight at the horizon, shape (n,).

    1 / G(T-) for events up to the horizon, 1 / G(t) for cases seen beyond it, 0 for cases
    censored before it.
    """
    t, d = floats(time), labels01(event)
    g = censoring_survival(t, d)
    value = np.where(t <= horizon, g.before(t), float(g.at(horizon)))
    use = ((t > horizon) | d) & (value > 0)
    return floats(np.divide(1.0, value, out=np.zeros(t.shape), where=use))


def auc_at(
    time: Any,
    event: Any,
    scores: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the cumulative/dynamic AUC at a horizon, as timeROC.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    scores : array (n,) or (n, repeats)
        A higher score speaks for an event by the horizon; NaN where not predicted.
    horizon : float
        In the unit of ``time``.
    """
    t, d, matrix = _arrays(time, event, scores)
    parts = _over_repeats(t, d, matrix, horizon, _auc)
    return _estimate(parts, t, d, horizon, "AUC", level, groups)


def brier_at(
    time: Any,
    event: Any,
    risks: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the Brier score at a horizon; ``risks`` are P(event by the horizon), in [0, 1]."""
    t, d, matrix = _arrays(time, event, risks)
    parts = _over_repeats(t, d, matrix, horizon, _brier)
    return _estimate(parts, t, d, horizon, "Brier score", level, groups)


def auc_at_paired(
    time: Any,
    event: Any,
    a: Any,
    b: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> TestResult:
    """Compare two AUCs at a horizon on the same cases; ``estimate`` is AUC(a) - AUC(b)."""
    t, d, first = _arrays(time, event, a)
    second = _arrays(time, event, b)[2]
    absent = np.isnan(first) | np.isnan(second)
    one = _over_repeats(t, d, np.where(absent, NAN, first), horizon, _auc)
    two = _over_repeats(t, d, np.where(absent, NAN, second), horizon, _auc)
    influence = one.influence - two.influence
    used = np.isfinite(influence)
    difference = one.estimate - two.estimate
    se = _se(influence, groups)
    z = difference / se if se > 0 else NAN
    half = z_value(level) * se
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method=f"paired i.i.d. test of the IPCW AUC at {horizon:g}",
        n=int(used.sum()),
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=se,
        level=level,
        note=one.note,
    )


def _auc(t: FloatArray, d: BoolArray, s: FloatArray, horizon: float) -> _AtHorizon:
    n = t.size
    g = censoring_survival(t, d).before(t)
    case = d & (t <= horizon) & (g > 0)
    control = t > horizon
    if not case.any() or not control.any():
        note = f"the AUC at {horizon:g} is undefined: no events by then or nobody followed beyond"
        return _AtHorizon(NAN, np.full(n, NAN), note)
    weight = np.divide(1.0, g, out=np.zeros(n), where=case)
    # The share of controls that each case outranks, and of weighted cases that outrank a control.
    place = np.zeros(n)
    both = case | control
    place[both] = placement_values(case[both], s[both])
    place[control] = _weighted_above(s[control], s[case], weight[case])
    total = float(weight.sum())
    area = float(np.sum(weight * place * case)) / total
    case_part = weight * (place - area) * case / total
    control_part = control * (place - area) / float(control.sum())
    extra = _from_censoring(t, d, case_part, 0.0, horizon)
    return _AtHorizon(area, case_part + control_part + extra)


def _weighted_above(s: FloatArray, cases: FloatArray, weight: FloatArray) -> FloatArray:
    order = np.argsort(cases)
    running = np.append(0.0, np.cumsum(weight[order]))
    low = running[np.searchsorted(cases[order], s, side="left")]
    high = running[np.searchsorted(cases[order], s, side="right")]
    return floats(1 - (low + high) / 2 / running[-1])


def _brier(t: FloatArray, d: BoolArray, risk: FloatArray, horizon: float) -> _AtHorizon:
    n = t.size
    weight = censoring_weights(t, d, horizon)
    if not weight.any():
        note = f"the Brier score at {horizon:g} is undefined: no case has a weight"
        return _AtHorizon(NAN, np.full(n, NAN), note)
    case = d & (t <= horizon)
    case_part = np.where(case, weight * (1 - risk) ** 2, 0.0) / n
    control_part = np.where(t > horizon, weight * risk**2, 0.0) / n
    score = float(np.sum(case_part + control_part))
    own = case_part + control_part - score / n
    extra = _from_censoring(t, d, case_part, float(control_part.sum()), horizon)
    return _AtHorizon(score, own + extra)


def _from_censoring(
    t: FloatArray, d: BoolArray, case_part: FloatArray, control_sum: float, horizon: float
) -> FloatArray:
    """Return each case's influence through G: the martingale integral of what G's error does.

    An error of G at u moves every weight of an event after u, and of the controls for u <= horizon.
    """
    times, lost, at_risk = _censorings(t, d)
    if times.size == 0:
        return np.zeros(t.size)
    order = np.argsort(t)
    after = np.append(0.0, np.cumsum(case_part[order][::-1]))[::-1]
    moved = after[np.searchsorted(t[order], times, side="right")]
    moved = (moved + np.where(times <= horizon, control_sum, 0.0)) / at_risk
    compensator = np.append(0.0, np.cumsum(moved * lost / at_risk))
    # A case with an event at u is no longer at risk of being censored at u.
    last = np.where(
        d, np.searchsorted(times, t, side="left"), np.searchsorted(times, t, side="right")
    )
    jump = np.zeros(t.size)
    jump[~d] = moved[np.searchsorted(times, t[~d])]
    return floats(jump - compensator[last])


def _censorings(t: FloatArray, d: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the distinct censoring times, how many were lost then, and how many were at risk."""
    times, lost = np.unique(t[~d], return_counts=True)
    ordered = np.sort(t)
    from_here = t.size - np.searchsorted(ordered, times, side="left")
    died = np.sort(t[d])
    events_then = np.searchsorted(died, times, side="right") - np.searchsorted(died, times)
    return times, lost.astype(np.float64), (from_here - events_then).astype(np.float64)


def _over_repeats(
    t: FloatArray, d: BoolArray, matrix: FloatArray, horizon: float, measure: Any
) -> _AtHorizon:
    total, count = np.zeros(t.size), np.zeros(t.size)
    everyone = int(np.isfinite(matrix).any(axis=1).sum())
    estimates, note = [], ""
    for column in matrix.T:
        present = np.isfinite(column)
        part = measure(t[present], d[present], column[present], horizon)
        if np.isnan(part.estimate):
            note = part.note
            continue
        estimates.append(part.estimate)
        total[present] += part.influence * present.sum() / everyone
        count[present] += 1
    influence = np.divide(total, count, out=np.full(t.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(estimates)
    if estimates:
        note = f"{skipped} repeats in which it is undefined left out" if skipped else ""
    missing = int(np.sum(~np.isfinite(matrix).any(axis=1)))
    if missing:
        note = join_notes(note, f"{missing} cases without a prediction left out")
    return _AtHorizon(float(np.mean(estimates)) if estimates else NAN, influence, note)


def _estimate(
    part: _AtHorizon,
    t: FloatArray,
    d: BoolArray,
    horizon: float,
    name: str,
    level: float,
    groups: Any,
) -> Estimate:
    used = np.isfinite(part.influence)
    se = _se(part.influence, groups)
    half = z_value(level) * se
    method = f"IPCW {name} at {horizon:g}, i.i.d. standard error"
    if clustered(groups):
        method += " clustered by patient"
    return Estimate(
        estimate=part.estimate,
        lower=max(0.0, part.estimate - half) if np.isfinite(half) else NAN,
        upper=min(1.0, part.estimate + half) if np.isfinite(half) else NAN,
        se=se,
        method=method,
        n=int(used.sum()),
        events=int((used & d & (t <= horizon)).sum()),
        level=level,
        note=part.note,
    )


def _se(influence: FloatArray, groups: Any) -> float:
    used = np.isfinite(influence)
    if not used.any():
        return NAN
    part = codes(None if groups is None else np.asarray(groups)[used], int(used.sum()))
    units = np.unique(part).size
    if units < 2:
        return NAN
    # The variance of a mean has divisor n - 1, as in timeROC and riskRegression.
    return float(np.sqrt(influence_variance(influence[used], part) * units / (units - 1)))


def _arrays(time: Any, event: Any, scores: Any) -> tuple[FloatArray, BoolArray, FloatArray]:
    t, d, matrix = floats(time), labels01(event), floats(scores)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.shape[0] != t.shape[0]:
        raise ValueError(f"{matrix.shape[0]} scores for {t.shape[0]} times")
    return t, d, matrix

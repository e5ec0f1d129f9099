"""Inverse probability of censoring weights; AUC and Brier score at a horizon.

Cases are the events up to the horizon, weighted 1 / G(T-); controls are those seen beyond it,
weighted 1 / G(t), with G the Kaplan-Meier estimate of the censoring distribution of the same
cases (Graf et al., Stat Med 1999;18:2529; Hung and Chiang; Blanche et al., Stat Med 2013;32:5381).
Standard errors come from the i.i.d. representation, the variability of G included. Over repeats,
estimates and influences are averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.censoring import (
    StepFunction,
    censoring_survival,
    censoring_weights,
    follow_up,
    influence_through_censoring,
)
from radpipe.stats.clusters import clustered, codes, influence_variance
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
    normal_p,
    z_value,
)

__all__ = [
    "StepFunction",
    "auc_at",
    "auc_at_paired",
    "brier_at",
    "brier_at_paired",
    "censoring_survival",
    "censoring_weights",
]


@dataclass(frozen=True)
class AtHorizon:
    """A measure at a horizon with each case's influence (n,) on it; NaN where undefined."""

    estimate: float
    influence: FloatArray
    note: str = ""


Measure = Callable[[FloatArray, IntArray, FloatArray, float], AtHorizon]
"""From times, codes (0 censored, 1 the event, 2 a competing one), scores, and the horizon."""


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
    level : float
        Of the Wald interval (clipped to [0, 1]), in (0, 1).
    groups : array (n,), optional
        Patient of each case; influences of one patient's cases are added up.
    """
    t, d = follow_up(time, event)
    return at_horizon(t, d.astype(np.int64), scores, horizon, auc_influence, "AUC", level, groups)


def brier_at(
    time: Any,
    event: Any,
    risks: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the Brier score at a horizon, as riskRegression::Score.

    ``risks`` are P(event by the horizon), in [0, 1], (n,) or (n, repeats); the rest as in
    :func:`auc_at`.
    """
    t, d = follow_up(time, event)
    code = d.astype(np.int64)
    return at_horizon(t, code, risks, horizon, brier_influence, "Brier score", level, groups)


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
    t, d = follow_up(time, event)
    code = d.astype(np.int64)
    return paired_at_horizon(t, code, a, b, horizon, auc_influence, "AUC", level, groups)


def brier_at_paired(
    time: Any,
    event: Any,
    a: Any,
    b: Any,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> TestResult:
    """Compare two Brier scores at a horizon; ``estimate`` is Brier(a) - Brier(b)."""
    t, d = follow_up(time, event)
    code = d.astype(np.int64)
    return paired_at_horizon(t, code, a, b, horizon, brier_influence, "Brier score", level, groups)


def at_horizon(
    t: FloatArray,
    code: IntArray,
    scores: Any,
    horizon: float,
    measure: Measure,
    name: str,
    level: float,
    groups: Any,
) -> Estimate:
    """Return a measure over repeats with its interval."""
    part = _over_repeats(t, code, _matrix(scores, t.size), horizon, measure)
    used = np.isfinite(part.influence)
    se = influence_se(part.influence, groups)
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
        events=int((used & (code == 1) & (t <= horizon)).sum()),
        level=level,
        note=part.note,
    )


def paired_at_horizon(
    t: FloatArray,
    code: IntArray,
    a: Any,
    b: Any,
    horizon: float,
    measure: Measure,
    name: str,
    level: float,
    groups: Any,
) -> TestResult:
    """Compare a measure of ``a`` and ``b``; a cell that is NaN in one is used in neither."""
    first, second = _matrix(a, t.size), _matrix(b, t.size)
    absent = np.isnan(first) | np.isnan(second)
    one = _over_repeats(t, code, np.where(absent, NAN, first), horizon, measure)
    two = _over_repeats(t, code, np.where(absent, NAN, second), horizon, measure)
    influence = one.influence - two.influence
    difference = one.estimate - two.estimate
    se = influence_se(influence, groups)
    z = difference / se if se > 0 else NAN
    half = z_value(level) * se
    same = "the variance of the difference is zero: no test" if se == 0 else ""
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method=f"paired i.i.d. test of the IPCW {name} at {horizon:g}",
        n=int(np.isfinite(influence).sum()),
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=se,
        level=level,
        note=join_notes(one.note, same),
    )


def auc_influence(
    t: FloatArray, code: IntArray, s: FloatArray, horizon: float, rivals: bool = True
) -> AtHorizon:
    """Return the AUC of one repeat; ``rivals``: cases with a competing event are controls too."""
    weight = censoring_weights(t, code > 0, horizon)
    case = (code == 1) & (t <= horizon)
    control = t > horizon
    if rivals:
        control = control | (code == 2) & (t <= horizon)
    for_case, for_control = weight * case, weight * control
    cases, controls = float(for_case.sum()), float(for_control.sum())
    if cases == 0 or controls == 0:
        note = f"the AUC at {horizon:g} is undefined: no events by then or nobody followed beyond"
        return AtHorizon(NAN, np.full(t.size, NAN), note)
    # Of a case the weighted share of controls below, of a control that of cases above.
    place = np.zeros(t.size)
    place[case] = weighted_below(s[case], s[control], weight[control])
    place[control] = 1 - weighted_below(s[control], s[case], weight[case])
    area = float(np.sum(for_case * place)) / cases
    part = (for_case / cases + for_control / controls) * (place - area)
    return AtHorizon(area, part + influence_through_censoring(t, code > 0, part, horizon))


def brier_influence(t: FloatArray, code: IntArray, risk: FloatArray, horizon: float) -> AtHorizon:
    """Return the Brier score of one repeat; a competing event counts as no event."""
    weight = censoring_weights(t, code > 0, horizon)
    if not weight.any():
        note = f"the Brier score at {horizon:g} is undefined: no case has a weight"
        return AtHorizon(NAN, np.full(t.size, NAN), note)
    case = (code == 1) & (t <= horizon)
    part = weight * (case - risk) ** 2 / t.size
    score = float(part.sum())
    extra = influence_through_censoring(t, code > 0, part, horizon)
    return AtHorizon(score, part - score / t.size + extra)


def weighted_below(s: FloatArray, others: FloatArray, weight: FloatArray) -> FloatArray:
    """Return, for each of ``s``, the weighted share of ``others`` below it; equal counts half."""
    order = np.argsort(others)
    running = np.append(0.0, np.cumsum(weight[order]))
    low = running[np.searchsorted(others[order], s, side="left")]
    high = running[np.searchsorted(others[order], s, side="right")]
    return floats((low + high) / 2 / running[-1])


def _over_repeats(
    t: FloatArray, code: IntArray, matrix: FloatArray, horizon: float, measure: Measure
) -> AtHorizon:
    if not (np.isfinite(horizon) and horizon > 0):
        raise ValueError(f"the horizon is {horizon:g}, not a time > 0")
    total, count = np.zeros(t.size), np.zeros(t.size)
    known = np.isfinite(matrix)
    everyone = int(known.any(axis=1).sum())
    estimates, note = [], "" if everyone else "no case has a prediction"
    for column, present in zip(matrix.T, known.T, strict=True):
        if not present.any():
            continue
        part = measure(t[present], code[present], column[present], horizon)
        if np.isnan(part.estimate):
            note = part.note
            continue
        estimates.append(part.estimate)
        total[present] += part.influence * present.sum() / everyone
        count[present] += 1
    influence = np.divide(total, count, out=np.full(t.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(estimates)
    if estimates:
        note = f"{counted(skipped, 'repeat')} in which it is undefined left out" if skipped else ""
    missing = int(np.sum(~known.any(axis=1)))
    if missing:
        note = join_notes(note, f"{counted(missing, 'case')} without a prediction left out")
    return AtHorizon(float(np.mean(estimates)) if estimates else NAN, influence, note)


def influence_se(influence: FloatArray, groups: Any = None) -> float:
    """Return the standard error from influences (n,), NaN where unused; clustered by ``groups``."""
    used: BoolArray = np.isfinite(influence)
    if not used.any():
        return NAN
    part = codes(None if groups is None else np.asarray(groups)[used], int(used.sum()))
    units = np.unique(part).size
    if units < 2:
        return NAN
    # The variance of a mean has divisor n - 1, as in timeROC and riskRegression.
    return float(np.sqrt(influence_variance(influence[used], part) * units / (units - 1)))


def _matrix(scores: Any, n: int) -> FloatArray:
    matrix = floats(scores)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.shape[0] != n:
        raise ValueError(f"{matrix.shape[0]} scores for {n} times")
    return matrix

"""The ROC curve at a horizon: cases have had the event by then, controls are seen beyond it.

Each case weighs 1 / G(T-) and each control 1 / G(horizon), with G the probability of remaining
uncensored: by Kaplan and Meier ("marginal"), or given covariates by Cox's model ("cox") or Aalen's
additive hazards ("aalen"), as timeROC (Blanche et al., Biom J 2013;55:687). For the area alone with
its standard error see :func:`radpipe.stats.ipcw.auc_at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.censoring import (
    censoring_weights,
    follow_up,
    influence_through_censoring,
)
from radpipe.stats.clusters import clustered
from radpipe.stats.design import independent
from radpipe.stats.ipcw import influence_se, weighted_below
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    counted,
    floats,
    join_notes,
    z_value,
)

Weighting = Literal["marginal", "cox", "aalen"]


@dataclass(frozen=True)
class TimeDependentROC:
    """A ROC curve at a horizon, from the strictest cut to the loosest.

    Parameters
    ----------
    cuts : array (m + 1,)
        Infinity, then the distinct scores, falling; positive is ``score >= cut``.
    tp, fp : array (m + 1,)
        Weighted shares of cases and of controls that are positive, 0 to 1.
    auc : float
        Trapezoidal area; equal scores count one half.
    cases, controls, censored : int
        Events by the horizon, those counted as controls, and those censored before it.
    n : int
        Cases used in all.
    """

    cuts: FloatArray
    tp: FloatArray
    fp: FloatArray
    auc: float
    horizon: float
    cases: int
    controls: int
    censored: int
    n: int
    method: str
    note: str = ""


@dataclass(frozen=True)
class AccuracyAtHorizon:
    """What a cut-off does at a horizon; positive is ``score > cut``."""

    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    cut: float
    horizon: float


def roc_at(
    time: Any,
    event: Any,
    score: Any,
    horizon: float,
    weighting: Weighting = "marginal",
    covariates: Any = None,
) -> TimeDependentROC:
    """Return the cumulative/dynamic ROC curve at a horizon.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    score : array (n,)
        A higher score speaks for an event by the horizon; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.
    weighting : str
        Model of the censoring: "marginal", "cox" or "aalen".
    covariates : array (n, p), optional
        What censoring depends on besides the score, for "cox" and "aalen". Finite.
    """
    t, d = follow_up(time, event)
    return roc_of(t, d.astype(np.int64), score, horizon, weighting, covariates, True)


def accuracy_at(
    time: Any,
    event: Any,
    score: Any,
    cut: float,
    horizon: float,
    level: float = 0.95,
    groups: Any = None,
) -> AccuracyAtHorizon:
    """Return sensitivity, specificity and predictive values of a cut-off at a horizon.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    score : array (n,)
        Cases with NaN are left out.
    cut : float
        Positive is ``score > cut``.
    horizon : float
        In the unit of ``time``.
    level : float
        Of the Wald intervals (clipped to [0, 1]), in (0, 1).
    groups : array (n,), optional
        Patient of each case; influences of one patient's cases are added up.

    Notes
    -----
    Ratios of weighted sums, as timeROC's SeSpPPVNPV, with standard errors from each case's
    influence, the variability of G included.
    """
    s = floats(score)
    t, d = follow_up(time, event)
    if s.shape != t.shape:
        raise ValueError(f"{s.shape} scores for {t.shape} times")
    known = np.isfinite(s)
    t, d, s = t[known], d[known], s[known]
    part_of = None if groups is None else np.asarray(groups)[known]
    weight = censoring_weights(t, d, horizon)
    case, control = weight * (d & (t <= horizon)), weight * (t > horizon)
    high = s > cut

    def ratio(name: str, top: FloatArray, bottom: FloatArray) -> Estimate:
        method = f"IPCW {name} at {horizon:g}, score > {cut:g}, i.i.d. standard error"
        if clustered(part_of):
            method += " clustered by patient"
        whole, count = float(bottom.sum()), int((bottom > 0).sum())
        if whole == 0:
            note = "nobody to take the share of"
            return Estimate(NAN, NAN, NAN, method, count, level=level, note=note)
        value = float(top.sum()) / whole
        part = (top - value * bottom) / whole
        se = influence_se(part + influence_through_censoring(t, d, part, horizon), part_of)
        half = z_value(level) * se
        low, up = max(0.0, value - half), min(1.0, value + half)
        return Estimate(value, low, up, method, count, se, level, int((top > 0).sum()))

    both = case + control
    return AccuracyAtHorizon(
        sensitivity=ratio("sensitivity", case * high, case),
        specificity=ratio("specificity", control * ~high, control),
        ppv=ratio("positive predictive value", case * high, both * high),
        npv=ratio("negative predictive value", control * ~high, both * ~high),
        cut=cut,
        horizon=horizon,
    )


def roc_of(
    t: FloatArray,
    code: IntArray,
    score: Any,
    horizon: float,
    weighting: Weighting,
    covariates: Any,
    rivals: bool,
) -> TimeDependentROC:
    """Return the curve for codes 0 (censored), 1 (event), 2 (competing).

    ``rivals``: cases with a competing event by the horizon are controls too.
    """
    s = floats(score)
    if s.shape != t.shape:
        raise ValueError(f"scores have shape {s.shape}, times {t.shape}")
    known = np.isfinite(s)
    t, code, s = t[known], code[known], s[known]
    others = None if covariates is None else floats(covariates)
    if others is not None:
        others = others[:, None] if others.ndim == 1 else others
        if others.shape[0] != known.size or not np.isfinite(others[known]).all():
            raise ValueError(f"covariates {others.shape} are to be finite, a row for each case")
        others = others[known]
    weight = _weights(t, code > 0, s, others, horizon, weighting)
    case = (code == 1) & (t <= horizon)
    control = t > horizon
    if rivals:
        control = control | (code == 2) & (t <= horizon)
    for_case, for_control = weight * case, weight * control
    cuts, position = np.unique(-s, return_inverse=True)
    missing = int((~known).sum())
    note = f"{counted(missing, 'case')} without a score left out" if missing else ""
    if for_case.sum() > 0 and for_control.sum() > 0:
        tp, fp = (
            np.append(0.0, np.cumsum(np.bincount(position, weights=w)) / w.sum())
            for w in (for_case, for_control)
        )
        below = weighted_below(s[case], s[control], for_control[control])
        area = float(below @ for_case[case] / for_case.sum())
    else:
        tp, fp, area = np.full(cuts.size + 1, NAN), np.full(cuts.size + 1, NAN), NAN
        note = join_notes("no events by the horizon, or nobody to compare them with", note)
    return TimeDependentROC(
        cuts=np.append(np.inf, -cuts),
        tp=tp,
        fp=fp,
        auc=area,
        horizon=horizon,
        cases=int(case.sum()),
        controls=int(control.sum()),
        censored=int(((code == 0) & (t <= horizon)).sum()),
        n=t.size,
        method=f"cumulative/dynamic ROC at {horizon:g}, {weighting} censoring weights",
        note=note,
    )


def _weights(
    t: FloatArray,
    d: BoolArray,
    s: FloatArray,
    others: FloatArray | None,
    horizon: float,
    weighting: Weighting,
) -> FloatArray:
    """Return each case's weight, 0 for those censored before the horizon."""
    if weighting == "marginal":
        return censoring_weights(t, d, horizon)
    if weighting not in ("cox", "aalen"):
        raise ValueError(f"weighting is marginal, cox or aalen, not {weighting!r}")
    due = t <= horizon
    x = s[:, None] if others is None else np.column_stack([s, others])
    hazard = _hazards(t, ~d, x, np.where(due, t, horizon), due, weighting)
    # An additive hazard may fall below 0: a probability above 1 is taken as 1.
    return floats(np.where(~due | d, np.exp(np.clip(hazard, 0.0, 700.0)), 0.0))


def _hazards(
    t: FloatArray,
    lost: BoolArray,
    x: FloatArray,
    when: FloatArray,
    just_before: BoolArray,
    weighting: Weighting,
) -> FloatArray:
    """Return each case's cumulative hazard of censoring at its time ``when``, or just before."""
    if not lost.any():
        return np.zeros(t.size)
    if weighting == "cox":
        from radpipe.stats.cox import fit_cox, linear_predictor

        model = fit_cox(x, t, lost)
        baseline = model.baselines[0]
        times, steps = baseline.times, np.append(0.0, baseline.cumhaz)[:, None]
        design = np.exp(np.minimum(linear_predictor(model, x), 700.0))[:, None]
    else:
        design = np.column_stack([np.ones(t.size), x])
        times, steps = _additive(t, lost, design)
    left = np.searchsorted(times, when, side="left")
    right = np.searchsorted(times, when, side="right")
    return floats(np.sum(steps[np.where(just_before, left, right)] * design, axis=1))


def _additive(t: FloatArray, lost: BoolArray, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the times (k,) and cumulative coefficients (k + 1, p) of Aalen's additive hazards.

    Increments are least squares among those at risk; where these no longer determine the
    coefficients there is no increment (Aalen, Stat Med 1989;8:907).
    """
    times = np.unique(t[lost])
    steps = np.zeros((times.size + 1, design.shape[1]))
    keep = np.flatnonzero(independent(design))
    for i, u in enumerate(times):
        rows = design[t >= u][:, keep]
        products = rows.T @ rows
        if np.linalg.cond(products) < 1e12:
            now = design[lost & (t == u)][:, keep].sum(axis=0)
            steps[i + 1, keep] = np.linalg.solve(products, now)
    return times, np.cumsum(steps, axis=0)

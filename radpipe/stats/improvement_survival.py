"""Improvement of risk prediction at a horizon: IDI, continuous NRI, median improvement.

Uno, Tian, Cai, Kohane and Wei, Stat Med 2013;32:2430 (R's survIDINRI). All three compare, between
those with the event by the horizon and those seen beyond it, the distribution of the change of
risk, with weights 1 / G(T-) and 1 / G(horizon). Intervals come from perturbation: every case gets
an exponential weight of mean 1, and models and measures are computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.censoring import follow_up
from radpipe.stats.clusters import clustered, codes
from radpipe.stats.cox_weighted import weighted_cox_risks
from radpipe.stats.reclassification_parts import risks
from radpipe.stats.results import (
    NAN,
    BoolArray,
    FloatArray,
    TestResult,
    counted,
    floats,
    join_notes,
)
from radpipe.stats.survival import tie_times


@dataclass(frozen=True)
class Improvement:
    """Improvement at a horizon; each with interval and p value from the perturbation.

    ``idi``: mean change of risk of events minus that of non-events. ``nri``: P(rise | event)
    minus P(rise | no event), which is HALF the continuous NRI. ``median``: the difference of the
    median changes.
    """

    idi: TestResult
    nri: TestResult
    median: TestResult


def improvement_of_models(
    time: Any,
    event: Any,
    X_old: Any,
    X_new: Any,
    horizon: float,
    seed: int | np.random.Generator,
    repeats: int = 300,
    level: float = 0.95,
    groups: Any = None,
) -> Improvement:
    """Return the improvement of one Cox model over another, as survIDINRI::IDI.INF.

    The models are fitted to the same cases (Breslow's ties and baseline), so it is apparent; the
    intervals include the variability of the fits.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    X_old, X_new : array (n, p), (n, q)
        Predictors of the two models; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.
    seed : int or Generator
        Same seed, same intervals.
    repeats : int
        Perturbations, at least 2.
    level : float
        Of the intervals, in (0, 1).
    groups : array (n,), optional
        Patient of each case: one patient's cases share a weight.
    """
    t, d = follow_up(time, event)
    t = tie_times(t)
    first, second = _design(X_old, t.size), _design(X_new, t.size)
    known = np.asarray(np.isfinite(np.hstack([first, second])).all(axis=1), dtype=np.bool_)
    t, d, first, second = t[known], d[known], first[known], second[known]
    reason = _degenerate(t, d, horizon)
    if not reason and any(_unfit(x, t, d) for x in (first, second)):
        reason = "a model is not determined, or separates the events"

    def change(weight: FloatArray) -> FloatArray:
        old, new = (weighted_cox_risks(x, t, d, weight, horizon) for x in (first, second))
        return new - old

    part_of = None if groups is None else np.asarray(groups)[known]
    how = "models refitted"
    return _improvement(change, t, d, horizon, seed, repeats, level, part_of, known, reason, how)


def improvement_of_risks(
    time: Any,
    event: Any,
    old: Any,
    new: Any,
    horizon: float,
    seed: int | np.random.Generator,
    repeats: int = 300,
    level: float = 0.95,
    groups: Any = None,
) -> Improvement:
    """Return the improvement of given risks P(event by the horizon), for cases held out.

    The intervals take the risks as given; the rest as in :func:`improvement_of_models`.
    """
    t, d = follow_up(time, event)
    t = tie_times(t)
    p, q = risks(old, t.size), risks(new, t.size)
    known = np.isfinite(p) & np.isfinite(q)
    t, d, fixed = t[known], d[known], (q - p)[known]
    part_of = None if groups is None else np.asarray(groups)[known]

    def change(weight: FloatArray) -> FloatArray:
        return np.broadcast_to(fixed, weight.shape)

    reason, how = _degenerate(t, d, horizon), "risks as given"
    return _improvement(change, t, d, horizon, seed, repeats, level, part_of, known, reason, how)


def _improvement(
    change: Any,
    t: FloatArray,
    d: BoolArray,
    horizon: float,
    seed: int | np.random.Generator,
    repeats: int,
    level: float,
    groups: Any,
    known: BoolArray,
    reason: str,
    how: str,
) -> Improvement:
    if repeats < 2:
        raise ValueError(f"{repeats} perturbations: at least 2 are needed")
    missing = int((~known).sum())
    note = join_notes(
        reason, f"{counted(missing, 'case')} with missing values left out" if missing else ""
    )
    found, draws = np.full(3, NAN), np.full((repeats, 3), NAN)
    if not reason:
        member = codes(groups, t.size)
        rng = np.random.default_rng(seed)
        weight = rng.exponential(size=(repeats, int(member.max()) + 1))[:, member]
        found = _measures(change, np.ones((1, t.size)), t, d, horizon)[0]
        draws = _measures(change, weight, t, d, horizon)
        lost = int(np.isnan(draws).any(axis=1).sum())
        note = join_notes(note, f"{lost} perturbations without a fit left out" if lost else "")
    draws = draws[np.isfinite(draws).all(axis=1)]
    names = ("IDI", "half the continuous NRI", "median improvement")
    unit = " of patients" if clustered(groups) else ""
    out = []
    for name, value, drawn in zip(names, found, draws.T, strict=True):
        method = f"{name} at {horizon:g}, {how}, perturbation{unit}, {repeats} samples"
        if drawn.size < 2:
            out.append(TestResult(NAN, NAN, method, t.size, estimate=value, level=level, note=note))
            continue
        below = float(np.mean(drawn <= 0))
        lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        out.append(
            TestResult(
                statistic=NAN,
                p=2 * min(below, 1 - below),
                method=method,
                n=t.size,
                estimate=float(value),
                lower=float(lower),
                upper=float(upper),
                se=float(drawn.std(ddof=1)),
                level=level,
                note=note,
            )
        )
    return Improvement(*out)


def _measures(
    change: Any, weight: FloatArray, t: FloatArray, d: BoolArray, horizon: float
) -> FloatArray:
    """Return IDI, half the NRI and median improvement of each row of ``weight`` (R, n)."""
    rise = change(weight)
    case = weight * (d & (t <= horizon)) / _censoring(t, d, weight)
    control = weight * (t > horizon)
    out = np.full((weight.shape[0], 3), NAN)
    sound = np.isfinite(rise).all(axis=1) & (case.sum(axis=1) > 0) & (control.sum(axis=1) > 0)
    x = rise[sound]
    of_case, of_control = (
        np.stack([_mean(x, w), _mean((x > 0).astype(float), w), _median(x, w)], axis=1)
        for w in (case[sound], control[sound])
    )
    out[sound] = of_case - of_control
    return out


def _mean(x: FloatArray, weight: FloatArray) -> FloatArray:
    return floats((x * weight).sum(axis=1) / weight.sum(axis=1))


def _median(x: FloatArray, weight: FloatArray) -> FloatArray:
    """Return each row's largest value with at most half of the weight at or below it."""
    order = np.argsort(x, axis=1)
    values = np.take_along_axis(x, order, axis=1)
    mass = np.take_along_axis(weight, order, axis=1)
    share = np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True)
    inside = (share <= 0.5 + 1e-12) & (mass > 0)
    largest = np.where(inside, values, -np.inf).max(axis=1)
    smallest = np.where(mass > 0, values, np.inf).min(axis=1)
    return floats(np.where(np.isfinite(largest), largest, smallest))


def _censoring(t: FloatArray, d: BoolArray, weight: FloatArray) -> FloatArray:
    """Return the weighted Kaplan-Meier probability of being uncensored just before T, (R, n)."""
    order = np.lexsort((~d, t))  # at one time events leave first
    w = weight[:, order]
    at_risk = np.cumsum(w[:, ::-1], axis=1)[:, ::-1]
    ratio = np.where(d[order], 0.0, w / at_risk)
    kept = np.cumprod(np.maximum(1 - ratio, 0.0), axis=1)
    kept = np.concatenate([np.ones((w.shape[0], 1)), kept], axis=1)
    # Events sort before censorings at their time: what stands before them is G(T-).
    first = np.searchsorted(t[order], t, side="left")
    value = kept[:, first]
    return floats(np.where(value > 0, value, 1.0))


def _unfit(x: FloatArray, t: FloatArray, d: BoolArray) -> bool:
    """Return whether the Cox model has no finite maximum, or columns span one another."""
    from radpipe.stats.cox import fit_cox

    fit = fit_cox(x, t, d, "breslow")
    return bool(np.isnan(fit.coef).any() or fit.monotone)


def _degenerate(t: FloatArray, d: BoolArray, horizon: float) -> str:
    if not (d & (t <= horizon)).any() or not (t > horizon).any():
        return "no events by the horizon, or nobody followed beyond it"
    return ""


def _design(x: Any, n: int) -> FloatArray:
    out = floats(x)
    out = out[:, None] if out.ndim == 1 else out
    if out.ndim != 2 or out.shape[0] != n or out.shape[1] == 0:
        raise ValueError(f"predictors have shape {out.shape}, not ({n}, p)")
    return out

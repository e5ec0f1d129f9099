"""Internal validation of a Cox model: its indexes and calibration without optimism.

As rms::validate and rms::calibrate of cph. Resamples are counts of cases, and all of them are
refitted together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.cox_refits import CoxRefits, refit_cox
from radpipe.stats.design import Array, DegenerateDataError, matrix, vector
from radpipe.stats.optimism import Optimism, Scheme, combine, splits
from radpipe.stats.performance_cox import performance_cox
from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray, floats, labels01
from radpipe.stats.survival import kaplan_meier


@dataclass(frozen=True)
class CorrectedGroups:
    """Kaplan-Meier against predicted survival in g groups of rising predicted survival.

    Attributes
    ----------
    predicted : array (g,)
        Mean predicted survival at the horizon.
    observed, se_log : array (g,)
        Kaplan-Meier at the horizon, and Greenwood's standard error of its logarithm.
    corrected : array (g,)
        ``observed`` less the optimism of ``observed - predicted``.
    n, resamples : array (g,)
        Cases of the group, and resamples in which it is followed up to the horizon.
    cuts : array (g + 1,)
        Limits of the groups; a group holds its lower one.
    """

    predicted: FloatArray
    observed: FloatArray
    se_log: FloatArray
    corrected: FloatArray
    n: IntArray
    resamples: IntArray
    cuts: FloatArray
    horizon: float
    method: str
    note: str = ""


def validate_cox(
    X: Any,
    time: Any,
    event: Any,
    scheme: Scheme = "bootstrap",
    resamples: int = 1000,
    seed: int = 0,
    groups: Any = None,
) -> Optimism:
    """Correct the indexes of a Cox model (Efron's ties) for optimism.

    Parameters
    ----------
    X : array (n, p)
        Predictors, finite.
    time, event : array (n,)
        Time of event or censoring, any unit; 1 where the event was observed.
    scheme, resamples, seed, groups
        As for `radpipe.stats.optimism.optimism`.

    Returns
    -------
    Optimism
        The indexes of `radpipe.stats.performance_cox.CoxPerformance`. .632+ has C, Dxy and R2.

    Raises
    ------
    DegenerateDataError
        If the model cannot be fitted on all cases.
    ValueError
        If scheme or number of resamples is not allowed.
    """
    design, t, d, whole = _whole(X, time, event)
    first = performance_cox(t, d, design @ whole.coef[0]).table()
    apparent = {name: float(value[0]) for name, value in first.items()}
    training: list[FloatArray] = []
    test: list[FloatArray] = []
    for drawn, held in splits(t.size, scheme, resamples, seed, groups):
        coef = refit_cox(design, t, d, drawn).coef
        lp = design @ np.nan_to_num(coef).T
        fitted = np.isfinite(coef).all(axis=1, keepdims=True)
        for rows, counts in ((training, drawn), (test, held)):
            found = performance_cox(t, d, lp, counts.T).table()
            rows.append(np.where(fitted, np.stack(list(found.values()), axis=1), NAN))
    chance = {"c": 0.5, "dxy": 0.0, "r2": 0.0}
    return combine(apparent, np.concatenate(training), np.concatenate(test), scheme, t.size, chance)


def calibrate_cox(
    X: Any,
    time: Any,
    event: Any,
    horizon: float,
    at: Any,
    scheme: Scheme = "bootstrap",
    resamples: int = 1000,
    seed: int = 0,
    groups: Any = None,
) -> Optimism:
    """Correct the smooth calibration of a Cox model at a horizon for optimism.

    The smoother is a Cox regression on ``log(-log S)`` of the predicted survival S, which holds
    for each case what the model says; its apparent curve is the diagonal.

    Parameters
    ----------
    X, time, event, scheme, resamples, seed, groups
        As for `validate_cox`.
    horizon : float
        In the unit of ``time``; somebody must have the event by then.
    at : array (k,)
        Predicted probabilities of survival, in (0, 1), at which to read the curve.

    Returns
    -------
    Optimism
        ``apparent`` and ``corrected`` are probabilities of survival; the names are the predicted.
    """
    wanted = floats(at)
    if wanted.ndim != 1 or not ((wanted > 0) & (wanted < 1)).all():
        raise ValueError("the curve is read at survival probabilities between 0 and 1")
    design, t, d, whole = _whole(X, time, event)
    _check_horizon(whole, horizon)
    one = np.ones((1, t.size))
    curve = _smooth(t, d, _cloglog(design, whole, horizon), one, horizon, wanted)[0]
    apparent = dict(zip((f"{p:.10g}" for p in wanted), curve.tolist(), strict=True))
    training: list[FloatArray] = []
    test: list[FloatArray] = []
    for drawn, held in splits(t.size, scheme, resamples, seed, groups):
        z = _cloglog(design, refit_cox(design, t, d, drawn), horizon)
        training.append(_smooth(t, d, z, drawn, horizon, wanted))
        test.append(_smooth(t, d, z, held, horizon, wanted))
    return combine(apparent, np.concatenate(training), np.concatenate(test), scheme, t.size)


def calibrate_cox_groups(
    X: Any,
    time: Any,
    event: Any,
    horizon: float,
    per_group: int = 50,
    scheme: Scheme = "bootstrap",
    resamples: int = 300,
    seed: int = 0,
    groups: Any = None,
) -> CorrectedGroups:
    """Correct Kaplan-Meier in groups of predicted survival for optimism (calibrate, cmethod KM).

    Parameters
    ----------
    X, time, event, scheme, resamples, seed, groups
        As for `validate_cox`.
    horizon : float
        In the unit of ``time``; somebody must have the event by then.
    per_group : int
        Cases wanted in a group: there are ``n // per_group`` groups, at least one, cut at
        quantiles of the predicted survival together with 0 and 1. The cuts stay for all resamples.
    """
    if per_group < 1:
        raise ValueError(f"{per_group} cases per group: at least 1")
    design, t, d, whole = _whole(X, time, event)
    _check_horizon(whole, horizon)
    survival = _survival(design, whole, horizon)
    count = max(1, t.size // per_group)
    cuts = np.unique(np.quantile(np.r_[0.0, 1.0, survival[:, 0]], np.linspace(0, 1, count + 1)))
    one = np.ones((1, t.size))
    predicted, observed = _grouped(t, d, survival, one, horizon, cuts)
    names = [f"{g + 1}" for g in range(cuts.size - 1)]
    training: list[FloatArray] = []
    test: list[FloatArray] = []
    for drawn, held in splits(t.size, scheme, resamples, seed, groups):
        found = _survival(design, refit_cox(design, t, d, drawn), horizon)
        for rows, counts in ((training, drawn), (test, held)):
            mean, km = _grouped(t, d, found, counts, horizon, cuts)
            rows.append(km - mean)
    gap = dict(zip(names, (observed - predicted)[0].tolist(), strict=True))
    found_all = combine(gap, np.concatenate(training), np.concatenate(test), scheme, t.size)
    group = _group(survival[:, 0], cuts)
    return CorrectedGroups(
        predicted=predicted[0],
        observed=observed[0],
        se_log=floats([_se_log(t[group == g], d[group == g], horizon) for g in range(len(names))]),
        corrected=predicted[0] + found_all.corrected,
        n=np.bincount(group, minlength=len(names)).astype(np.int64),
        resamples=found_all.resamples,
        cuts=floats(cuts),
        horizon=horizon,
        method=f"Kaplan-Meier at {horizon:g} in groups, {found_all.method}",
        note=found_all.note,
    )


def _whole(X: Any, time: Any, event: Any) -> tuple[Array, FloatArray, BoolArray, CoxRefits]:
    """Return design, time, event and the model of all cases."""
    design = matrix(X)
    t, d = vector(time, design.shape[0], "time"), labels01(event)
    fit = refit_cox(design, t, d, np.ones((1, t.size)))
    if np.isnan(fit.coef).any():
        raise DegenerateDataError("no events, dependent columns, or an infinite coefficient")
    return design, t, d, fit


def _check_horizon(fit: CoxRefits, horizon: float) -> None:
    if not fit.cumhaz_at(horizon)[0] > 0:
        raise ValueError(f"nobody has the event by {horizon:g}")


def _cloglog(design: Array, fits: CoxRefits, horizon: float) -> FloatArray:
    """Return log(-log S) of every case at the horizon by each model, (n, R); NaN undefined."""
    hazard = fits.cumhaz_at(horizon)
    some = np.isfinite(hazard) & (hazard > 0)
    log = np.log(np.where(some, hazard, 1.0))
    return floats(np.where(some, design @ np.nan_to_num(fits.coef).T + log, NAN))


def _survival(design: Array, fits: CoxRefits, horizon: float) -> FloatArray:
    """Return P(no event by the horizon) of every case by each model, (n, R)."""
    return floats(np.exp(-np.exp(np.minimum(_cloglog(design, fits, horizon), 700.0))))


def _smooth(
    t: FloatArray, d: BoolArray, z: FloatArray, counts: FloatArray, horizon: float, at: FloatArray
) -> FloatArray:
    """Return the survival seen where ``at`` is predicted, by Cox regression on ``z``: (R, k)."""
    defined = np.isfinite(z).all(axis=0)
    fits = refit_cox(np.where(defined, z, 0.0).T[:, :, None], t, d, counts)
    hazard = fits.cumhaz_at(horizon)[:, None]
    x = np.log(-np.log(at))
    return floats(np.exp(-hazard * np.exp(np.minimum(fits.coef * x, 700.0))))


def _group(survival: FloatArray, cuts: FloatArray) -> IntArray:
    out: IntArray = np.clip(np.searchsorted(cuts, survival, side="right") - 1, 0, cuts.size - 2)
    return out


def _grouped(
    t: FloatArray,
    d: BoolArray,
    survival: FloatArray,
    counts: FloatArray,
    horizon: float,
    cuts: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return mean predicted survival and Kaplan-Meier of each group and resample, (R, g).

    A group without cases, or not followed up to the horizon, is NaN.
    """
    order = np.argsort(t, kind="stable")
    t, d, p, w = t[order], d[order], survival[order].T, counts[:, order]
    times, starts = np.unique(t, return_index=True)
    by_then = times <= horizon
    means, curves = [], []
    defined = np.isfinite(p)
    group = np.where(defined, _group(np.where(defined, p, 0.0), cuts), -1)
    for g in range(cuts.size - 1):
        own = np.where(group == g, w, 0.0)
        size = own.sum(axis=1)
        some = size > 0
        mean = (own * np.where(own > 0, p, 0.0)).sum(axis=1) / np.where(some, size, 1.0)
        gone = np.add.reduceat(own, starts, axis=1)
        died = np.add.reduceat(own * d, starts, axis=1)
        at_risk = size[:, None] - gone.cumsum(axis=1) + gone
        share = np.divide(died, at_risk, out=np.zeros(died.shape), where=at_risk > 0)
        km = (1 - share)[:, by_then].prod(axis=1)
        followed = (own[:, t >= horizon].sum(axis=1) > 0) | (some & (km == 0))
        means.append(np.where(some, mean, NAN))
        curves.append(np.where(followed, km, NAN))
    return np.stack(means, axis=1), np.stack(curves, axis=1)


def _se_log(t: FloatArray, d: BoolArray, horizon: float) -> float:
    if not t.size or t.max() < horizon:
        return NAN
    curve = kaplan_meier(t, d)
    seen = float(curve.at(horizon))
    return float(curve.se_at(horizon)) / seen if seen > 0 else NAN

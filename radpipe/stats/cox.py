"""Cox's proportional hazards model as survival::coxph fits it, with survfit's baseline hazard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.cox_likelihood import RiskSets, Ties, invert, moments, newton, risk_sets
from radpipe.stats.design import (
    Array,
    DegenerateDataError,
    independent,
    matrix,
    spread,
    vector,
)


@dataclass(frozen=True)
class ChiSquared:
    """A chi-squared test: statistic, degrees of freedom and p value."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class Baseline:
    """The cumulative hazard of one stratum at linear predictor 0 (covariates at ``CoxFit.means``).

    Attributes
    ----------
    stratum : float
        The stratum's code; 0 without strata.
    times : array of shape (m,)
        The distinct observed times, censored ones included, ascending.
    cumhaz : array of shape (m,)
        Right-continuous, never falling; 0 before the first time.
    """

    stratum: float
    times: Array
    cumhaz: Array

    def at(self, times: Array) -> Array:
        """Return the cumulative hazard at ``times`` (0 before the first, flat after the last)."""
        steps = np.concatenate([[0.0], self.cumhaz])
        out: Array = steps[np.searchsorted(self.times, times, side="right")]
        return out


@dataclass(frozen=True)
class CoxFit:
    """A fitted Cox model.

    Attributes
    ----------
    coef, se, z, p, lower, upper : array of shape (p,)
        Log hazard ratios with Wald statistics; NaN for a constant column or one that earlier
        columns span.
    vcov : array of shape (p, p)
        Inverse information.
    loglik, loglik_null : float
        Log partial likelihood at ``coef`` and at 0.
    lr_test, wald_test, score_test : ChiSquared
        Global tests that all coefficients are 0.
    means : array of shape (p,)
        Column means, about which `linear_predictor` is centred, as in R.
    baselines : tuple of Baseline
        One a stratum, by the tie method of the fit (Efron's as in survfit).
    monotone : tuple of int
        Columns whose coefficient runs to infinity (coxph: "Loglik converged before variable").
    """

    coef: Array
    se: Array
    z: Array
    p: Array
    lower: Array
    upper: Array
    vcov: Array
    loglik: float
    loglik_null: float
    aic: float
    bic: float
    lr_test: ChiSquared
    wald_test: ChiSquared
    score_test: ChiSquared
    means: Array
    baselines: tuple[Baseline, ...]
    n: int
    events: int
    ties: Ties
    converged: bool
    monotone: tuple[int, ...]
    level: float


def fit_cox(
    X: Any, time: Any, event: Any, ties: Ties = "efron", strata: Any = None, level: float = 0.95
) -> CoxFit:
    """Fit a Cox model by Newton's method, as R's ``coxph``.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite.
    time, event : array of shape (n,)
        Time of event or censoring, any unit; 1 where the event was observed.
    ties : "efron" or "breslow"
        Treatment of tied event times; also the kind of baseline hazard. Times are compared
        exactly, so round them beforehand if they come from arithmetic.
    strata : array of shape (n,), optional
        Numeric stratum codes; each stratum has its own baseline.
    level : float
        Of the Wald intervals, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If a value is missing or there is no event.
    """
    plain = matrix(X)
    n = plain.shape[0]
    t = vector(time, n, "time")
    status = vector(event, n, "event")
    if not np.isin(status, (0.0, 1.0)).all():
        raise ValueError("event must be 0 or 1")
    s = np.zeros(n) if strata is None else vector(strata, n, "strata")
    happened = status == 1.0
    if not happened.any():
        raise DegenerateDataError("no event was observed")
    means = plain.mean(axis=0)
    centred = plain - means
    varies = np.abs(centred).max(axis=0) > 1e-12 * np.abs(plain).max(axis=0)
    keep = independent(np.where(varies, centred, 0.0))
    scale: Array = np.sqrt((centred[:, keep] ** 2).mean(axis=0))
    sets = risk_sets(t, happened, ties, s)
    scaled = (centred[:, keep] / scale)[sets.order]
    beta, null, now, inverse, converged = newton(scaled, sets)
    moved = np.abs(inverse @ now.score)
    runaway = (moved > 1e-9) & (moved > np.sqrt(1e-9) * np.abs(beta))
    coef, covariance = beta / scale, inverse / np.outer(scale, scale)
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    z = np.divide(coef, se, out=np.full_like(coef, np.nan), where=se > 0)
    half = special.ndtri(0.5 + level / 2.0) * se
    events, df = int(happened.sum()), int(keep.sum())
    start = moments(scaled, np.zeros(n), sets)
    return CoxFit(
        coef=spread(coef, keep),
        se=spread(se, keep),
        z=spread(z, keep),
        p=spread(2.0 * special.ndtr(-np.abs(z)), keep),
        lower=spread(coef - half, keep),
        upper=spread(coef + half, keep),
        vcov=spread(covariance, keep),
        loglik=now.loglik,
        loglik_null=null,
        aic=-2.0 * now.loglik + 2.0 * df,
        bic=-2.0 * now.loglik + df * float(np.log(events)),
        lr_test=chi_squared(2.0 * (now.loglik - null), df),
        wald_test=chi_squared(float(beta @ now.information @ beta), df),
        score_test=chi_squared(float(start.score @ invert(start.information) @ start.score), df),
        means=means,
        baselines=_baselines(now.hazard, sets),
        n=n,
        events=events,
        ties=ties,
        converged=converged,
        monotone=tuple(int(j) for j in np.flatnonzero(keep)[runaway]),
        level=level,
    )


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Return the test of a statistic; p is NaN without degrees of freedom."""
    p = float(special.chdtrc(df, max(statistic, 0.0))) if df else float("nan")
    return ChiSquared(statistic, df, p)


def _baselines(hazard: Array, sets: RiskSets) -> tuple[Baseline, ...]:
    per_row = np.zeros(sets.time.size)
    per_row[np.flatnonzero(sets.event)] = hazard
    out = []
    for code in np.unique(sets.stratum):
        mine = sets.stratum == code
        times, place = np.unique(sets.time[mine], return_inverse=True)
        jumps = np.bincount(place, weights=per_row[mine], minlength=times.size)
        out.append(Baseline(float(code), times, np.cumsum(jumps)))
    return tuple(out)


def linear_predictor(fit: CoxFit, X: Any, centred: bool = True) -> Array:
    """Return ``(X - means) @ coef`` (or ``X @ coef``), shape (n,); a missing coefficient is 0."""
    rows = matrix(X)
    coef = np.nan_to_num(fit.coef)
    eta: Array = (rows - fit.means if centred else rows) @ coef
    return eta


def survival_at(fit: CoxFit, X: Any, times: Any, stratum: float | None = None) -> Array:
    """Return P(no event by each time) for new rows, shape (n, len(times)), in [0, 1].

    ``exp(-H0(t) exp(lp))`` with the baseline of the stratum (the only one when not named).
    """
    if stratum is None and len(fit.baselines) > 1:
        raise ValueError("name the stratum whose baseline is meant")
    chosen = [b for b in fit.baselines if stratum is None or b.stratum == stratum]
    if not chosen:
        raise ValueError(f"the model has no stratum {stratum}")
    return survival_from(chosen[0], fit, X, times)


def survival_from(baseline: Baseline, fit: CoxFit, X: Any, times: Any) -> Array:
    """Return ``exp(-H0(t) exp(lp))`` for new rows, shape (n, len(times)), from a given baseline."""
    grid = np.atleast_1d(np.asarray(times, dtype=np.float64))
    relative = np.exp(np.minimum(linear_predictor(fit, X), 700.0))
    out: Array = np.exp(-np.outer(relative, baseline.at(grid)))
    return out


def baseline_at_zero(fit: CoxFit) -> tuple[Baseline, ...]:
    """Return the baselines for all covariates 0 (``basehaz(centered = FALSE)``)."""
    factor = float(np.exp(-fit.means @ np.nan_to_num(fit.coef)))
    return tuple(Baseline(b.stratum, b.times, b.cumhaz * factor) for b in fit.baselines)

"""Residuals of a Cox fit, the robust variance, and tests of proportional hazards.

The data given here are those of the fit, in its order; that is checked by the number of cases and
events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import special

from radpipe.stats.cox import ChiSquared, CoxFit, chi_squared
from radpipe.stats.cox_likelihood import (
    RiskSets,
    exposure,
    moments,
    relative_hazard,
    risk_sets,
    risk_sums,
)
from radpipe.stats.design import Array, DegenerateDataError, matrix, vector

TimeScale = Literal["km", "rank", "identity", "log"]


@dataclass(frozen=True)
class HazardTest:
    """Tests that hazards are proportional: one for each term, and one for all."""

    terms: tuple[ChiSquared, ...]
    overall: ChiSquared
    scale: TimeScale
    method: str


@dataclass(frozen=True)
class FittedData:
    """A fit's data in the order of its risk sets, with what each slot makes of them.

    Attributes
    ----------
    sets : RiskSets
        Rows by stratum and falling time.
    X : array of shape (n, p)
        Covariates less ``fit.means``.
    w : array of shape (n,)
        exp(linear predictor - shift).
    shift, hazard, mean : arrays of shape (events,), (events,), (events, p)
        Of the slots: the largest linear predictor of the stratum, the hazard's increment times
        exp(shift), the mean covariates at risk.
    coef : array of shape (p,)
        Coefficients, 0 where the fit has none.
    """

    sets: RiskSets
    X: Array
    w: Array
    shift: Array
    hazard: Array
    mean: Array
    coef: Array


def martingale(fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None) -> Array:
    """Return observed minus expected events of each case, shape (n,), in (-inf, 1]."""
    found = fitted_data(fit, X, time, event, strata)
    now = moments(found.X, found.X @ found.coef, found.sets)
    return _unsorted(found.sets, found.sets.event - now.expected)


def deviance_residuals(fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None) -> Array:
    """Return martingale residuals made symmetric, shape (n,) (Therneau, Grambsch 1990)."""
    m = martingale(fit, X, time, event, strata)
    d = np.asarray(event, dtype=np.float64)
    inner: Array = m + np.where(d > 0, special.xlogy(d, d - m), 0.0)
    out: Array = np.sign(m) * np.sqrt(np.maximum(-2.0 * inner, 0.0))
    return out


def score_residuals(fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None) -> Array:
    """Return each case's part of the score, shape (n, p); the columns add up to 0."""
    found = fitted_data(fit, X, time, event, strata)
    sets = found.sets
    held = np.column_stack([found.hazard, found.hazard[:, None] * found.mean])
    sums = found.w[:, None] * exposure(held, sets)
    rows = sums[:, 1:] - found.X * sums[:, :1]
    rows[sets.slots] += _beyond_expected(found)
    return _unsorted(sets, rows)


def robust_vcov(
    fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None, groups: Any = None
) -> Array:
    """Return Lin and Wei's sandwich variance (1989), shape (p, p).

    Parameters
    ----------
    groups : array of shape (n,), optional
        Patient of each case: the residuals of one patient's cases are added up.
    """
    rows = score_residuals(fit, X, time, event, strata)
    if groups is not None:
        _, place = np.unique(np.asarray(groups), return_inverse=True)
        added = np.zeros((int(place.max()) + 1, rows.shape[1]))
        np.add.at(added, place, rows)
        rows = added
    keep = np.isfinite(fit.coef)
    change = rows[:, keep] @ fit.vcov[np.ix_(keep, keep)]
    out = np.full(fit.vcov.shape, np.nan)
    out[np.ix_(keep, keep)] = change.T @ change
    return out


def schoenfeld(
    fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None
) -> tuple[Array, Array]:
    """Return event times (events,) and covariates less their expectation (events, p), by time."""
    found = fitted_data(fit, X, time, event, strata)
    sets = found.sets
    rows = _beyond_expected(found)
    order = np.argsort(sets.time[sets.slots], kind="stable")
    return sets.time[sets.slots][order], rows[order]


def hazard_test(
    fit: CoxFit,
    X: Any,
    time: Any,
    event: Any,
    scale: TimeScale = "km",
    strata: Any = None,
    terms: Any = None,
) -> HazardTest:
    """Test proportional hazards by the score test, as R's ``cox.zph`` since survival 3.0.

    The model is enlarged by covariate times g(time) for the columns of a term, and the score of
    those is tested at the fitted coefficients.

    Parameters
    ----------
    scale : "km", "rank", "identity" or "log"
        g: 1 - Kaplan-Meier just before the time, rank of the event time, the time, its logarithm.
    terms : sequence of sequences of int, optional
        Columns of each term; each column by itself without.

    Raises
    ------
    DegenerateDataError
        With fewer than two event times.
    """
    found = fitted_data(fit, X, time, event, strata)
    g = _scaled_times(found.sets, scale, among=found.sets.time)
    rows = found.X[found.sets.slots] - found.mean
    score = g @ rows
    plain, mixed, square = _weighted_information(found, g)
    keep = np.isfinite(fit.coef)
    inner = square - mixed @ _inverse(plain, keep) @ mixed

    def test(columns: list[int]) -> ChiSquared:
        used = [j for j in columns if keep[j]]
        block = np.linalg.pinv(inner[np.ix_(used, used)], hermitian=True)
        return chi_squared(float(score[used] @ block @ score[used]), len(used))

    p = rows.shape[1]
    parts = [list(t) for t in terms] if terms is not None else [[j] for j in range(p)]
    return HazardTest(
        tuple(test(part) for part in parts),
        test(list(range(p))),
        scale,
        f"score test of proportional hazards, time as {scale}",
    )


def hazard_test_correlation(
    fit: CoxFit, X: Any, time: Any, event: Any, scale: TimeScale = "km", strata: Any = None
) -> tuple[ChiSquared, ...]:
    """Return Grambsch and Therneau's approximate test for each column (Biometrika 1994;81:515).

    The form of R's ``cox.zph`` before survival 3.0, of lifelines and of SAS; the score test is
    preferred.
    """
    found = fitted_data(fit, X, time, event, strata)
    g = _scaled_times(found.sets, scale, among=found.sets.time[found.sets.slots])
    covariance = np.nan_to_num(fit.vcov)
    scaled = _beyond_expected(found) @ covariance * g.size
    spread = np.diag(covariance) * g.size * float(np.sum((g - g.mean()) ** 2))
    top = ((g - g.mean()) @ scaled) ** 2
    chi2 = np.divide(top, spread, out=np.full_like(top, np.nan), where=spread > 0)
    return tuple(chi_squared(float(c), 1) for c in chi2)


def _weighted_information(found: FittedData, g: Array) -> tuple[Array, Array, Array]:
    """Return the slots' covariance matrices summed with weights 1, g and g squared."""
    weights = np.stack([np.ones_like(g), g, g * g], axis=1)
    # Sum over slots of weight * E[xx'] is a sum over rows, each with its exposure.
    held = exposure(weights * found.hazard[:, None], found.sets) * found.w[:, None]
    first = np.einsum("nk,ni,nj->kij", held, found.X, found.X, optimize=True)
    second = np.einsum("sk,si,sj->kij", weights, found.mean, found.mean, optimize=True)
    plain, mixed, square = first - second
    return plain, mixed, square


def _inverse(information: Array, keep: Any) -> Array:
    out = np.zeros_like(information)
    out[np.ix_(keep, keep)] = np.linalg.pinv(information[np.ix_(keep, keep)], hermitian=True)
    return out


def _scaled_times(sets: RiskSets, scale: TimeScale, among: Array) -> Array:
    """Return g at each slot's time, centred (the score of the coefficients themselves is 0).

    Ranks are those ``among`` all times for the score test, as cox.zph has them, and among the
    events' for the older form.
    """
    t = sets.time[sets.slots]
    if np.unique(t).size < 2:
        raise DegenerateDataError("one event time only: no change over time can be seen")
    if scale == "identity":
        g = t
    elif scale == "log":
        if t.min() <= 0:
            raise ValueError(f"scale 'log' needs times above 0, not {t.min():g}")
        g = np.log(t)
    elif scale == "rank":
        g = _ranks(among, t)
    elif scale == "km":
        g = 1.0 - _km_before(sets.time, sets.event, t)
    else:
        raise ValueError(f"scale {scale!r} is not known; allowed: km, rank, identity, log")
    out: Array = g - g.mean()
    return out


def _ranks(among: Array, at: Array) -> Array:
    """Return the mean ranks of times that stand ``among`` others."""
    known = np.sort(among)
    first, last = (np.searchsorted(known, at, side=side) for side in ("left", "right"))
    out: Array = (first + 1 + last) / 2.0
    return out


def _km_before(time: Array, event: Any, at: Array) -> Array:
    """Return the Kaplan-Meier estimate of all cases just before ``at``."""
    from radpipe.stats.survival import kaplan_meier

    curve = kaplan_meier(time, event)
    steps = np.concatenate([[1.0], curve.survival])
    out: Array = steps[np.searchsorted(curve.times, at, side="left")]
    return out


def fitted_data(fit: CoxFit, X: Any, time: Any, event: Any, strata: Any) -> FittedData:
    """Return a fit's data sorted and passed once.

    Raises
    ------
    ValueError
        Where they are not the fit's, or its ties are treated exactly.
    """
    rows = matrix(X)
    n = rows.shape[0]
    t, d = vector(time, n, "time"), vector(event, n, "event")
    s = np.zeros(n) if strata is None else vector(strata, n, "strata")
    if n != fit.n or int(d.sum()) != fit.events or rows.shape[1] != fit.coef.size:
        raise ValueError(
            f"{n} cases with {int(d.sum())} events and {rows.shape[1]} columns are not the fit's "
            f"{fit.n} with {fit.events} and {fit.coef.size}"
        )
    if np.unique(s).size != len(fit.baselines):
        raise ValueError(
            f"{np.unique(s).size} strata are not the fit's {len(fit.baselines)}: give its strata"
        )
    if fit.ties == "exact":
        raise ValueError("residuals are defined for ties 'efron' and 'breslow'")
    sets = risk_sets(t, d == 1.0, fit.ties, s)
    centred = (rows - fit.means)[sets.order]
    coef = np.nan_to_num(fit.coef)
    w, shift = relative_hazard(centred @ coef, sets)
    sums = risk_sums(np.column_stack([w, w[:, None] * centred]), sets)
    mean = sums[:, 1:] / sums[:, :1]
    return FittedData(sets, centred, w, shift[sets.slots], 1.0 / sums[:, 0], mean, coef)


def _beyond_expected(found: FittedData) -> Array:
    """Return each event's covariates less their mean at risk, shape (events, p).

    Of tied events each takes the mean over their slots, as none is known to be the first.
    """
    sets = found.sets
    times = np.zeros((int(sets.tied.max()) + 1, found.X.shape[1]))
    np.add.at(times, sets.tied, found.mean / sets.count[:, None])
    out: Array = found.X[sets.slots] - times[sets.tied]
    return out


def _unsorted(sets: RiskSets, rows: Array) -> Array:
    out = np.empty_like(rows)
    out[sets.order] = rows
    return out

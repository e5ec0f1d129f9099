"""Residuals of a Cox fit, and the robust variance.

The data given here are those of the fit, in its order; that is checked by the number of cases and
events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.clusters import sandwich
from radpipe.stats.cox import CoxFit
from radpipe.stats.cox_likelihood import (
    RiskSets,
    exposure,
    moments,
    relative_hazard,
    risk_sets,
    risk_sums,
)
from radpipe.stats.design import Array, matrix, vector


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
    rows[sets.slots] += beyond_expected(found)
    return _unsorted(sets, rows)


def robust_vcov(
    fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None, groups: Any = None
) -> Array:
    """Return Lin and Wei's sandwich variance (1989), shape (p, p), as `clusters.sandwich` has it.

    Parameters
    ----------
    groups : array of shape (n,), optional
        Patient of each case: the residuals of one patient's cases are added up.
    """
    return sandwich(score_residuals(fit, X, time, event, strata), fit.vcov, groups)


def hazard_influence(fit: CoxFit, X: Any, time: Any, event: Any, at: Any) -> Array:
    """Return each case's influence on the baseline cumulative hazard, shape (n, times).

    That about ``fit.means``, the coefficients taken as known (a fit without strata): what a case's
    own event adds, less what its time at risk takes. The columns add up to 0.
    """
    found = fitted_data(fit, X, time, event, None)
    sets = found.sets
    grid = np.atleast_1d(np.asarray(at, dtype=np.float64))
    steps = found.hazard[:, None] * (sets.time[sets.slots][:, None] <= grid)
    rows = -found.w[:, None] * exposure(found.hazard[:, None] * steps, sets)
    # of tied events each takes the mean over their slots, as none is known to be the first
    own = np.zeros((int(sets.tied.max()) + 1, grid.size))
    np.add.at(own, sets.tied, steps / sets.count[:, None])
    rows[sets.slots] += own[sets.tied]
    return _unsorted(sets, rows * np.exp(-found.shift[0]))


def schoenfeld(
    fit: CoxFit, X: Any, time: Any, event: Any, strata: Any = None
) -> tuple[Array, Array]:
    """Return event times (events,) and covariates less their expectation (events, p), by time."""
    found = fitted_data(fit, X, time, event, strata)
    sets = found.sets
    rows = beyond_expected(found)
    order = np.argsort(sets.time[sets.slots], kind="stable")
    return sets.time[sets.slots][order], rows[order]


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


def beyond_expected(found: FittedData) -> Array:
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

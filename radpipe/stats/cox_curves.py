"""Survival of new cases by a Cox fit, with intervals, as R's ``survfit`` for ``coxph``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.cox import Baseline, CoxFit, linear_predictor
from radpipe.stats.cox_residuals import fitted_data
from radpipe.stats.design import Array
from radpipe.stats.results import z_value


@dataclass(frozen=True)
class PredictedSurvival:
    """Survival of new cases at chosen times.

    Attributes
    ----------
    survival, se, lower, upper : array of shape (n, times)
        ``se`` is that of the cumulative hazard; limits are log-log, NaN where survival is 0 or 1.
    """

    survival: Array
    se: Array
    lower: Array
    upper: Array
    level: float
    method: str


def predicted_survival(
    fit: CoxFit,
    X: Any,
    time: Any,
    event: Any,
    new: Any,
    at: Any,
    level: float = 0.95,
) -> PredictedSurvival:
    """Return the survival of new cases with its interval (a fit without strata).

    Parameters
    ----------
    fit : CoxFit
        The model.
    X, time, event : array
        The data that it was fitted to.
    new : array of shape (n, p)
        Covariates of the new cases.
    at : array of shape (times,)
        In the unit of ``time``.

    Notes
    -----
    The variance of the cumulative hazard has a part of the baseline, the sum of squared
    increments, and one of the coefficients, through the distance of the case from the mean
    covariates at each event time (Tsiatis 1981; Therneau and Grambsch 2000, section 10.2).
    """
    if len(fit.baselines) > 1:
        raise ValueError("the model has strata: predict from a fit of one stratum")
    found = fitted_data(fit, X, time, event, None)
    grid = np.atleast_1d(np.asarray(at, dtype=np.float64))
    slot_time = found.sets.time[found.sets.slots]
    upto = slot_time[None, :] <= grid[:, None]
    hazard = found.hazard * np.exp(-found.shift)
    total = upto @ hazard
    squares = upto @ hazard**2
    means = upto @ (hazard[:, None] * found.mean)
    rows = np.atleast_2d(np.asarray(new, dtype=np.float64)) - fit.means
    risk = np.exp(rows @ found.coef)[:, None]
    distance = total[None, :, None] * rows[:, None, :] - means[None, :, :]
    covariance = np.nan_to_num(fit.vcov)
    spread = np.einsum("nti,ij,ntj->nt", distance, covariance, distance)
    cumulative = risk * total
    se = risk * np.sqrt(squares[None, :] + spread)
    inside = cumulative > 0
    ratio = np.divide(se, cumulative, out=np.full_like(se, np.nan), where=inside)
    half = z_value(level) * ratio
    return PredictedSurvival(
        np.exp(-cumulative),
        se,
        np.exp(-cumulative * np.exp(half)),
        np.exp(-cumulative * np.exp(-half)),
        level,
        f"{fit.ties.capitalize()} baseline, log-log interval",
    )


def breslow_baseline(fit: CoxFit, X: Any, time: Any, event: Any) -> Baseline:
    """Return Breslow's cumulative hazard at the fit's coefficients, whatever its ties.

    What lifelines and scikit-survival print beside Efron's coefficients; about ``fit.means``, as
    ``fit.baselines``.

    Raises
    ------
    ValueError
        The fit has strata.
    """
    if len(fit.baselines) > 1:
        raise ValueError("the model has strata: Breslow's baseline is that of a fit of one stratum")
    t, d = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=np.float64)
    risk = np.exp(linear_predictor(fit, X))
    times, place = np.unique(t, return_inverse=True)
    deaths = np.bincount(place, weights=d)
    at_risk = np.cumsum(np.bincount(place, weights=risk)[::-1])[::-1]
    return Baseline(0.0, times, np.cumsum(deaths / at_risk))

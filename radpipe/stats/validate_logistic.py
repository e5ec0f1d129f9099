"""Internal validation of a logistic model: its indexes and calibration curve without optimism.

As rms::validate and rms::calibrate of lrm. Resamples are counts of cases, and all of them are
refitted together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from radpipe.stats.design import Array, DegenerateDataError, matrix
from radpipe.stats.logistic_refits import refit_logistic
from radpipe.stats.optimism import Optimism, Scheme, combine, splits
from radpipe.stats.performance import performance
from radpipe.stats.results import NAN, FloatArray, floats, labels01
from radpipe.stats.smooth import lowess


def validate_logistic(
    X: Any,
    y: Any,
    scheme: Scheme = "bootstrap",
    resamples: int = 1000,
    seed: int = 0,
    groups: Any = None,
) -> Optimism:
    """Correct the indexes of a logistic model for optimism.

    Parameters
    ----------
    X : array (n, p)
        Predictors, finite.
    y : array (n,)
        1 where the event is present, else 0.
    scheme, resamples, seed, groups
        As for `radpipe.stats.optimism.optimism`.

    Returns
    -------
    Optimism
        The indexes of `radpipe.stats.performance.Performance`. .632+ has C, Dxy, R2 and Brier.

    Raises
    ------
    DegenerateDataError
        If the model cannot be fitted on all cases: one class, separation, dependent columns.
    ValueError
        If scheme or number of resamples is not allowed.
    """
    design, event, risk = _whole(X, y)
    first = performance(event, risk).table()
    apparent = {name: float(value[0]) for name, value in first.items()}
    training: list[FloatArray] = []
    test: list[FloatArray] = []
    for drawn, held in splits(event.size, scheme, resamples, seed, groups):
        fitted, risks = _refits(design, event, drawn)
        for rows, weights in ((training, drawn), (test, held)):
            found = performance(event, risks, weights.T).table()
            rows.append(np.where(fitted[:, None], np.stack(list(found.values()), axis=1), NAN))
    share = float(event.mean())
    chance = {
        "c": 0.5,
        "dxy": 0.0,
        "r2": 0.0,
        "brier": share * float(((1 - risk) ** 2).mean()) + (1 - share) * float((risk**2).mean()),
    }
    return combine(
        apparent, np.concatenate(training), np.concatenate(test), scheme, event.size, chance
    )


def calibrate_logistic(
    X: Any,
    y: Any,
    at: Any,
    scheme: Scheme = "bootstrap",
    resamples: int = 1000,
    seed: int = 0,
    groups: Any = None,
) -> Optimism:
    """Correct the lowess calibration curve of a logistic model for optimism.

    Parameters
    ----------
    X, y, scheme, resamples, seed, groups
        As for `validate_logistic`.
    at : array (k,)
        Predicted risks, in (0, 1), at which to read the curve; NaN where no risk reaches so far.

    Returns
    -------
    Optimism
        ``apparent`` and ``corrected`` are observed risks; the names are the predicted ones.
    """
    risks_at = floats(at)
    if risks_at.ndim != 1 or not ((risks_at > 0) & (risks_at < 1)).all():
        raise ValueError("the curve is read at risks between 0 and 1")
    design, event, risk = _whole(X, y)
    apparent = dict(
        zip((f"{p:.10g}" for p in risks_at), _curve(event, risk, risks_at), strict=True)
    )
    training: list[FloatArray] = []
    test: list[FloatArray] = []
    for drawn, held in splits(event.size, scheme, resamples, seed, groups):
        fitted, risks = _refits(design, event, drawn)
        for rows, weights in ((training, drawn), (test, held)):
            for own, p, count in zip(fitted, risks.T, weights.astype(np.int64), strict=True):
                some = own and count.any()
                curve = _curve(np.repeat(event, count), np.repeat(p, count), risks_at)
                rows.append(curve if some else np.full(risks_at.size, NAN))
    return combine(apparent, training, test, scheme, event.size)


def _whole(X: Any, y: Any) -> tuple[Array, FloatArray, FloatArray]:
    """Return design, outcome and the apparent risks."""
    design, event = matrix(X), labels01(y).astype(np.float64)
    coef = refit_logistic(design, event, np.ones((1, event.size)))[0]
    if np.isnan(coef).any():
        raise DegenerateDataError("one class, or the predictors separate the classes")
    return design, event, floats(expit(coef[0] + design @ coef[1:]))


def _refits(design: Array, event: FloatArray, counts: FloatArray) -> tuple[Any, FloatArray]:
    """Return which resamples could be fitted, and each one's risks for all cases (n, R)."""
    coef = refit_logistic(design, event, counts)
    fitted = np.isfinite(coef).all(axis=1)
    lp = np.nan_to_num(coef[:, 0]) + design @ np.nan_to_num(coef[:, 1:]).T
    return fitted, floats(expit(lp))


def _curve(event: FloatArray, risk: FloatArray, at: FloatArray) -> FloatArray:
    if not event.size:
        return np.full(at.shape, NAN)
    x, smooth = lowess(risk, event)
    return floats(np.interp(at, x, smooth, left=NAN, right=NAN))

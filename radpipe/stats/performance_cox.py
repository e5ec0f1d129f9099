"""The indexes of a Cox model's linear predictor that rms prints (cph, validate)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from radpipe.stats.cox_refits import refit_cox
from radpipe.stats.design import vector
from radpipe.stats.performance import gini
from radpipe.stats.results import NAN, BoolArray, FloatArray, floats, labels01


@dataclass(frozen=True)
class CoxPerformance:
    """Indexes of R linear predictors, each array (R,); NaN where undefined.

    Attributes
    ----------
    c, dxy : array
        Harrell's C, and Somers' Dxy = 2 c - 1; a higher predictor speaks for an earlier event.
    r2 : array
        Nagelkerke's R2 of the recalibrated predictor.
    slope : array
        Of the Cox regression on the predictor.
    d, u, q : array
        Harrell's discrimination (of the recalibrated predictor), unreliability (slope 1 against
        the fitted one) and quality index, relative to the null model's -2 log likelihood.
    g : array
        Gini's mean difference of the recalibrated predictor.
    """

    c: FloatArray
    dxy: FloatArray
    r2: FloatArray
    slope: FloatArray
    d: FloatArray
    u: FloatArray
    q: FloatArray
    g: FloatArray

    def table(self) -> dict[str, FloatArray]:
        """Return the indexes by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def performance_cox(time: Any, event: Any, lp: Any, weights: Any = None) -> CoxPerformance:
    """Measure linear predictors against one survival outcome.

    Parameters
    ----------
    time, event : array (n,)
        Time of event or censoring, any unit; 1 where the event was observed.
    lp : array (n,) or (n, R)
        Log relative hazards, finite.
    weights : array (n,) or (n, R), optional
        How often each case stands in the cohort; 0 leaves it out.

    Raises
    ------
    ValueError
        If shapes disagree, or a weight is no count.
    """
    x = floats(lp)
    x = x[:, None] if x.ndim == 1 else x
    t, d = vector(time, x.shape[0], "time"), labels01(event)
    w = np.ones(x.shape) if weights is None else floats(weights)
    w = w[:, None] if w.ndim == 1 else w
    if w.shape != x.shape:
        raise ValueError(f"weights of shape {w.shape} for predictors of shape {x.shape}")
    if not ((w >= 0) & (w == np.round(w))).all():
        raise ValueError("weights count cases: 0, 1, 2 ...")
    fits = refit_cox(x.T[:, :, None], t, d, w.T)
    slope = fits.coef[:, 0]
    null, fixed, best = (-2 * v for v in (fits.loglik_null, fits.loglik_start, fits.loglik))
    defined = np.isfinite(slope) & (null > 0)
    size = np.where(defined, w.sum(axis=0), NAN)
    worst = np.where(defined, null, NAN)
    dis, unreliable = (null - best - 1) / worst, (fixed - best - 1) / worst
    c = _concordance(t, d, x, w)
    return CoxPerformance(
        c=c,
        dxy=2 * c - 1,
        r2=np.expm1((best - null) / size) / np.expm1(-worst / size),
        slope=slope,
        d=dis,
        u=unreliable,
        q=dis - unreliable,
        g=np.abs(slope) * gini(x, w),
    )


def _concordance(t: FloatArray, d: BoolArray, x: FloatArray, w: FloatArray) -> FloatArray:
    """Return Harrell's C of each column, copies of a case being tied with each other."""
    rows = np.flatnonzero(d)
    later = (t > t[rows, None]) | ((t == t[rows, None]) & ~d)
    out = np.full(x.shape[1], NAN)
    for r in range(x.shape[1]):
        score = x[:, r]
        above = score[rows, None]
        credit = (later & (above > score)) + 0.5 * (later & (above == score))
        pairs = w[rows, r] @ (later @ w[:, r])
        if pairs > 0:
            out[r] = w[rows, r] @ (credit @ w[:, r]) / pairs
    return out

"""Logistic recalibration of many sets of risks at once: y ~ logit(risk), and y ~ offset + 1.

One- and two-parameter maximum likelihood by Newton's method over all repeats together; the fits
are those of R's glm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from radpipe.stats.results import NAN, BoolArray, FloatArray, floats

_STEPS = 60


@dataclass(frozen=True)
class Recalibration:
    """Fits of R sets of risks; all NaN where a fit is undefined.

    ``intercept``, ``slope``, ``shift`` (the intercept with slope 1) and their standard errors are
    (R,); influences on them are (n, R), zero for cases that a set lacks. ``reason`` says why a
    set's slope is undefined, and is empty where it is not.
    """

    intercept: FloatArray
    slope: FloatArray
    shift: FloatArray
    intercept_se: FloatArray
    slope_se: FloatArray
    shift_se: FloatArray
    intercept_influence: FloatArray
    slope_influence: FloatArray
    shift_influence: FloatArray
    reason: tuple[str, ...]


def recalibrate(y: FloatArray, lp: FloatArray, weights: FloatArray | BoolArray) -> Recalibration:
    """Fit every column of ``lp`` (n, R), the logits of risks, with case weights (n, R).

    ``y`` (n,) is 0/1. A weight of 0 (False) leaves a case out, and its logit may then be missing;
    with counts as weights a case stands as often as its count says. A slope is undefined where
    the logits are all equal or separate the classes.
    """
    weight = np.asarray(weights, dtype=np.float64)
    known = weight > 0
    outcome = np.broadcast_to(y[:, None], lp.shape)
    x = np.where(known, lp, 0.0)
    reason = tuple(_reason(y[k], column[k]) for column, k in zip(x.T, known.T, strict=True))
    two_classes = np.array([not r.startswith("all cases") for r in reason])
    defined = np.array([not r for r in reason])

    size = weight.sum(axis=0)
    mean = np.divide((x * weight).sum(axis=0), size, out=np.zeros(size.shape), where=size > 0)
    spread = np.sqrt(((x - mean) ** 2 * weight).sum(axis=0) / np.maximum(size, 1))
    spread = np.where(spread > 0, spread, 1.0)
    a, b = _two(outcome, (x - mean) / spread, weight, defined)
    slope = b / spread
    intercept = a - slope * mean
    shift = _one(outcome, x, weight, two_classes)

    p = expit(np.where(defined, intercept + x * slope, 0.0))
    v = weight * p * (1 - p)
    i11, i12, i22 = v.sum(axis=0), (v * x).sum(axis=0), (v * x**2).sum(axis=0)
    determinant = np.where(defined, i11 * i22 - i12**2, 1.0)
    residual = weight * (outcome - p)
    fixed = expit(np.where(two_classes, x + shift, 0.0))
    information = np.where(two_classes, (weight * fixed * (1 - fixed)).sum(axis=0), 1.0)
    return Recalibration(
        intercept=_where(defined, intercept),
        slope=_where(defined, slope),
        shift=_where(two_classes, shift),
        intercept_se=_where(defined, np.sqrt(np.abs(i22 / determinant))),
        slope_se=_where(defined, np.sqrt(np.abs(i11 / determinant))),
        shift_se=_where(two_classes, np.sqrt(1 / information)),
        intercept_influence=_where(defined, residual * (i22 - i12 * x) / determinant),
        slope_influence=_where(defined, residual * (i11 * x - i12) / determinant),
        shift_influence=_where(two_classes, weight * (outcome - fixed) / information),
        reason=reason,
    )


def _reason(y: FloatArray, lp: FloatArray) -> str:
    if y.size == 0 or np.ptp(y) == 0:
        return "all cases belong to one class"
    if np.ptp(lp) == 0:
        return "all risks are equal: the slope is undefined"
    event, free = lp[y == 1], lp[y == 0]
    if event.min() >= free.max() or event.max() <= free.min():
        return "the risks separate the classes: the slope is infinite"
    return ""


def _where(defined: BoolArray, values: FloatArray) -> FloatArray:
    return floats(np.where(defined, values, NAN))


def _two(
    y: FloatArray, x: FloatArray, weight: FloatArray, fit: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return intercepts and slopes (R,), NaN where not to ``fit``; steps that worsen are halved."""
    a, b = np.zeros(fit.size), np.zeros(fit.size)
    best = _log_likelihood(y, a + x * b, weight)
    for _ in range(_STEPS):
        p = expit(a + x * b)
        v = weight * p * (1 - p)
        r = weight * (y - p)
        g1, g2 = r.sum(axis=0), (r * x).sum(axis=0)
        i11, i12, i22 = v.sum(axis=0), (v * x).sum(axis=0), (v * x**2).sum(axis=0)
        determinant = i11 * i22 - i12**2
        move = fit & (determinant > 0)
        determinant = np.where(move, determinant, 1.0)
        da = np.where(move, (i22 * g1 - i12 * g2) / determinant, 0.0)
        db = np.where(move, (i11 * g2 - i12 * g1) / determinant, 0.0)
        for _half in range(30):
            now = _log_likelihood(y, a + da + x * (b + db), weight)
            worse = now < best - 1e-12 * np.abs(best)
            if not worse.any():
                break
            da, db = np.where(worse, da / 2, da), np.where(worse, db / 2, db)
        a, b, best = a + da, b + db, now
        if max(np.abs(da).max(initial=0), np.abs(db).max(initial=0)) < 1e-12:
            break
    return _where(fit, a), _where(fit, b)


def _one(y: FloatArray, x: FloatArray, weight: FloatArray, fit: BoolArray) -> FloatArray:
    """Return the intercept beside an offset (R,) by bisection and Newton: the sum rises with it."""
    low, high = np.full(fit.size, -60.0), np.full(fit.size, 60.0)
    shift = np.zeros(fit.size)
    for _ in range(2 * _STEPS):
        p = expit(x + shift)
        gap = (weight * (y - p)).sum(axis=0)
        low, high = np.where(gap > 0, shift, low), np.where(gap <= 0, shift, high)
        information = (weight * p * (1 - p)).sum(axis=0)
        step = np.divide(gap, information, out=np.full(gap.shape, np.inf), where=information > 0)
        newton = shift + step
        inside = (newton > low) & (newton < high)
        new = np.where(inside, newton, (low + high) / 2)
        done = np.abs(new - shift)[fit].max(initial=0) < 1e-13
        shift = new
        if done:
            break
    return _where(fit, shift)


def _log_likelihood(y: FloatArray, eta: FloatArray, weight: FloatArray) -> FloatArray:
    return floats((weight * (y * eta - np.logaddexp(0, eta))).sum(axis=0))

"""One Cox model fitted under many sets of case weights at once, for perturbation.

Ties and the baseline hazard are Breslow's. For whole-number weights (resamples) with Efron's ties
see :mod:`radpipe.stats.cox_refits`.
"""

from __future__ import annotations

import numpy as np

from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray

_STEPS = 30
_CELLS = 2_000_000  # numbers held at a time


def weighted_cox_risks(
    x: FloatArray, t: FloatArray, d: BoolArray, weight: FloatArray, horizon: float
) -> FloatArray:
    """Return each case's risk by the horizon by weighted Cox models, (R, n); NaN without a fit."""
    rows = max(1, _CELLS // (t.size * (1 + x.shape[1]) ** 2))
    parts = range(0, weight.shape[0], rows)
    return np.concatenate([_cox_block(x, t, d, weight[a : a + rows], horizon) for a in parts])


def _cox_block(
    x: FloatArray, t: FloatArray, d: BoolArray, weight: FloatArray, horizon: float
) -> FloatArray:
    """Fit by Newton's method, ties and baseline by Breslow."""
    order = np.argsort(-t, kind="stable")
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    z, w, happened, when = z[order], weight[:, order], d[order].astype(float), t[order]
    # Last place of each case's risk set, cases standing by falling time.
    last: IntArray = np.searchsorted(-when, -when, side="right") - 1
    beta = np.zeros((w.shape[0], z.shape[1]))
    fitted = np.zeros(w.shape[0], dtype=np.bool_)
    products = z[:, :, None] * z[:, None, :]
    deaths = w * happened
    for _ in range(_STEPS):
        s0, mass = _at_risk(beta, z, w, last)
        s1 = np.cumsum(mass[:, :, None] * z, axis=1)[:, last]
        s2 = np.cumsum(mass[:, :, None, None] * products, axis=1)[:, last]
        mean = s1 / s0[:, :, None]
        score = np.einsum("rn,rnp->rp", deaths, z - mean)
        spread = s2 / s0[:, :, None, None] - mean[..., :, None] * mean[..., None, :]
        information = np.einsum("rn,rnpq->rpq", deaths, spread)
        sound = np.linalg.eigvalsh(information)[:, 0] > 1e-10 * deaths.sum(axis=1)
        step = np.zeros(beta.shape)
        step[sound] = np.linalg.solve(information[sound], score[sound][:, :, None])[:, :, 0]
        # A long first step can overshoot; what a step may change is bounded.
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta = beta + step * np.minimum(1.0, 2.0 / np.maximum(longest, 2.0))
        fitted = sound & (longest[:, 0] < 1e-8)
        if fitted[sound].all():
            break
    s0, mass = _at_risk(beta, z, w, last)
    hazard = np.sum(np.where(when <= horizon, deaths / s0, 0.0), axis=1, keepdims=True)
    eta = beta @ z.T
    risk = -np.expm1(-hazard * np.exp(eta - eta.max(axis=1, keepdims=True)))
    out = np.full(weight.shape, NAN)
    out[:, order] = np.where(fitted[:, None], risk, NAN)
    return out


def _at_risk(
    beta: FloatArray, z: FloatArray, w: FloatArray, last: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the relative hazards summed over each risk set, and each case's own."""
    eta = beta @ z.T
    mass = w * np.exp(eta - eta.max(axis=1, keepdims=True))
    return np.cumsum(mass, axis=1)[:, last], mass

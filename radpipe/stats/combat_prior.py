"""Empirical Bayes of ComBat: one batch's shifts and variances shrunken over p features.

All take one batch's standardised values (m, p) with missing ones as NaN, their means
``gamma_hat`` (p,) and variances ``delta_hat`` (p,).
"""

from __future__ import annotations

import numpy as np

from radpipe.stats.results import FloatArray, floats

_MOST_STEPS = 10_000
_BLOCK = 2_000_000


def shrunken_means(gamma_hat: FloatArray) -> FloatArray:
    """Return shifts where variances are left alone: the normal prior against unit variance.

    sva weighs the prior as if the batch held one case.
    """
    spread = float(np.var(gamma_hat, ddof=1))
    return floats((spread * gamma_hat + gamma_hat.mean()) / (spread + 1))


def parametric(
    values: FloatArray, gamma_hat: FloatArray, delta_hat: FloatArray, convergence: float
) -> tuple[FloatArray, FloatArray]:
    """Return posterior shifts and variances under a normal and an inverse gamma prior.

    The priors' parameters come from the moments over features; both posteriors depend on each
    other and are iterated until no relative change exceeds ``convergence`` (Johnson, Li and
    Rabinovic, Biostatistics 2007;8:118, supplement).
    """
    count = np.isfinite(values).sum(axis=0)
    centre, spread = float(gamma_hat.mean()), float(np.var(gamma_hat, ddof=1))
    mean, variance = float(delta_hat.mean()), float(np.var(delta_hat, ddof=1))
    if variance <= 1e-14 * mean**2:
        # Features of one and the same variance: the inverse gamma prior is that point.
        delta = np.full(delta_hat.shape, mean)
        return _shift(gamma_hat, centre, spread, count, delta), delta
    shape = (2 * variance + mean**2) / variance
    rate = (mean * variance + mean**3) / variance
    # The sum of squares about any shift, from those about the mean.
    about_mean = np.nansum((values - gamma_hat) ** 2, axis=0)
    own = np.nanmean(values, axis=0)
    gamma, delta = gamma_hat, delta_hat
    for _ in range(_MOST_STEPS):
        new = _shift(gamma_hat, centre, spread, count, delta)
        squares = about_mean + count * ((own - new) ** 2 - (own - gamma_hat) ** 2)
        new_delta = (squares / 2 + rate) / (count / 2 + shape - 1)
        # As in sva, a negative shift does not hold up the end.
        moved = np.abs(new - gamma) / np.where(gamma > 0, gamma, np.inf)
        change = max(float(moved.max()), float((np.abs(new_delta - delta) / delta).max()))
        gamma, delta = new, new_delta
        if change <= convergence:
            return gamma, delta
    raise ValueError(f"ComBat did not converge in {_MOST_STEPS} steps")


def nonparametric(
    values: FloatArray, gamma_hat: FloatArray, delta_hat: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return posterior means where the other features' estimates are the prior.

    Each feature averages the shifts and variances of all others, weighted by the normal
    likelihood of its own values.
    """
    count = np.isfinite(values).sum(axis=0)
    own = np.nanmean(values, axis=0)
    about_mean = np.nansum((values - own) ** 2, axis=0)
    p = gamma_hat.size
    gamma, delta = np.empty(p), np.empty(p)
    step = max(1, _BLOCK // p)
    for first in range(0, p, step):
        rows = np.arange(first, min(p, first + step))
        squares = (
            about_mean[rows, None] + count[rows, None] * (own[rows, None] - gamma_hat[None]) ** 2
        )
        log = -0.5 * (squares / delta_hat + count[rows, None] * np.log(delta_hat))
        log[np.arange(rows.size), rows] = -np.inf
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        gamma[rows], delta[rows] = weight @ gamma_hat, weight @ delta_hat
    return gamma, delta


def _shift(
    gamma_hat: FloatArray, centre: float, spread: float, count: FloatArray, delta: FloatArray
) -> FloatArray:
    return floats((spread * count * gamma_hat + delta * centre) / (spread * count + delta))

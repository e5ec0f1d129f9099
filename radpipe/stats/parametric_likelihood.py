"""The likelihood of accelerated failure time models in alpha = 1 / scale, gamma = beta / scale."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy import special

from radpipe.stats.ascent import Objective, ascend
from radpipe.stats.censoring import follow_up_times
from radpipe.stats.design import Array, BoolArray, DegenerateDataError
from radpipe.stats.results import labels01

Distribution = Literal["exponential", "weibull", "lognormal", "loglogistic"]


def log_times(time: Any, event: Any, n: int) -> tuple[Array, BoolArray]:
    """Return the logarithms of times (n,), and events (n,).

    Raises
    ------
    DegenerateDataError
        If there is no event.
    ValueError
        If a time is not above 0, or there are not ``n`` of each.
    """
    t, d = follow_up_times(time), labels01(event)
    if t.shape != (n,) or d.shape != (n,):
        raise ValueError(f"{t.size} times and {d.size} events for {n} rows")
    if not (t > 0).all():
        raise ValueError(f"{int((t == 0).sum())} times are 0: a parametric model needs them above")
    if not d.any():
        raise DegenerateDataError("no event was observed")
    return np.log(t), d


def maximum(
    Z: Array, y: Array, d: BoolArray, distribution: Distribution
) -> tuple[Array, float, Array]:
    """Return (gamma, alpha), the log-likelihood of log time and its information there."""
    objective = _objective(Z, y, d, distribution)
    fixed = distribution == "exponential"
    start = np.zeros(Z.shape[1] + (not fixed))
    if not fixed:
        start[-1] = 1.0 / max(float(y.std()), 1e-3)
    at, converged = ascend(objective, start)
    loglik, _, information = objective(at)
    theta = np.append(at, 1.0) if fixed else at
    flat = float(np.linalg.eigvalsh(information)[0]) if np.isfinite(information).all() else 0.0
    if not converged or flat < 1e-9 * y.size or float(theta[-1]) > 1e6:
        raise DegenerateDataError(
            "the likelihood has no maximum: the events lie on a line, or a coefficient is infinite"
        )
    if fixed:
        information = np.pad(information, (0, 1))
    return theta, loglik, information


def _objective(Z: Array, y: Array, d: BoolArray, distribution: Distribution) -> Objective:
    events = float(d.sum())
    fixed = distribution == "exponential"
    design = -Z if fixed else np.column_stack([-Z, y])

    def objective(theta: Array) -> tuple[float, Array, Array]:
        alpha = 1.0 if fixed else float(theta[-1])
        k = design.shape[1]
        if alpha <= 0:
            return -np.inf, np.zeros(k), np.eye(k)
        z = design @ theta + (y if fixed else 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            value, first, second = _density(z, d, distribution)
            total = float(value.sum()) + events * float(np.log(alpha))
            score = design.T @ first
            information = -(design * second[:, None]).T @ design
        if not (np.isfinite(total) and np.isfinite(information).all()):
            return -np.inf, np.zeros(k), np.eye(k)
        if not fixed:
            score[-1] += events / alpha
            information[-1, -1] += events / alpha**2
        return total, score, information

    return objective


def _density(z: Array, d: BoolArray, distribution: Distribution) -> tuple[Array, Array, Array]:
    """Return each residual's log density (log survival where censored) and two derivatives."""
    if distribution == "lognormal":
        tail = special.log_ndtr(-z)
        log_density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        hazard = np.exp(log_density - tail)
        return (
            np.where(d, log_density, tail),
            np.where(d, -z, -hazard),
            np.where(d, -1.0, -hazard * (hazard - z)),
        )
    if distribution == "loglogistic":
        share = special.expit(z)
        twice = 1.0 + d
        return (
            np.where(d, z, 0.0) - twice * np.logaddexp(0.0, z),
            np.where(d, 1.0, 0.0) - twice * share,
            -twice * share * (1 - share),
        )
    hazard = np.exp(z)
    return np.where(d, z, 0.0) - hazard, np.where(d, 1.0, 0.0) - hazard, -hazard

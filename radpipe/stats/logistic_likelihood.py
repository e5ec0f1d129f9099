"""The likelihood of a logistic model, plain and with Firth's penalty, and how to maximise it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.ascent import ascend
from radpipe.stats.design import (
    Array,
    BoolArray,
    DegenerateDataError,
    independent,
    matrix,
    vector,
)
from radpipe.stats.separation import Separation, separation


@dataclass(frozen=True)
class Problem:
    """The estimable columns of a logistic regression, with outcome, weights and offset."""

    X: Array
    y: Array
    weights: Array
    offset: Array
    keep: BoolArray
    intercept: bool


def problem(
    X: Any, y: Any, weights: Any = None, offset: Any = None, intercept: bool = True
) -> Problem:
    """Check the arguments of a logistic regression and drop columns that others span.

    Raises
    ------
    DegenerateDataError
        If a value is missing, the outcome has one class or no row has a positive weight.
    ValueError
        If shapes do not match or the outcome is not 0/1.
    """
    plain = matrix(X)
    n = plain.shape[0]
    outcome = vector(y, n, "the outcome")
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ValueError("the outcome must be 0 or 1")
    w = np.ones(n) if weights is None else vector(weights, n, "weights")
    if (w < 0).any():
        raise ValueError("weights must not be negative")
    o = np.zeros(n) if offset is None else vector(offset, n, "offset")
    used = w > 0
    if np.unique(outcome[used]).size < 2:
        raise DegenerateDataError("the outcome has one class only")
    full = np.column_stack([np.ones(n), plain]) if intercept else plain
    full, outcome, w, o = full[used], outcome[used], w[used], o[used]
    keep = independent(full)
    return Problem(full[:, keep], outcome, w, o, keep, intercept)


def log_likelihood(pb: Problem, eta: Array) -> float:
    """Return the weighted Bernoulli log-likelihood at linear predictors ``eta``."""
    return float(pb.weights @ (pb.y * eta - np.logaddexp(0.0, eta)))


def irls(
    pb: Problem,
    X: Array,
    tolerance: float = 1e-14,
    limit: int = 50,
) -> tuple[Array, Array, float, bool]:
    """Maximise the likelihood over columns ``X`` by iteratively reweighted least squares.

    R's ``glm.fit``: the same start, stopping rule and, for the covariance, the weights of the last
    step. Returns coefficients, inverse information, log-likelihood and whether it converged.
    """
    w = pb.weights
    mu = (w * pb.y + 0.5) / (w + 1.0)
    eta = np.log(mu / (1.0 - mu))
    previous = -2.0 * log_likelihood(pb, eta)
    scale = np.linalg.norm(X, axis=0)
    scaled = X / scale
    beta, inverse, converged = np.zeros(X.shape[1]), np.zeros((X.shape[1],) * 2), False
    last = np.inf
    for _ in range(limit):
        slope = np.maximum(mu * (1.0 - mu), np.finfo(float).eps)
        root = np.sqrt(w * slope)
        q, r = np.linalg.qr(scaled * root[:, None])
        working = (eta - pb.offset + (pb.y - mu) / slope) * root
        pivots = np.abs(np.diag(r))
        if pivots.size and pivots.min() < 1e-11 * pivots.max():
            break  # the working weights have vanished: separation
        half = np.linalg.inv(r)  # scipy's triangular solver waits on a second thread pool
        beta = half @ (q.T @ working)
        inverse = half @ half.T
        eta = scaled @ beta + pb.offset
        mu = special.expit(eta)
        deviance = -2.0 * log_likelihood(pb, eta)
        change = abs(deviance - previous) / (abs(deviance) + 0.1)
        # in large samples rounding can keep the change above the tolerance for ever
        converged = change < tolerance or last <= change < 1e-11
        if converged:
            break
        previous, last = deviance, change
    return (beta / scale, inverse / np.outer(scale, scale), log_likelihood(pb, eta), converged)


def separation_of(pb: Problem) -> Separation:
    """Return whether some linear predictor separates the classes, wholly or in part."""
    return separation(pb.X * np.where(pb.y == 1.0, 1.0, -1.0)[:, None])


def penalised(
    pb: Problem,
    X: Array,
    beta: Array,
    penalty: bool = True,
) -> tuple[float, Array, Array]:
    """Return Firth's penalised log-likelihood, its score and its information at ``beta``.

    Firth 1993, Heinze and Schemper 2002: the likelihood times the root of the information's
    determinant; the score gains ``h (1/2 - mu)`` with the hat values h. That is the score of data
    in which each row also counts ``h / 2`` times with either outcome; the information returned is
    that of the augmented data, from which logistf (since 1.24) takes its standard errors. ``X`` is
    scaled by the caller; the constant that scaling adds to the determinant is the caller's too.
    Without ``penalty``: the plain likelihood.
    """
    eta = X @ beta + pb.offset
    mu = special.expit(eta)
    root = np.sqrt(pb.weights * mu * (1.0 - mu))
    q, r = np.linalg.qr(X * root[:, None])
    diagonal = np.abs(np.diag(r))
    if diagonal.min() <= 0.0:
        return -np.inf, np.zeros_like(beta), np.eye(beta.size)
    score = X.T @ (pb.weights * (pb.y - mu))
    if not penalty:
        return log_likelihood(pb, eta), score, r.T @ r
    hat = np.einsum("ij,ij->i", q, q)
    score = score + X.T @ (hat * (0.5 - mu))
    information: Array = (X * (mu * (1.0 - mu) * (pb.weights + hat))[:, None]).T @ X
    return log_likelihood(pb, eta) + float(np.log(diagonal).sum()), score, information


def curvature(pb: Problem, X: Array, beta: Array) -> Array:
    """Return minus the second derivative of Firth's penalised log-likelihood, shape (k, k).

    With it Newton's steps converge in a few, where the information takes dozens. Derivatives of
    the weights v = w mu (1 - mu) are v (1 - 2 mu) and v (1 - 6 mu (1 - mu)).
    """
    mu = special.expit(X @ beta + pb.offset)
    v = pb.weights * mu * (1.0 - mu)
    r = np.linalg.qr(X * np.sqrt(v)[:, None], mode="r")
    z = X @ np.linalg.inv(r)
    hat = (z**2).sum(axis=1)
    bent = v * (1.0 - 6.0 * mu * (1.0 - mu)) * hat
    sloped = X * (v * (1.0 - 2.0 * mu))[:, None]
    if len(z) < z.shape[1] ** 2:
        drift = sloped.T @ (z @ z.T) ** 2 @ sloped
    else:
        pairs = sloped.T @ (z[:, :, None] * z[:, None, :]).reshape(len(z), -1)
        drift = pairs @ pairs.T
    out: Array = (X * (v - 0.5 * bent)[:, None]).T @ X + 0.5 * drift
    return out


def maximise(
    pb: Problem, X: Array, start: Array, free: BoolArray, penalty: bool = True, limit: int = 200
) -> tuple[Array, float, Array, bool]:
    """Maximise the (penalised) likelihood over the ``free`` coefficients, the others held.

    Returns coefficients, log-likelihood, information and whether it converged. The penalty keeps
    the information of all coefficients, also of those that are held, as logistf's profile does.
    """

    def put(values: Array) -> Array:
        beta = start.copy()
        beta[free] = values
        return beta

    def objective(values: Array) -> tuple[float, Array, Array]:
        beta = put(values)
        value, score, information = penalised(pb, X, beta, penalty)
        own = information[np.ix_(free, free)]
        if penalty and np.isfinite(value):
            bent = curvature(pb, X, beta)[np.ix_(free, free)]
            if np.linalg.eigvalsh(bent).min(initial=1.0) > 0.0:
                own = bent
        return value, score[free], own

    values, converged = ascend(objective, start[free], limit)
    beta = put(values)
    value, _, information = penalised(pb, X, beta, penalty)
    return beta, value, information, converged

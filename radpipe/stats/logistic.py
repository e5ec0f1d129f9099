"""Binary logistic regression as R fits it: maximum likelihood (glm) and Firth's (logistf)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, optimize, special

from radpipe.stats.design import (
    Array,
    BoolArray,
    DegenerateDataError,
    independent,
    matrix,
    spread,
    vector,
)


@dataclass(frozen=True)
class LogisticFit:
    """A fitted logistic model; the intercept, where there is one, comes first.

    Attributes
    ----------
    coef, se, z, p, lower, upper : array of shape (k,)
        Log odds ratios with Wald statistics; NaN for a column that earlier columns span.
    vcov : array of shape (k, k)
        Inverse Fisher information.
    loglik, loglik_null : float
        Of this model and of the intercept alone; penalised by Jeffreys' prior for Firth's method.
    deviance, null_deviance, aic : float
        ``-2 loglik`` of either; aic counts the estimable coefficients.
    converged, separated : bool
        ``separated``: a linear predictor separates the classes, wholly or in part, so that the
        maximum likelihood estimate is infinite; Firth's estimate stays finite.
    """

    coef: Array
    se: Array
    z: Array
    p: Array
    lower: Array
    upper: Array
    vcov: Array
    loglik: float
    loglik_null: float
    deviance: float
    null_deviance: float
    aic: float
    n: int
    events: float
    intercept: bool
    converged: bool
    separated: bool
    level: float
    method: str


@dataclass(frozen=True)
class Problem:
    """The estimable columns of a logistic regression, with outcome, weights and offset."""

    X: Array
    y: Array
    weights: Array
    offset: Array
    keep: BoolArray
    intercept: bool


def problem(X: Any, y: Any, weights: Any = None, offset: Any = None,
            intercept: bool = True) -> Problem:
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


def irls(pb: Problem, X: Array, tolerance: float = 1e-12, limit: int = 50,
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
    for _ in range(limit):
        slope = np.maximum(mu * (1.0 - mu), np.finfo(float).eps)
        root = np.sqrt(w * slope)
        q, r = np.linalg.qr(scaled * root[:, None])
        working = (eta - pb.offset + (pb.y - mu) / slope) * root
        if np.abs(np.diag(r)).min() < 1e-11 * np.abs(np.diag(r)).max():
            break  # the working weights have vanished: separation
        beta = linalg.solve_triangular(r, q.T @ working)
        half = linalg.solve_triangular(r, np.eye(r.shape[0]))
        inverse = half @ half.T
        eta = scaled @ beta + pb.offset
        mu = special.expit(eta)
        deviance = -2.0 * log_likelihood(pb, eta)
        if abs(deviance - previous) / (abs(deviance) + 0.1) < tolerance:
            converged = True
            break
        previous = deviance
    return (beta / scale, inverse / np.outer(scale, scale),
            log_likelihood(pb, eta), converged)


def is_separated(pb: Problem) -> bool:
    """Return whether some linear predictor separates the classes, wholly or in part.

    There is a direction b, with ``sign_i x_i b >= 0`` for every row and > 0 for one, exactly when
    the maximum likelihood estimate does not exist (Albert and Anderson 1984; the linear programme
    is Konis 2007).
    """
    scaled = pb.X / np.abs(pb.X).max(axis=0)
    signed = scaled * np.where(pb.y == 1.0, 1.0, -1.0)[:, None]
    found = optimize.linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)),
                             bounds=(-1.0, 1.0), method="highs")
    return bool(found.status == 0 and -found.fun > 1e-6)


def fit_logistic(X: Any, y: Any, weights: Any = None, offset: Any = None, intercept: bool = True,
                 level: float = 0.95) -> LogisticFit:
    """Fit a logistic regression by maximum likelihood, as R's ``glm(family = binomial)``.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite; p may be 0 when there is an intercept.
    y : array of shape (n,)
        1 where the event is present, else 0.
    weights : array of shape (n,), optional
        Case weights >= 0.
    offset : array of shape (n,), optional
        Added to the linear predictor with coefficient 1.
    intercept : bool
        Whether the first coefficient is an intercept.
    level : float
        Of the Wald intervals, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If a value is missing or the outcome has one class.
    """
    pb = problem(X, y, weights, offset, intercept)
    beta, inverse, loglik, converged = irls(pb, pb.X)
    mu = special.expit(pb.X @ beta + pb.offset)
    extreme = not converged or bool((mu * (1.0 - mu)).min() < 1e-6)
    separated = extreme and is_separated(pb)
    return _assemble(pb, beta, inverse, loglik, _null(pb), converged, separated, level,
                     "maximum likelihood")


def _null(pb: Problem) -> float:
    """Return the log-likelihood of the intercept alone (of the offset alone without one)."""
    if not pb.intercept:
        return log_likelihood(pb, pb.offset)
    if not pb.offset.any():
        mean = float(np.average(pb.y, weights=pb.weights))
        return log_likelihood(pb, np.full(pb.y.shape, np.log(mean / (1.0 - mean))))
    return irls(pb, np.ones((pb.y.size, 1)))[2]


def _assemble(pb: Problem, beta: Array, inverse: Array, loglik: float, null: float,
              converged: bool, separated: bool, level: float, method: str) -> LogisticFit:
    se = np.sqrt(np.diag(inverse))
    z = np.divide(beta, se, out=np.full_like(beta, np.nan), where=se > 0)
    half = special.ndtri(0.5 + level / 2.0) * se
    return LogisticFit(
        coef=spread(beta, pb.keep), se=spread(se, pb.keep), z=spread(z, pb.keep),
        p=spread(2.0 * special.ndtr(-np.abs(z)), pb.keep),
        lower=spread(beta - half, pb.keep), upper=spread(beta + half, pb.keep),
        vcov=spread(inverse, pb.keep), loglik=loglik, loglik_null=null,
        deviance=-2.0 * loglik, null_deviance=-2.0 * null,
        aic=-2.0 * loglik + 2.0 * pb.X.shape[1], n=pb.y.size, events=float(pb.weights @ pb.y),
        intercept=pb.intercept, converged=converged, separated=separated, level=level,
        method=method)


def penalised(pb: Problem, X: Array, beta: Array) -> tuple[float, Array, Array]:
    """Return Firth's penalised log-likelihood, its score and the Fisher information at ``beta``.

    Firth 1993, Heinze and Schemper 2002: the likelihood times the root of the information's
    determinant; the score gains ``h (1/2 - mu)`` with the hat values h. ``X`` is scaled by the
    caller; the constant that scaling adds to the determinant is the caller's too.
    """
    eta = X @ beta + pb.offset
    mu = special.expit(eta)
    root = np.sqrt(pb.weights * mu * (1.0 - mu))
    q, r = np.linalg.qr(X * root[:, None])
    diagonal = np.abs(np.diag(r))
    if diagonal.min() <= 0.0:
        return -np.inf, np.zeros_like(beta), np.eye(beta.size)
    hat = np.einsum("ij,ij->i", q, q)
    score = X.T @ (pb.weights * (pb.y - mu) + hat * (0.5 - mu))
    return log_likelihood(pb, eta) + float(np.log(diagonal).sum()), score, r.T @ r


def augmented_information(pb: Problem, X: Array, beta: Array) -> Array:
    """Return the information with case weights raised by the hat values.

    Firth's score is that of data in which each row also counts ``h / 2`` times with either
    outcome; logistf (since 1.24) takes its standard errors from that augmented data set.
    """
    mu = special.expit(X @ beta + pb.offset)
    slope = mu * (1.0 - mu)
    q, _ = np.linalg.qr(X * np.sqrt(pb.weights * slope)[:, None])
    hat = np.einsum("ij,ij->i", q, q)
    out: Array = (X * (slope * (pb.weights + hat))[:, None]).T @ X
    return out


def maximise_penalised(pb: Problem, X: Array, start: Array, free: BoolArray, limit: int = 200,
                       ) -> tuple[Array, float, Array, bool]:
    """Maximise the penalised likelihood over the ``free`` coefficients, the others held.

    Newton steps with step-halving on Fisher's information. The penalty keeps the information of
    all coefficients, also of those that are held, as logistf's profile does.
    """
    beta = start.copy()
    value, score, information = penalised(pb, X, beta)
    for _ in range(limit):
        if not free.any():
            return beta, value, information, True
        step = np.linalg.solve(information[np.ix_(free, free)], score[free])
        largest = float(np.abs(step).max())
        if float(score[free] @ step) < 1e-13:
            return beta, value, information, True
        step *= min(1.0, 5.0 / largest)
        for _ in range(30):
            trial = beta.copy()
            trial[free] += step
            reached = penalised(pb, X, trial)
            if reached[0] >= value - 1e-13 * abs(value):
                break
            step /= 2.0
        else:
            return beta, value, information, False
        beta, (value, score, information) = trial, reached
    return beta, value, information, False


def fit_firth(X: Any, y: Any, weights: Any = None, offset: Any = None, intercept: bool = True,
              level: float = 0.95) -> LogisticFit:
    """Fit a logistic regression by Firth's penalised likelihood, as R's ``logistf``.

    The remedy for separation: the estimate is finite whatever the data. Parameters and errors as
    for `fit_logistic`. Wald intervals are poor here; use `radpipe.stats.profile.profile_intervals`.
    """
    pb = problem(X, y, weights, offset, intercept)
    scale = np.sqrt((pb.X**2).mean(axis=0))
    scaled = pb.X / scale
    constant = float(np.log(scale).sum())
    start, free = np.zeros(pb.X.shape[1]), np.ones(pb.X.shape[1], dtype=np.bool_)
    beta, value, _, converged = maximise_penalised(pb, scaled, start, free)
    null_value = penalised(pb, scaled, start)[0]
    if pb.intercept:
        first = np.arange(free.size) == 0
        null_value = maximise_penalised(pb, scaled, start, first)[1]
    inverse = np.linalg.inv(augmented_information(pb, scaled, beta)) / np.outer(scale, scale)
    return _assemble(pb, beta / scale, inverse, value + constant, null_value + constant,
                     converged, is_separated(pb), level, "Firth's penalised likelihood")


def linear_predictor(fit: LogisticFit, X: Any, offset: Any = None) -> Array:
    """Return the log odds of new rows, shape (n,); an inestimable coefficient counts as 0."""
    rows = matrix(X)
    coef = np.nan_to_num(fit.coef)
    eta: Array = rows @ coef[1:] + coef[0] if fit.intercept else rows @ coef
    return eta if offset is None else eta + vector(offset, rows.shape[0], "offset")


def predict(fit: LogisticFit, X: Any, offset: Any = None) -> Array:
    """Return the probability of the event for new rows, shape (n,), in [0, 1]."""
    risk: Array = special.expit(linear_predictor(fit, X, offset))
    return risk

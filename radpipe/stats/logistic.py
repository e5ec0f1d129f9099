"""Binary logistic regression as R fits it: maximum likelihood (glm) and Firth's (logistf)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.clusters import sandwich
from radpipe.stats.design import Array, DegenerateDataError, matrix, spread, vector
from radpipe.stats.logistic_likelihood import (
    Problem,
    irls,
    log_likelihood,
    maximise,
    penalised,
    problem,
    separation_of,
)
from radpipe.stats.separation import Separation, separation_note


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
    deviance, null_deviance, aic, bic : float
        ``-2 loglik`` of either; aic and bic count the estimable coefficients.
    converged, separated : bool
        ``separated``: a linear predictor separates the classes, wholly or in part, so that the
        maximum likelihood estimate is infinite; Firth's estimate stays finite.
    note : str
        The kind of separation, and what to do; empty without.
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
    bic: float
    note: str = ""


def fit_logistic(
    X: Any,
    y: Any,
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
    level: float = 0.95,
    tolerance: float = 1e-14,
) -> LogisticFit:
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
    tolerance : float
        Relative change of the deviance that ends the iterations. R's default is 1e-8, which
        leaves its standard errors wrong in about the fifth digit.

    Raises
    ------
    DegenerateDataError
        If a value is missing or the outcome has one class.
    """
    pb = problem(X, y, weights, offset, intercept)
    beta, inverse, loglik, converged = irls(pb, pb.X, tolerance)
    mu = special.expit(pb.X @ beta + pb.offset)
    # under separation the last steps leave risks this near to 0 or 1; only then is it looked for
    near = max(1e-6, 100.0 * tolerance * pb.y.size)
    extreme = not converged or bool((mu * (1.0 - mu)).min() < near)
    kind = separation_of(pb) if extreme else "none"
    note = separation_note(kind, "use Firth's method (fit_firth)")
    return _assemble(
        pb, beta, inverse, loglik, _null(pb), converged, kind, level, "maximum likelihood", note
    )


def _null(pb: Problem) -> float:
    """Return the log-likelihood of the intercept alone (of the offset alone without one)."""
    if not pb.intercept:
        return log_likelihood(pb, pb.offset)
    if not pb.offset.any():
        mean = float(np.average(pb.y, weights=pb.weights))
        return log_likelihood(pb, np.full(pb.y.shape, np.log(mean / (1.0 - mean))))
    return irls(pb, np.ones((pb.y.size, 1)))[2]


def _assemble(
    pb: Problem,
    beta: Array,
    inverse: Array,
    loglik: float,
    null: float,
    converged: bool,
    kind: Separation,
    level: float,
    method: str,
    note: str,
) -> LogisticFit:
    k = pb.X.shape[1]
    se = np.sqrt(np.diag(inverse))
    z = np.divide(beta, se, out=np.full_like(beta, np.nan), where=se > 0)
    half = special.ndtri(0.5 + level / 2.0) * se
    return LogisticFit(
        coef=spread(beta, pb.keep),
        se=spread(se, pb.keep),
        z=spread(z, pb.keep),
        p=spread(2.0 * special.ndtr(-np.abs(z)), pb.keep),
        lower=spread(beta - half, pb.keep),
        upper=spread(beta + half, pb.keep),
        vcov=spread(inverse, pb.keep),
        loglik=loglik,
        loglik_null=null,
        deviance=-2.0 * loglik,
        null_deviance=-2.0 * null,
        aic=-2.0 * loglik + 2.0 * k,
        bic=-2.0 * loglik + float(np.log(pb.y.size)) * k,
        n=pb.y.size,
        events=float(pb.weights @ pb.y),
        intercept=pb.intercept,
        converged=converged,
        separated=kind != "none",
        level=level,
        method=method,
        note=note,
    )


def fit_firth(
    X: Any,
    y: Any,
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
    level: float = 0.95,
) -> LogisticFit:
    """Fit a logistic regression by Firth's penalised likelihood, as R's ``logistf``.

    The remedy for separation: the estimate is finite whatever the data. Parameters and errors as
    for `fit_logistic`. Wald intervals are poor here; use `radpipe.stats.profile.profile_intervals`.

    Raises
    ------
    DegenerateDataError
        As `fit_logistic`, and where the information is singular at the estimate.
    """
    pb = problem(X, y, weights, offset, intercept)
    # The estimate is that of any basis of the columns; an orthogonal one bears near copies.
    q, r = np.linalg.qr(pb.X)
    root = np.sqrt(pb.y.size)
    scaled, back = q * root, np.linalg.inv(r) * root
    constant = float(np.log(np.abs(np.diag(r)) / root).sum())
    try:
        beta, value, information, converged, null_value = _firth(pb, scaled)
        inverse = back @ np.linalg.inv(information) @ back.T
    except np.linalg.LinAlgError as error:
        raise DegenerateDataError(
            "the information of Firth's penalised likelihood is singular: the columns do not "
            "determine the coefficients"
        ) from error
    kind = separation_of(pb)
    return _assemble(
        pb,
        back @ beta,
        inverse,
        value + constant,
        null_value + constant,
        converged,
        kind,
        level,
        "Firth's penalised likelihood",
        f"{kind} separation: Wald intervals are rough, profile them" if kind != "none" else "",
    )


def _firth(pb: Problem, scaled: Array) -> tuple[Array, float, Array, bool, float]:
    """Return `maximise`'s maximum of the penalised likelihood, and that of the null model."""
    start, free = np.zeros(pb.X.shape[1]), np.ones(pb.X.shape[1], dtype=np.bool_)
    found = maximise(pb, scaled, start, free)
    null_value = penalised(pb, scaled, start)[0]
    if pb.intercept:
        first = np.arange(free.size) == 0
        null_value = maximise(pb, scaled, start, first)[1]
    return *found, null_value


def robust_vcov(
    fit: LogisticFit,
    X: Any,
    y: Any,
    weights: Any = None,
    offset: Any = None,
    groups: Any = None,
) -> Array:
    """Return the sandwich variance of a maximum likelihood fit, as `clusters.sandwich` has it.

    Parameters
    ----------
    X, y, weights, offset
        Those of the fit.
    groups : array of shape (n,), optional
        Patient of each case.
    """
    rows = matrix(X)
    full = np.column_stack([np.ones(len(rows)), rows]) if fit.intercept else rows
    left = np.asarray(y, dtype=np.float64) - predict(fit, rows, offset)
    w = np.ones(len(rows)) if weights is None else vector(weights, len(rows), "weights")
    return sandwich(full * (w * left)[:, None], fit.vcov, groups)


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

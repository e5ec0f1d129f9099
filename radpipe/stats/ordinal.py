"""Ordinal logistic regression: proportional odds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.ascent import Objective, ascend
from radpipe.stats.clusters import sandwich
from radpipe.stats.design import Array, BoolArray, DegenerateDataError, independent, matrix, spread
from radpipe.stats.multinomial import coded, vanishes
from radpipe.stats.profile import profile_limit
from radpipe.stats.results import IntArray, join_notes
from radpipe.stats.separation import separation, separation_note


@dataclass(frozen=True)
class OrdinalFit:
    """A fitted proportional-odds model, ``logit P(Y <= j) = threshold_j - x'coef``.

    Attributes
    ----------
    classes : tuple
        K labels, lowest first.
    coef, se, z, p, lower, upper : array of shape (k,)
        Log odds ratios of a higher class; NaN for a column that the others span. The intervals
        are Wald's; `profile_intervals` has those of the likelihood.
    thresholds, thresholds_se : array of shape (K - 1,)
        Ascending.
    vcov : array of shape (k + K - 1, k + K - 1)
        Of coefficients and thresholds.
    separated : bool
        Whether the maximum likelihood estimate is infinite; there are no standard errors then, and
        ``note`` says so.
    """

    classes: tuple[Any, ...]
    coef: Array
    se: Array
    z: Array
    p: Array
    lower: Array
    upper: Array
    thresholds: Array
    thresholds_se: Array
    vcov: Array
    loglik: float
    loglik_null: float
    deviance: float
    aic: float
    bic: float
    n: int
    converged: bool
    separated: bool
    level: float
    method: str
    note: str = ""


@dataclass(frozen=True)
class OrdinalProfile:
    """Profile-likelihood intervals of the coefficients, arrays of shape (k,).

    ``p`` is that of the likelihood-ratio test that the coefficient is 0.
    """

    coef: Array
    lower: Array
    upper: Array
    p: Array
    level: float
    method: str


@dataclass(frozen=True)
class _Problem:
    """Rows whose product with (coefficients, thresholds) is the upper and lower limit of a case."""

    upper: Array
    lower: Array
    code: IntArray
    weights: Array
    classes: tuple[Any, ...]
    keep: BoolArray
    scale: Array

    @property
    def last(self) -> int:
        return len(self.classes) - 1


def fit_ordinal(
    X: Any, y: Any, classes: Sequence[Any] | None = None, weights: Any = None, level: float = 0.95
) -> OrdinalFit:
    """Fit a proportional-odds logistic regression, as R's ``MASS::polr``.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite, without a constant column.
    y : array of shape (n,)
        Labels.
    classes : sequence of K labels, optional
        Lowest first; without it the sorted labels of ``y``.
    weights : array of shape (n,), optional
        Case weights >= 0 (counts).
    level : float
        Of the Wald intervals, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If a value is missing, or a class has no case.
    ValueError
        If a label is not among the classes.

    References
    ----------
    McCullagh, J R Stat Soc B 1980;42:109.
    """
    pb = _problem(X, y, classes, weights)
    k, objective = pb.scale.size, _objective(pb)
    share = np.bincount(pb.code, weights=pb.weights) / pb.weights.sum()
    start = np.concatenate([np.zeros(k), special.logit(np.cumsum(share)[:-1])])
    null = objective(start)[0]
    beta, converged = ascend(objective, start, limit=100)
    loglik, _, information = objective(beta)
    extreme = not converged or vanishes(information, float(pb.weights.sum()))
    kind = separation(_directions(pb)) if extreme else "none"
    units = np.concatenate([pb.scale, np.ones(pb.last)])
    vcov = np.full_like(information, np.nan)  # under separation there is none
    if kind == "none":
        vcov = np.linalg.pinv(information, hermitian=True) / np.outer(units, units)
    coef, se = beta[:k] / pb.scale, np.sqrt(np.diag(vcov))
    z = np.divide(coef, se[:k], out=np.full_like(coef, np.nan), where=se[:k] > 0)
    half = special.ndtri(0.5 + level / 2.0) * se[:k]
    n, df = pb.code.size, k + pb.last
    return OrdinalFit(
        classes=pb.classes,
        coef=spread(coef, pb.keep),
        se=spread(se[:k], pb.keep),
        z=spread(z, pb.keep),
        p=spread(2.0 * special.ndtr(-np.abs(z)), pb.keep),
        lower=spread(coef - half, pb.keep),
        upper=spread(coef + half, pb.keep),
        thresholds=beta[k:],
        thresholds_se=se[k:],
        vcov=spread(vcov, np.concatenate([pb.keep, np.ones(pb.last, dtype=np.bool_)])),
        loglik=loglik,
        loglik_null=null,
        deviance=-2.0 * loglik,
        aic=-2.0 * loglik + 2.0 * df,
        bic=-2.0 * loglik + float(np.log(n)) * df,
        n=n,
        converged=converged,
        separated=kind != "none",
        level=level,
        method="proportional odds, maximum likelihood",
        note=join_notes(
            separation_note(kind, "merge classes and use Firth's method"),
            "" if converged or kind != "none" else "the iterations did not converge",
        ),
    )


def predict(fit: OrdinalFit, X: Any) -> Array:
    """Return the probability of each class for new rows, shape (n, K)."""
    eta = matrix(X) @ np.nan_to_num(fit.coef)
    below = special.expit(fit.thresholds - eta[:, None])
    n = len(eta)
    out: Array = np.diff(np.column_stack([np.zeros(n), below, np.ones(n)]), axis=1)
    return out


def robust_vcov(fit: OrdinalFit, X: Any, y: Any, groups: Any, weights: Any = None) -> Array:
    """Return the sandwich variance by patient (`clusters.sandwich`), in the order of ``vcov``."""
    rows = matrix(X)
    _, code, w = coded(y, fit.classes, weights, len(rows))
    below = special.expit(fit.thresholds - (rows @ np.nan_to_num(fit.coef))[:, None])
    edges = np.column_stack([np.zeros(len(rows)), below, np.ones(len(rows))])
    low, high = (np.take_along_axis(edges, code[:, None] + side, 1) for side in (0, 1))
    limits = np.arange(1, len(fit.classes))
    # F' = F (1 - F), so that what the two limits of a case pull at its line is 1 - F(u) - F(l)
    own = (code[:, None] + 1 == limits) * high * (1.0 - high)
    own = (own - (code[:, None] == limits) * low * (1.0 - low)) / (high - low)
    scores = w[:, None] * np.column_stack([-rows * (1.0 - high - low), own])
    return sandwich(scores, fit.vcov, groups)


def profile_intervals(
    X: Any, y: Any, classes: Sequence[Any] | None = None, weights: Any = None, level: float = 0.95
) -> OrdinalProfile:
    """Return profile-likelihood intervals of the coefficients (``confint`` of a polr fit, solved
    exactly). Parameters and errors as for `fit_ordinal`.

    Raises
    ------
    DegenerateDataError
        If the classes are separated.
    """
    pb = _problem(X, y, classes, weights)
    if separation(_directions(pb)) != "none":
        raise DegenerateDataError("the predictors separate the classes: no profile")
    k, objective = pb.scale.size, _objective(pb)
    share = np.bincount(pb.code, weights=pb.weights) / pb.weights.sum()
    start = np.concatenate([np.zeros(k), special.logit(np.cumsum(share)[:-1])])
    beta, _ = ascend(objective, start)
    top, _, information = objective(beta)
    se = np.sqrt(np.diag(np.linalg.pinv(information, hermitian=True)))
    z = float(special.ndtri(0.5 + level / 2.0))
    limits, p = np.empty((2, k)), np.empty(k)
    for j in range(k):
        reached = _held(objective, beta, j)
        p[j] = special.chdtrc(1.0, max(2.0 * (top - reached(0.0)), 0.0))
        for side, sign in enumerate((-1.0, 1.0)):
            limits[side, j] = profile_limit(reached, top, float(beta[j]), float(se[j]), sign, z)
    return OrdinalProfile(
        coef=spread(beta[:k] / pb.scale, pb.keep),
        lower=spread(limits[0] / pb.scale, pb.keep),
        upper=spread(limits[1] / pb.scale, pb.keep),
        p=spread(p, pb.keep),
        level=level,
        method="profile likelihood (proportional odds)",
    )


def _problem(X: Any, y: Any, classes: Sequence[Any] | None, weights: Any) -> _Problem:
    plain = matrix(X)
    labels, code, w = coded(y, classes, weights, plain.shape[0])
    plain, code, w = plain[w > 0], code[w > 0], w[w > 0]
    # thresholds span the constant, so that a column must be new beside it
    keep = independent(np.column_stack([np.ones(len(plain)), plain]))[1:]
    scale = np.sqrt((plain[:, keep] ** 2).mean(axis=0))
    columns = -plain[:, keep] / scale
    steps = np.arange(len(labels) - 1)
    upper = np.column_stack([columns, code[:, None] == steps])
    lower = np.column_stack([columns, code[:, None] - 1 == steps])
    upper[code == len(labels) - 1] = 0.0  # the last class has no upper limit
    lower[code == 0] = 0.0  # nor the first a lower one
    return _Problem(upper, lower, code, w, labels, keep, scale)


def _objective(pb: _Problem) -> Objective:
    """Return the log-likelihood, its score and its information.

    A case's probability is F(u) - F(l) = F(u) F(-l) (1 - exp(l - u)), F the logistic function and
    u, l the case's limits: in logarithms nothing cancels, and u - l is a gap of thresholds.
    """
    w, last = pb.weights, pb.last
    top, bottom = pb.code == last, pb.code == 0

    def objective(beta: Array) -> tuple[float, Array, Array]:
        gap = np.diff(beta[beta.size - last :])
        if (gap <= 0.0).any():
            return -np.inf, np.zeros_like(beta), np.eye(beta.size)
        u = np.where(top, np.inf, pb.upper @ beta)
        low = np.where(bottom, -np.inf, pb.lower @ beta)
        inner = ~(top | bottom)
        wide = gap[pb.code[inner] - 1]
        value = -np.logaddexp(0.0, -u) - np.logaddexp(0.0, low)
        value[inner] += np.log(-np.expm1(-wide))
        pull, bend = np.zeros_like(u), np.zeros_like(u)
        pull[inner] = np.exp(-wide) / -np.expm1(-wide)
        bend[inner] = np.exp(-wide) / np.expm1(-wide) ** 2
        score = pb.upper.T @ (w * (special.expit(-u) + pull))
        score -= pb.lower.T @ (w * (special.expit(low) + pull))
        apart = pb.upper - pb.lower
        information = (pb.upper * (w * special.expit(u) * special.expit(-u))[:, None]).T @ pb.upper
        information += (
            pb.lower * (w * special.expit(low) * special.expit(-low))[:, None]
        ).T @ pb.lower
        information += (apart * (w * bend)[:, None]).T @ apart
        return float(w @ value), score, information

    return objective


def _held(objective: Objective, beta: Array, j: int) -> Callable[[float], float]:
    """Return the function from a value of coefficient j to the likelihood's maximum there."""
    free = np.arange(beta.size) != j

    def reached(value: float) -> float:
        def part(values: Array) -> tuple[float, Array, Array]:
            height, score, information = objective(np.insert(values, j, value))
            return height, score[free], information[np.ix_(free, free)]

        return part(ascend(part, beta[free])[0])[0]

    return reached


def _directions(pb: _Problem) -> Array:
    """Return how each limit of each case moves its probability up."""
    return np.concatenate([pb.upper[pb.code < pb.last], -pb.lower[pb.code > 0]])

"""Multinomial logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.ascent import ascend
from radpipe.stats.clusters import sandwich
from radpipe.stats.design import Array, BoolArray, DegenerateDataError, independent, matrix, vector
from radpipe.stats.results import IntArray, join_notes
from radpipe.stats.separation import separation, separation_note


@dataclass(frozen=True)
class MultinomialFit:
    """A fitted multinomial model; the first class is the reference.

    Attributes
    ----------
    classes : tuple
        K labels.
    coef, se, z, p, lower, upper : array of shape (K - 1, k)
        Log odds ratios against the reference, a row for each other class, the intercept first;
        NaN for a column that earlier columns span.
    vcov : array of shape ((K - 1) k, (K - 1) k)
        Of the coefficients row by row.
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


def fit_multinomial(
    X: Any, y: Any, classes: Sequence[Any] | None = None, weights: Any = None, level: float = 0.95
) -> MultinomialFit:
    """Fit a multinomial logistic regression with intercept, as R's ``nnet::multinom``.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite.
    y : array of shape (n,)
        Labels.
    classes : sequence of K labels, optional
        The first is the reference; without it the sorted labels of ``y``.
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
    """
    plain = matrix(X)
    labels, code, w = coded(y, classes, weights, plain.shape[0])
    full = np.column_stack([np.ones(len(plain)), plain])[w > 0]
    code, w = code[w > 0], w[w > 0]
    keep = independent(full)
    scale = np.sqrt((full[:, keep] ** 2).mean(axis=0))
    design, others, k = full[:, keep] / scale, len(labels) - 1, int(keep.sum())
    chosen = code[:, None] == np.arange(1, others + 1)

    def objective(beta: Array) -> tuple[float, Array, Array]:
        eta = np.column_stack([np.zeros(len(design)), design @ beta.reshape(others, k).T])
        log_p = eta - special.logsumexp(eta, axis=1, keepdims=True)
        p = np.exp(log_p[:, 1:])
        value = float(w @ log_p[np.arange(code.size), code])
        score = ((chosen - p) * w[:, None]).T @ design
        information = np.zeros((others * k, others * k))
        for a in range(others):
            for b in range(others):
                slope = w * (p[:, a] * ((a == b) - p[:, b]))
                block = (design * slope[:, None]).T @ design
                information[a * k : (a + 1) * k, b * k : (b + 1) * k] = block
        return value, score.ravel(), information

    beta, converged = ascend(objective, np.zeros(others * k), limit=100)
    loglik, _, information = objective(beta)
    extreme = not converged or vanishes(information, float(w.sum()))
    kind = separation(_directions(design, code, others)) if extreme else "none"
    units = np.tile(scale, others)
    vcov = np.full_like(information, np.nan)  # under separation there is none
    if kind == "none":
        vcov = np.linalg.pinv(information, hermitian=True) / np.outer(units, units)
    coef, se = beta / units, np.sqrt(np.diag(vcov))
    z = np.divide(coef, se, out=np.full_like(coef, np.nan), where=se > 0)
    half = special.ndtri(0.5 + level / 2.0) * se
    n, total = code.size, float(w.sum())
    share = np.bincount(code, weights=w) / total
    return MultinomialFit(
        classes=labels,
        coef=_rows(coef, keep, others),
        se=_rows(se, keep, others),
        z=_rows(z, keep, others),
        p=_rows(2.0 * special.ndtr(-np.abs(z)), keep, others),
        lower=_rows(coef - half, keep, others),
        upper=_rows(coef + half, keep, others),
        vcov=_square(vcov, np.tile(keep, others)),
        loglik=loglik,
        loglik_null=float(total * special.xlogy(share, share).sum()),
        deviance=-2.0 * loglik,
        aic=-2.0 * loglik + 2.0 * others * k,
        bic=-2.0 * loglik + float(np.log(n)) * others * k,
        n=n,
        converged=converged,
        separated=kind != "none",
        level=level,
        method="multinomial logistic regression, maximum likelihood",
        note=join_notes(
            separation_note(kind, "fit the classes in pairs by Firth's method"),
            "" if converged or kind != "none" else "the iterations did not converge",
        ),
    )


def predict(fit: MultinomialFit, X: Any) -> Array:
    """Return the probability of each class for new rows, shape (n, K)."""
    rows = matrix(X)
    eta = np.column_stack([np.ones(len(rows)), rows]) @ np.nan_to_num(fit.coef).T
    out: Array = special.softmax(np.column_stack([np.zeros(len(rows)), eta]), axis=1)
    return out


def robust_vcov(fit: MultinomialFit, X: Any, y: Any, groups: Any, weights: Any = None) -> Array:
    """Return the sandwich variance, the cases of one patient taken together.

    In the order of ``fit.vcov``, as `radpipe.stats.clusters.sandwich` has it.
    """
    rows = matrix(X)
    _, code, w = coded(y, fit.classes, weights, len(rows))
    left = w[:, None] * ((code[:, None] == np.arange(len(fit.classes))) - predict(fit, rows))
    full = np.column_stack([np.ones(len(rows)), rows])
    scores = (left[:, 1:, None] * full[:, None, :]).reshape(len(rows), -1)
    return sandwich(scores, fit.vcov, groups)


def coded(
    y: Any, classes: Sequence[Any] | None, weights: Any, n: int
) -> tuple[tuple[Any, ...], IntArray, Array]:
    """Check a categorical outcome; return its classes, codes from 0, and case weights."""
    values = np.asarray(y)
    if values.shape != (n,):
        raise ValueError(f"the outcome has shape {values.shape}, the design has {n} rows")
    labels = tuple(np.unique(values).tolist() if classes is None else classes)
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise DegenerateDataError(f"two or more distinct classes are needed, not {list(labels)}")
    place = {label: i for i, label in enumerate(labels)}
    strange = [v for v in values.tolist() if v not in place]
    if strange:
        raise ValueError(f"{strange[0]!r} is none of the classes {list(labels)}")
    code = np.array([place[v] for v in values.tolist()], dtype=np.int64)
    w = np.ones(n) if weights is None else vector(weights, n, "weights")
    if (w < 0).any():
        raise ValueError("weights must not be negative")
    empty = [label for i, label in enumerate(labels) if not w[code == i].sum() > 0.0]
    if empty:
        raise DegenerateDataError(f"class {empty[0]!r} has no case")
    return labels, code, w


def vanishes(information: Array, cases: float) -> bool:
    """Return whether the information has nearly gone in some direction, as under separation."""
    return bool(np.linalg.eigvalsh(information).min(initial=np.inf) < 1e-6 * cases)


def _directions(design: Array, code: IntArray, others: int) -> Array:
    """Return, for each case and each class not its own, how own minus other class moves."""
    n, k = design.shape
    blocks = []
    for other in range(others + 1):
        rows = np.zeros((n, others + 1, k))
        rows[np.arange(n), code] += design
        rows[:, other] -= design
        blocks.append(rows[code != other, 1:].reshape(-1, others * k))
    return np.concatenate(blocks)


def _rows(values: Array, keep: BoolArray, others: int) -> Array:
    out = np.full((others, keep.size), np.nan)
    out[:, keep] = values.reshape(others, -1)
    return out


def _square(values: Array, keep: BoolArray) -> Array:
    out = np.full((keep.size, keep.size), np.nan)
    out[np.ix_(keep, keep)] = values
    return out

"""Elastic-net paths of multinomial models and their cross-validation, as glmnet makes them.

Every class has an intercept and coefficients (the symmetric, softmax form), which the penalty
determines. The objective is ``-loglik / n + lambda * sum_j f_j [ (1 - alpha) / 2 sum_c b_cj^2 +
alpha P_j ]`` with ``P_j = sum_c |b_cj|`` or, grouped, ``P_j = sqrt(sum_c b_cj^2)``. Columns are
centred and scaled with divisor n.

References
----------
Friedman, Hastie, Tibshirani 2010, Journal of Statistical Software 33(1), section 4; Simon,
Friedman, Hastie 2013, arXiv:1311.6529 (grouped).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, DegenerateDataError, matrix
from radpipe.stats.lasso_cv import CvPath, by_fold, choose, fold_rows
from radpipe.stats.lasso_path import (
    Fits,
    Settings,
    coefficients_at,
    design,
    given_penalties,
    penalties,
)

MultinomialMeasure = Literal["deviance", "class"]
_SWEEPS = 1_000_000
_CLIP = 1e-5  # cv.glmnet keeps probabilities this far from 0 and 1


@dataclass(frozen=True)
class MultinomialPath(Fits):
    """Fits of a multinomial model; intercepts sum to 0 over classes.

    Attributes
    ----------
    classes : tuple of length K
        The outcome's values, sorted.
    grouped : bool
        Whether a column is in the model for every class or for none.
    nonzero_by_class : array of shape (L, K)
        Number of coefficients of each class that are not 0.
    """

    classes: tuple[Any, ...]
    grouped: bool
    nonzero_by_class: NDArray[np.int64]


def path_multinomial(
    X: Any, y: Any, lambdas: Any = None, grouped: bool = False, **settings: Any
) -> MultinomialPath:
    """Fit an elastic-net path of a multinomial model.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite. Constant columns get coefficient 0.
    y : array of shape (n,)
        Labels of any type, no missing values; at least two classes of at least two cases.
    lambdas : array, optional
        Penalties; else glmnet's, as for `radpipe.stats.lasso.path_binomial`.
    grouped : bool
        Penalise a column's coefficients together (glmnet's ``type.multinomial = "grouped"``).
    **settings
        As for `radpipe.stats.lasso.path_binomial`.

    Raises
    ------
    DegenerateDataError
        If values are missing, there are fewer than two classes, a class has one case only, or no
        column varies.
    """
    classes, codes = _classes(y, len(matrix(X)))
    return _fit(X, codes, classes, Settings(**settings), grouped, lambdas)


def cv_multinomial(
    X: Any,
    y: Any,
    folds: Any,
    measure: MultinomialMeasure = "deviance",
    grouped: bool = False,
    exact: bool = True,
    **settings: Any,
) -> CvPath[MultinomialPath]:
    """Cross-validate `path_multinomial` over given folds, weighted by their size.

    Parameters
    ----------
    X, y, grouped, **settings
        As for `path_multinomial`.
    folds : int array of shape (n,)
        The fold that each row belongs to.
    measure : "deviance" or "class"
        Multinomial deviance, or the share of cases whose most probable class is wrong.
    exact : bool
        Fit each fold at the penalties of the whole fit (ours). False: each fold runs its own path
        and is interpolated linearly to those penalties (cv.glmnet's default).

    Raises
    ------
    DegenerateDataError
        As `path_multinomial`, or if there are fewer than three folds, or a class has fewer than
        two cases outside a fold.
    """
    if measure not in ("deviance", "class"):
        raise ValueError(f"measure {measure!r}; there are deviance and class")
    rows, options = matrix(X), Settings(**settings)
    n = len(rows)
    classes, codes = _classes(y, n)
    parts = fold_rows(folds, n)
    whole = _fit(rows, codes, classes, options, grouped, None)
    losses = []
    for name, own in parts.items():
        train = np.setdiff1d(np.arange(n), own)
        few = np.bincount(codes[train], minlength=len(classes)) < 2
        if few.any():
            rare = classes[int(np.argmax(few))]
            raise DegenerateDataError(f"without fold {name} class {rare} has fewer than two cases")
        lambdas = whole.lambdas if exact else None
        part = _fit(rows[train], codes[train], classes, options, grouped, lambdas)
        risk = probabilities(part, rows[own], whole.lambdas)
        losses.append(_losses(risk, codes[own], measure))
    said = "misclassification error" if measure == "class" else "multinomial deviance"
    return CvPath(whole, *choose(whole.lambdas, *by_fold(losses)), said, len(parts))


def probabilities(path: MultinomialPath, X: Any, lambdas: Any = None) -> Array:
    """Return each class's probability at each penalty (the path's own by default), (L, n, K)."""
    from scipy.special import softmax

    intercepts, coefs = (
        (path.intercepts, path.coefs) if lambdas is None else coefficients_at(path, lambdas)
    )
    eta = np.einsum("ij,lcj->lic", matrix(X), coefs, optimize=True) + intercepts[:, None, :]
    out: Array = softmax(eta, axis=2)
    return out


def _classes(y: Any, n: int) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
    labels = np.asarray(y)
    if labels.shape != (n,):
        raise ValueError(f"the outcome has shape {labels.shape}, the design has {n} rows")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise DegenerateDataError("the outcome holds missing or infinite values")
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if names.size < 2:
        raise DegenerateDataError("the outcome has one value only")
    if counts.min() < 2:
        raise DegenerateDataError(f"class {names[counts.argmin()]} has one case only")
    return tuple(names.tolist()), codes.astype(np.int64)


def losses(path: MultinomialPath, X: Any, codes: NDArray[np.int64], lambdas: Any) -> Array:
    """Return each case's deviance at any penalties, (n, L); a class unknown to the path has p 0.

    ``codes`` are values of the path's classes, or of others.
    """
    risk = probabilities(path, X, lambdas)
    whole = np.zeros((*risk.shape[:2], int(max(*path.classes, codes.max())) + 1))
    whole[:, :, list(path.classes)] = risk
    return _losses(whole, codes, "deviance")


def _losses(risk: Array, codes: NDArray[np.int64], measure: MultinomialMeasure) -> Array:
    """Return each case's loss at each penalty, shape (n, L)."""
    if measure == "class":
        out: Array = (risk.argmax(axis=2) != codes).T.astype(np.float64)
        return out
    own = np.clip(risk[:, np.arange(codes.size), codes], _CLIP, 1.0 - _CLIP)
    return -2.0 * np.log(own.T)


def _fit(
    X: Any,
    codes: NDArray[np.int64],
    classes: tuple[Any, ...],
    settings: Settings,
    grouped: bool,
    lambdas: Any,
) -> MultinomialPath:
    from radpipe.stats.lasso_grouped_kernels import solve_groups
    from radpipe.stats.lasso_multinomial_kernels import solve_path

    columns = design(X, settings)
    scaled, scale = np.asfortranarray(columns.scaled), columns.scale
    n, p = scaled.shape
    alpha = float(settings.alpha)
    share = np.bincount(codes, minlength=len(classes)) / n
    if lambdas is None:
        gradient = scaled.T @ ((codes[:, None] == np.arange(len(classes))) - share) / n
        slope = np.linalg.norm(gradient, axis=1) if grouped else np.abs(gradient).max(axis=1)
        grid = penalties(float((slope / columns.factor).max()), n, settings, p)
    else:
        grid = given_penalties(lambdas)
    log_share = np.log(share)
    start = log_share - (log_share.mean() if grouped else log_share[-1])
    solve = solve_groups if grouped else solve_path
    coefs, intercepts, deviances, done, converged = solve(
        scaled,
        codes,
        start,
        grid,
        alpha,
        columns.factor,
        columns.varies,
        lambdas is None,
        float(settings.tolerance),
        _SWEEPS,
    )
    if done == 0:
        raise DegenerateDataError("coordinate descent did not converge at the first penalty")
    fitted = coefs[:done]
    if not grouped:
        fitted = fitted - _shift(fitted, alpha)[:, None, :]
    original = fitted / scale
    free = intercepts[:done] - original @ columns.means
    return MultinomialPath(
        alpha=alpha,
        lambdas=grid[:done],
        coefs=original,
        intercepts=free - free.mean(axis=1, keepdims=True),
        dev_ratio=1.0 - deviances[1 : done + 1] / deviances[0],
        null_deviance=float(deviances[0] * n),
        nonzero=(original != 0.0).any(axis=1).sum(axis=1),
        scale=scale,
        converged=bool(converged),
        classes=classes,
        grouped=grouped,
        nonzero_by_class=(original != 0.0).sum(axis=2),
    )


def _shift(coefs: Array, alpha: float) -> Array:
    """Return what to take off every class's coefficient of a column, (L, K, p) to (L, p).

    Probabilities do not change, and the penalty becomes least. The LASSO's is the median over
    classes (the middle of its range where K is even, as glmnet); with a ridge part the fit is
    there already.
    """
    if alpha < 1.0:
        return np.zeros((coefs.shape[0], coefs.shape[2]))
    out: Array = np.median(coefs, axis=1)
    return out

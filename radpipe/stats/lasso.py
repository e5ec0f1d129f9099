"""Elastic-net paths and their cross-validation as glmnet makes them: the public functions."""

from __future__ import annotations

from typing import Any

from radpipe.stats.lasso_cv import CvPath, Measure, cross_validate
from radpipe.stats.lasso_multinomial import MultinomialPath, cv_multinomial, path_multinomial
from radpipe.stats.lasso_path import (
    Path,
    Settings,
    coefficients_at,
    fit_path,
    linear_predictor,
    outcome,
)

__all__ = [
    "CvPath",
    "MultinomialPath",
    "Path",
    "Settings",
    "coefficients_at",
    "cv_binomial",
    "cv_cox",
    "cv_gaussian",
    "cv_multinomial",
    "linear_predictor",
    "path_binomial",
    "path_cox",
    "path_gaussian",
    "path_multinomial",
]


def path_binomial(X: Any, y: Any, lambdas: Any = None, **settings: Any) -> Path:
    """Fit an elastic-net path of a logistic model.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite. Constant columns get coefficient 0.
    y : array of shape (n,)
        0/1.
    lambdas : array, optional
        Penalties; else glmnet's: ``n_lambda`` values, even in the logarithm, from the smallest
        that leaves every coefficient 0 to ``min_ratio`` times that, ending early once less than
        1e-5 of the deviance is gained or 0.999 explained.
    **settings
        alpha : float, 1 (LASSO) to 0 (ridge); n_lambda : int, 100; min_ratio : float, 1e-4 where
        n >= p, else 1e-2; standardize : bool, True (divisor n); penalty_factor : array (p,) of
        positive weights, rescaled to sum to p; tolerance : float, 1e-12 of the null deviance
        (glmnet's ``thresh``, there 1e-7): 1e-9 takes half the time, and coefficients move in the
        third or fourth digit.

    Raises
    ------
    DegenerateDataError
        If values are missing, the outcome has one class or no column varies.
    """
    options = Settings(**settings)
    n = len(y)
    return fit_path(X, outcome("binomial", n, y), options, lambdas)


def path_gaussian(X: Any, y: Any, lambdas: Any = None, **settings: Any) -> Path:
    """Fit an elastic-net path of a linear model; parameters as for `path_binomial`."""
    return fit_path(X, outcome("gaussian", len(y), y), Settings(**settings), lambdas)


def path_cox(X: Any, time: Any, event: Any, lambdas: Any = None, **settings: Any) -> Path:
    """Fit an elastic-net path of a Cox model (Breslow ties); parameters as for `path_binomial`.

    ``time`` has any unit; ``event`` is 1 where the event was observed.
    """
    return fit_path(X, outcome("cox", len(time), event, time), Settings(**settings), lambdas)


def cv_binomial(
    X: Any, y: Any, folds: Any, measure: Measure = "deviance", exact: bool = True, **settings: Any
) -> CvPath[Path]:
    """Cross-validate `path_binomial` over given folds.

    Parameters
    ----------
    X, y, **settings
        As for `path_binomial`.
    folds : int array of shape (n,)
        The fold that each row belongs to.
    measure : "deviance", "auc" or "class"
        What is averaged over folds. "auc" falls back to the deviance below 10 cases a fold, as in
        cv.glmnet.
    exact : bool
        Fit each fold at the penalties of the whole fit (ours). False: each fold runs its own path
        and is interpolated linearly to those penalties (cv.glmnet's default).

    Raises
    ------
    DegenerateDataError
        As `path_binomial`, or if there are fewer than three folds.
    """
    target = outcome("binomial", len(y), y)
    return cross_validate(X, target, folds, Settings(**settings), measure, exact=exact)


def cv_gaussian(X: Any, y: Any, folds: Any, exact: bool = True, **settings: Any) -> CvPath[Path]:
    """Cross-validate `path_gaussian` by mean squared error; parameters as for `cv_binomial`."""
    target = outcome("gaussian", len(y), y)
    return cross_validate(X, target, folds, Settings(**settings), exact=exact)


def cv_cox(
    X: Any,
    time: Any,
    event: Any,
    folds: Any,
    measure: Measure = "deviance",
    grouped: bool = True,
    exact: bool = True,
    **settings: Any,
) -> CvPath[Path]:
    """Cross-validate `path_cox`; parameters as for `cv_binomial`.

    ``measure`` is "deviance" or "c_index". ``grouped`` takes a fold's deviance as the difference
    between all rows and the rows without it (van Houwelingen); otherwise within the fold alone.
    """
    target = outcome("cox", len(time), event, time)
    return cross_validate(X, target, folds, Settings(**settings), measure, grouped, exact)

"""Linear regression by least squares, as R's lm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import special

from radpipe.stats.clusters import sandwich
from radpipe.stats.design import Array, BoolArray, independent, matrix, spread, vector
from radpipe.stats.model_tests import wald_test
from radpipe.stats.results import NAN, TestResult, join_notes

Robust = Literal["HC0", "HC1", "HC2", "HC3", "HC4"]


@dataclass(frozen=True)
class LinearFit:
    """A fitted linear model; the intercept, where there is one, comes first.

    Attributes
    ----------
    coef, se, t, p, lower, upper : array of shape (k,)
        With t tests on ``df_residual``; NaN for a column that earlier columns span.
    standardised : array of shape (k,)
        ``coef sd(x) / sd(y)``; NaN for the intercept.
    vcov : array of shape (k, k)
    r2, adj_r2 : float
        About the mean with an intercept, about 0 without one; NaN for a constant outcome.
    sigma : float
        Residual standard deviation on ``df_residual``.
    f_test : TestResult
        That all coefficients but the intercept are 0.
    loglik, aic, bic : float
        aic and bic count sigma as a parameter, as R does.
    rmse, mae : float
        Root mean square and mean absolute residual (divisor n).
    fitted, residuals : array of shape (n,)
    design : array of shape (n, rank)
        The estimable columns, the intercept included; ``keep`` (k,) says which.
    covariance : str
        "classical", or the kind of robust covariance behind se, t, p and interval.
    """

    coef: Array
    se: Array
    t: Array
    p: Array
    lower: Array
    upper: Array
    standardised: Array
    vcov: Array
    r2: float
    adj_r2: float
    sigma: float
    f_test: TestResult
    loglik: float
    aic: float
    bic: float
    rmse: float
    mae: float
    fitted: Array
    residuals: Array
    design: Array
    keep: BoolArray
    df_residual: int
    n: int
    intercept: bool
    level: float
    covariance: str
    method: str
    note: str = ""


@dataclass(frozen=True)
class Prediction:
    """Predicted values with their interval, each of shape (m,)."""

    fitted: Array
    lower: Array
    upper: Array
    se: Array
    level: float
    method: str


def fit_linear(X: Any, y: Any, intercept: bool = True, level: float = 0.95) -> LinearFit:
    """Fit a linear regression by least squares.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite; p may be 0 when there is an intercept.
    y : array of shape (n,)
        Outcome, finite.
    intercept : bool
        Whether the first coefficient is an intercept.
    level : float
        Of the intervals, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If a value is missing or there are no rows.
    """
    plain = matrix(X)
    n = plain.shape[0]
    outcome = vector(y, n, "the outcome")
    full = np.column_stack([np.ones(n), plain]) if intercept else plain
    keep = independent(full, 1e-7)  # lm's tolerance
    design = full[:, keep]
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ outcome)
    fitted = design @ beta
    residuals = outcome - fitted
    rank, rss = int(keep.sum()), float(residuals @ residuals)
    about = outcome - outcome.mean() if intercept else outcome
    tss, df, model = float(about @ about), n - rank, rank - int(intercept)
    size = float(outcome @ outcome)
    constant = tss <= 1e-28 * size or size == 0.0
    perfect = rss <= 1e-26 * size and not constant
    notes = [
        "no residual degrees of freedom: no standard error" if df == 0 else "",
        "the outcome is constant: no share explained" if constant else "",
        "the fit is perfect: no test" if perfect and df else "",
    ]
    tested = df > 0 and not perfect and not constant
    variance = rss / df if tested else (0.0 if df else NAN)
    r2 = NAN if constant else 1.0 - rss / tss
    f = (tss - rss) / model / variance if tested and model else NAN
    log_likelihood = NAN
    if tested:
        log_likelihood = -0.5 * n * (np.log(2.0 * np.pi * rss / n) + 1.0)
    ratio = np.full(keep.size, np.nan)
    if n > 1 and np.ptp(outcome) > 0.0:
        sd = full.std(axis=0, ddof=1)
        ratio = np.where(sd > 0.0, sd, np.nan) / outcome.std(ddof=1)
    fit = LinearFit(
        coef=spread(beta, keep),
        se=np.empty(0),
        t=np.empty(0),
        p=np.empty(0),
        lower=np.empty(0),
        upper=np.empty(0),
        standardised=spread(beta, keep) * ratio,
        vcov=np.empty((0, 0)),
        r2=r2,
        adj_r2=1.0 - (1.0 - r2) * (n - int(intercept)) / df if df else NAN,
        sigma=float(np.sqrt(variance)),
        f_test=TestResult(
            f,
            float(special.fdtrc(model, df, f)) if np.isfinite(f) else NAN,
            "F test of all coefficients",
            n,
            model,
            note=join_notes(*notes, "" if model else "no predictors: no test"),
        ),
        loglik=float(log_likelihood),
        aic=float(-2.0 * log_likelihood + 2.0 * (rank + 1)),
        bic=float(-2.0 * log_likelihood + np.log(n) * (rank + 1)),
        rmse=float(np.sqrt(rss / n)),
        mae=float(np.abs(residuals).mean()),
        fitted=fitted,
        residuals=residuals,
        design=design,
        keep=keep,
        df_residual=df,
        n=n,
        intercept=intercept,
        level=level,
        covariance="",
        method="least squares",
        note=join_notes(*notes),
    )
    return _inference(fit, inverse @ inverse.T * variance, "classical")


def robust(fit: LinearFit, kind: Robust = "HC3") -> LinearFit:
    """Return the fit with standard errors that hold under unequal variances.

    As R's ``lmtest::coeftest(fit, sandwich::vcovHC(type = kind))``: t tests on the residual
    degrees of freedom. ``f_test`` becomes the Wald F test with that covariance.

    Parameters
    ----------
    kind : "HC0", "HC1", "HC2", "HC3" or "HC4"
        HC0 is White's (Econometrica 1980;48:817), HC1 to HC3 those of MacKinnon and White
        (J Econometrics 1985;29:305), HC4 that of Cribari-Neto (CSDA 2004;45:215).

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in ("HC0", "HC1", "HC2", "HC3", "HC4"):
        raise ValueError(f"{kind!r} is no kind of robust covariance; HC0 to HC4 are")
    if not fit.sigma > 0.0:
        return replace(fit, covariance=kind)
    hat = leverage(fit)
    squared, rank = fit.residuals**2, fit.design.shape[1]
    left = np.where(hat < 1.0 - 1e-10, 1.0 - hat, np.nan)
    omega = {
        "HC0": squared,
        "HC1": squared * fit.n / fit.df_residual,
        "HC2": squared / left,
        "HC3": squared / left**2,
        "HC4": squared / left ** np.minimum(4.0, fit.n * hat / rank),
    }[kind]
    inverse = np.linalg.pinv(fit.design)
    covariance = (inverse * omega) @ inverse.T
    note = "" if np.isfinite(covariance).all() else "a case has leverage 1: no robust covariance"
    return _tested(replace(fit, note=join_notes(fit.note, note)), covariance, kind)


def by_patient(fit: LinearFit, groups: Any) -> LinearFit:
    """Return the fit with standard errors that hold where cases of one patient are alike.

    As R's ``coeftest(fit, vcovCL(fit, groups, type = "HC0", cadjust = FALSE), df = patients - 1)``
    (`radpipe.stats.clusters.sandwich`). ``f_test`` is the Wald F test with that covariance.
    """
    if not fit.sigma > 0.0:
        return fit
    inverse = np.linalg.pinv(fit.design)
    covariance = sandwich(fit.design * fit.residuals[:, None], inverse @ inverse.T, groups)
    df = min(fit.df_residual, np.unique(np.asarray(groups)).size - 1)
    return _tested(replace(fit, df_residual=df), covariance, "by patient")


def _tested(fit: LinearFit, covariance: Array, kind: str) -> LinearFit:
    """Put in a robust covariance, and the test of all coefficients that goes with it."""
    found, others = _inference(fit, covariance, kind), np.arange(int(fit.intercept), fit.keep.size)
    test = wald_test(found.coef, found.vcov, others, fit.n, fit.df_residual)
    return replace(found, f_test=test)


def leverage(fit: LinearFit) -> Array:
    """Return the diagonal of the hat matrix, shape (n,), in [0, 1]."""
    q = np.linalg.qr(fit.design)[0]
    hat: Array = np.minimum(np.einsum("ij,ij->i", q, q), 1.0)
    return hat


def predict(
    fit: LinearFit,
    X: Any,
    interval: Literal["confidence", "prediction"] = "confidence",
    level: float = 0.95,
) -> Prediction:
    """Predict new rows, with an interval for the mean or for a single new case.

    Parameters
    ----------
    X : array of shape (m, p)
        The columns of the fit, in its order.
    interval : "confidence" or "prediction"
        "prediction" adds the residual variance.
    level : float
        In (0, 1).
    """
    rows = matrix(X)
    full = np.column_stack([np.ones(len(rows)), rows]) if fit.intercept else rows
    if full.shape[1] != fit.keep.size:
        raise ValueError(f"{rows.shape[1]} columns were given, the fit has another number")
    own, vcov = full[:, fit.keep], fit.vcov[np.ix_(fit.keep, fit.keep)]
    mean = own @ fit.coef[fit.keep]
    variance = np.einsum("ij,jk,ik->i", own, vcov, own)
    se = np.sqrt(variance)
    wide = np.sqrt(variance + fit.sigma**2) if interval == "prediction" else se
    half = _quantile(fit.df_residual, level) * wide
    return Prediction(mean, mean - half, mean + half, se, level, f"{interval} interval")


def _inference(fit: LinearFit, covariance: Array, kind: str) -> LinearFit:
    """Put in what follows from a covariance of the estimable coefficients."""
    beta = fit.coef[fit.keep]
    se = np.sqrt(np.diag(covariance))
    t = np.divide(beta, se, out=np.full_like(beta, np.nan), where=se > 0.0)
    half = _quantile(fit.df_residual, fit.level) * se
    p = (
        2.0 * special.stdtr(fit.df_residual, -np.abs(t))
        if fit.df_residual
        else np.full_like(t, NAN)
    )
    return replace(
        fit,
        se=spread(se, fit.keep),
        t=spread(t, fit.keep),
        p=spread(p, fit.keep),
        lower=spread(beta - half, fit.keep),
        upper=spread(beta + half, fit.keep),
        vcov=spread(covariance, fit.keep),
        covariance=kind,
    )


def _quantile(df: int, level: float) -> float:
    return float(special.stdtrit(df, 0.5 + level / 2.0)) if df else NAN

"""Accelerated failure time models: exponential, Weibull, lognormal, loglogistic, as survreg.

log T = x'beta + scale * e, with e of the smallest extreme value (exponential with scale 1,
Weibull), normal or logistic distribution (Kalbfleisch and Prentice, The Statistical Analysis of
Failure Time Data, 2nd ed., chapter 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from scipy import special

from radpipe.stats.censoring import follow_up_times
from radpipe.stats.cox import ChiSquared
from radpipe.stats.design import Array, independent, matrix, spread
from radpipe.stats.parametric_likelihood import Distribution, log_times, maximum
from radpipe.stats.results import z_value


@dataclass(frozen=True)
class ParametricFit:
    """A fitted accelerated failure time model; the intercept comes first.

    Attributes
    ----------
    coef, se, z, p, lower, upper : array of shape (p + 1,)
        On the scale of log time, with Wald statistics; NaN for a column that earlier columns
        span.
    vcov : array of shape (p + 2, p + 2)
        Of the coefficients and, last, of log(scale) (zero with the exponential distribution).
    scale : float
        Of the residual e; 1 with the exponential distribution.
    loglik, loglik_null : float
        Of the fit, and of the intercept alone (with its own scale); of the times, not of their
        logarithms.
    lr_test : ChiSquared
        That all coefficients but the intercept are 0.
    """

    distribution: Distribution
    coef: Array
    se: Array
    z: Array
    p: Array
    lower: Array
    upper: Array
    vcov: Array
    scale: float
    loglik: float
    loglik_null: float
    aic: float
    bic: float
    lr_test: ChiSquared
    n: int
    events: int
    level: float
    method: str


@dataclass(frozen=True)
class Ratios:
    """Ratios for one more of each predictor, without the intercept: arrays of shape (p,)."""

    estimate: Array
    lower: Array
    upper: Array
    level: float
    method: str


def fit_parametric(
    X: Any,
    time: Any,
    event: Any,
    distribution: Distribution = "weibull",
    level: float = 0.95,
) -> ParametricFit:
    """Fit an accelerated failure time model by maximum likelihood.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite, without a column for the intercept; p may be 0.
    time, event : array of shape (n,)
        Time of event or censoring, above 0, any unit; 1 where the event was observed.
    distribution : "exponential", "weibull", "lognormal" or "loglogistic"
        Of the times.
    level : float
        Of the Wald intervals, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If there is no event, or the likelihood has no maximum (the events lie on a line, or a
        coefficient runs to infinity).
    ValueError
        If a time is not above 0, an event neither 0 nor 1, or the distribution none of these.

    Notes
    -----
    With alpha = 1 / scale and gamma = beta / scale the log-likelihood is concave (Burridge, J R
    Stat Soc B 1981;43:41), so that Newton's ascent finds its maximum from anywhere; errors are
    those of the observed information in beta and log(scale).
    """
    if distribution not in get_args(Distribution):
        raise ValueError(f"distribution {distribution!r}: {', '.join(get_args(Distribution))}")
    plain = matrix(X)
    n = plain.shape[0]
    log_time, d = log_times(time, event, n)
    keep = independent(np.column_stack([np.ones(n), plain - plain.mean(axis=0)]))[1:]
    means, spreads = plain.mean(axis=0)[keep], plain.std(axis=0)[keep]
    Z = np.column_stack([np.ones(n), (plain[:, keep] - means) / spreads])
    # In place of the unit of time: log times about 0, which keeps the equations well conditioned.
    centre = float(log_time.mean())
    theta, loglik, information = maximum(Z, log_time - centre, d, distribution)
    null = maximum(Z[:, :1], log_time - centre, d, distribution)[1]
    gamma, alpha = theta[:-1], float(theta[-1])
    k = gamma.size
    jacobian = np.eye(k + 1) * alpha
    jacobian[:, -1] = -theta
    fixed = distribution == "exponential"
    vcov = np.zeros((k + 1, k + 1))
    size = k if fixed else k + 1
    vcov[:size, :size] = np.linalg.inv((jacobian.T @ information @ jacobian)[:size, :size])
    back = np.eye(k + 1)  # from standardised columns to those given
    back[1:k, 1:k] /= spreads[:, None]
    back[0, 1:k] = -means / spreads
    vcov = back @ vcov @ back.T
    coef = back[:k, :k] @ (gamma / alpha)
    coef[0] += centre
    se = np.sqrt(np.diag(vcov)[:k])
    half = z_value(level) * se
    z = coef / se
    shift = float(log_time[d].sum())
    all_kept = np.r_[True, keep]
    df, events = size, int(d.sum())
    lr = max(2.0 * (loglik - null), 0.0)
    return ParametricFit(
        distribution=distribution,
        coef=spread(coef, all_kept),
        se=spread(se, all_kept),
        z=spread(z, all_kept),
        p=spread(2.0 * special.ndtr(-np.abs(z)), all_kept),
        lower=spread(coef - half, all_kept),
        upper=spread(coef + half, all_kept),
        vcov=spread(vcov, np.r_[all_kept, True]),
        scale=1.0 / alpha,
        loglik=loglik - shift,
        loglik_null=null - shift,
        aic=-2.0 * (loglik - shift) + 2.0 * df,
        bic=-2.0 * (loglik - shift) + df * float(np.log(n)),
        lr_test=ChiSquared(lr, k - 1, float(special.chdtrc(k - 1, lr)) if k > 1 else float("nan")),
        n=n,
        events=events,
        level=level,
        method=f"{distribution} accelerated failure time model",
    )


def linear_predictor(fit: ParametricFit, X: Any) -> Array:
    """Return x'beta, the location of log time, shape (n,); a missing coefficient is 0."""
    coef = np.nan_to_num(fit.coef)
    eta: Array = coef[0] + matrix(X) @ coef[1:]
    return eta


def survival_at(fit: ParametricFit, X: Any, times: Any) -> Array:
    """Return P(no event by each time) for new rows, shape (n, len(times)), in [0, 1]."""
    grid = follow_up_times(np.atleast_1d(times))
    eta = linear_predictor(fit, X)
    with np.errstate(divide="ignore", over="ignore"):
        z = (np.log(grid) - eta[:, None]) / fit.scale
        if fit.distribution == "lognormal":
            out: Array = special.ndtr(-z)
        elif fit.distribution == "loglogistic":
            out = special.expit(-z)
        else:
            out = np.exp(-np.exp(z))
    return out


def quantile(fit: ParametricFit, X: Any, p: float = 0.5) -> Array:
    """Return the time by which a share ``p``, in (0, 1), has had the event, shape (n,)."""
    if not 0 < p < 1:
        raise ValueError(f"p lies between 0 and 1, not {p:g}")
    if fit.distribution == "lognormal":
        z = float(special.ndtri(p))
    elif fit.distribution == "loglogistic":
        z = float(special.logit(p))
    else:
        z = float(np.log(-np.log1p(-p)))
    out: Array = np.exp(linear_predictor(fit, X) + fit.scale * z)
    return out


def time_ratios(fit: ParametricFit) -> Ratios:
    """Return exp(beta): by what a predictor stretches time."""
    limits = np.exp([fit.coef[1:], fit.lower[1:], fit.upper[1:]])
    return Ratios(limits[0], limits[1], limits[2], fit.level, "time ratio, Wald interval")


def hazard_ratios(fit: ParametricFit) -> Ratios:
    """Return exp(-beta / scale), a hazard ratio with the exponential and Weibull distributions."""
    if fit.distribution not in ("exponential", "weibull"):
        raise ValueError(f"a {fit.distribution} model has no constant hazard ratio")
    return _scaled(fit, "hazard ratio, Wald interval (delta method)")


def odds_ratios(fit: ParametricFit) -> Ratios:
    """Return exp(-beta / scale), the ratio of the odds of an event by any time (loglogistic)."""
    if fit.distribution != "loglogistic":
        raise ValueError(f"a {fit.distribution} model has no constant odds ratio")
    return _scaled(fit, "odds ratio, Wald interval (delta method)")


def _scaled(fit: ParametricFit, method: str) -> Ratios:
    log = -fit.coef[1:] / fit.scale
    slopes, shared = np.diag(fit.vcov)[1:-1], fit.vcov[1:-1, -1]
    # d(-beta / scale) = -d beta / scale - (-beta / scale) d log(scale)
    variance = slopes / fit.scale**2 + log**2 * fit.vcov[-1, -1] + 2 * log * shared / fit.scale
    half = z_value(fit.level) * np.sqrt(variance)
    return Ratios(np.exp(log), np.exp(log - half), np.exp(log + half), fit.level, method)

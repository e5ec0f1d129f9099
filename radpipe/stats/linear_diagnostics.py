"""What may be wrong with a linear model: influence, unequal variances, serial correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from radpipe.stats.design import Array
from radpipe.stats.linear import LinearFit, leverage
from radpipe.stats.results import NAN, TestResult


@dataclass(frozen=True)
class Influence:
    """Each case's influence, arrays of shape (n,) but ``dfbetas`` (n, rank).

    ``standardised`` residuals are divided by their own standard deviation, ``studentised`` ones
    by that of the fit without the case (R's rstandard and rstudent). NaN at leverage 1.
    Belsley, Kuh and Welsch, Regression Diagnostics, 1980; Cook, Technometrics 1977;19:15.
    """

    leverage: Array
    standardised: Array
    studentised: Array
    cook: Array
    dffits: Array
    dfbetas: Array
    covratio: Array


def influence(fit: LinearFit) -> Influence:
    """Return the influence of every case, as R's ``influence.measures``."""
    hat, e, df, k = leverage(fit), fit.residuals, fit.df_residual, fit.design.shape[1]
    left = np.where(hat < 1.0 - 1e-10, 1.0 - hat, np.nan)
    sigma2 = fit.sigma**2 if fit.sigma > 0.0 else NAN
    standardised = e / np.sqrt(sigma2 * left)
    without = np.full_like(e, np.nan)  # residual variance without the case
    if df > 1:
        without = (df * sigma2 - e**2 / left) / (df - 1)
        without = np.where(without > 0.0, without, np.nan)
    studentised = e / np.sqrt(without * left)
    inverse = np.linalg.pinv(fit.design)  # (k, n): what each case adds to each coefficient
    change = (inverse * (e / left)).T
    norm = np.sqrt((inverse**2).sum(axis=1))
    return Influence(
        leverage=hat,
        standardised=standardised,
        studentised=studentised,
        cook=standardised**2 * hat / left / max(k, 1),
        dffits=studentised * np.sqrt(hat / left),
        dfbetas=change / (np.sqrt(without)[:, None] * norm),
        covratio=(without / sigma2) ** k / left,
    )


def breusch_pagan(fit: LinearFit, studentised: bool = True) -> TestResult:
    """Test for residual variance that depends on the predictors, as R's ``lmtest::bptest``.

    Parameters
    ----------
    studentised : bool
        Koenker's form (J Econometrics 1981;17:107), which does not need normal residuals; else
        that of Breusch and Pagan (Econometrica 1979;47:1287).
    """
    method = "Breusch-Pagan test" + (", studentised" if studentised else "")
    df = fit.design.shape[1] - int(fit.intercept)
    if df == 0 or fit.df_residual == 0 or not fit.sigma > 0.0:
        return TestResult(
            NAN, NAN, method, fit.n, df, note="no predictors or no residuals: no test"
        )
    squared = fit.residuals**2
    scaled = squared / squared.mean() - 1.0
    q = np.linalg.qr(fit.design)[0]
    explained = float(((q.T @ scaled) ** 2).sum())
    if studentised:
        total = float(scaled @ scaled)
        if total <= 1e-24:
            note = "all residuals have one size: no test"
            return TestResult(NAN, NAN, method, fit.n, df, note=note)
        statistic = fit.n * explained / total
    else:
        statistic = explained / 2.0
    return TestResult(statistic, float(special.chdtrc(df, statistic)), method, fit.n, df)


def durbin_watson(fit: LinearFit) -> TestResult:
    """Test for positive serial correlation of the residuals, in the order of the rows.

    ``sum (e_i - e_{i-1})^2 / sum e^2``: 2 without correlation, towards 0 with a positive one. One
    sided for normal residuals, as ``lmtest::dwtest``: below 100 cases exact (by Imhof's inversion,
    Biometrika 1961;48:419), else from the first two moments (Durbin and Watson, Biometrika
    1950;37:409). ``estimate`` is the correlation it stands for, about ``1 - statistic / 2``.
    """
    e, df = fit.residuals, fit.df_residual
    exact = fit.n < 100
    method = "Durbin-Watson test, " + ("exact" if exact else "normal approximation")
    if df < 1 or not fit.sigma > 0.0:
        return TestResult(NAN, NAN, method, fit.n, note="no residuals: no test")
    d = float((np.diff(e) ** 2).sum() / (e @ e))
    if exact:
        # residuals are Q z, Q a basis of what the design leaves: d is a ratio of forms in z
        left = np.linalg.qr(fit.design, mode="complete")[0][:, fit.design.shape[1] :]
        steps = np.diff(left, axis=0)
        roots = np.linalg.eigvalsh(steps.T @ steps)
        if np.ptp(roots) < 1e-10:
            note = "the statistic can take one value only: no test"
            return TestResult(d, NAN, method, fit.n, estimate=1.0 - d / 2.0, note=note)
        p = _imhof(roots - d)
    else:
        mean, variance = _moments(fit)
        p = float(special.ndtr((d - mean) / np.sqrt(variance)))
    return TestResult(d, p, method, fit.n, estimate=1.0 - d / 2.0)


def _moments(fit: LinearFit) -> tuple[float, float]:
    """Return mean and variance of the Durbin-Watson statistic of independent normal errors."""
    n, df = fit.n, fit.df_residual
    q = np.linalg.qr(fit.design)[0]
    steps = np.diff(q, axis=0)
    nothing = np.zeros((1, q.shape[1]))
    second = np.concatenate([nothing, steps]) - np.concatenate([steps, nothing])
    inner = q.T @ second
    first = 2.0 * (n - 1) - float(np.trace(inner))
    squares = 2.0 * (3 * n - 4) - 2.0 * float((second**2).sum()) + float((inner**2).sum())
    mean = first / df
    return mean, 2.0 / (df * (df + 2)) * (squares - first * mean)


def _imhof(weights: Array) -> float:
    """Return the probability that the weighted sum of squared standard normals is below 0."""
    from scipy.integrate import quad

    w = weights / np.abs(weights).max()

    def integrand(u: float) -> float:
        angle = 0.5 * float(np.arctan(w * u).sum())
        return float(np.sin(angle) * np.exp(-0.25 * np.log1p((w * u) ** 2).sum()) / u)

    # u = v / (1 - v) maps the half line to [0, 1)
    def mapped(v: float) -> float:
        return integrand(v / (1.0 - v)) / (1.0 - v) ** 2

    area = quad(mapped, 0.0, 1.0, limit=500, epsabs=1e-10)[0]
    return float(min(1.0, max(0.0, 0.5 - area / np.pi)))

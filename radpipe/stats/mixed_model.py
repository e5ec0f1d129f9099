"""Linear mixed model with a random intercept, by restricted or full maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.counts import coded
from radpipe.stats.design import DegenerateDataError, independent, matrix, spread, vector
from radpipe.stats.results import NAN, FloatArray, IntArray, floats
from radpipe.stats.samples import check_level

_RATIOS = (1e-9, 1e10)


@dataclass(frozen=True)
class MixedModel:
    """A fitted model y = X b + intercept of the group + error.

    Parameters
    ----------
    coef, se : array (p,)
        Fixed effects; NaN for a column that earlier ones span.
    lower, upper, statistic, p, df : array (p,)
        t intervals and tests, with the degrees of freedom that nlme::lme prints.
    covariance : array (p, p)
        Of the fixed effects.
    var_group, var_residual : float
        Variance components.
    icc : float
        Share of the variance between groups.
    intercepts : array (groups,)
        Predicted random intercepts, groups by sorted label.
    criterion : float
        -2 log (restricted) likelihood at its least.
    aic : float
        ``criterion`` plus twice the number of parameters.
    n, groups : int
        Rows and groups used.
    method, note : str
        How it was fitted, and what is to be said about it.
    """

    coef: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    statistic: FloatArray
    p: FloatArray
    df: FloatArray
    covariance: FloatArray
    var_group: float
    var_residual: float
    icc: float
    intercepts: FloatArray
    criterion: float
    aic: float
    n: int
    groups: int
    level: float
    method: str
    note: str = ""


def random_intercept(
    y: Any, X: Any, groups: Any, reml: bool = True, level: float = 0.95
) -> MixedModel:
    """Fit a linear model with a random intercept per group, as lme4::lmer(y ~ X + (1 | group)).

    Parameters
    ----------
    y : array (n,)
        Continuous outcome, no missing values.
    X : array (n, p)
        Design with its column of ones.
    groups : array (n,)
        The group (subject) of each row.
    reml : bool
        Restricted likelihood, else full maximum likelihood.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    DegenerateDataError
        If a value is missing, no group has two rows, every row is a group's own, there is one
        group only, or the columns explain the outcome fully.

    Notes
    -----
    The likelihood is profiled to the ratio of the two variances (Lindstrom and Bates, JASA
    1988;83:1014; Bates et al., J Stat Softw 2015;67(1)), which one search finds; a ratio of 0 (no
    variance between groups) is noted. Degrees of freedom: a column that varies within a group is
    tested against the rows, another against the groups (Pinheiro and Bates, Mixed-Effects Models
    in S and S-PLUS, 2000, section 2.4.2).
    """
    from scipy.stats import t

    check_level(level)
    design = matrix(X)
    n = design.shape[0]
    outcome = vector(y, n, "the outcome")
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"groups have shape {labels.shape}, the design has {n} rows")
    group = coded(labels)[1]
    keep = independent(design)
    used = design[:, keep]
    _check(used, outcome, group)
    data = _Moments(used, outcome, group, reml)
    ratio = _best_ratio(data)
    criterion, beta, scale, covariance, left = data.fit(ratio)
    df = floats(_free(used, group))
    se = np.sqrt(np.diag(covariance))
    statistic = beta / se
    known = df > 0
    half = np.full(df.shape, NAN)
    half[known] = t.ppf(0.5 + level / 2, df[known]) * se[known]
    p = np.full(df.shape, NAN)
    p[known] = 2 * t.sf(np.abs(statistic[known]), df[known])
    return MixedModel(
        coef=spread(beta, keep),
        se=spread(floats(se), keep),
        lower=spread(beta - half, keep),
        upper=spread(beta + half, keep),
        statistic=spread(floats(statistic), keep),
        p=spread(p, keep),
        df=spread(df, keep),
        covariance=spread(covariance, keep),
        var_group=ratio * scale,
        var_residual=scale,
        icc=ratio / (1 + ratio),
        intercepts=left,
        criterion=criterion,
        aic=criterion + 2 * (beta.size + 2),
        n=n,
        groups=data.size.size,
        level=level,
        method="linear mixed model, random intercept, " + ("REML" if reml else "ML"),
        note="no variance between groups (singular fit)" if ratio == 0 else "",
    )


class _Moments:
    """Cross products within and between groups, from which the likelihood of a ratio follows.

    With V = I + ratio J in a group of m rows, V^-1 = I - ratio / (1 + m ratio) J. Columns and
    outcome are split into deviations from the group's mean and that mean, so that a large ratio
    cancels nothing.
    """

    def __init__(self, X: FloatArray, y: FloatArray, group: IntArray, reml: bool) -> None:
        self.n, self.p = X.shape
        self.reml = reml
        self.size, self.mean, off = _split(np.column_stack([X, y]), group)
        self.inside = off.T @ off

    def fit(self, ratio: float) -> tuple[float, FloatArray, float, FloatArray, FloatArray]:
        """Return -2 log likelihood, fixed effects, error variance, covariance, intercepts."""
        weight = self.size / (1 + ratio * self.size)
        cross = self.inside + (self.mean * weight[:, None]).T @ self.mean
        information, right = cross[:-1, :-1], cross[:-1, -1]
        scaling = 1 / np.sqrt(np.diag(information))
        scaled = information * np.outer(scaling, scaling)
        inverse = np.linalg.inv(scaled) * np.outer(scaling, scaling)
        beta = inverse @ right
        residual = float(cross[-1, -1] - right @ beta)
        free = self.n - self.p if self.reml else self.n
        scale = residual / free
        value = free * (1 + np.log(2 * np.pi * scale)) + float(np.log1p(ratio * self.size).sum())
        if self.reml:
            value += float(np.linalg.slogdet(scaled)[1] - 2 * np.log(scaling).sum())
        left = ratio * weight * (self.mean[:, -1] - self.mean[:, :-1] @ beta)
        return float(value), floats(beta), scale, floats(inverse * scale), floats(left)


def _best_ratio(data: _Moments) -> float:
    """Return the ratio of the variances, group over error, with the least criterion."""
    from scipy.optimize import minimize_scalar

    def value(log_ratio: float) -> float:
        return data.fit(float(np.exp(log_ratio)))[0]

    places = np.log(np.geomspace(*_RATIOS, 93))
    best = int(np.argmin([value(x) for x in places]))
    if best == 0:
        return 0.0
    bounds = places[best - 1], places[min(best + 1, places.size - 1)]
    fit = minimize_scalar(value, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    return float(np.exp(fit.x))


def _split(values: FloatArray, group: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the groups' sizes, their means of each column, and the rows' deviations from them."""
    size = np.bincount(group).astype(float)
    mean = np.zeros((size.size, values.shape[1]))
    np.add.at(mean, group, values)
    mean /= size[:, None]
    return size, mean, values - mean[group]


def _check(X: FloatArray, y: FloatArray, group: IntArray) -> None:
    size, _, off = _split(np.column_stack([X, y]), group)
    if size.size < 2 or size.max() < 2:
        raise DegenerateDataError("a random intercept needs several groups, one with two rows")
    if X.shape[0] - X.shape[1] < 2:
        raise DegenerateDataError(f"{X.shape[0]} rows are too few for {X.shape[1]} columns")
    bound = 1e-13 * float(np.linalg.norm(y))
    for columns, values, why in (
        (X, y, "the columns explain the outcome fully: no variance is left"),
        (off[:, :-1], off[:, -1], "no variance is left within groups"),
    ):
        rest = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
        if float(np.linalg.norm(rest)) <= bound:
            raise DegenerateDataError(why)


def _free(X: FloatArray, group: IntArray) -> list[float]:
    """Return the degrees of freedom of each column; the column of ones counts with the rows."""
    size, _, off = _split(X, group)
    bound = 1e-10 * np.abs(X).max(axis=0)
    within = np.abs(off).max(axis=0) > bound
    ones = np.ptp(X, axis=0) <= bound
    rows = X.shape[0] - size.size - int(within.sum())
    between = size.size - int((~within).sum())
    return [float(rows if w or o else between) for w, o in zip(within, ones, strict=True)]

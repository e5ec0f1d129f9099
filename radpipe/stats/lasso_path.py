"""Elastic-net paths by glmnet's algorithm and conventions (binomial, gaussian, Cox).

Columns are centred and scaled by their standard deviation with divisor n, the intercept is free,
and coefficients are returned on the original scale. The objective is
``-loglik / n + lambda * sum_j f_j [ (1 - alpha) / 2 b_j^2 + alpha |b_j| ]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, BoolArray, DegenerateDataError, matrix, vector
from radpipe.stats.results import same_length

Family = Literal["gaussian", "binomial", "cox"]
FAMILIES: tuple[Family, ...] = ("gaussian", "binomial", "cox")


@dataclass(frozen=True)
class Fits:
    """Fits of one model along a falling sequence of penalties.

    Attributes
    ----------
    lambdas : array of shape (L,)
        Penalties, falling.
    coefs, intercepts : arrays of shape (L, p) and (L,); (L, K, p) and (L, K) of K classes
        On the original scale of the columns; a constant column has coefficient 0.
    dev_ratio : array of shape (L,)
        Fraction of the null deviance explained, in [0, 1].
    nonzero : array of shape (L,)
        Number of columns with a coefficient that is not 0, in any class.
    scale : array of shape (p,)
        Standard deviation (divisor n) by which each column was divided.
    converged : bool
        False where the path ends early because coordinate descent did not converge.
    """

    alpha: float
    lambdas: Array
    coefs: Array
    intercepts: Array
    dev_ratio: Array
    null_deviance: float
    nonzero: NDArray[np.int64]
    scale: Array
    converged: bool


@dataclass(frozen=True)
class Path(Fits):
    """Fits of a model with one linear predictor; Cox intercepts are 0."""

    family: Family


@dataclass(frozen=True)
class Outcome:
    """An outcome ready for the kernels; ``time`` is empty unless the family is Cox."""

    family: Family
    y: Array
    time: Array

    def rows(self, take: NDArray[Any]) -> Outcome:
        """Return the outcome of some rows."""
        return Outcome(self.family, self.y[take], self.time[take] if self.time.size else self.time)


@dataclass(frozen=True)
class Settings:
    """How a path is fitted; see `radpipe.stats.lasso.path_binomial` for each."""

    alpha: float = 1.0
    n_lambda: int = 100
    min_ratio: float | None = None
    standardize: bool = True
    penalty_factor: Any = None
    tolerance: float = 1e-12


def outcome(family: Family, n: int, y: Any, time: Any = None) -> Outcome:
    """Check an outcome of ``n`` rows.

    Raises
    ------
    DegenerateDataError
        If values are missing, or there is one class, no event or no variance.
    """
    values = vector(y, n, "the outcome")
    if family != "gaussian" and not np.isin(values, (0.0, 1.0)).all():
        raise ValueError("the outcome must be 0 or 1")
    if family == "cox":
        if not values.any():
            raise DegenerateDataError("no event was observed")
        return Outcome(family, values, vector(time, n, "time"))
    if np.ptp(values) == 0:
        raise DegenerateDataError("the outcome has one value only")
    return Outcome(family, values, np.empty(0))


def saturated_loglik(target: Outcome) -> float:
    """Return Cox's saturated log-likelihood, ``-sum d log d`` over tied event times (glmnet)."""
    if target.family != "cox":
        return 0.0
    deaths = np.unique(target.time[target.y == 1.0], return_counts=True)[1]
    return -float((deaths * np.log(deaths)).sum())


@dataclass(frozen=True)
class Design:
    """Columns ready for the kernels: ``scaled`` (n, p) has mean 0; a constant column is 0.

    ``means``, ``scale``, ``varies`` and ``factor`` (penalty factors that sum to p) have shape (p,).
    """

    scaled: Array
    means: Array
    scale: Array
    varies: BoolArray
    factor: Array


def design(X: Any, settings: Settings) -> Design:
    """Centre and scale the columns (divisor n), and check the settings.

    Raises
    ------
    DegenerateDataError
        If values are missing.
    ValueError
        If alpha or a penalty factor is out of range.
    """
    plain = matrix(X)
    p = plain.shape[1]
    if not 0.0 <= settings.alpha <= 1.0:
        raise ValueError(f"alpha is {settings.alpha:g}; it must lie in [0, 1]")
    means = plain.mean(axis=0)
    varies = np.ptp(plain, axis=0) > 0.0
    scale = np.sqrt(((plain - means) ** 2).mean(axis=0)) if settings.standardize else np.ones(p)
    varies &= scale > 0.0
    scale = np.where(varies, scale, 1.0)
    factor = (
        np.ones(p)
        if settings.penalty_factor is None
        else vector(settings.penalty_factor, p, "penalty_factor")
    )
    if (factor <= 0).any():
        raise ValueError("penalty factors must be positive")
    scaled = np.where(varies, (plain - means) / scale, 0.0)
    return Design(scaled, means, scale, varies, factor * (p / factor.sum()))


def penalties(top: float, n: int, settings: Settings, p: int) -> Array:
    """Return glmnet's penalties, falling from where a LASSO leaves every coefficient 0.

    Raises
    ------
    DegenerateDataError
        If ``top``, the largest gradient over its penalty factor, is 0.
    """
    if top <= 0.0:
        raise DegenerateDataError("no column varies with the outcome")
    ratio = settings.min_ratio or (1e-4 if n >= p else 1e-2)
    steps = np.arange(settings.n_lambda) / max(settings.n_lambda - 1, 1)
    out: Array = top / max(float(settings.alpha), 1e-3) * ratio**steps
    return out


def given_penalties(lambdas: Any) -> Array:
    """Return the caller's penalties, falling.

    Raises
    ------
    ValueError
        If there are none, or one is negative or missing.
    """
    values = np.atleast_1d(np.asarray(lambdas, dtype=np.float64))
    if values.ndim != 1 or values.size == 0 or not (values >= 0).all():
        raise ValueError("penalties must be numbers of at least 0, and one at least")
    return np.sort(values)[::-1].copy()


def fit_path(X: Any, target: Outcome, settings: Settings, lambdas: Any = None) -> Path:
    """Fit a path; without ``lambdas`` they are chosen, and the path may stop early, as in glmnet.

    Raises
    ------
    DegenerateDataError
        If values are missing or the outcome does not vary.
    """
    from radpipe.stats import lasso_kernels as kernels

    columns = design(X, settings)
    scaled, means, scale, factor = columns.scaled, columns.means, columns.scale, columns.factor
    n = len(scaled)
    same_length(X=scaled, outcome=target.y)
    alpha = float(settings.alpha)
    order = np.arange(n)
    ends = order
    if target.family == "cox":
        order = np.argsort(-target.time, kind="stable")
        ascending = -target.time[order]
        ends = np.searchsorted(ascending, ascending, side="right") - 1
    scaled, y = np.asfortranarray(scaled[order]), np.ascontiguousarray(target.y[order])
    code = FAMILIES.index(target.family)
    automatic = lambdas is None
    if automatic:
        r, eta = np.empty(n), np.zeros(n)
        if target.family == "gaussian":
            eta[:] = y.mean()
        elif target.family == "binomial":
            eta[:] = np.log(y.mean() / (1.0 - y.mean()))
        kernels.working(code, y, ends, eta, r, np.empty(n), np.empty(n), np.empty(n))
        top = float((np.abs(scaled.T @ r) / factor).max())
        grid = penalties(top, n, settings, scaled.shape[1])
    else:
        grid = given_penalties(lambdas)
    # glmnet scales a gaussian outcome to unit variance, which reaches the ridge part of the penalty
    ridge = 1.0 / float(y.std()) if target.family == "gaussian" else 1.0
    coefs, intercepts, deviances, done, converged = kernels.solve_path(
        scaled,
        y,
        ends,
        code,
        grid,
        alpha,
        factor,
        ridge,
        columns.varies,
        automatic,
        float(settings.tolerance),
        1_000_000,
    )
    if done == 0:
        raise DegenerateDataError("coordinate descent did not converge at the first penalty")
    original = coefs[:done] / scale
    constant = 2.0 * saturated_loglik(target) / n  # the deviance counts from the saturated model
    null = deviances[0] + constant
    explained = 1.0 - (deviances[1 : done + 1] + constant) / null
    return Path(
        alpha=alpha,
        lambdas=grid[:done],
        coefs=original,
        intercepts=_intercepts(target.family, intercepts[:done], original, means),
        dev_ratio=explained,
        null_deviance=float(null * n),
        nonzero=(original != 0.0).sum(axis=1),
        scale=scale,
        converged=bool(converged),
        family=target.family,
    )


def _intercepts(family: Family, centred: Array, coefs: Array, means: Array) -> Array:
    return np.zeros_like(centred) if family == "cox" else centred - coefs @ means


def coefficients_at(path: Fits, lambdas: Any) -> tuple[Array, Array]:
    """Return intercepts (m,) and coefficients (m, p) at any penalties; of K classes (m, K, ...).

    Between two penalties of the path both are interpolated linearly; beyond its ends they stay
    (glmnet's ``coef(exact = FALSE)``).
    """
    share, upper, lower = between(path.lambdas, lambdas)

    def mixed(values: Array) -> Array:
        part = share.reshape(-1, *(1 for _ in values.shape[1:]))
        return part * values[upper] + (1.0 - part) * values[lower]

    return mixed(path.intercepts), mixed(path.coefs)


def shared_penalties(paths: Sequence[Fits], n: int = 100) -> Array:
    """Return ``n`` penalties, falling evenly in the logarithm, that all of some paths reach.

    From the largest of all to where the first of them ends.
    """
    top = max(float(path.lambdas[0]) for path in paths)
    end = max(float(path.lambdas[-1]) for path in paths)
    return np.geomspace(top, end, n) if end < top else np.array([top])


def between(falling: Array, lambdas: Any) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Return, for any penalties, the share of the next larger one of a path, and both positions.

    Beyond the path's ends the penalty at the end stands.
    """
    wanted = np.atleast_1d(np.asarray(lambdas, dtype=np.float64))
    rising = falling[::-1]
    if rising.size == 1:
        only = np.zeros(wanted.size, dtype=np.int64)
        return np.ones(wanted.size), only, only
    inside = np.clip(wanted, rising[0], rising[-1])
    right = np.clip(np.searchsorted(rising, inside), 1, rising.size - 1)
    share = (inside - rising[right - 1]) / (rising[right] - rising[right - 1])
    share = np.round(share, 12)  # a penalty of the path is that penalty, not its neighbour's blend
    return share, rising.size - 1 - right, rising.size - right


def linear_predictor(path: Path, X: Any, lambdas: Any = None) -> Array:
    """Return ``intercept + X b`` for each penalty (the path's own when not given), (n, L)."""
    rows = matrix(X)
    if lambdas is None:
        intercepts, coefs = path.intercepts, path.coefs
    else:
        intercepts, coefs = coefficients_at(path, lambdas)
    out: Array = rows @ coefs.T + intercepts
    return out

"""Profile-likelihood intervals and likelihood-ratio tests of single logistic coefficients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import optimize, special

from radpipe.stats.design import Array, DegenerateDataError, spread
from radpipe.stats.logistic_likelihood import Problem, irls, is_separated, maximise, problem

Method = Literal["maximum likelihood", "firth"]


@dataclass(frozen=True)
class Profile:
    """Profile-likelihood inference for each coefficient, the intercept first.

    Attributes
    ----------
    coef, lower, upper : array of shape (k,)
        A limit is infinite where the likelihood never falls far enough.
    p : array of shape (k,)
        Of the likelihood-ratio test that the coefficient is 0.
    """

    coef: Array
    lower: Array
    upper: Array
    p: Array
    level: float
    method: str


def profile_intervals(
    X: Any,
    y: Any,
    method: Method = "maximum likelihood",
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
    level: float = 0.95,
) -> Profile:
    """Return profile-likelihood intervals, the others maximised at each value of one coefficient.

    "maximum likelihood" solves exactly for what R's ``confint.glm`` interpolates; "firth" profiles
    the penalised likelihood as ``logistf(pl = TRUE)``. Parameters and errors as for
    `radpipe.stats.logistic.fit_logistic`.

    Raises
    ------
    DegenerateDataError
        If the data are separated and "firth" was not asked for.
    """
    pb = problem(X, y, weights, offset, intercept)
    if method != "firth" and is_separated(pb):
        raise DegenerateDataError("the predictors separate the classes; use Firth's method")
    scale = np.sqrt((pb.X**2).mean(axis=0))
    scaled = pb.X / scale
    if method == "firth":
        start = np.zeros(scale.size)
        everything = np.ones(scale.size, dtype=np.bool_)
        beta, top, information, _ = maximise(pb, scaled, start, everything)
        se = np.sqrt(np.diag(np.linalg.inv(information)))
    else:
        beta, inverse, top, _ = irls(pb, scaled)
        se = np.sqrt(np.maximum(np.diag(inverse), 0.0))
    z = float(special.ndtri(0.5 + level / 2.0))
    limits = np.empty((2, scale.size))
    p = np.empty(scale.size)
    for j in range(scale.size):
        reached = _profile(pb, scaled, beta, j, method)
        p[j] = special.chdtrc(1.0, max(2.0 * (top - reached(0.0)), 0.0))
        for side, sign in enumerate((-1.0, 1.0)):
            limits[side, j] = _limit(reached, top, float(beta[j]), float(se[j]), sign, z)
    return Profile(
        spread(beta / scale, pb.keep),
        spread(limits[0] / scale, pb.keep),
        spread(limits[1] / scale, pb.keep),
        spread(p, pb.keep),
        level,
        f"profile likelihood ({method})",
    )


def _profile(pb: Problem, X: Array, beta: Array, j: int, method: str) -> Callable[[float], float]:
    """Return the function from a value of coefficient j to the likelihood's maximum there."""
    free = np.arange(beta.size) != j

    def reached(value: float) -> float:
        start = beta.copy()
        start[j] = value
        return maximise(pb, X, start, free, penalty=method == "firth")[1]

    return reached


def _limit(
    reached: Callable[[float], float], top: float, centre: float, se: float, sign: float, z: float
) -> float:
    """Return where the signed root of the likelihood ratio reaches ``z`` on one side."""

    def excess(distance: float) -> float:
        return math.sqrt(max(2.0 * (top - reached(centre + sign * distance)), 0.0)) - z

    if not math.isfinite(se) or se <= 0.0:
        return sign * math.inf
    near, far = 0.0, z * se
    for _ in range(12):
        if excess(far) > 0.0:
            root = optimize.brentq(excess, near, far, xtol=1e-9 * far, rtol=1e-10)
            return centre + sign * float(root)
        near, far = far, 1.6 * far
    return sign * math.inf

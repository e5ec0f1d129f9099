"""Profile-likelihood intervals and likelihood-ratio tests of single logistic coefficients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import interpolate, optimize, special

from radpipe.stats.design import Array, DegenerateDataError, spread
from radpipe.stats.logistic_likelihood import Problem, irls, maximise, problem, separation_of
from radpipe.stats.results import NAN, TestResult
from radpipe.stats.separation import separation_note

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
    spline: bool = False,
) -> Profile:
    """Return profile-likelihood intervals, the others maximised at each value of one coefficient.

    "maximum likelihood" solves exactly for what R's ``confint.glm`` interpolates; "firth" profiles
    the penalised likelihood as ``logistf(pl = TRUE)``. Other parameters and errors as for
    `radpipe.stats.logistic.fit_logistic`.

    Parameters
    ----------
    spline : bool
        Find the limits as MASS's ``confint.glm`` does, by a spline through the profile at steps
        of half a standard error. It differs from the exact limits by about 1e-4; a limit outside
        the profiled range is NaN.

    Raises
    ------
    DegenerateDataError
        If the data are separated and "firth" was not asked for.
    """
    pb = problem(X, y, weights, offset, intercept)
    if method != "firth" and separation_of(pb) != "none":
        raise DegenerateDataError("the predictors separate the classes; use Firth's method")
    k = pb.X.shape[1]
    z = float(special.ndtri(0.5 + level / 2.0))
    beta, p, limits = np.empty(k), np.empty(k), np.empty((2, k))
    for j in range(k):
        basis, unit = _apart(pb.X, j)
        found, se, top = _estimate(pb, basis, method)
        reached = _profile(pb, basis, found, k - 1, method, se)
        centre = float(found[-1])
        p[j] = special.chdtrc(1.0, max(2.0 * (top - reached(0.0)), 0.0))
        beta[j] = centre / unit
        if spline:
            limits[:, j] = _interpolated(reached, top, centre, se, level) / unit
            continue
        for side, sign in enumerate((-1.0, 1.0)):
            limits[side, j] = profile_limit(reached, top, centre, se, sign, z) / unit
    return Profile(
        spread(beta, pb.keep),
        spread(limits[0], pb.keep),
        spread(limits[1], pb.keep),
        spread(p, pb.keep),
        level,
        f"profile likelihood ({method}{', by spline' if spline else ''})",
    )


def _apart(X: Array, j: int) -> tuple[Array, float]:
    """Return an orthogonal basis in which column j alone needs the last one, and its units there.

    To hold that coefficient is to hold column j's; near copies of a column do no harm.
    """
    others = np.arange(X.shape[1]) != j
    q, r = np.linalg.qr(np.column_stack([X[:, others], X[:, j]]))
    root = math.sqrt(len(X))
    basis = q * root
    if r[-1, -1] < 0.0:
        basis[:, -1] *= -1.0
    return basis, abs(float(r[-1, -1])) / root


def _estimate(pb: Problem, X: Array, method: str) -> tuple[Array, float, float]:
    """Return the estimate, the last coefficient's standard error, and the log-likelihood."""
    if method != "firth":
        beta, inverse, top, _ = irls(pb, X)
        return beta, math.sqrt(max(float(inverse[-1, -1]), 0.0)), top
    k = X.shape[1]
    beta, top, information, _ = maximise(pb, X, np.zeros(k), np.ones(k, dtype=np.bool_))
    return beta, math.sqrt(float(np.linalg.inv(information)[-1, -1])), top


def likelihood_ratio_test(
    X: Any,
    y: Any,
    columns: Any,
    method: Method = "maximum likelihood",
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
) -> TestResult:
    """Test that the coefficients of some columns are all 0, by the (penalised) likelihood ratio.

    Parameters
    ----------
    columns : sequence of int
        Columns of ``X``, from 0. A column that others span counts no degree of freedom.
    method : "maximum likelihood" or "firth"
        "firth" holds the coefficients at 0 in the penalised likelihood of all columns, as
        ``logistftest`` (Heinze and Schemper, Stat Med 2002;21:2409).

    Other parameters and errors as for `radpipe.stats.logistic.fit_logistic`.
    """
    pb = problem(X, y, weights, offset, intercept)
    tested = np.zeros(pb.keep.size, dtype=np.bool_)
    count = tested.size - int(intercept)
    if not all(0 <= int(j) < count for j in np.atleast_1d(columns)):
        raise ValueError(f"columns {columns} are not all among the {count} of the design, from 0")
    tested[np.asarray(columns, dtype=np.int64) + int(intercept)] = True
    free = ~tested[pb.keep]
    scale = np.sqrt((pb.X**2).mean(axis=0))
    firth, start = method == "firth", np.zeros(scale.size)
    everything = np.ones_like(free)
    top = maximise(pb, pb.X / scale, start, everything, penalty=firth)[1]
    held = maximise(pb, pb.X / scale, start, free, penalty=firth)[1]
    note = "" if firth else separation_note(separation_of(pb), "use Firth's method")
    statistic, df = max(2.0 * (top - held), 0.0), int((~free).sum())
    return TestResult(
        statistic=statistic,
        p=float(special.chdtrc(df, statistic)) if df else NAN,
        method=f"likelihood-ratio test ({method})",
        n=pb.y.size,
        df=df,
        note=note if df else "the columns add nothing to the others: no test",
    )


def _profile(
    pb: Problem, X: Array, beta: Array, j: int, method: str, se: float
) -> Callable[[float], float]:
    """Return the function from a value of coefficient j to the likelihood's maximum there.

    Where the classes are separated, Firth's likelihood may have several maxima at one value: that
    which the estimate leads to is followed, in steps of half a standard error.
    """
    free = np.arange(beta.size) != j
    firth, known = method == "firth", {float(beta[j]): beta}

    def reached(value: float) -> float:
        near = min(known, key=lambda v: abs(v - value)) if firth else float(beta[j])
        steps = math.ceil(abs(value - near) / (0.5 * se)) if firth else 1
        start, height = known[near].copy(), -math.inf
        for start[j] in np.linspace(near, value, max(steps, 1) + 1)[1:]:
            start, height, _, _ = maximise(pb, X, start, free, penalty=firth)
            known[float(start[j])] = start.copy()
        return height

    return reached


def profile_limit(
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


def _interpolated(
    reached: Callable[[float], float], top: float, centre: float, se: float, level: float
) -> Array:
    """Return both limits as MASS finds them: a spline through the signed root, inverted."""
    if not math.isfinite(se) or se <= 0.0:
        return np.array([np.nan, np.nan])
    furthest = math.sqrt(float(special.chdtri(1.0, (1.0 - level) / 4.0)))
    points = [(centre, 0.0)]
    for sign in (-1.0, 1.0):
        for step in range(1, 10):
            at = centre + sign * step * furthest / 5.0 * se
            root = math.sqrt(max(2.0 * (top - reached(at)), 0.0))
            points.append((at, sign * root))
            if root >= furthest:
                break
    x, z = np.array(sorted(points)).T
    grid = np.linspace(x[0], x[-1], 3 * x.size)
    curve = _spline(x, z)(grid)
    order = np.argsort(curve)
    half = float(special.ndtri(0.5 + level / 2.0))
    out: Array = np.interp([-half, half], curve[order], grid[order], np.nan, np.nan)
    return out


def _spline(x: Array, y: Array) -> interpolate.PPoly:
    """Return the cubic spline whose end pieces have the third derivative of the four end points.

    The end condition of Forsythe, Malcolm and Moler (Computer Methods for Mathematical
    Computations, 1977), which is R's ``spline``. Three points get a parabola.
    """
    n, h = x.size, np.diff(x)
    slope = np.diff(y) / h
    curvature = np.zeros((n, n))  # rows: equations in the second derivatives at the knots
    right = np.zeros(n)
    for i in range(1, n - 1):
        curvature[i, i - 1 : i + 2] = h[i - 1], 2.0 * (h[i - 1] + h[i]), h[i]
        right[i] = 6.0 * (slope[i] - slope[i - 1])
    for row, first in ((0, 0), (n - 1, n - 4)):
        start = 0 if row == 0 else n - 2
        curvature[row, start : start + 2] = -1.0, 1.0
        if n > 3:
            four, three = x[first : first + 4], slope[first : first + 3]
            bend = np.diff(three) / (four[2:] - four[:2])
            third = 6.0 * (bend[1] - bend[0]) / (four[3] - four[0])
            right[row] = third * h[start]
    m = np.linalg.solve(curvature, right)
    pieces = [
        np.diff(m) / (6.0 * h),
        m[:-1] / 2.0,
        slope - h * (2.0 * m[:-1] + m[1:]) / 6.0,
        y[:-1],
    ]
    return interpolate.PPoly(np.array(pieces), x)

"""The GiViTI calibration test and belt: a polynomial of the logit of the risk, chosen by the data.

Nattino, Finazzi and Bertolini, Stat Med 2014;33:2390 (external) and Stat Med 2016;35:709
(development sample); Finazzi and others, PLoS ONE 2011;6:e16110.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

from radpipe.stats.calibration_measures import known_cases
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.results import NAN, FloatArray, TestResult, floats

_MAX_DEGREE = 4
_STEPS = 300
_NODES = 40
_FAR = 400.0  # a logit beyond which a risk is 0 or 1 for every purpose
Intervals = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class GivitiBelt:
    """The belt on k risks at each of several confidence levels.

    Attributes
    ----------
    risk : array (k,)
        Ascending.
    lower, upper : array (levels, k)
        Limits of the observed risk where ``risk`` is predicted.
    over, under : tuple, one entry a level
        Ranges of the risk in which the belt lies above the diagonal (risks too low), and below.
    degree : int
        Of the polynomial chosen.
    test : TestResult
        Of the hypothesis that the risks are calibrated.
    """

    risk: FloatArray
    levels: tuple[float, ...]
    lower: FloatArray
    upper: FloatArray
    over: tuple[Intervals, ...]
    under: tuple[Intervals, ...]
    degree: int
    test: TestResult
    note: str = ""


@dataclass(frozen=True)
class _Fit:
    """The chosen polynomial in the orthogonal columns ``basis`` (n, degree + 1)."""

    basis: FloatArray
    turn: FloatArray
    coef: FloatArray
    loglik: float
    degree: int
    statistic: float


def giviti_test(
    y: Any, risk: Any, development: bool = False, threshold: float = 0.95
) -> TestResult:
    """Test calibration by the GiViTI test; the chosen degree stands in the method's name.

    Parameters
    ----------
    y, risk : array (n,)
        Outcomes 0/1 and predicted probabilities in (0, 1); cases with NaN are left out.
    development : bool
        Whether the model was fitted on these cases by logistic regression (degree at least 2).
    threshold : float
        A higher degree, up to 4, must better the likelihood at this level of a chi-squared test.

    Raises
    ------
    ValueError
        If a risk lies outside (0, 1) or the threshold is not in (0, 1).
    """
    event, p = _checked(y, risk, threshold)
    return _test(event.size, _choose(event, p, development, threshold), development, threshold)


def giviti_belt(
    y: Any,
    risk: Any,
    development: bool = False,
    levels: tuple[float, ...] = (0.95, 0.8),
    threshold: float = 0.95,
    points: int = 100,
) -> GivitiBelt:
    """Return the calibration belt, as ``givitiR::givitiCalibrationBelt``.

    Parameters
    ----------
    y, risk, development, threshold
        As for `giviti_test`.
    levels : tuple of float
        Confidence levels, in (0, 1).
    points : int
        The belt is computed at so many risks evenly spaced, and so many with evenly spaced logits.

    Notes
    -----
    A limit at a risk is the extreme of the polynomial there over all coefficients that the
    likelihood-ratio test with its distribution after selection does not reject at the level.
    """
    event, p = _checked(y, risk, threshold)
    if points < 2 or not all(0 < level < 1 for level in levels):
        raise ValueError(f"{points} points and levels {levels}: at least 2, and within (0, 1)")
    fit = _choose(event, p, development, threshold)
    test = _test(event.size, fit, development, threshold)
    if fit is None:
        nothing, none = np.full((len(levels), 0), NAN), ((),) * len(levels)
        return GivitiBelt(floats([]), levels, nothing, nothing, none, none, 0, test, test.note)
    low_end, high_end = float(p.min()), float(p.max())
    logits = np.linspace(special.logit(low_end), special.logit(high_end), points)
    even = np.linspace(low_end, high_end, points)
    grid = floats(np.clip(np.sort(np.r_[even, special.expit(logits)]), low_end, high_end))
    rows = floats(np.linalg.solve(fit.turn.T, _powers(special.logit(grid), fit.degree).T).T)
    lower, upper, over, under = [], [], [], []
    for level in levels:
        limit = _quantile(level, fit.degree, development, threshold)
        low = special.expit(_extreme(event, fit, rows, limit, -1.0))
        high = special.expit(_extreme(event, fit, rows, limit, 1.0))
        lower.append(low)
        upper.append(high)
        over.append(_ranges(grid, low - grid))
        under.append(_ranges(grid, grid - high))
    return GivitiBelt(
        grid,
        levels,
        floats(lower),
        floats(upper),
        tuple(over),
        tuple(under),
        fit.degree,
        test,
        "" if np.isfinite([lower, upper]).all() else "some limits were not found",
    )


def _checked(y: Any, risk: Any, threshold: float) -> tuple[FloatArray, FloatArray]:
    if not 0 < threshold < 1:
        raise ValueError(f"a threshold of {threshold} is not in (0, 1)")
    event, p, _ = known_cases(y, risk)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("a risk lies outside (0, 1)")
    return event, p


def _powers(x: FloatArray, degree: int) -> FloatArray:
    return floats(np.vander(x, degree + 1, increasing=True))


def _choose(event: FloatArray, p: FloatArray, development: bool, threshold: float) -> _Fit | None:
    """Return the polynomial chosen by forward selection; None where none can be fitted."""
    lowest = 2 if development else 1
    if np.unique(event).size < 2 or np.unique(p).size <= lowest:
        return None
    x = special.logit(p)
    calibrated = float((event * x - np.logaddexp(0, x)).sum())
    chosen: _Fit | None = None
    for degree in range(lowest, _MAX_DEGREE + 1):
        if np.unique(p).size <= degree:
            break
        basis, turn = np.linalg.qr(_powers(x, degree))
        fit = fit_logistic(basis, event, intercept=False)
        if fit.separated or not fit.converged or np.isnan(fit.coef).any():
            break
        gain = 2 * (fit.loglik - (chosen.loglik if chosen else calibrated))
        if chosen and gain <= special.chdtri(1, 1 - threshold):
            break
        statistic = max(2 * (fit.loglik - calibrated), 0.0)
        chosen = _Fit(basis, turn, fit.coef, fit.loglik, degree, statistic)
    return chosen


def _test(n: int, fit: _Fit | None, development: bool, threshold: float) -> TestResult:
    where = "development sample" if development else "external sample"
    if fit is None:
        note = "one class, too few different risks, or risks that separate the classes: no test"
        return TestResult(NAN, NAN, f"GiViTI calibration test, {where}", n, note=note)
    p = _tail(fit.statistic, fit.degree, development, threshold)
    method = f"GiViTI calibration test, {where}, degree {fit.degree}"
    return TestResult(fit.statistic, p, method, n)


def _tail(t: float, degree: int, development: bool, threshold: float) -> float:
    """Return P(statistic > t) for calibrated risks, given the degree chosen.

    The first polynomial adds a chi-squared of 2 df (external) or 1 df (development, where the
    line fits by itself); each degree above it one of 1 df that is known to exceed the threshold.
    """
    cut = float(special.chdtri(1, 1 - threshold))
    steps = degree - (2 if development else 1)
    joint = _joint(floats(t), steps, cut, 1 if development else 2)
    return float(joint) / (1 - threshold) ** steps


def _joint(t: FloatArray, steps: int, cut: float, df: int) -> FloatArray:
    """Return P(base + steps > t, each step > cut) for every t, by Gauss-Legendre quadrature."""
    if steps == 0:
        return np.where(t > 0, special.chdtrc(df, np.maximum(t, 0)), 1.0)
    one = float(special.chdtrc(1, cut))
    room = np.maximum(t - (steps - 1) * cut, cut)
    # A step is u^2 with u half-normal, whose density is smooth.
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    low, half = np.sqrt(cut), (np.sqrt(room) - np.sqrt(cut))[..., None] / 2
    u = low + half * (node + 1)
    density = np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) * weight * half
    within = (density * _joint(t[..., None] - u**2, steps - 1, cut, df)).sum(axis=-1)
    return floats(within + special.chdtrc(1, room) * one ** (steps - 1))


def _quantile(level: float, degree: int, development: bool, threshold: float) -> float:
    def excess(t: float) -> float:
        return _tail(t, degree, development, threshold) - (1 - level)

    high = 10.0
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-8))


def _extreme(
    event: FloatArray, fit: _Fit, rows: FloatArray, limit: float, sign: float
) -> FloatArray:
    """Return the extreme of ``rows @ b`` over the b whose likelihood ratio stays within ``limit``.

    Sequential quadratic programming for all rows together: the likelihood ratio's quadratic model
    at b, its minimum, and from there the way to where the model reaches the limit.
    """
    p = fit.basis.shape[1]
    pairs = (fit.basis[:, :, None] * fit.basis[:, None, :]).reshape(-1, p * p)
    coef = np.tile(fit.coef, (len(rows), 1))
    out, active = np.full(len(rows), NAN), np.arange(len(rows))
    for _ in range(_STEPS):
        if not active.size:
            break
        b, row = coef[active], rows[active]
        eta = b @ fit.basis.T
        mu = special.expit(eta)
        ratio = 2 * (fit.loglik - (event * eta - np.logaddexp(0, eta)).sum(axis=1))
        information = ((mu * (1 - mu)) @ pairs).reshape(-1, p, p)
        value = (row * b).sum(axis=1)
        # Where the likelihood stays within the limit for ever, the extreme is infinite.
        endless = (sign * value > _FAR) | (np.linalg.eigvalsh(information)[:, 0] < 1e-12)
        out[active[endless]] = np.where(sign * value > _FAR / 10, sign * np.inf, NAN)[endless]
        information[endless] = np.eye(p)
        score = (event - mu) @ fit.basis
        both = np.linalg.solve(information, np.stack([score, row], axis=2))
        to_top, along = both[:, :, 0], both[:, :, 1]
        left = limit - ratio + (score * to_top).sum(axis=1)
        way = sign * np.sqrt(np.maximum(left, 0) / (row * along).sum(axis=1))
        step = to_top + way[:, None] * along
        reach = np.abs(step @ fit.basis.T).max(axis=1)
        found = ~endless & (np.abs(ratio - limit) < 1e-7 * limit) & (reach < 1e-5)
        out[active[found]] = value[found]
        # The model holds for moderate changes of the logits only.
        coef[active] = b + step * np.minimum(1, 2 / np.maximum(reach, 1e-300))[:, None]
        active = active[~(found | endless)]
    return out


def _ranges(x: FloatArray, height: FloatArray) -> Intervals:
    """Return the ranges of x where ``height`` is above 0, its crossings interpolated."""
    above = height > 0
    edges = np.flatnonzero(above[1:] != above[:-1])
    share = height[edges] / (height[edges] - height[edges + 1])
    crossings = x[edges] + share * (x[edges + 1] - x[edges])
    ends = [*([x[0]] if above[0] else []), *crossings, *([x[-1]] if above[-1] else [])]
    return tuple((float(a), float(b)) for a, b in zip(ends[::2], ends[1::2], strict=True))

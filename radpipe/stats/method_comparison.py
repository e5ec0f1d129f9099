"""Straight lines through two methods that both err: Deming and Passing-Bablok regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, Estimate, FloatArray, floats, join_notes, z_value
from radpipe.stats.samples import check_level, pairs


@dataclass(frozen=True)
class Line:
    """y = intercept + slope x, each with its interval; NaN where undefined, with a ``note``."""

    intercept: Estimate
    slope: Estimate
    method: str
    n: int
    note: str = ""


def deming(x: Any, y: Any, ratio: float = 1.0, level: float = 0.95) -> Line:
    """Return Deming's regression with jackknife intervals, as mcr::mcreg("Deming").

    Parameters
    ----------
    x, y : array (n,)
        Paired measurements; a pair with a missing value (NaN) is left out.
    ratio : float
        Error variance of x over that of y, 0 or more; 1 is orthogonal regression, 0 least squares
        of y on an x without error.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If lengths differ, or the ratio is negative or infinite.

    Notes
    -----
    Closed form: Linnet, Clin Chem 1993;39:424; jackknife on n - 2 degrees of freedom: Linnet,
    Stat Med 1990;9:1463.
    """
    from scipy.stats import t

    if not 0 <= ratio < np.inf:
        raise ValueError(f"the ratio of error variances is 0 or more, not {ratio:g}")
    check_level(level)
    a, b, note = pairs(x, y)
    n = a.size
    method = f"Deming regression (ratio of error variances {ratio:g}), jackknife interval"
    reason = _unfit(a, b)
    if reason:
        return _no_line(method, n, level, join_notes(note, reason))
    centre_x, centre_y = a.mean(), b.mean()
    dx, dy = a - centre_x, b - centre_y
    whole = floats([dx @ dx, dy @ dy, dx @ dy])
    slope = float(_deming_slope(whole[:, None], ratio)[0])
    if np.isnan(slope):
        note = join_notes(note, "the methods are uncorrelated: no line")
        return _no_line(method, n, level, note)
    intercept = float(centre_y - slope * centre_x)
    if n < 4:
        note = join_notes(note, "fewer than four pairs: no interval")
        return Line(
            Estimate(intercept, NAN, NAN, method, n, level=level, note=note),
            Estimate(slope, NAN, NAN, method, n, level=level, note=note),
            method,
            n,
            note,
        )
    # Leaving case i out takes n / (n - 1) of its own product from each sum about the mean.
    left = whole[:, None] - n / (n - 1) * floats([dx * dx, dy * dy, dx * dy])
    slopes = _deming_slope(left, ratio)
    intercepts = (centre_y - dy / (n - 1)) - slopes * (centre_x - dx / (n - 1))
    quantile = float(t.ppf(0.5 + level / 2, n - 2))

    def estimate(value: float, without: FloatArray) -> Estimate:
        se = float(np.std((n - 1) * without, ddof=1) / np.sqrt(n))
        half = quantile * se
        return Estimate(value, value - half, value + half, method, n, se, level, note=note)

    return Line(estimate(intercept, intercepts), estimate(slope, slopes), method, n, note)


def deming_known_errors(
    x: Any, y: Any, x_sd: Any = 1.0, y_sd: Any = 1.0, tolerance: float = 1e-10
) -> tuple[float, float]:
    """Return intercept and slope where each measurement's error is known, as deming::deming.

    Parameters
    ----------
    x, y : array (n,)
        Paired measurements, none missing.
    x_sd, y_sd : float or array (n,)
        Standard deviations of the errors, above 0; only their proportions matter.
    tolerance : float
        Of the search for the slope. R's optimize stops at eps^0.25 = 1.2e-4 by default.

    Returns
    -------
    intercept, slope : float
        NaN where the methods are constant or uncorrelated.

    Raises
    ------
    ValueError
        If a value is missing, lengths differ, or a standard deviation is not above 0.

    Notes
    -----
    Ripley and Thompson, Analyst 1987;112:377: the weighted sum of squares with weights
    1 / (y_sd^2 + slope^2 x_sd^2), intercept profiled out, is minimised over the slope. The range
    of Brent's search is not theirs: from half the slope of y on x to twice the inverse slope of x
    on y (both weighted by 1 / (x_sd^2 + y_sd^2)). With a coarse ``tolerance`` the range shows in
    the result; this one was inferred from one printed result of deming::deming, for equal errors.
    """
    from scipy.optimize import minimize_scalar

    a, b, note = pairs(x, y)
    if note:
        raise ValueError("a measurement is missing: leave its pair out, with its errors")
    errors = [np.broadcast_to(floats(sd), a.shape) for sd in (x_sd, y_sd)]
    if not all((sd > 0).all() for sd in errors):
        raise ValueError("standard deviations of errors are above 0")
    x_variance, y_variance = (sd**2 for sd in errors)
    if _unfit(a, b):
        return NAN, NAN
    weight = 1 / (x_variance + y_variance)
    dx, dy = (v - weight @ v / weight.sum() for v in (a, b))
    product = float((weight * dx) @ dy)
    if product == 0:
        return NAN, NAN

    def profile(slope: float) -> tuple[float, float]:
        weight = 1 / (y_variance + slope**2 * x_variance)
        rest = b - slope * a
        intercept = float(weight @ rest / weight.sum())
        return intercept, float(weight @ (rest - intercept) ** 2)

    # Both bounds have the sign of the covariance.
    bounds = sorted((0.5 * product / float(weight @ dx**2), 2 * float(weight @ dy**2) / product))
    found = minimize_scalar(
        lambda slope: profile(slope)[1],
        bounds=bounds,
        method="bounded",
        options={"xatol": tolerance},
    )
    slope = float(found.x)
    return profile(slope)[0], slope


def passing_bablok(x: Any, y: Any, level: float = 0.95) -> Line:
    """Return Passing and Bablok's regression, with its rank-based interval.

    Parameters
    ----------
    x, y : array (n,)
        Paired measurements; a pair with a missing value (NaN) is left out. Methods that run
        against each other are fitted on -y.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If lengths differ.

    Notes
    -----
    Passing and Bablok, J Clin Chem Clin Biochem 1983;21:709: the median of all slopes between two
    points, shifted by the number of those below -1; slopes of -1 and identical points are left
    out. All n (n - 1) / 2 slopes are held in memory.
    """
    check_level(level)
    a, b, note = pairs(x, y)
    n = a.size
    method = "Passing-Bablok regression, rank-based interval"
    reason = _unfit(a, b)
    if reason:
        return _no_line(method, n, level, join_notes(note, reason))
    i, j = np.triu_indices(n, 1)
    dx, dy = a[j] - a[i], b[j] - b[i]
    sign = -1.0 if float(np.sum(np.sign(dx) * np.sign(dy))) < 0 else 1.0
    apart = (dx != 0) | (dy != 0)
    dx, dy = dx[apart], sign * dy[apart]
    vertical = dx == 0
    # On which side vertical slopes stand does not matter: the shift makes up for it.
    slopes = np.where(vertical, np.inf, dy / np.where(vertical, 1.0, dx))
    slopes = np.sort(slopes[np.abs(slopes + 1) > 1e-12])
    count, shift = slopes.size, int(np.sum(slopes < -1))
    reach = z_value(level) * float(np.sqrt(n * (n - 1) * (2 * n + 5) / 18))
    first = round((count - reach) / 2)

    def ranked(rank: int) -> float:
        """Return the slope of this rank (from 1, before the shift); NaN beyond the ends."""
        place = rank + shift - 1
        value = float(slopes[place]) if 0 <= place < count else NAN
        return value if np.isfinite(value) else NAN

    middle = (ranked((count + 1) // 2) + ranked(count // 2 + 1)) / 2
    limits = sorted((sign * ranked(first), sign * ranked(count - first + 1)))
    if first < 1 or np.isnan(limits).any():
        limits = [NAN, NAN]
        note = join_notes(note, "too few pairs for the interval")
    slope, (low, high) = sign * middle, limits
    if np.isnan(slope):
        return _no_line(method, n, level, join_notes(note, "the line is vertical"))
    bottom, top = sorted(float(np.median(b - limit * a)) for limit in limits)
    intercept = float(np.median(b - slope * a))
    return Line(
        Estimate(intercept, bottom, top, method, n, level=level, note=note),
        Estimate(slope, low, high, method, n, level=level, note=note),
        method,
        n,
        note,
    )


def _deming_slope(sums: FloatArray, ratio: float) -> FloatArray:
    """Return the slope from sums of squares of x and y and of products, rows of (3, m)."""
    xx, yy, xy = sums
    gap = ratio * yy - xx
    with np.errstate(all="ignore"):
        root = np.sqrt(gap**2 + 4 * ratio * xy**2)
        # The form without cancellation on either side.
        steep = (gap + root) / (2 * ratio * xy)
        flat = 2 * xy / (root - gap)
    slope = np.where(gap > 0, steep, flat)
    scale = np.sqrt(np.abs(xx * yy))
    return floats(np.where(np.abs(xy) > 1e-14 * scale, slope, np.nan))


def _unfit(a: FloatArray, b: FloatArray) -> str:
    if a.size < 3:
        return "fewer than three pairs: no line"
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return "a method gives one value only: no line"
    return ""


def _no_line(method: str, n: int, level: float, note: str) -> Line:
    nothing = Estimate(NAN, NAN, NAN, method, n, level=level, note=note)
    return Line(nothing, nothing, method, n, note)

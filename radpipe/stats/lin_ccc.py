"""Lin's concordance correlation coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, join_notes, z_value
from radpipe.stats.samples import check_level, pairs


@dataclass(frozen=True)
class ConcordanceCorrelation:
    """The coefficient, its interval, and its parts: ``estimate`` = ``pearson`` x ``bias_factor``.

    ``scale_shift`` is sd(y) / sd(x), ``location_shift`` (mean(y) - mean(x)) / sqrt(sd(x) sd(y)).
    ``se`` is on the scale of the coefficient. NaN where undefined; ``note`` then says why.
    """

    estimate: float
    method: str
    n: int
    lower: float = NAN
    upper: float = NAN
    se: float = NAN
    pearson: float = NAN
    bias_factor: float = NAN
    scale_shift: float = NAN
    location_shift: float = NAN
    level: float = 0.95
    note: str = ""


def lin_ccc(
    x: Any,
    y: Any,
    interval: Literal["z", "asymptotic"] = "z",
    divisor: Literal["n", "n-1"] = "n",
    level: float = 0.95,
) -> ConcordanceCorrelation:
    """Return Lin's concordance correlation coefficient of two methods.

    Parameters
    ----------
    x, y : array (n,)
        Paired measurements; a pair with a missing value (NaN) is left out.
    interval : str
        ``z``: by Fisher's transformation (stays in [-1, 1]). ``asymptotic``: Wald's.
    divisor : str
        Of variances and covariance: n as Lin, DescTools and epiR, or n - 1.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If lengths differ or a choice is not known.

    Notes
    -----
    Lin, Biometrics 1989;45:255, with the variance as corrected in 2000;56:324.
    """
    if interval not in ("z", "asymptotic"):
        raise ValueError(f"the interval is z or asymptotic, not {interval!r}")
    if divisor not in ("n", "n-1"):
        raise ValueError(f"the divisor is n or n-1, not {divisor!r}")
    check_level(level)
    a, b, note = pairs(x, y)
    n = a.size
    method = f"Lin's concordance correlation, {interval} interval"

    def nothing(reason: str) -> ConcordanceCorrelation:
        return ConcordanceCorrelation(NAN, method, n, level=level, note=join_notes(note, reason))

    if n < 2:
        return nothing("fewer than two pairs: no coefficient")
    tiny = 8 * np.finfo(float).eps * np.abs([a, b]).max(axis=1)
    ddof = 0 if divisor == "n" else 1
    sx, sy = float(np.std(a, ddof=ddof)), float(np.std(b, ddof=ddof))
    if sx <= tiny[0] or sy <= tiny[1]:
        return nothing("a method gives one value only: no coefficient")
    dx, dy = a - a.mean(), b - b.mean()
    shift = float(b.mean() - a.mean())
    covariance = float(dx @ dy) / (n - ddof)
    rho = 2 * covariance / (sx**2 + sy**2 + shift**2)
    r = max(-1.0, min(1.0, covariance / (sx * sy)))
    u = shift / float(np.sqrt(sx * sy))
    se, lower, upper, reason = _interval(rho, r, u, n, interval, level)
    return ConcordanceCorrelation(
        estimate=rho,
        lower=lower,
        upper=upper,
        se=se,
        pearson=r,
        bias_factor=2 / (sy / sx + sx / sy + u**2),
        scale_shift=sy / sx,
        location_shift=u,
        method=method,
        n=n,
        level=level,
        note=join_notes(note, reason),
    )


def _interval(
    rho: float, r: float, u: float, n: int, interval: str, level: float
) -> tuple[float, float, float, str]:
    if n < 3:
        return NAN, NAN, NAN, "fewer than three pairs: no interval"
    if 1 - abs(rho) < 1e-14:
        return 0.0, rho, rho, "perfect concordance: the interval is a point"
    if abs(r) < 1e-14:
        return NAN, NAN, NAN, "the methods are uncorrelated: no interval"
    variance = (
        (1 - r**2) * rho**2 * (1 - rho**2) / r**2
        + 2 * rho**3 * (1 - rho) * u**2 / r
        - rho**4 * u**4 / (2 * r**2)
    ) / (n - 2)
    if variance < 0:
        return NAN, NAN, NAN, "the large-sample variance is negative: no interval"
    se = float(np.sqrt(variance))
    z = z_value(level)
    if interval == "asymptotic":
        return se, rho - z * se, rho + z * se, ""
    half = z * se / (1 - rho**2)
    lower, upper = (float(np.tanh(np.arctanh(rho) + s * half)) for s in (-1, 1))
    return se, lower, upper, ""

"""Descriptions of variables for a baseline table: moments, quantiles, counts, SMD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray, IntArray, floats
from radpipe.stats.samples import constant, one

# a and b of the position a + p (n + 1 - a - b) among the order statistics, by type
_POSITIONS = {
    **dict.fromkeys((1, 2, 4), (0.0, 1.0)),
    3: (-0.5, 1.5),
    5: (0.5, 0.5),
    6: (0.0, 0.0),
    7: (1.0, 1.0),
    8: (1 / 3, 1 / 3),
    9: (3 / 8, 3 / 8),
}


@dataclass(frozen=True)
class Description:
    """A continuous variable: ``sd`` has divisor n - 1, quantiles are of type 7."""

    n: int
    missing: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Counts:
    """A categorical variable: percentages leave missing values out of the denominator."""

    levels: tuple[Any, ...]
    counts: IntArray
    percent: FloatArray
    n: int
    missing: int


def describe(x: Any) -> Description:
    """Return moments and quantiles of ``x`` (n,); NaN is counted as missing."""
    values = floats(x)
    known = values[np.isfinite(values)]
    missing = values.size - known.size
    if known.size == 0:
        return Description(0, missing, NAN, NAN, NAN, NAN, NAN, NAN, NAN)
    q = quantiles(known, (0, 0.25, 0.5, 0.75, 1))
    sd = float(np.std(known, ddof=1)) if known.size > 1 else NAN
    return Description(
        n=known.size,
        missing=missing,
        mean=float(known.mean()),
        sd=sd,
        median=float(q[2]),
        q1=float(q[1]),
        q3=float(q[3]),
        minimum=float(q[0]),
        maximum=float(q[4]),
    )


def quantiles(x: Any, p: Any, kind: int = 7) -> FloatArray:
    """Return quantiles, NaN left out.

    Parameters
    ----------
    x : array (n,)
        Values.
    p : float or array
        Shares in [0, 1].
    kind : int
        Type 1 to 9 of Hyndman and Fan (Am Stat 1996;50:361): 7 (linear between order statistics)
        is R's and numpy's default, 6 that of SPSS and Minitab, 2 (averages at jumps) that of SAS.

    Raises
    ------
    ValueError
        If a share lies outside [0, 1], or the type is no whole number from 1 to 9.
    """
    values = floats(x)
    values = np.sort(values[np.isfinite(values)])
    shares = floats(p)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("quantiles are asked for by shares from 0 to 1")
    if kind not in _POSITIONS:
        raise ValueError(f"quantile type {kind}: 1 to 9 are defined")
    n = values.size
    if n == 0:
        return np.full(shares.shape, NAN)
    if kind == 7:
        return floats(np.quantile(values, shares, method="linear"))
    a, b = _POSITIONS[kind]
    position = a + shares * (n + 1 - a - b)
    # shares such as 0.15 are not exact: a position that should be whole is
    position = np.where(
        np.abs(position - np.round(position)) < 4e-16 * n, np.round(position), position
    )
    below = np.floor(position)
    weight = position - below
    if kind == 1:
        weight = np.ceil(weight)
    elif kind == 2:
        weight = (1 + np.ceil(weight)) / 2
    elif kind == 3:
        weight = np.where((weight == 0) & (below % 2 == 0), 0.0, 1.0)
    j = below.astype(np.int64)
    low, high = values[np.clip(j - 1, 0, n - 1)], values[np.clip(j, 0, n - 1)]
    return floats((1 - weight) * low + weight * high)


def tukey_five(x: Any) -> FloatArray:
    """Return minimum, lower hinge, median, upper hinge and maximum, (5,), as R's fivenum.

    The hinges are the medians of either half, the median counted in both (Tukey 1977).
    """
    values = floats(x)
    values = np.sort(values[np.isfinite(values)])
    n = values.size
    if n == 0:
        return np.full(5, NAN)
    half = values[: (n + 1) // 2], values[n // 2 :]
    hinges = [float(np.median(part)) for part in half]
    return floats([values[0], hinges[0], np.median(values), hinges[1], values[-1]])


def mad(x: Any, scale: float = 1.4826) -> float:
    """Return the median distance from the median, scaled to the SD of a normal sample."""
    values = floats(x)
    values = values[np.isfinite(values)]
    return scale * float(np.median(np.abs(values - np.median(values)))) if values.size else NAN


def coefficient_of_variation(x: Any) -> float:
    """Return SD / mean; NaN where the mean is not above 0."""
    found = describe(x)
    return found.sd / found.mean if found.mean > 0 else NAN


def geometric_mean(x: Any) -> float:
    """Return exp(mean(log x)); NaN unless all values are above 0."""
    values = floats(x)
    values = values[np.isfinite(values)]
    return float(np.exp(np.log(values).mean())) if values.size and values.min() > 0 else NAN


def skewness(x: Any, kind: int = 3) -> float:
    """Return the skewness of type 1, 2 or 3 (Joanes and Gill, Statistician 1998;47:183).

    1: g1, the ratio of moments (scipy's default); 2: G1, adjusted for n (SAS, SPSS, pandas); 3:
    b1 = g1 (1 - 1/n)^1.5 (default of R's e1071, Minitab). NaN for a constant, and where n is
    below 3 for type 2.
    """
    n, m2, m3, _ = _moments(x, kind)
    if not m2 > 0 or (kind == 2 and n < 3):
        return NAN
    g1 = m3 / m2**1.5
    factor = {1: 1.0, 2: np.sqrt(n * (n - 1)) / max(n - 2, 1), 3: (1 - 1 / n) ** 1.5}
    return float(g1 * factor[kind])


def kurtosis(x: Any, kind: int = 3) -> float:
    """Return the excess kurtosis of type 1, 2 or 3, as `skewness`.

    1: g2; 2: G2; 3: b2 = (g2 + 3) (1 - 1/n)^2 - 3. NaN for a constant, and where n is below 4 for
    type 2.
    """
    n, m2, _, m4 = _moments(x, kind)
    if not m2 > 0 or (kind == 2 and n < 4):
        return NAN
    g2 = m4 / m2**2 - 3
    if kind == 2:
        return ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
    return g2 if kind == 1 else (g2 + 3) * (1 - 1 / n) ** 2 - 3


def _moments(x: Any, kind: int) -> tuple[int, float, float, float]:
    """Return n and the second to fourth central moments of ``x``, divided by its range."""
    if kind not in (1, 2, 3):
        raise ValueError(f"type {kind} of skewness or kurtosis: 1, 2 or 3")
    values, _ = one(x)
    if values.size == 0 or constant(values):
        return values.size, 0.0, 0.0, 0.0
    away = values / np.ptp(values)
    away = away - away.mean()
    m2, m3, m4 = (float((away**k).mean()) for k in (2, 3, 4))
    return values.size, m2, m3, m4


def count(labels: Sequence[Any], levels: Sequence[Any]) -> Counts:
    """Return how often each level occurs; what is no level (None, NaN) counts as missing."""
    tally = np.array([sum(1 for v in labels if v == level) for level in levels], dtype=np.int64)
    n = int(tally.sum())
    percent = 100 * tally / n if n else np.full(tally.size, NAN)
    return Counts(tuple(levels), tally, floats(percent), n, len(labels) - n)


def smd_continuous(a: Any, b: Any) -> float:
    """Return the absolute standardised mean difference |m1 - m2| / sqrt((s1^2 + s2^2) / 2)."""
    one, two = describe(a), describe(b)
    pooled = (one.sd**2 + two.sd**2) / 2
    if not pooled > 0:
        return NAN
    return abs(one.mean - two.mean) / float(np.sqrt(pooled))


def smd_categorical(a: Any, b: Any) -> float:
    """Return the standardised difference of two groups' counts over the same k levels, (k,).

    Mahalanobis distance of the shares (Yang and Dalton, SAS Global Forum 2012, paper 335), as
    tableone; NaN where it is undefined.
    """
    first, second = floats(a), floats(b)
    if first.shape != second.shape:
        raise ValueError(f"counts of {first.size} and of {second.size} levels")
    if first.sum() == 0 or second.sum() == 0:
        return NAN
    p, q = first / first.sum(), second / second.sum()
    keep = (p + q) > 0
    p, q = p[keep], q[keep]
    if p.size < 2:
        return 0.0
    d = (p - q)[1:]
    spread = np.zeros((d.size, d.size))
    for share in (p[1:], q[1:]):
        spread += (np.diag(share) - np.outer(share, share)) / 2
    if np.linalg.matrix_rank(spread) < d.size:
        return NAN
    return float(np.sqrt(d @ np.linalg.solve(spread, d)))

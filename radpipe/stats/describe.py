"""Descriptions of variables for a baseline table: moments, quantiles, counts, SMD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray, IntArray, floats


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


def quantiles(x: Any, p: Any) -> FloatArray:
    """Return quantiles of type 7 (linear between order statistics), NaN left out."""
    values = floats(x)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return np.full(np.shape(p), NAN)
    return floats(np.quantile(values, p, method="linear"))


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

"""Intervals of a proportion. Wald's is here to be compared with: it is wrong near 0 and 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, sums
from radpipe.stats.results import NAN, Estimate, floats, z_value


def wilson(k: float, n: float, level: float = 0.95) -> Estimate:
    """Return k / n with Wilson's score interval (JASA 1927;22:209), without continuity correction.

    Parameters
    ----------
    k, n : float
        Successes and trials, 0 <= k <= n; counts averaged over repeats need not be whole.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If ``k`` is negative or larger than ``n``.
    """
    if n == 0:
        return _nothing("Wilson", level)
    _check(k, n)
    p = k / n
    z = z_value(level)
    scale = 1 + z**2 / n
    centre = (p + z**2 / (2 * n)) / scale
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / scale
    lower = 0.0 if k == 0 else max(0.0, float(centre - half))
    upper = 1.0 if k == n else min(1.0, float(centre + half))
    return Estimate(p, lower, upper, "Wilson", round(n), level=level)


def clopper_pearson(k: float, n: float, level: float = 0.95) -> Estimate:
    """Return k / n with the exact interval of Clopper and Pearson (Biometrika 1934;26:404)."""
    from scipy.stats import beta

    if n == 0:
        return _nothing("Clopper-Pearson", level)
    _check(k, n)
    tail = (1 - level) / 2
    lower = 0.0 if k == 0 else float(beta.ppf(tail, k, n - k + 1))
    upper = 1.0 if k == n else float(beta.ppf(1 - tail, k + 1, n - k))
    return Estimate(k / n, lower, upper, "Clopper-Pearson", round(n), level=level)


def agresti_coull(k: float, n: float, level: float = 0.95) -> Estimate:
    """Return k / n with the interval of Agresti and Coull (Am Stat 1998;52:119), not clipped."""
    if n == 0:
        return _nothing("Agresti-Coull", level)
    _check(k, n)
    z = z_value(level)
    total = n + z**2
    p = (k + z**2 / 2) / total
    half = float(z * np.sqrt(p * (1 - p) / total))
    return Estimate(k / n, p - half, p + half, "Agresti-Coull", round(n), level=level)


def wald(k: float, n: float, level: float = 0.95) -> Estimate:
    """Return k / n with the textbook interval p +- z sqrt(p (1 - p) / n), not clipped.

    Its coverage is poor in small samples and near 0 and 1; report Wilson's or Clopper-Pearson's.
    """
    if n == 0:
        return _nothing("Wald", level)
    _check(k, n)
    p = k / n
    se = float(np.sqrt(p * (1 - p) / n))
    half = z_value(level) * se
    return Estimate(p, p - half, p + half, "Wald", round(n), se=se, level=level)


def complement(e: Estimate) -> Estimate:
    """Return 1 minus a proportion, with its interval."""
    return replace(e, estimate=1 - e.estimate, lower=1 - e.upper, upper=1 - e.lower)


def wilson_clustered(hit: Any, trial: Any, groups: Any = None, level: float = 0.95) -> Estimate:
    """Return sum(hit) / sum(trial) over cases, with Wilson's interval on the effective size.

    Parameters
    ----------
    hit, trial : array (n,)
        What each case adds to numerator and denominator, 0 <= hit <= trial <= 1 (fractions where
        calls were averaged over repeats).
    groups : array (n,), optional
        Patient of each case. Where a patient has several, the number of trials is divided by the
        design effect of Rao and Scott (Biometrics 1992;48:577), at least 1; for a proportion of
        0 or 1 the number of patients is taken.
    """
    hits, trials = floats(hit), floats(trial)
    k, n = float(hits.sum()), float(trials.sum())
    k = min(k, n)
    if n == 0 or not clustered(groups):
        return wilson(k, n, level)
    group = codes(groups, hits.size)
    size = sums(trials, group)
    patients = int(np.sum(size > 0))
    p = k / n
    binomial = p * (1 - p) / n
    if patients < 2 or binomial == 0:
        effective = float(min(n, patients))
    else:
        residual = sums(hits, group) - p * size
        variance = patients / (patients - 1) * float(np.sum(residual**2)) / n**2
        effective = n / max(1.0, variance / binomial)
    interval = wilson(p * effective, effective, level)
    return Estimate(
        p,
        interval.lower,
        interval.upper,
        "Wilson on the effective sample size (clustered by patient)",
        round(n),
        level=level,
    )


def _check(k: float, n: float) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k:g} of {n:g} is not a proportion")


def _nothing(name: str, level: float) -> Estimate:
    return Estimate(NAN, NAN, NAN, name, 0, level=level, note="the denominator is zero")

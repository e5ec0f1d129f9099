"""Effect sizes of two samples or of pairs: standardised mean differences, rank effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats import samples
from radpipe.stats.rank_tests import rank_permutation_test
from radpipe.stats.results import NAN, Estimate, floats, join_notes, z_value


@dataclass(frozen=True)
class RankEffects:
    """How far two samples lie apart in ranks.

    Parameters
    ----------
    auc : float
        Share of pairs in which the first sample is larger, ties one half.
    rank_biserial : float
        2 auc - 1 (Cliff's delta).
    r : float
        |z| / sqrt(n), z given the ties and without continuity correction (Rosenthal 1991).
    n : int
        Cases used.
    note : str
        Why something is undefined, or what was left out.
    """

    auc: float
    rank_biserial: float
    r: float
    n: int
    note: str = ""


def cohens_d(a: Any, b: Any, level: float = 0.95) -> Estimate:
    """Return (mean(a) - mean(b)) / pooled SD, with the large-sample interval.

    SE by Hedges and Olkin (1985, p. 86): sqrt(1/n1 + 1/n2 + d^2 / (2 (n1 + n2))).
    """
    x, y, note = samples.two(a, b)
    if min(x.size, y.size) < 2 or samples.constant(x, y):
        why = join_notes(note, "both groups are constant, or one is below two cases")
        return Estimate(NAN, NAN, NAN, "Cohen's d", x.size + y.size, level=level, note=why)
    first, second = float(np.std(x, ddof=1)), float(np.std(y, ddof=1))
    means = float(x.mean()), float(y.mean())
    return cohens_d_from(means[0], first, x.size, means[1], second, y.size, level, note)


def cohens_d_from(
    mean1: float,
    sd1: float,
    n1: float,
    mean2: float,
    sd2: float,
    n2: float,
    level: float = 0.95,
    note: str = "",
) -> Estimate:
    """Return Cohen's d, as `cohens_d`, from means, SDs (divisor n - 1) and sizes."""
    samples.check_level(level)
    if min(n1, n2) < 2 or not min(sd1, sd2) >= 0:
        raise ValueError("a mean with its SD needs two cases or more, and an SD of 0 or more")
    n = round(n1 + n2)
    pooled = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    if not pooled > 0:
        why = join_notes(note, "both groups are constant")
        return Estimate(NAN, NAN, NAN, "Cohen's d", n, level=level, note=why)
    d = float((mean1 - mean2) / pooled)
    se = float(np.sqrt(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2))))
    half = z_value(level) * se
    return Estimate(d, d - half, d + half, "Cohen's d", n, se, level, note=note)


def hedges_g(
    a: Any, b: Any, correction: Literal["exact", "approximate"] = "exact", level: float = 0.95
) -> Estimate:
    """Return Cohen's d times Hedges' correction for small samples, interval and SE with it.

    Exact: gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)) with m = n - 2 (Hedges, J Educ Stat 1981;6:107);
    approximate: 1 - 3 / (4 m - 1).
    """
    from scipy.special import gammaln

    if correction not in ("exact", "approximate"):
        raise ValueError(f"correction {correction!r}: exact or approximate")
    d = cohens_d(a, b, level)
    method = f"Hedges' g, {correction} correction"
    if np.isnan(d.estimate):
        return Estimate(NAN, NAN, NAN, method, d.n, level=level, note=d.note)
    m = d.n - 2
    factor = 1 - 3 / (4 * m - 1)
    if correction == "exact":
        factor = float(np.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / np.sqrt(m / 2))
    limits = (factor * d.estimate, factor * d.lower, factor * d.upper)
    return Estimate(*limits, method, d.n, factor * d.se, level, note=d.note)


def cohens_dz(x: Any, y: Any, level: float = 0.95) -> Estimate:
    """Return the mean of x - y over the SD of x - y (pairs), with the large-sample interval.

    SE: sqrt(1/n + d^2 / (2 n)).
    """
    samples.check_level(level)
    first, second, note = samples.pairs(x, y)
    n, method = first.size, "Cohen's d of pairs (dz)"
    if n < 2 or samples.constant(samples.differences(first, second)):
        why = join_notes(note, "all differences are equal, or fewer than two pairs")
        return Estimate(NAN, NAN, NAN, method, n, level=level, note=why)
    d = floats(first - second)
    value = float(d.mean() / np.std(d, ddof=1))
    se = float(np.sqrt(1 / n + value**2 / (2 * n)))
    half = z_value(level) * se
    return Estimate(value, value - half, value + half, method, n, se, level, note=note)


def rank_effects(a: Any, b: Any) -> RankEffects:
    """Return the effect sizes that go with the Mann-Whitney test."""
    test = rank_permutation_test(a, b, "asymptotic")
    auc = test.estimate
    r = abs(test.statistic) / float(np.sqrt(test.n)) if test.n else NAN
    return RankEffects(auc, 2 * auc - 1, r, test.n, test.note)

"""Hodges-Lehmann estimates with intervals, by the two rules of R's wilcox.test.

Without ties in samples below 50, the median of all pairwise differences (or averages) and the
limits between which the exact test does not reject (Hodges and Lehmann, Ann Math Stat 1963;34:598;
Bauer, JASA 1972;67:687). Else the shifts at which the standardised rank statistic crosses 0 and
the normal quantiles, found by Brent's method to 1e-4, from the ends of the possible shifts. The
statistic is a step function; where it is 0 over a stretch, any point of the stretch solves it, and
Brent's method gives the one that R prints.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.exact_ranks import rank_sum_counts, signed_sum_chances
from radpipe.stats.results import NAN, Estimate, FloatArray, floats, join_notes
from radpipe.stats.roots import brent

_TOLERANCE = 1e-4
_SHIFT = "Hodges-Lehmann shift"
_MEDIAN = "Hodges-Lehmann pseudomedian"

Statistic = Callable[[float, bool], float]


def shift(a: Any, b: Any, level: float = 0.95, exact: bool | None = None) -> Estimate:
    """Return by how much ``a`` lies above ``b``: the median of the differences a_i - b_j.

    Parameters
    ----------
    a, b : array
        The values of each group; NaN is left out.
    level : float
        Confidence level, in (0, 1).
    exact : bool, optional
        None: R's rule, exact where both groups are below 50 and there are no ties.

    Raises
    ------
    ValueError
        If the exact interval is asked for and there are ties.
    """
    samples.check_level(level)
    x, y, note = samples.two(a, b)
    n, ties = x.size + y.size, np.unique(np.concatenate([x, y])).size < x.size + y.size
    if min(x.size, y.size) == 0:
        return _nothing(_SHIFT, n, level, join_notes(note, "empty group"))
    if exact is None:
        exact = max(x.size, y.size) < 50 and not ties
    if exact and ties:
        raise ValueError("the exact Hodges-Lehmann interval needs data without ties")
    if exact:
        ways = rank_sum_counts(x.size, y.size)
        differences = np.sort(np.subtract.outer(x, y), axis=None)
        return _exact(differences, ways / ways.sum(), _SHIFT, n, level, note)
    low, high = float(x.min() - y.max()), float(x.max() - y.min())

    def statistic(d: float, correct: bool) -> float:
        return _rank_sum_z(x - d, y, correct)

    return _by_roots(statistic, low, high, _SHIFT, n, level, note)


def pseudomedian(x: Any, y: Any = None, level: float = 0.95, exact: bool | None = None) -> Estimate:
    """Return the median of the averages of all pairs of ``x`` (or of x - y), each with itself too.

    Parameters
    ----------
    x, y : array (n,)
        One sample, or the two values of each pair; an incomplete pair is left out. Zeros are left
        out but where the interval is exact.
    level : float
        Confidence level, in (0, 1).
    exact : bool, optional
        None: R's rule, exact below 50 values without ties of |x| and without zeros.

    Raises
    ------
    ValueError
        If the exact interval is asked for and there are ties or zeros, or if ``x`` and ``y``
        differ in length.
    """
    samples.check_level(level)
    d, note = samples.signed(x, y)
    size = np.abs(d)
    plain = bool((size > 0).all()) and np.unique(size).size == d.size
    if exact is None:
        exact = d.size < 50 and plain
    if exact and not plain:
        raise ValueError("the exact interval of the pseudomedian needs data without ties and zeros")
    d = d[d != 0]
    if d.size == 0:
        return _nothing(_MEDIAN, 0, level, join_notes(note, "no difference from zero"))
    if exact:
        i, j = np.triu_indices(d.size)
        chances = signed_sum_chances(np.arange(1, d.size + 1))
        averages = np.sort((d[i] + d[j]) / 2)
        return _exact(averages, chances, _MEDIAN, d.size, level, note)

    def statistic(centre: float, correct: bool) -> float:
        return _signed_rank_z(d - centre, correct)

    ends = float(d.min()), float(d.max())
    return _by_roots(statistic, *ends, _MEDIAN, d.size, level, note, lower_level=True)


def _exact(
    points: FloatArray, chances: FloatArray, name: str, n: int, level: float, note: str
) -> Estimate:
    """Return the median of the sorted points, and those that the critical value counts off."""
    tail = (1 - level) / 2
    below = np.cumsum(chances)
    off = max(1, int(np.searchsorted(below, tail * (1 - 1e-12))))
    reached = 1 - 2 * float(below[off - 1])
    limits = float(points[off - 1]), float(points[points.size - off])
    if reached < level - tail:
        note = join_notes(note, f"a confidence of {100 * reached:.3g}% is all that n allows")
        level = reached
    method = f"{name}, exact interval"
    return Estimate(float(np.median(points)), *limits, method, n, level=level, note=note)


def _by_roots(
    statistic: Statistic,
    low: float,
    high: float,
    name: str,
    n: int,
    level: float,
    note: str,
    lower_level: bool = False,
) -> Estimate:
    """Return the roots; with ``lower_level`` alpha is doubled until both limits are inside."""
    from scipy.stats import norm

    method = f"{name}, normal approximation with continuity"
    if not high > low:
        why = join_notes(note, "all values are equal: no interval")
        return Estimate(low, NAN, NAN, method, n, level=level, note=why)
    alpha = 1 - level
    z = float(norm.isf(alpha / 2))
    while lower_level and alpha < 1 and (statistic(low, True) < z or statistic(high, True) > -z):
        alpha *= 2
        z = float(norm.isf(alpha / 2)) if alpha < 1 else NAN
    estimate = _root(statistic, low, high, 0.0, False)
    if np.isnan(z):
        why = join_notes(note, "too few values for an interval")
        return Estimate(estimate, NAN, NAN, method, n, level=level, note=why)
    if alpha > 1 - level:
        level = 1 - alpha
        note = join_notes(note, f"a confidence of {100 * level:.3g}% is all that n allows")
    lower, upper = (_root(statistic, low, high, q, True) for q in (z, -z))
    return Estimate(estimate, lower, upper, method, n, level=level, note=note)


def _root(statistic: Statistic, low: float, high: float, target: float, correct: bool) -> float:
    if not statistic(low, correct) > target:
        return low
    if not statistic(high, correct) < target:
        return high
    return brent(lambda d: statistic(d, correct) - target, low, high, _TOLERANCE)


def _rank_sum_z(x: FloatArray, y: FloatArray, correct: bool) -> float:
    from scipy.stats import rankdata

    m, n = x.size, y.size
    ranks = floats(rankdata(np.concatenate([x, y])))
    distance = float(ranks[:m].sum()) - m * (m + n + 1) / 2
    squares = float(((ranks - (m + n + 1) / 2) ** 2).sum())
    return _standard(distance, m * n / ((m + n) * (m + n - 1)) * squares, correct)


def _signed_rank_z(d: FloatArray, correct: bool) -> float:
    from scipy.stats import rankdata

    d = d[d != 0]
    ranks = floats(rankdata(np.abs(d)))
    distance = float(ranks[d > 0].sum()) - float(ranks.sum()) / 2
    return _standard(distance, float((ranks**2).sum()) / 4, correct)


def _standard(distance: float, variance: float, correct: bool) -> float:
    if not variance > 0:
        return NAN
    corrected = distance - (0.5 * float(np.sign(distance)) if correct else 0.0)
    return corrected / float(np.sqrt(variance))


def _nothing(name: str, n: int, level: float, note: str) -> Estimate:
    return Estimate(NAN, NAN, NAN, name, n, level=level, note=note)

"""Comparisons of every two of several means: Tukey, Games-Howell, t tests (LSD); Dunnett's of one.

Groups are named by their place. An interval or p value is of the whole family where the method
is (Tukey, Games-Howell, Dunnett, Nemenyi); else ``p_adjusted`` is the p value after adjustment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.group_tests import Adjustment, p_adjust, t_test
from radpipe.stats.multigroup import pooled_variance
from radpipe.stats.results import NAN, FloatArray, TestResult, join_notes
from radpipe.stats.simultaneous import (
    dunnett_quantile,
    dunnett_sf,
    range_quantile,
    range_sf,
)
from radpipe.stats.t_tests import from_t, standard_error


@dataclass(frozen=True)
class Comparison:
    """Two of several groups.

    Parameters
    ----------
    first, second : int
        Places of the groups; an effect is that of ``second`` minus ``first``.
    test : TestResult
        The comparison; ``p`` is of the family where the method is, else of this pair alone.
    p_adjusted : float
        ``p`` after adjustment for the number of pairs.
    """

    first: int
    second: int
    test: TestResult
    p_adjusted: float


def tukey_hsd(groups: Sequence[Any], level: float = 0.95) -> tuple[Comparison, ...]:
    """Compare all means under equal variances by the studentised range, as TukeyHSD.

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out.
    level : float
        Confidence level of all intervals together, in (0, 1).

    Returns
    -------
    tuple of Comparison
        Second minus first; ``statistic`` is the studentised range q.

    References
    ----------
    Kramer, Biometrics 1956;12:307 (unequal sizes).
    """
    parts, note = several(groups, level)
    variance, df = pooled_variance(parts)
    return _by_range(parts, level, "Tukey's HSD", note, _pooled(parts, variance, df))


def games_howell(groups: Sequence[Any], level: float = 0.95) -> tuple[Comparison, ...]:
    """Compare all means without assuming equal variances (Games-Howell).

    Parameters and result are those of :func:`tukey_hsd`; the degrees of freedom are Welch's.

    References
    ----------
    Games and Howell, J Educ Stat 1976;1:113.
    """
    parts, note = several(groups, level)
    variance = [float(np.var(p, ddof=1)) if p.size > 1 else NAN for p in parts]

    def error(i: int, j: int) -> tuple[float, float]:
        one, two = parts[i], parts[j]
        if min(one.size, two.size) < 2 or samples.constant(one, two):
            return NAN, NAN
        return standard_error((variance[i], variance[j]), (one.size, two.size), False)

    return _by_range(parts, level, "Games-Howell", note, error)


def pairwise_t(
    groups: Sequence[Any],
    adjustment: Adjustment = "holm",
    pooled: bool = True,
    level: float = 0.95,
) -> tuple[Comparison, ...]:
    """Compare every two means by t tests, as pairwise.t.test.

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out.
    adjustment : str
        As of ``p_adjust``; ``none`` with a pooled variance is Fisher's least significant
        difference (LSD).
    pooled : bool
        One variance from all groups; False: Welch's test of each pair.
    level : float
        Confidence level of each interval, in (0, 1); intervals are not adjusted.
    """
    parts, note = several(groups, level)
    method = "pairwise t test, pooled variance" if pooled else "pairwise Welch's t test"
    error = _pooled(parts, *pooled_variance(parts))
    tests = {}
    for i, j in combinations(range(len(parts)), 2):
        if not pooled:
            tests[i, j] = replace(t_test(parts[j], parts[i], level=level), method=method)
            continue
        se, df = error(i, j)
        n = parts[i].size + parts[j].size
        if np.isnan(se):
            tests[i, j] = TestResult(NAN, NAN, method, n, level=level, note=_NO_VARIANCE)
        else:
            off = float(parts[j].mean() - parts[i].mean())
            tests[i, j] = from_t(off, se, df, method, n, level)
    return adjusted(tests, adjustment, note)


def dunnett(groups: Sequence[Any], level: float = 0.95) -> tuple[Comparison, ...]:
    """Compare each mean with that of the first group, as multcomp::glht with Dunnett contrasts.

    Parameters
    ----------
    groups : sequence of array
        The values of each group, the control first; NaN is left out.
    level : float
        Confidence level of all intervals together, in (0, 1).

    Returns
    -------
    tuple of Comparison
        Group minus control; ``statistic`` is t, p and interval are two-sided and of the family.

    Notes
    -----
    The law of the largest |t| is integrated, where multcomp takes random numbers: its p values
    scatter around these by about 1e-4.
    """
    parts, note = several(groups, level)
    method = "Dunnett's test"
    error = _pooled(parts, *pooled_variance(parts))
    used = [j for j in range(1, len(parts)) if not np.isnan(error(0, j)[0])]
    shares = [parts[j].size / (parts[j].size + parts[0].size) for j in used]
    quantile = dunnett_quantile(level, shares, error(0, used[0])[1]) if used else NAN
    found = []
    for j in range(1, len(parts)):
        n = parts[0].size + parts[j].size
        se, df = error(0, j)
        if j not in used:
            test = TestResult(NAN, NAN, method, n, level=level, note=_NO_VARIANCE)
        else:
            off = float(parts[j].mean() - parts[0].mean())
            p = dunnett_sf(abs(off / se), shares, df)
            half = quantile * se
            test = TestResult(off / se, p, method, n, df, off, off - half, off + half, se, level)
        found.append(Comparison(0, j, replace(test, note=join_notes(note, test.note)), test.p))
    return tuple(found)


_NO_VARIANCE = "an empty group, or no variance within groups: no test"
_Error = Callable[[int, int], tuple[float, float]]


def several(groups: Sequence[Any], level: float = 0.95) -> tuple[list[FloatArray], str]:
    """Return the known values of at least two groups and a note on those left out."""
    samples.check_level(level)
    parts, note = samples.every(groups)
    if len(parts) < 2:
        raise ValueError(f"{len(parts)} groups; at least two are needed")
    return parts, note


def _pooled(parts: list[FloatArray], variance: float, df: float) -> _Error:
    """Return what gives the standard error of a difference, and its degrees of freedom."""

    def error(i: int, j: int) -> tuple[float, float]:
        sizes = parts[i].size, parts[j].size
        if min(sizes) == 0 or not variance > 0 or samples.constant(*parts):
            return NAN, df
        return float(np.sqrt(variance * (1 / sizes[0] + 1 / sizes[1]))), df

    return error


def _by_range(
    parts: list[FloatArray], level: float, method: str, note: str, error: _Error
) -> tuple[Comparison, ...]:
    k = sum(1 for p in parts if p.size)
    tests = {}
    widths: dict[float, float] = {}
    for i, j in combinations(range(len(parts)), 2):
        n = parts[i].size + parts[j].size
        se, df = error(i, j)
        if np.isnan(se):
            tests[i, j] = TestResult(NAN, NAN, method, n, level=level, note=_NO_VARIANCE)
            continue
        if df not in widths:
            widths[df] = range_quantile(level, k, df)
        off = float(parts[j].mean() - parts[i].mean())
        q, half = abs(off) / se * np.sqrt(2), widths[df] / np.sqrt(2) * se
        tests[i, j] = TestResult(
            float(q), range_sf(q, k, df), method, n, df, off, off - half, off + half, se, level
        )
    return adjusted(tests, "none", note)


def adjusted(
    tests: dict[tuple[int, int], TestResult], adjustment: Adjustment, note: str
) -> tuple[Comparison, ...]:
    """Return the comparisons of these pairs with adjusted p values; ``note`` goes to each."""
    p = p_adjust([test.p for test in tests.values()], adjustment)
    return tuple(
        Comparison(i, j, replace(test, note=join_notes(note, test.note)), float(q))
        for ((i, j), test), q in zip(tests.items(), p, strict=True)
    )

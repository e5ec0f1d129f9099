"""Trend over ordered groups: of proportions (Cochran-Armitage), of ranks (Jonckheere)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.exact_ranks import rank_sum_counts
from radpipe.stats.results import NAN, TestResult, floats, join_notes, normal_p

_EXACT_UP_TO = 100


def cochran_armitage(events: Any, totals: Any, scores: Any = None) -> TestResult:
    """Test for a linear trend of proportions over ordered groups, as prop.trend.test.

    Parameters
    ----------
    events, totals : array (k,)
        Events and cases of each group, 0 <= events <= totals; empty groups are left out.
    scores : array (k,), optional
        The groups' places on the scale; None: 1, 2, 3 ...

    Returns
    -------
    TestResult
        ``statistic`` is n r^2, chi-square on 1 degree of freedom (Armitage, Biometrics
        1955;11:375); ``estimate`` is the slope of the proportion on the score.
    """
    from scipy.stats import chi2

    happened, size = floats(events), floats(totals)
    place = np.arange(1.0, size.size + 1) if scores is None else floats(scores)
    if happened.ndim != 1 or not happened.shape == size.shape == place.shape:
        raise ValueError(f"{happened.shape} events, {size.shape} totals, {place.shape} scores")
    if not np.isfinite(place).all() or not ((happened >= 0) & (happened <= size)).all():
        raise ValueError("events lie between 0 and totals, scores are finite")
    method = "Cochran-Armitage test for trend"
    n = float(size.sum())
    rate = float(happened.sum()) / n if n else NAN
    off = place - (float(size @ place) / n if n else 0.0)
    spread = float(size @ off**2)
    if not (n and 0 < rate < 1 and spread > 0):
        note = "one group only, or no or only events: no test"
        return TestResult(NAN, NAN, method, int(n), 1, note=note)
    slope = float(happened @ off) / spread
    statistic = slope**2 * spread / (rate * (1 - rate))
    return TestResult(statistic, float(chi2.sf(statistic, 1)), method, int(n), 1, estimate=slope)


def jonckheere(
    groups: Sequence[Any], exact: bool | None = None, tie_correction: bool = False
) -> TestResult:
    """Test for a trend over ordered groups by ranks (Jonckheere, Biometrika 1954;41:133).

    Parameters
    ----------
    groups : sequence of array
        The values of each group, in their order; NaN is left out.
    exact : bool, optional
        None: the rule of DescTools and clinfun, exact up to 100 cases without ties.
    tie_correction : bool
        Variance of the normal approximation corrected for ties (Hollander and Wolfe 1999,
        section 6.2); R's packages leave it out.

    Returns
    -------
    TestResult
        ``statistic`` is J, the pairs that rise over groups (ties one half), ``estimate`` their
        share.

    Raises
    ------
    ValueError
        If an exact test is asked for and there are ties.
    """
    parts, note = samples.many(groups)
    size = np.array([p.size for p in parts])
    n = int(size.sum())
    ties = np.unique(np.concatenate(parts), return_counts=True)[1] if n else np.zeros(0)
    tied = bool((ties > 1).any())
    if exact is None:
        exact = n <= _EXACT_UP_TO and not tied
    kind = "exact" if exact else "normal approximation"
    method = f"Jonckheere-Terpstra test, {kind}" + (
        " corrected for ties" if tie_correction and not exact else ""
    )
    if len(parts) < 2 or ties.size < 2:
        note = join_notes(note, "fewer than two groups, or all values equal: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    if exact and tied:
        raise ValueError("the exact Jonckheere test needs data without ties")
    j = sum(
        float(np.sum(later[None, :] > earlier[:, None]))
        + float(np.sum(later[None, :] == earlier[:, None])) / 2
        for i, earlier in enumerate(parts)
        for later in parts[i + 1 :]
    )
    pairs = (n**2 - float(np.sum(size**2))) / 2
    if exact:
        # J is the sum of each group's U against all earlier ones, which are independent.
        before = np.cumsum(size)[:-1]
        laws = [rank_sum_counts(int(a), int(b)) for a, b in zip(before, size[1:], strict=True)]
        law = reduce(np.convolve, [w / w.sum() for w in laws])
        at = round(j)
        p = min(1.0, 2 * min(float(law[: at + 1].sum()), float(law[at:].sum())))
    else:
        spread = _variance(size.astype(float), ties.astype(float) if tie_correction else None)
        p = normal_p((j - pairs / 2) / float(np.sqrt(spread)))
    return TestResult(j, p, method, n, estimate=j / pairs, note=note)


def _variance(size: Any, ties: Any) -> float:
    n = float(size.sum())

    def cubic(m: Any) -> float:
        return float(np.sum(m * (m - 1) * (2 * m + 5)))

    if ties is None:
        return (n * (n - 1) * (2 * n + 5) - cubic(size)) / 72
    first = (n * (n - 1) * (2 * n + 5) - cubic(size) - cubic(ties)) / 72
    second = float(np.sum(size * (size - 1) * (size - 2)) * np.sum(ties * (ties - 1) * (ties - 2)))
    third = float(np.sum(size * (size - 1)) * np.sum(ties * (ties - 1)))
    if n > 2:
        second /= 36 * n * (n - 1) * (n - 2)
    return first + second + third / (8 * n * (n - 1))

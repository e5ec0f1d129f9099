"""Maximally selected log-rank statistics: the cut-off that parts survival best, and its honest p.

Whoever takes the best of many cut-offs may not report the log-rank p at that one. As
maxstat::maxstat.test and survminer::surv_cutpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats import maxstat_p
from radpipe.stats.results import NAN, FloatArray, IntArray, counted, floats, join_notes
from radpipe.stats.survival import times_and_events

PMethod = Literal["none", "Lau92", "Lau94", "exactGauss", "HL", "condMC", "min"]

_NAMES = {
    "none": "no p value",
    "Lau92": "limiting distribution (Lausen and Schumacher 1992)",
    "Lau94": "improved Bonferroni inequality (Lausen et al. 1994)",
    "exactGauss": "maximally selected Gauss statistic (Hothorn and Lausen 2003)",
    "HL": "bound from the exact distribution of each statistic (Hothorn and Lausen 2003)",
    "condMC": "permutation",
    "min": "the smallest of the upper bounds",
}


@dataclass(frozen=True)
class MaxStat:
    """The largest standardised statistic over the candidate cut-offs (k of them, ascending).

    Parameters
    ----------
    cutpoint : float
        An observed value; cases with ``x <= cutpoint`` are the low group. Of ties the lowest.
    statistic, p : float
        Largest absolute standardised log-rank statistic, and its p value corrected for the
        choice; NaN where undefined.
    cuts, statistics : array (k,)
        Candidates, and the statistic of each.
    sizes : array (k,)
        Cases in the low group at each.
    n, n_low, n_high : int
        Cases, and of those in the groups of ``cutpoint``.
    """

    cutpoint: float
    statistic: float
    p: float
    method: str
    cuts: FloatArray
    statistics: FloatArray
    sizes: IntArray
    n: int
    n_low: int
    n_high: int
    note: str = ""


def log_rank_scores(time: Any, event: Any) -> FloatArray:
    """Return the log-rank score of each case, shape (n,): an estimated hazard less the event.

    Sum over the events up to the case's time of 1 / (n - m + 1), m being how many cases have a
    time up to the event's, less 1 for an event of its own (Hothorn and Lausen, Comput Stat Data
    Anal 2003;43:121, section 2).
    """
    t, d = times_and_events(time, event)
    ordered = np.sort(t)
    rank = np.searchsorted(ordered, t, side="right")
    share = np.where(d, 1.0 / (t.size - rank + 1), 0.0)[np.argsort(t, kind="stable")]
    return floats(np.cumsum(share)[rank - 1] - d)


def integer_scores(scores: Any) -> FloatArray:
    """Return scores (n,) stretched to 0 .. n and rounded, as exact distributions need them."""
    a = floats(scores)
    reach = a - a.min()
    top = float(reach.max())
    return floats(np.round(reach * a.size / top)) if top > 0 else floats(reach)


def maxstat_test(
    time: Any,
    event: Any,
    x: Any,
    method: PMethod = "Lau94",
    min_share: float = 0.1,
    max_share: float = 0.9,
    rounded: bool | None = None,
    permutations: int = 9999,
    seed: int = 0,
) -> MaxStat:
    """Return the cut-off on ``x`` with the largest log-rank statistic, and its corrected p value.

    Parameters
    ----------
    time, event : array (n,)
        Time, any unit; 1 where the event was seen.
    x : array (n,)
        The score to be cut; cases where it is NaN are left out.
    method : str
        How p is found. Upper bounds: Lau92, Lau94, exactGauss (all three for many cases), HL (up
        to 170 cases), and min, the smallest of these. condMC permutes the scores. none: NaN.
    min_share, max_share : float
        The low group holds at least and at most this share of the cases, 0 <= min < max <= 1.
    rounded : bool, optional
        Whether the scores are rounded to 0 .. n; by default with HL only.
    permutations, seed : int
        Of condMC.

    Raises
    ------
    ValueError
        If times or events are none, lengths differ, the method is none of these, or the shares
        are out of order.

    Notes
    -----
    Scores are standardised by their permutation mean and variance, so that the statistic is not
    exactly the root of the log-rank chi-square.
    """
    if method not in get_args(PMethod):
        raise ValueError(f"p method {method!r}: {', '.join(get_args(PMethod))}")
    if not 0 <= min_share < max_share <= 1:
        raise ValueError(f"shares of {min_share:g} to {max_share:g} are not within 0 to 1")
    t, d = times_and_events(time, event)
    values = floats(x)
    if values.shape != t.shape:
        raise ValueError(f"{values.size} values for {t.size} times")
    known = np.isfinite(values)
    lost = int((~known).sum())
    note = f"{counted(lost, 'case')} without a value left out" if lost else ""
    t, d, values = t[known], d[known], values[known]
    n = t.size
    name = f"maximally selected log-rank statistic, p: {_NAMES[method]}"
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    sizes = np.flatnonzero(np.diff(ordered) > 0) + 1
    inside = (sizes >= np.floor(n * min_share)) & (sizes <= np.floor(n * max_share))
    sizes = sizes[inside].astype(np.int64)
    cuts = ordered[sizes - 1]
    scores = log_rank_scores(t, d)[order] if n else np.zeros(0)
    exact = integer_scores(scores) if n else scores
    if rounded or (rounded is None and method == "HL"):
        scores = exact
    flat = n == 0 or float(np.ptp(scores)) == 0.0
    if flat or sizes.size == 0:
        why = "all scores are equal" if flat else "no cut-off between the shares"
        none = np.full(sizes.size, NAN)
        note = join_notes(note, f"{why}: no statistic")
        return MaxStat(NAN, NAN, NAN, name, cuts, none, sizes, n, 0, 0, note)
    statistics = maxstat_p.standardised(scores, sizes)
    best = int(np.argmax(statistics))
    b = float(statistics[best])
    if method == "condMC":
        p = maxstat_p.permutation(scores, sizes, permutations, seed)
    else:
        p = _bound(method, b, n, sizes, min_share, max_share, scores, exact)
    if method == "HL" and np.isnan(p):
        note = join_notes(note, f"{n} cases are too many for HL: take Lau94 or condMC")
    return MaxStat(
        cutpoint=float(cuts[best]),
        statistic=b,
        p=p,
        method=name,
        cuts=cuts,
        statistics=statistics,
        sizes=sizes,
        n=n,
        n_low=int(sizes[best]),
        n_high=n - int(sizes[best]),
        note=note,
    )


def _bound(
    method: PMethod,
    b: float,
    n: int,
    sizes: IntArray,
    min_share: float,
    max_share: float,
    scores: FloatArray,
    exact: FloatArray,
) -> float:
    if method == "Lau92":
        return maxstat_p.lausen_1992(b, min_share, max_share)
    if method == "Lau94":
        return maxstat_p.lausen_1994(b, n, sizes)
    if method == "exactGauss":
        return maxstat_p.exact_gauss(b, n, sizes)
    if method == "HL":
        return maxstat_p.hothorn_lausen(b, scores, sizes)
    if method == "min":
        own = float(maxstat_p.standardised(exact, sizes).max())
        found = [
            maxstat_p.lausen_1992(b, min_share, max_share),
            maxstat_p.lausen_1994(b, n, sizes),
            maxstat_p.exact_gauss(b, n, sizes),
            maxstat_p.hothorn_lausen(own, exact, sizes),
        ]
        return float(np.nanmin(found))
    return NAN

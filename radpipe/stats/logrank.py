"""Log-rank tests for two or more groups, weighted and stratified, as survival::survdiff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray, TestResult, floats, labels01
from radpipe.stats.survival import tie_times

Weights = Literal["log-rank", "peto", "gehan", "tarone-ware"]

_NAMES = {
    "log-rank": "log-rank test",
    "peto": "Peto-Peto test (rho = 1)",
    "gehan": "Gehan-Breslow test",
    "tarone-ware": "Tarone-Ware test",
}


@dataclass(frozen=True)
class LogRank:
    """Observed and expected events by group, and the chi-square test that groups are alike.

    ``groups``, ``n``, ``observed``, ``expected`` have one entry a group, in sorted order;
    ``variance`` (k, k) is that of observed - expected. Weighted where the test is.
    """

    __test__: ClassVar[bool] = False

    groups: tuple[Any, ...]
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray
    statistic: float
    df: int
    p: float
    method: str
    note: str = ""


def log_rank(
    time: Any, event: Any, group: Any, weights: Weights = "log-rank", strata: Any = None
) -> LogRank:
    """Test whether survival is the same in two or more groups.

    Parameters
    ----------
    time, event, group : array (n,)
        Times, 1 where the event was seen, and group labels.
    weights : str
        log-rank (all 1), peto (pooled survival just before), gehan (number at risk) or
        tarone-ware (its root).
    strata : array (n,), optional
        Sums are taken within strata.

    Notes
    -----
    The p value does not know how the groups were made: it is wrong for groups cut on the same
    cases' outcomes, or on out-of-fold predictions.
    """
    from scipy.stats import chi2

    t, d = tie_times(time), labels01(event)
    names, code = np.unique(np.asarray(group), return_inverse=True)
    k = names.size
    layer = np.zeros(t.size) if strata is None else np.asarray(strata)
    observed, expected, variance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for value in np.unique(layer):
        o, e, v = _sums(t[layer == value], d[layer == value], code[layer == value], k, weights)
        observed, expected, variance = observed + o, expected + e, variance + v
    method = _NAMES[weights] + ("" if strata is None else ", stratified")
    counts = np.bincount(code, minlength=k).astype(np.int64)
    difference = (observed - expected)[:-1]
    middle = variance[:-1, :-1]
    statistic, p, note = NAN, NAN, ""
    if k < 2:
        note = "one group only: no test"
    elif np.linalg.matrix_rank(middle) < k - 1:
        note = "no events while several groups were at risk: no test"
    else:
        statistic = float(difference @ np.linalg.solve(middle, difference))
        p = float(chi2.sf(statistic, k - 1))
    return LogRank(
        groups=tuple(names.tolist()),
        n=counts,
        observed=observed,
        expected=expected,
        variance=variance,
        statistic=statistic,
        df=k - 1,
        p=p,
        method=method,
        note=note,
    )


def trend(test: LogRank, scores: Any) -> TestResult:
    """Return the test for trend over ordered groups: (s'(O - E))^2 / s'Vs, with 1 df."""
    from scipy.stats import chi2

    s = floats(scores)
    bottom = float(s @ test.variance @ s)
    n = int(test.n.sum())
    if not bottom > 0:
        return TestResult(NAN, NAN, f"{test.method} for trend", n, 1, note="the variance is zero")
    statistic = float(s @ (test.observed - test.expected)) ** 2 / bottom
    return TestResult(statistic, float(chi2.sf(statistic, 1)), f"{test.method} for trend", n, 1)


def pairwise(time: Any, event: Any, group: Any) -> dict[tuple[Any, Any], float]:
    """Return the log-rank p value of each pair of groups, unadjusted."""
    t, d, g = floats(time), labels01(event), np.asarray(group)
    names = np.unique(g)
    out: dict[tuple[Any, Any], float] = {}
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            part = (g == a) | (g == b)
            out[(a, b)] = log_rank(t[part], d[part], g[part]).p
    return out


def hazard_ratio_pike(test: LogRank) -> float:
    """Return (O2/E2) / (O1/E1), second group against first; NaN without expected events."""
    if min(test.expected[0], test.expected[1], test.observed[0]) == 0:
        return NAN
    ratio = test.observed / test.expected
    return float(ratio[1] / ratio[0])


def _sums(
    t: FloatArray, d: BoolArray, code: IntArray, k: int, weights: Weights
) -> tuple[FloatArray, FloatArray, FloatArray]:
    times = np.unique(t[d])
    at_risk = np.empty((times.size, k))
    died = np.empty((times.size, k))
    for j in range(k):
        own = np.sort(t[code == j])
        at_risk[:, j] = own.size - np.searchsorted(own, times, side="left")
        events = np.sort(t[(code == j) & d])
        died[:, j] = np.searchsorted(events, times, side="right") - np.searchsorted(events, times)
    n, dead = at_risk.sum(axis=1), died.sum(axis=1)
    if weights == "peto":
        w = np.append(1.0, np.cumprod(1 - dead / n))[:-1]
    elif weights == "gehan":
        w = n
    elif weights == "tarone-ware":
        w = np.sqrt(n)
    else:
        w = np.ones(n.size)
    share = at_risk / n[:, None]
    factor = np.divide(dead * (n - dead), n - 1, out=np.zeros(n.size), where=n > 1) * w**2
    variance = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return w @ died, w @ (share * dead[:, None]), variance

"""Log-rank tests for two or more groups, weighted and stratified, as survival::survdiff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from radpipe.stats.p_values import Adjustment, p_adjust
from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray, TestResult, floats
from radpipe.stats.survival import times_and_events

Weights = Literal["log-rank", "peto", "gehan", "tarone-ware", "fleming-harrington"]

_Weigh = Callable[[FloatArray, FloatArray], FloatArray]

_NAMES = {
    "log-rank": "log-rank test",
    "peto": "Peto-Peto test (rho = 1)",
    "gehan": "Gehan-Breslow test",
    "tarone-ware": "Tarone-Ware test",
    "fleming-harrington": "Fleming-Harrington test",
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
    time: Any,
    event: Any,
    group: Any,
    weights: Weights = "log-rank",
    strata: Any = None,
    rho: float = 0.0,
    gamma: float = 0.0,
) -> LogRank:
    """Test whether survival is the same in two or more groups.

    Parameters
    ----------
    time, event, group : array (n,)
        Times, 1 where the event was seen, and group labels.
    weights : str
        log-rank (all 1), peto (pooled survival just before, S), gehan (number at risk),
        tarone-ware (its root) or fleming-harrington (S^rho (1 - S)^gamma).
    strata : array (n,), optional
        Sums are taken within strata.
    rho, gamma : float
        Powers >= 0 of the Fleming-Harrington weights. rho above 0 stresses early differences
        (rho = 1 is "peto"), gamma late ones.

    Raises
    ------
    ValueError
        If times or events are no follow-up, a group or stratum is missing, lengths differ, or the
        weights are none of these.

    Notes
    -----
    Groups of which nobody was at risk at an event time are left out of the statistic and its
    degrees of freedom, as in R.

    The p value does not know how the groups were made: it is wrong for groups cut on the same
    cases' outcomes, or on out-of-fold predictions.

    References
    ----------
    Fleming and Harrington, Counting Processes and Survival Analysis, 1991, chapter 7; Tarone and
    Ware, Biometrika 1977;64:156.
    """
    from scipy.stats import chi2

    t, d = times_and_events(time, event)
    names, code = np.unique(_labels(group, t.size, "group"), return_inverse=True)
    k = names.size
    weigh = _weights(weights, rho, gamma)
    layer = np.zeros(t.size) if strata is None else _labels(strata, t.size, "stratum")
    observed, expected, variance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for value in np.unique(layer):
        o, e, v = _sums(t[layer == value], d[layer == value], code[layer == value], k, weigh)
        observed, expected, variance = observed + o, expected + e, variance + v
    method = _NAMES[weights]
    if weights == "fleming-harrington":
        method += f" (rho = {rho:g}, gamma = {gamma:g})"
    method += "" if strata is None else ", stratified"
    used = np.flatnonzero(expected > 0)
    rest = used[:-1]
    difference, middle = (observed - expected)[rest], variance[np.ix_(rest, rest)]
    statistic, p, note = NAN, NAN, ""
    if k < 2:
        note = "one group only: no test"
    elif rest.size == 0 or np.linalg.matrix_rank(middle) < rest.size:
        note = "no events while several groups were at risk: no test"
    else:
        statistic = float(difference @ np.linalg.solve(middle, difference))
        p = float(chi2.sf(statistic, rest.size))
        if used.size < k:
            note = f"{k - used.size} groups that were at risk at no event left out"
    return LogRank(
        groups=tuple(names.tolist()),
        n=np.bincount(code, minlength=k).astype(np.int64),
        observed=observed,
        expected=expected,
        variance=variance,
        statistic=statistic,
        df=k - 1 if np.isnan(statistic) else rest.size,
        p=p,
        method=method,
        note=note,
    )


def trend(test: LogRank, scores: Any = None) -> TestResult:
    """Return the test for trend over ordered groups: (s'(O - E))^2 / s'Vs, with 1 df.

    ``scores`` (k,) belong to the sorted groups; 1, 2, 3, ... by default.
    """
    from scipy.stats import chi2

    k = len(test.groups)
    s = np.arange(1.0, k + 1) if scores is None else floats(scores)
    if s.shape != (k,) or not np.isfinite(s).all():
        raise ValueError(f"a trend over {k} groups needs {k} finite scores")
    bottom = float(s @ test.variance @ s)
    n = int(test.n.sum())
    if not bottom > 0:
        return TestResult(NAN, NAN, f"{test.method} for trend", n, 1, note="the variance is zero")
    statistic = float(s @ (test.observed - test.expected)) ** 2 / bottom
    return TestResult(statistic, float(chi2.sf(statistic, 1)), f"{test.method} for trend", n, 1)


def pairwise(
    time: Any,
    event: Any,
    group: Any,
    adjust: Adjustment = "none",
    weights: Weights = "log-rank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> dict[tuple[Any, Any], float]:
    """Return the log-rank p value of each pair of groups, adjusted for their number as asked.

    Parameters are those of :func:`log_rank`; ``adjust`` that of
    :func:`radpipe.stats.p_values.p_adjust`.
    """
    t, d = times_and_events(time, event)
    g = _labels(group, t.size, "group")
    names = np.unique(g).tolist()
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    raw = []
    for a, b in pairs:
        part = (g == a) | (g == b)
        raw.append(log_rank(t[part], d[part], g[part], weights, None, rho, gamma).p)
    return dict(zip(pairs, p_adjust(raw, adjust).tolist(), strict=True))


def hazard_ratio_pike(test: LogRank) -> float:
    """Return (O2/E2) / (O1/E1), second group against first; NaN without expected events."""
    if min(test.expected[0], test.expected[1], test.observed[0]) == 0:
        return NAN
    ratio = test.observed / test.expected
    return float(ratio[1] / ratio[0])


def _labels(values: Any, n: int, name: str) -> Any:
    """Return labels as an array (n,); ValueError where one is missing."""
    labels = np.asarray(values)
    if labels.shape != (n,):
        raise ValueError(f"{labels.size} {name} labels for {n} times")
    missing = sum(x is None or x != x for x in labels.tolist())
    if missing:
        raise ValueError(f"{missing} cases have no {name}")
    return labels


def _weights(kind: Weights, rho: float, gamma: float) -> _Weigh:
    """Return the function from the numbers at risk and of events (m,) to their weights (m,)."""
    if kind not in _NAMES:
        raise ValueError(f"weights {kind!r}: {', '.join(_NAMES)}")
    if not (rho >= 0 and gamma >= 0):
        raise ValueError(f"rho and gamma are powers >= 0, not {rho:g} and {gamma:g}")
    if kind == "gehan":
        return lambda n, dead: n
    if kind == "tarone-ware":
        return lambda n, dead: floats(np.sqrt(n))
    if kind == "peto":
        rho, gamma = 1.0, 0.0
    elif kind == "log-rank":
        rho, gamma = 0.0, 0.0

    def power(n: FloatArray, dead: FloatArray) -> FloatArray:
        before = np.append(1.0, np.cumprod(1 - dead / n))[: n.size]
        return floats(before**rho * (1 - before) ** gamma)

    return power


def _sums(
    t: FloatArray, d: BoolArray, code: IntArray, k: int, weigh: _Weigh
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
    w = weigh(n, dead)
    share = at_risk / n[:, None]
    factor = np.divide(dead * (n - dead), n - 1, out=np.zeros(n.size), where=n > 1) * w**2
    variance = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return w @ died, w @ (share * dead[:, None]), variance

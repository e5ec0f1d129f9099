"""The best division of a cohort into three by one score: the largest log-rank over two cut-offs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray, floats
from radpipe.stats.survival import times_and_events

_TIE = 1 - 1e-12


@dataclass(frozen=True)
class LogRankPair:
    """Where a score divides survival best in three.

    Parameters
    ----------
    low, high : float
        The smallest value of the middle and of the upper group; NaN where there is none.
    statistic : float
        Log-rank chi-square of the three groups (2 degrees of freedom).
    sizes : tuple of int
        Cases of the three groups.
    note : str
        Why there is none.
    """

    low: float
    high: float
    statistic: float
    sizes: tuple[int, int, int]
    note: str = ""


def best_pair(
    x: Any, time: Any, event: Any, min_share: float = 0.1, candidates: int = 100
) -> LogRankPair:
    """Return the two cut-offs of ``x`` with the largest log-rank statistic of three groups.

    Parameters
    ----------
    x : array (n,)
        The score, finite; a case is above a cut-off where its value reaches it.
    time, event : array (n,)
        Time, any unit; 1 where the event was seen.
    min_share : float
        Each group holds at least this share of the cases (and one case), above 0, below 1/3.
    candidates : int
        Where more values than these could be cut-offs, so many of them are tried, evenly spaced
        in their order; at least 2.

    Raises
    ------
    ValueError
        If times or events are none, values are missing, or an option is out of range.

    Notes
    -----
    With A_i the events less those expected below cut-off i, the statistic of a pair is the
    quadratic form of (A_i, A_j) in the inverse of their hypergeometric covariance, which is that
    of survival::survdiff on the three groups. Of equal pairs the lowest is taken. The search is
    X-tile's (Camp, Dolled-Filhart and Rimm, Clin Cancer Res 2004;10:7252). Its nominal p value
    means nothing: `best_pair_p` has one that knows of the search.
    """
    t, d = times_and_events(time, event)
    search = _Search.of(x, t, d, min_share, candidates)
    if search.pairs == 0 or not d.any():
        why = "no events" if search.pairs else f"no three groups of {min_share:g} of the cases"
        return LogRankPair(NAN, NAN, NAN, (0, 0, 0), why)
    chi2 = search.statistics(np.arange(t.size))
    top = float(chi2.max())
    if not np.isfinite(top):
        return LogRankPair(NAN, NAN, NAN, (0, 0, 0), "the statistic is undefined for all pairs")
    i, j = np.unravel_index(int(np.argmax(chi2 >= top * _TIE)), chi2.shape)
    a, b = int(search.sizes[i]), int(search.sizes[j])
    return LogRankPair(
        float(search.values[i]), float(search.values[j]), top, (a, b - a, t.size - b)
    )


def best_pair_p(
    x: Any,
    time: Any,
    event: Any,
    min_share: float = 0.1,
    candidates: int = 100,
    permutations: int = 999,
    seed: int = 0,
) -> float:
    """Return the p value of the best pair: how often permuted outcomes have one as good.

    (as good + 1) / (permutations + 1), after Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    Parameters are those of `best_pair`. NaN where there is no pair.
    """
    if permutations < 1:
        raise ValueError(f"{permutations} permutations: at least one is needed")
    found = best_pair(x, time, event, min_share, candidates)
    if np.isnan(found.statistic):
        return NAN
    t, d = times_and_events(time, event)
    search = _Search.of(x, t, d, min_share, candidates)
    rng = np.random.default_rng(seed)
    least = found.statistic * _TIE
    draws = (search.statistics(rng.permutation(t.size)).max() for _ in range(permutations))
    return (1 + sum(bool(value >= least) for value in draws)) / (permutations + 1)


@dataclass(frozen=True)
class _Search:
    """What stays the same however the outcomes are permuted.

    ``order`` sorts the cases; cut-off k has ``sizes[k]`` cases below it and the value
    ``values[k]``; ``allowed`` (k, k) tells the pairs that leave three groups of the size.
    ``at_risk`` (n, T) tells of each case whether it is at risk at each event time, ``event`` (n,)
    whether it has the event; ``n`` and ``dead`` (T,) count those at risk, and the events.
    """

    order: IntArray
    sizes: IntArray
    values: FloatArray
    allowed: BoolArray
    at_risk: FloatArray
    event: FloatArray
    n: FloatArray
    dead: FloatArray

    @classmethod
    def of(cls, x: Any, t: FloatArray, d: BoolArray, min_share: float, candidates: int) -> _Search:
        values = floats(x)
        if values.shape != t.shape:
            raise ValueError(f"{values.size} values for {t.size} times")
        if not np.isfinite(values).all():
            raise ValueError("values are missing or infinite")
        if not 0 < min_share < 1 / 3:
            raise ValueError(f"a share of {min_share:g} is not between 0 and 1/3")
        if candidates < 2:
            raise ValueError(f"{candidates} candidates: two cut-offs are needed")
        n = t.size
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        least = max(1, int(np.ceil(n * min_share - 1e-9)))
        sizes = np.flatnonzero(np.diff(ordered) > 0) + 1
        sizes = sizes[(sizes >= least) & (n - sizes >= least)]
        if sizes.size > candidates:
            sizes = sizes[np.round(np.linspace(0, sizes.size - 1, candidates)).astype(int)]
        times = np.unique(t[d])
        at_risk = (t[:, None] >= times).astype(np.float64)
        return cls(
            order=order.astype(np.int64),
            sizes=sizes.astype(np.int64),
            values=ordered[sizes],
            allowed=sizes[None, :] - sizes[:, None] >= least,
            at_risk=at_risk,
            event=d.astype(np.float64),
            n=at_risk.sum(axis=0),
            dead=floats((t[d][:, None] == times).sum(axis=0)),
        )

    @property
    def pairs(self) -> int:
        """How many pairs of cut-offs leave three groups of the size."""
        return int(self.allowed.sum())

    def statistics(self, permuted: IntArray) -> FloatArray:
        """Return the chi-square of each pair (k, k) with outcomes in this order; -inf if none."""
        rows = permuted[self.order]
        begins = np.append(0, self.sizes[:-1])
        low = np.cumsum(np.add.reduceat(self.at_risk[rows][: self.sizes[-1]], begins), axis=0)
        seen = np.cumsum(np.add.reduceat(self.event[rows][: self.sizes[-1]], begins))
        share = low / self.n
        a = seen - share @ self.dead
        spread = self.dead * (self.n - self.dead)
        factor = np.divide(spread, self.n - 1, out=np.zeros(self.n.size), where=self.n > 1)
        cov = (share * factor) @ (1 - share).T  # holds for i <= j, which is all that is looked at
        own = np.diag(cov)
        bottom = own[:, None] * own - cov**2
        top = a[:, None] ** 2 * own - 2 * np.outer(a, a) * cov + own[:, None] * a**2
        chi2 = np.full(cov.shape, -np.inf)
        usable = self.allowed & (bottom > 1e-12 * own[:, None] * own) & (bottom > 0)
        np.divide(top, bottom, out=chi2, where=usable)
        return floats(chi2)

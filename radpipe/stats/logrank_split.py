"""The best division of a cohort by one column: the largest log-rank statistic over all cut-offs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.design import matrix
from radpipe.stats.results import NAN, FloatArray
from radpipe.stats.survival import times_and_events


@dataclass(frozen=True)
class LogRankSplit:
    """Where a column divides survival best.

    Attributes
    ----------
    column : int
        Its number; -1 where no division is possible, and ``note`` says why.
    cut, next_value : float
        The largest value on the low side, and the smallest on the high side.
    statistic : float
        Log-rank chi-square with one degree of freedom. Chosen as the largest of many, so its
        nominal p value means nothing (`radpipe.stats.maxstat` has one that holds).
    n_low, n_high : int
        Cases on either side.
    """

    column: int
    cut: float
    next_value: float
    statistic: float
    n_low: int
    n_high: int
    note: str = ""


def split_statistics(x: Any, time: Any, event: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the log-rank chi-square of every division of one column.

    Parameters
    ----------
    x : array of shape (n,)
        Values, finite.
    time, event : arrays of shape (n,)
        Follow-up in any unit, and 1 where the event was observed.

    Returns
    -------
    cuts, next_values, statistics : arrays of shape (k - 1,)
        For k different values: low is ``x <= cut``. NaN where the test is undefined (no event
        while both sides are at risk).

    Notes
    -----
    ``(O - E)^2 / V`` with the hypergeometric variance, as survival::survdiff, for all divisions
    at once: at each event time, running sums over the sorted values.
    """
    t, d = times_and_events(time, event)
    values = matrix(x)[:, 0]
    if values.size != t.size:
        raise ValueError(f"{values.size} values, {t.size} times")
    order = np.argsort(values, kind="stable")
    last = np.flatnonzero(np.diff(values[order]) > 0)  # the last row of each value but the highest
    cuts, following = values[order][last], values[order][last + 1]
    times = np.unique(t[d])
    if times.size == 0 or last.size == 0:
        return cuts, following, np.full(last.size, NAN)
    low = np.cumsum(t[order][:, None] >= times, axis=0)[last]
    n = (t[:, None] >= times).sum(axis=0)
    dead = (t[d][:, None] == times).sum(axis=0)
    share = low / n
    observed = np.cumsum(d[order])[last]
    expected = share @ dead.astype(np.float64)
    factor = np.divide(dead * (n - dead), n - 1, out=np.zeros(n.size), where=n > 1)
    variance = (share * (1 - share)) @ factor
    chi2 = np.full(last.size, NAN)
    np.divide((observed - expected) ** 2, variance, out=chi2, where=variance > 0)
    return cuts, following, chi2


def best_split(X: Any, time: Any, event: Any, min_size: int = 1) -> LogRankSplit:
    """Return the column and cut-off with the largest log-rank statistic.

    Parameters
    ----------
    X : array of shape (n, p)
        Columns, finite.
    time, event : arrays of shape (n,)
        Follow-up in any unit, and 1 where the event was observed.
    min_size : int
        Fewest cases on either side, >= 1.

    Returns
    -------
    LogRankSplit
        Of equal statistics (to a relative 1e-12) the first column's lowest cut-off.

    Raises
    ------
    ValueError
        If values are missing or lengths differ.

    References
    ----------
    Segal 1988, Biometrics 44:35-47; LeBlanc and Crowley 1993, JASA 88:457-467.
    """
    if min_size < 1:
        raise ValueError(f"min_size is {min_size}: at least one case on either side")
    columns = matrix(X)
    best = LogRankSplit(-1, NAN, NAN, NAN, 0, 0, "no division is possible")
    for j, x in enumerate(columns.T):
        cuts, following, chi2 = split_statistics(x, time, event)
        low = np.searchsorted(np.sort(x), cuts, side="right")
        usable = np.isfinite(chi2) & (low >= min_size) & (x.size - low >= min_size)
        if not usable.any():
            continue
        worth = np.where(usable, chi2, -np.inf)
        top = float(worth.max())
        if not top > best.statistic * (1 + 1e-12) and best.column >= 0:
            continue
        at = int(np.argmax(worth >= top * (1 - 1e-12)))
        count = int(low[at])
        best = LogRankSplit(j, float(cuts[at]), float(following[at]), top, count, x.size - count)
    return best

"""The censoring distribution, the weights made of it, and what its error does to an estimate.

G is the Kaplan-Meier estimate of remaining uncensored. An event up to the horizon has the weight
1 / G(T-), a case seen beyond it 1 / G(horizon), a case censored before it none (Graf et al., Stat
Med 1999;18:2529). Events come before censorings at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import BoolArray, FloatArray, IntArray, floats, labels01, same_length


@dataclass(frozen=True)
class StepFunction:
    """A right-continuous step function that is 1 before its first time."""

    times: FloatArray
    values: FloatArray

    def at(self, t: Any) -> FloatArray:
        """Return the value at ``t``."""
        return floats(np.append(1.0, self.values)[np.searchsorted(self.times, t, side="right")])

    def before(self, t: Any) -> FloatArray:
        """Return the limit from the left at ``t``."""
        return floats(np.append(1.0, self.values)[np.searchsorted(self.times, t, side="left")])


def follow_up_times(time: Any) -> FloatArray:
    """Return follow-up times as floats, shape (n,).

    Raises
    ------
    ValueError
        If a time is missing, infinite or negative.
    """
    t = floats(time)
    if t.ndim != 1:
        raise ValueError(f"times have shape {t.shape}, not (n,)")
    if not (np.isfinite(t) & (t >= 0)).all():
        raise ValueError("a time is missing, infinite or negative")
    return t


def follow_up(time: Any, event: Any) -> tuple[FloatArray, BoolArray]:
    """Return follow-up times and whether the event was seen, (n,) each.

    Raises
    ------
    ValueError
        If a time is missing, infinite or negative, an event is not 0 or 1, or there is not one a
        case.
    """
    t, d = follow_up_times(time), labels01(event)
    if d.shape != t.shape:
        raise ValueError(f"{d.shape} events for {t.shape} times")
    return t, d


def event_codes(event: Any, n: int, cause: int = 1) -> IntArray:
    """Return 0 for censored, 1 for an event of the cause, 2 for one of another cause, shape (n,).

    Raises
    ------
    ValueError
        If there is not one whole number >= 0 a case, or the cause is no number >= 1.
    """
    codes = floats(event)
    if codes.shape != (n,):
        raise ValueError(f"{codes.shape} events for {n} times")
    if not (np.isfinite(codes) & (codes >= 0) & (codes == np.round(codes))).all():
        raise ValueError("an event is 0 (censored) or the number of its cause: 1, 2, ...")
    if cause < 1:
        raise ValueError(f"the cause is a number >= 1, not {cause}")
    return np.where(codes == 0, 0, np.where(codes == cause, 1, 2)).astype(np.int64)


def censoring_survival(time: Any, event: Any) -> StepFunction:
    """Return the Kaplan-Meier estimate of remaining uncensored; events come before censorings."""
    t, d = floats(time), labels01(event)
    same_length(time=t, event=d)
    times, lost, at_risk = _censorings(t, d)
    return StepFunction(times, floats(np.cumprod(1 - lost / at_risk)))


def censoring_weights(time: Any, event: Any, horizon: float) -> FloatArray:
    """Return each case's weight at the horizon, shape (n,).

    1 / G(T-) for events (of any cause) up to the horizon, 1 / G(horizon) for cases seen beyond it,
    0 for cases censored before it.
    """
    t, d = floats(time), labels01(event)
    g = censoring_survival(t, d)
    value = np.where(t <= horizon, g.before(t), float(g.at(horizon)))
    use = ((t > horizon) | d) & (value > 0)
    return floats(np.divide(1.0, value, out=np.zeros(t.shape), where=use))


def influence_through_censoring(
    t: FloatArray, d: BoolArray, part: FloatArray, horizon: float
) -> FloatArray:
    """Return each case's influence on a weighted sum through its part in estimating G, shape (n,).

    Parameters
    ----------
    t, d : array (n,)
        Times, and whether an event of any cause was seen.
    part : array (n,)
        Each case's summand, its weight included: of an event up to the horizon that moves with
        G(T-), of a case seen beyond it that moves with G(horizon); 0 for the others.
    horizon : float
        In the unit of ``t``.

    Notes
    -----
    The martingale integral of Blanche, Dartigues and Jacqmin-Gadda (Stat Med 2013;32:5381): an
    error of G at u moves the weights of all events after u, and for u <= horizon those of the
    cases seen beyond it.
    """
    times, lost, at_risk = _censorings(t, d)
    if times.size == 0:
        return np.zeros(t.size)
    late = t > horizon
    order = np.argsort(t)
    early = np.where(late, 0.0, part)[order]
    after = np.append(0.0, np.cumsum(early[::-1]))[::-1]
    moved = after[np.searchsorted(t[order], times, side="right")]
    moved = (moved + np.where(times <= horizon, part[late].sum(), 0.0)) / at_risk
    compensator = np.append(0.0, np.cumsum(moved * lost / at_risk))
    # A case with an event at u is no longer at risk of being censored at u.
    last = np.where(
        d, np.searchsorted(times, t, side="left"), np.searchsorted(times, t, side="right")
    )
    jump = np.zeros(t.size)
    jump[~d] = moved[np.searchsorted(times, t[~d])]
    return floats(jump - compensator[last])


def _censorings(t: FloatArray, d: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the distinct censoring times, how many were lost then, and how many were at risk."""
    times, lost = np.unique(t[~d], return_counts=True)
    ordered = np.sort(t)
    from_here = t.size - np.searchsorted(ordered, times, side="left")
    died = np.sort(t[d])
    events_then = np.searchsorted(died, times, side="right") - np.searchsorted(died, times)
    return times, lost.astype(np.float64), (from_here - events_then).astype(np.float64)

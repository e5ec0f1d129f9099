"""Kaplan-Meier curves and their quantiles, as survival::survfit.

Censored cases are at risk at their own time: events come first. Times that differ by less than
1.5e-8 (relatively or absolutely) are one time, as in R.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats.censoring import follow_up_times
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    floats,
    labels01,
    z_value,
)

Interval = Literal["log-log", "log", "plain", "logit", "arcsin", "none"]

_TOLERANCE = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True)
class KaplanMeier:
    """A survival curve at its distinct times (k of them, ascending).

    Parameters
    ----------
    times, survival, lower, upper : array (k,)
        The curve just after each time, with pointwise limits; NaN where the interval is
        undefined (survival 0, and for some intervals survival 1).
    se : array (k,)
        Greenwood's standard error of the survival.
    at_risk, events, censored : array (k,)
        Counts at each time; at risk just before it.
    cumulative_hazard : array (k,)
        Nelson-Aalen.
    median : Estimate
        Time at which survival is 0.5; the middle of a flat stretch at 0.5. NaN = not reached.
    n, n_events : int
        Cases, and events among them.
    conf : str
        Kind of the interval.
    """

    times: FloatArray
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray
    se: FloatArray
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray
    cumulative_hazard: FloatArray
    median: Estimate
    n: int
    n_events: int
    conf: Interval
    level: float
    note: str = ""

    def at(self, t: Any) -> FloatArray:
        """Return the survival at ``t``; 1 before the first time, flat after the last."""
        return self._step(self.survival, 1.0, t)

    def interval_at(self, t: Any) -> tuple[FloatArray, FloatArray]:
        """Return the lower and upper limits at ``t``."""
        return self._step(self.lower, 1.0, t), self._step(self.upper, 1.0, t)

    def se_at(self, t: Any) -> FloatArray:
        """Return Greenwood's standard error at ``t``."""
        return self._step(self.se, 0.0, t)

    def hazard_at(self, t: Any) -> FloatArray:
        """Return the Nelson-Aalen cumulative hazard at ``t``."""
        return self._step(self.cumulative_hazard, 0.0, t)

    def _step(self, values: FloatArray, start: float, t: Any) -> FloatArray:
        position = np.searchsorted(self.times, floats(t), side="right")
        return floats(np.append(start, values)[position])


def tie_times(time: Any) -> FloatArray:
    """Return times with those that differ by rounding only made equal (R's timefix)."""
    t = floats(time)
    unique, inverse = np.unique(t, return_inverse=True)
    if unique.size < 2:
        return t
    scale = float(np.mean(np.abs(unique)))
    gap = np.diff(unique)
    new = (gap > _TOLERANCE) & (gap > _TOLERANCE * scale)
    first = np.append(True, new)
    return floats(unique[first][np.cumsum(first) - 1][inverse])


def times_and_events(time: Any, event: Any) -> tuple[FloatArray, BoolArray]:
    """Return follow-up times (n,), those that differ by rounding made equal, and events (n,).

    Raises
    ------
    ValueError
        If there are no cases, a time is missing, infinite or negative, or an event is neither 0
        nor 1.
    """
    t, d = tie_times(follow_up_times(time)), labels01(event)
    if d.shape != t.shape:
        raise ValueError(f"{d.size} events for {t.size} times")
    if t.size == 0:
        raise ValueError("no cases: a survival curve needs one")
    return t, d


def kaplan_meier(
    time: Any, event: Any, conf: Interval = "log-log", level: float = 0.95
) -> KaplanMeier:
    """Return the Kaplan-Meier curve.

    Parameters
    ----------
    time : array (n,)
        Time of event or censoring, any unit.
    event : array (n,)
        1 where the event was seen.
    conf : str
        Kind of the pointwise interval: log-log (default), log (R's), plain, logit, arcsin; with
        none the limits are NaN.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If there are no cases, a time is missing, infinite or negative, an event is neither 0 nor
        1, or the kind of the interval is none of these.
    """
    if conf not in get_args(Interval):
        raise ValueError(f"interval {conf!r}: {', '.join(get_args(Interval))}")
    t, d = times_and_events(time, event)
    times, position = np.unique(t, return_inverse=True)
    k = times.size
    died = np.bincount(position, weights=d.astype(float), minlength=k)
    left = np.bincount(position, weights=(~d).astype(float), minlength=k)
    at_risk = t.size - np.append(0.0, np.cumsum(died + left))[:-1]
    survival = np.cumprod(1 - died / at_risk)
    alive = at_risk - died
    term = np.divide(died, at_risk * alive, out=np.full(k, np.inf), where=alive > 0)
    se_log = np.sqrt(np.cumsum(np.where(died > 0, term, 0.0)))
    lower, upper = _limits(survival, se_log, conf, z_value(level))
    se = np.zeros(k)
    np.multiply(survival, se_log, out=se, where=survival > 0)
    note = "" if d.any() else "no events: the curve stays at 1"
    curve = KaplanMeier(
        times=times,
        survival=survival,
        lower=lower,
        upper=upper,
        se=se,
        at_risk=at_risk,
        events=floats(died),
        censored=floats(left),
        cumulative_hazard=np.cumsum(died / at_risk),
        median=Estimate(NAN, NAN, NAN, "", t.size),
        n=t.size,
        n_events=int(d.sum()),
        conf=conf,
        level=level,
        note=note,
    )
    return _with_median(curve)


def survival_at(time: Any, event: Any, t: float) -> float:
    """Return the Kaplan-Meier survival at ``t`` alone: what curve.at(t) gives, without the rest."""
    times, d = tie_times(time), labels01(event)
    due = np.sort(times[d & (times <= t)])
    at_risk = times.size - np.searchsorted(np.sort(times), due, side="left")
    # Tied events leave one after the other: the product is the same.
    nth = np.arange(due.size) - np.searchsorted(due, due, side="left")
    return float(np.prod(1 - 1 / (at_risk - nth)))


def quantile(curve: KaplanMeier, p: float = 0.5) -> Estimate:
    """Return the time by which a share ``p`` has had the event, with the band's crossing times.

    R's rule (quantile.survfit): the first time at which 1 - survival reaches ``p``, and the middle
    of the stretch where it equals ``p``. NaN = not reached.
    """
    value = _crossing(curve.times, curve.survival, p)
    return Estimate(
        estimate=value,
        lower=_crossing(curve.times, curve.lower, p),
        upper=_crossing(curve.times, curve.upper, p),
        method=f"Kaplan-Meier, {curve.conf} band (Brookmeyer and Crowley)",
        n=curve.n,
        level=curve.level,
        events=curve.n_events,
        note="not reached" if np.isnan(value) else "",
    )


def follow_up(time: Any, event: Any, level: float = 0.95) -> Estimate:
    """Return the median follow-up by the reverse Kaplan-Meier method (log-log interval)."""
    from dataclasses import replace

    reverse = kaplan_meier(time, ~labels01(event), "log-log", level).median
    return replace(reverse, method="reverse Kaplan-Meier, log-log band")


def at_risk(time: Any, grid: Any) -> FloatArray:
    """Return how many cases are at risk just before each time of ``grid`` (m,)."""
    ordered = np.sort(floats(time))
    return floats(ordered.size - np.searchsorted(ordered, floats(grid), side="left"))


def _with_median(curve: KaplanMeier) -> KaplanMeier:
    from dataclasses import replace

    return replace(curve, median=quantile(curve, 0.5))


def _limits(
    s: FloatArray, se: FloatArray, conf: Interval, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return the limits as survfit_confint; ``se`` is the standard error of log survival."""
    lower, upper = np.full(s.shape, NAN), np.full(s.shape, NAN)
    inner = s > 0 if conf in ("log", "plain") else (s > 0) & (s < 1)
    p, width = s[inner], z * se[inner]
    if conf == "log":
        low, high = p * np.exp(-width), np.minimum(1.0, p * np.exp(width))
    elif conf == "plain":
        low, high = np.maximum(0.0, p - width * p), np.minimum(1.0, p + width * p)
    elif conf == "log-log":
        width = width / np.log(p)
        low, high = p ** np.exp(-width), p ** np.exp(width)
    elif conf == "none":
        return lower, upper
    elif conf == "logit":
        odds, width = np.log(p / (1 - p)), width / (1 - p)
        low, high = 1 / (1 + np.exp(width - odds)), 1 / (1 + np.exp(-width - odds))
    else:
        angle, width = np.arcsin(np.sqrt(p)), width / 2 * np.sqrt(p / (1 - p))
        low = np.sin(np.maximum(0.0, angle - width)) ** 2
        high = np.sin(np.minimum(np.pi / 2, angle + width)) ** 2
    lower[inner], upper[inner] = low, high
    return lower, upper


def _crossing(times: FloatArray, survival: FloatArray, p: float) -> float:
    x = np.append(0.0, times)
    y = np.append(0.0, 1 - survival)
    known = ~np.isnan(y)
    if y[known].max() < p:
        return NAN
    last_time = float(x[-1])
    keep = np.append(True, y[known][1:] != y[known][:-1])
    x, y = x[known][keep], y[known][keep]
    if abs(p - y[-1]) < _TOLERANCE and known[-1]:
        return (float(x[-1]) + last_time) / 2
    first = np.flatnonzero(y + _TOLERANCE >= p)
    second = np.flatnonzero(y - _TOLERANCE >= p)
    if first.size == 0 or second.size == 0:
        return NAN
    return (float(x[first[0]]) + float(x[second[0]])) / 2

"""Cumulative incidence of one cause where others compete (Aalen-Johansen), as cmprsk::cuminc.

Tied times stay tied: nothing is moved at random to break them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats.censoring import event_codes, follow_up_times
from radpipe.stats.results import NAN, FloatArray, IntArray, floats, z_value
from radpipe.stats.survival import tie_times

Variance = Literal["delta", "jackknife"]
CifInterval = Literal["log-log", "log", "plain"]


@dataclass(frozen=True)
class CumulativeIncidence:
    """A cumulative incidence curve at the distinct times (k of them, ascending).

    Parameters
    ----------
    times, incidence, se, lower, upper : array (k,)
        P(event of the cause by each time), just after it; limits are NaN where the incidence is 0.
    at_risk, events, competing : array (k,)
        Counts at each time; at risk just before it.
    event_free : array (k,)
        P(no event of any cause by each time).
    n, n_events, n_competing : int
        Cases, and among them those with the cause and with another one.
    conf, variance : str
        Kind of the interval and of the variance.
    """

    times: FloatArray
    incidence: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    at_risk: FloatArray
    events: FloatArray
    competing: FloatArray
    event_free: FloatArray
    n: int
    n_events: int
    n_competing: int
    cause: int
    conf: CifInterval
    variance: Variance
    level: float
    note: str = ""

    def at(self, t: Any) -> FloatArray:
        """Return the incidence at ``t``: 0 before the first time, NaN beyond the last."""
        return self._step(self.incidence, 0.0, t)

    def se_at(self, t: Any) -> FloatArray:
        """Return the standard error at ``t``."""
        return self._step(self.se, 0.0, t)

    def interval_at(self, t: Any) -> tuple[FloatArray, FloatArray]:
        """Return the lower and upper limits at ``t``."""
        return self._step(self.lower, NAN, t), self._step(self.upper, NAN, t)

    def _step(self, values: FloatArray, start: float, t: Any) -> FloatArray:
        when = floats(t)
        found = np.append(start, values)[np.searchsorted(self.times, when, side="right")]
        return floats(np.where(when > self.times[-1], NAN, found))


@dataclass(frozen=True)
class Counts:
    """What happened at the distinct times (k,): numbers at risk, of the cause, of other causes."""

    times: FloatArray
    at_risk: FloatArray
    events: FloatArray
    competing: FloatArray

    @property
    def before(self) -> FloatArray:
        """P(no event of any cause) just before each time."""
        return floats(np.append(1.0, self.event_free)[:-1])

    @property
    def event_free(self) -> FloatArray:
        """P(no event of any cause) just after each time."""
        return floats(np.cumprod(1 - (self.events + self.competing) / self.at_risk))

    @property
    def incidence(self) -> FloatArray:
        """P(event of the cause) just after each time."""
        return floats(np.cumsum(self.before * self.events / self.at_risk))


def cumulative_incidence(
    time: Any,
    event: Any,
    cause: int = 1,
    conf: CifInterval = "log-log",
    level: float = 0.95,
    variance: Variance = "delta",
) -> CumulativeIncidence:
    """Return the cumulative incidence of one cause.

    Parameters
    ----------
    time, event : array (n,)
        Time, any unit, and 0 (censored) or the number of the cause.
    cause : int
        The cause of interest, >= 1.
    conf : str
        Pointwise interval: log-log (log(-log F), default), log or plain, clipped to [0, 1].
    level : float
        Confidence level, in (0, 1).
    variance : str
        delta (cmprsk::cuminc) or jackknife (infinitesimal, survival::survfit).

    Raises
    ------
    ValueError
        If there are no cases, times or events are none, or an option is none of these.

    Notes
    -----
    The delta variance adds up, over the times, that of the two kinds of events given those at
    risk (d / r^2 times 1 - (d - 1) / (r - 1) for ties) times the squared derivative of the
    incidence (Aalen, Ann Stat 1978;6:534; Pintilie, Competing Risks, 2006, section 4.2). The
    jackknife's is the sum of squared influences of the cases.
    """
    for found, kinds in ((conf, CifInterval), (variance, Variance)):
        if found not in get_args(kinds):
            raise ValueError(f"{found!r} is none of {', '.join(get_args(kinds))}")
    t, code = times_and_causes(time, event, cause)
    counts = count(t, code)
    f = counts.incidence
    if variance == "delta":
        se = _delta_se(counts)
    else:
        se = _jackknife_se(t, code, counts)
    lower, upper = _limits(f, se, conf, z_value(level))
    return CumulativeIncidence(
        times=counts.times,
        incidence=f,
        se=se,
        lower=lower,
        upper=upper,
        at_risk=counts.at_risk,
        events=counts.events,
        competing=counts.competing,
        event_free=counts.event_free,
        n=t.size,
        n_events=int((code == 1).sum()),
        n_competing=int((code == 2).sum()),
        cause=cause,
        conf=conf,
        variance=variance,
        level=level,
        note="" if (code == 1).any() else f"no event of cause {cause}",
    )


def times_and_causes(time: Any, event: Any, cause: int) -> tuple[FloatArray, IntArray]:
    """Return times (n,), ties by rounding made equal, and 0, 1 (the cause) or 2 (another)."""
    t = tie_times(follow_up_times(time))
    if t.size == 0:
        raise ValueError("no cases: a cumulative incidence needs one")
    return t, event_codes(event, t.size, cause)


def count(t: FloatArray, code: IntArray, times: FloatArray | None = None) -> Counts:
    """Return the counts at the distinct times, or at those ``times`` (ascending) that are given."""
    grid = np.unique(t) if times is None else times
    at_risk = t.size - np.searchsorted(np.sort(t), grid, side="left")
    found = []
    for kind in (1, 2):
        own = np.sort(t[code == kind])
        found.append(np.searchsorted(own, grid, side="right") - np.searchsorted(own, grid))
    return Counts(grid, floats(at_risk), floats(found[0]), floats(found[1]))


def binomial_variance(events: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Return the variance of ``events / at_risk``: d / r^2, less for ties; 0 without events."""
    r = np.maximum(at_risk, 1.0)
    tied = 1 - np.divide(events - 1, r - 1, out=np.zeros(r.shape), where=(events > 1) & (r > 1))
    return floats(tied * events / r**2)


def _delta_se(counts: Counts) -> FloatArray:
    f, after = counts.incidence, counts.event_free
    inverse = np.divide(1.0, after, out=np.zeros(after.size), where=after > 0)
    before = counts.before**2
    total = np.zeros(f.size)
    # The derivative of F(t) at an event time u is a(u) - F(t) b(u): three running sums do.
    for events, a in (
        (counts.events, 1 + f * inverse),
        (counts.competing, f * inverse),
    ):
        w = before * binomial_variance(events, counts.at_risk)
        square, cross, own = (np.cumsum(w * x) for x in (a * a, a * inverse, inverse**2))
        total += square - 2 * f * cross + f**2 * own
    return floats(np.sqrt(np.maximum(total, 0.0)))


def _jackknife_se(t: FloatArray, code: IntArray, counts: Counts) -> FloatArray:
    """Return the root of the summed squared influences.

    A case's influence on F(t) is the sum over u <= t of S(u-) dM1(u) / r(u) less (F(t) - F(u)) /
    (1 - h(u)) dM(u) / r(u), with dM = own event less the hazard while at risk, M1 for the cause.
    """
    r, f = counts.at_risk, counts.incidence
    h1, h = counts.events / r, (counts.events + counts.competing) / r
    share = np.divide(1.0, 1 - h, out=np.zeros(h.size), where=h < 1)
    # Influence = own(u) - F(t) scale(u), summed while at risk, plus the same at the case's event.
    drift = -np.cumsum((counts.before * h1 + f * share * h) / r)
    drift_scale = -np.cumsum(share * h / r)
    place = np.searchsorted(counts.times, t)
    jump = (np.where(code == 1, counts.before[place], 0.0) + f[place] * share[place]) / r[place]
    jump_scale = share[place] / r[place]
    jump, jump_scale = (np.where(code > 0, x, 0.0) for x in (jump, jump_scale))
    squared = np.empty(f.size)
    for k in range(f.size):
        seen = np.minimum(place, k)
        happened = place <= k
        influence = drift[seen] + np.where(happened, jump, 0.0)
        scale = drift_scale[seen] + np.where(happened, jump_scale, 0.0)
        squared[k] = np.sum((influence - f[k] * scale) ** 2)
    return floats(np.sqrt(squared))


def _limits(
    f: FloatArray, se: FloatArray, conf: CifInterval, z: float
) -> tuple[FloatArray, FloatArray]:
    lower, upper = np.full(f.shape, NAN), np.full(f.shape, NAN)
    # An incidence that is 1 but for rounding has no log-log limits either.
    inner = (f > 0) & ((f < 1 - 1e-12) | (conf != "log-log"))
    p, half = f[inner], z * se[inner]
    if conf == "log-log":
        width = half / (p * np.log(p))
        lower[inner], upper[inner] = p ** np.exp(-width), p ** np.exp(width)
    elif conf == "log":
        lower[inner], upper[inner] = p * np.exp(-half / p), p * np.exp(half / p)
    else:
        lower[inner], upper[inner] = p - half, p + half
    return np.maximum(lower, 0.0), np.minimum(upper, 1.0)

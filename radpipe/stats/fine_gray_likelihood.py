"""The weighted partial likelihood of subdistribution hazards, and each case's part in its score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpipe.stats.censoring import StepFunction
from radpipe.stats.design import Array
from radpipe.stats.results import IntArray, floats


@dataclass(frozen=True)
class Data:
    """Cases by rising time, the event times u (m,), and one slot for each event of the cause.

    With Efron's ties the j-th of d tied events leaves out the fraction j / d of the tied events'
    weight; with Breslow's it leaves out none.

    Attributes
    ----------
    order : array (n,)
        Where the sorted cases stood.
    X, time, code : array (n, p), (n,), (n,)
        Sorted; code is 0 censored, 1 the cause, 2 another.
    times, g : array (m,)
        Event times of the cause, and G just before them.
    weight : array (n,)
        1 / G(T-) of cases with a competing event, 0 of others.
    first : array (m,)
        The first case that is at risk at u.
    slot, at, fraction : array (events,)
        The slot's case, its event time's place in ``times``, and the fraction.
    """

    order: IntArray
    X: Array
    time: Array
    code: IntArray
    times: Array
    g: Array
    weight: Array
    first: IntArray
    slot: IntArray
    at: IntArray
    fraction: Array

    @classmethod
    def of(cls, X: Array, time: Array, code: IntArray, g: StepFunction, efron: bool) -> Data:
        """Lay out the cases."""
        order = np.argsort(time, kind="stable")
        t, c = time[order], code[order]
        slot = np.flatnonzero(c == 1)
        times, at, tied = np.unique(t[slot], return_inverse=True, return_counts=True)
        nth = np.arange(slot.size) - np.searchsorted(t[slot], t[slot], side="left")
        own = g.before(t)
        return cls(
            order=order,
            X=X[order],
            time=t,
            code=c,
            times=times,
            g=g.before(times),
            weight=np.divide(1.0, own, out=np.zeros(t.size), where=c == 2),
            first=np.searchsorted(t, times, side="left"),
            slot=slot,
            at=at,
            fraction=nth / tied[at] if efron else np.zeros(slot.size),
        )


@dataclass(frozen=True)
class WeightedRows:
    """Cases as weighted rows (m,), each at risk after ``start`` and up to ``stop``.

    ``row`` is the case's place in the data, ``event`` 1 where the row ends with the cause.
    """

    row: IntArray
    start: Array
    stop: Array
    event: IntArray
    weight: Array


@dataclass(frozen=True)
class Moments:
    """The log partial likelihood at some coefficients, and what its residuals are made of.

    Attributes
    ----------
    loglik, score, information :
        With gradient (p,) and negative Hessian (p, p); -inf where undefined.
    hazard : array (m,)
        Increments of the baseline cumulative hazard.
    risk : array (n,)
        Hazard ratios over the largest of them.
    step, mean : array (events,), (events, p)
        A slot's increment of the hazard (on the scale of ``risk``), and its risk set's mean.
    """

    loglik: float
    score: Array
    information: Array
    hazard: Array
    risk: Array
    step: Array
    mean: Array


def moments(data: Data, beta: Array) -> Moments:
    """Return the log partial likelihood and its derivatives."""
    n, p = data.X.shape
    eta = data.X @ beta
    shift = float(eta.max())
    risk = np.exp(eta - shift)
    pairs = (data.X[:, :, None] * data.X[:, None, :]).reshape(n, p * p)
    columns = risk[:, None] * np.column_stack([np.ones(n), data.X, pairs])
    sums = _at_risk(data, columns)[data.at]
    sums -= data.fraction[:, None] * _tied(data, columns[data.slot])[data.at]
    s0 = sums[:, 0]
    # A step too far leaves a risk set next to nothing, of which there is no inverse.
    if not (np.isfinite(s0) & (s0 >= np.finfo(float).tiny)).all():
        return Moments(-np.inf, np.zeros(p), np.eye(p), s0, risk, s0, data.X[data.slot])
    means = sums / s0[:, None]
    mean = means[:, 1 : p + 1]
    second = means[:, p + 1 :].sum(axis=0).reshape(p, p)
    return Moments(
        loglik=float((eta[data.slot] - shift - np.log(s0)).sum()),
        score=(data.X[data.slot] - mean).sum(axis=0),
        information=second - mean.T @ mean,
        hazard=floats(np.bincount(data.at, weights=np.exp(-shift) / s0)),
        risk=risk,
        step=1.0 / s0,
        mean=mean,
    )


def residuals(data: Data, now: Moments, rows: WeightedRows) -> Array:
    """Return each row's influence on the score, shape (rows, p).

    The integral of (x - mean) over the row's weighted martingale.
    """
    row = np.empty_like(data.order)
    row[data.order] = np.arange(data.order.size)
    case = row[rows.row]
    jumps = _tied(data, now.step[:, None] * np.column_stack([np.ones(now.step.size), now.mean]))
    steps = np.vstack([np.zeros((1, jumps.shape[1])), np.cumsum(jumps, axis=0)])
    begin, end = (
        np.searchsorted(data.times, when, side="right") for when in (rows.start, rows.stop)
    )
    exposed = steps[end] - steps[begin]
    x = data.X[case]
    out: Array = -(rows.weight * now.risk[case])[:, None] * (x * exposed[:, :1] - exposed[:, 1:])
    ends = np.flatnonzero(rows.event)
    happened = np.empty(data.order.size, dtype=np.int64)
    happened[case[ends]] = ends
    out[happened[data.slot]] += _own_event(data, now)
    return out


def crr_residuals(data: Data, now: Moments) -> Array:
    """Return each case's influence on the score, (n, p), in the cases' first order.

    That of its own weighted martingale, and that through the estimate of G (Fine and Gray, 1999,
    section 4: eta and psi).
    """
    jumps = _tied(data, now.step[:, None] * np.column_stack([np.ones(now.step.size), now.mean]))
    none = np.zeros((1, jumps.shape[1]))
    steps = np.vstack([none, np.cumsum(jumps, axis=0)])
    left = np.cumsum(np.vstack([data.g[:, None] * jumps, none])[::-1], axis=0)[::-1]
    place = np.searchsorted(data.times, data.time, side="right")
    # Up to its own time a case has the weight 1, after a competing event G(t-) / G(T-).
    exposed = steps[place] + data.weight[:, None] * left[place]
    out = -now.risk[:, None] * (data.X * exposed[:, :1] - exposed[:, 1:])
    out[data.slot] += _own_event(data, now)
    out += _through_censoring(data, now.risk, left)
    back: Array = np.empty_like(out)
    back[data.order] = out
    return back


def _own_event(data: Data, now: Moments) -> Array:
    """Return what an event adds to the influence of its case, shape (events, p)."""
    x = data.X[data.slot]
    average = (_tied(data, now.mean) / np.bincount(data.at)[:, None])[data.at]
    # Efron's tied events leave their own risk sets early.
    parts = np.column_stack([np.ones(now.step.size), now.mean])
    early = _tied(data, (data.fraction * now.step)[:, None] * parts)[data.at]
    out: Array = x - average + now.risk[data.slot, None] * (x * early[:, :1] - early[:, 1:])
    return out


def _through_censoring(data: Data, risk: Array, left: Array) -> Array:
    """Return psi (n, p); ``left`` (m + 1, 1 + p) are the sums of G dH (1, mean) from each u on.

    A censoring at c moves the weights of those with a competing event before c, at the events of
    the cause from c on: Fine and Gray's q(c).
    """
    t, n = data.time, data.time.size
    lost = data.code == 0
    when, drops = np.unique(t[lost], return_counts=True)
    weighted = (data.weight * risk)[:, None] * np.column_stack([np.ones(n), data.X])
    none = np.zeros((1, weighted.shape[1]))
    at_risk = n - np.searchsorted(t, when, side="left")
    stayed = np.vstack([none, np.cumsum(weighted, axis=0)])[n - at_risk]
    rest = left[np.searchsorted(data.times, when, side="left")]
    q = stayed[:, 1:] * rest[:, :1] - stayed[:, :1] * rest[:, 1:]
    share = q / at_risk[:, None]
    drift = np.vstack([none[:, 1:], np.cumsum(share * (drops / at_risk)[:, None], axis=0)])
    out: Array = -drift[np.searchsorted(when, t, side="right")]
    out[lost] += share[np.searchsorted(when, t[lost])]
    return out


def _at_risk(data: Data, columns: Array) -> Array:
    """Return the weighted sums (m, k) over the risk set of each event time."""
    k = columns.shape[1]
    onward = np.vstack([np.cumsum(columns[::-1], axis=0)[::-1], np.zeros((1, k))])
    weighted = np.cumsum(data.weight[:, None] * columns, axis=0)
    gone = np.vstack([np.zeros((1, k)), weighted])
    out: Array = onward[data.first] + data.g[:, None] * gone[data.first]
    return out


def _tied(data: Data, values: Array) -> Array:
    """Return sums (m, k) of the slots' values (events, k) over each event time."""
    out = np.zeros((data.times.size, values.shape[1]))
    np.add.at(out, data.at, values)
    return out

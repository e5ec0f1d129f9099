"""The partial likelihood of Cox's model: risk sets, its derivatives, and Newton's method."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, BoolArray

Ties = Literal["efron", "breslow", "exact"]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class RiskSets:
    """Rows sorted by stratum and falling time, and one slot for each event.

    A slot belongs to an event time; its risk set is its stratum's sorted rows up to ``last``. With
    Efron's method the j-th of d tied events leaves out the fraction ``j / d`` of the tied events'
    own weight (``fraction``); with Breslow's it leaves out none. ``tied`` numbers the slots' event
    times; the tied events themselves are the rows ``last - count + 1 .. last``.

    Attributes
    ----------
    ties : "efron", "breslow" or "exact"
        How tied events are treated.
    order, stratum, time, event, bounds :
        Of the rows, sorted; ``bounds`` holds where each stratum begins, and n.
    slots, last, tied, count, fraction : array of shape (events,)
        Row of the slot's event, last row of its risk set, number of its event time, events at it.
    slot_bounds, first_slot :
        Where each stratum's slots begin (and their number); for each row the first slot whose risk
        set holds it.
    """

    ties: Ties
    order: IntArray
    stratum: Array
    time: Array
    event: BoolArray
    bounds: IntArray
    slots: IntArray
    last: IntArray
    tied: IntArray
    count: IntArray
    fraction: Array
    slot_bounds: IntArray
    first_slot: IntArray


def risk_sets(time: Array, event: BoolArray, ties: Ties, strata: Array) -> RiskSets:
    """Lay out the risk sets; rows and slots run by stratum and falling time."""
    n = time.size
    order = np.lexsort((event, -time, strata))  # within a tied time, events come last
    t, e, s = time[order], event[order], strata[order]
    new_stratum = np.r_[True, s[1:] != s[:-1]]
    new_time = np.r_[True, (t[1:] != t[:-1]) | new_stratum[1:]]
    bounds = np.r_[np.flatnonzero(new_stratum), n]
    group = np.cumsum(new_time) - 1
    group_start = np.flatnonzero(new_time)
    group_end = np.r_[group_start[1:], n] - 1
    deaths = np.bincount(group, weights=e).astype(np.int64)
    slots = np.flatnonzero(e)
    own = group[slots]
    last, count = group_end[own], deaths[own]
    fraction = np.zeros(slots.size)
    if ties == "efron":
        fraction = (slots - (last - count + 1)) / count
    before = np.r_[0, np.cumsum(e)]
    return RiskSets(
        ties,
        order,
        s,
        t,
        e,
        bounds,
        slots,
        last,
        own,
        count,
        fraction,
        before[bounds],
        before[group_start[group]],
    )


def _running(values: Array, bounds: IntArray) -> Array:
    """Return cumulative sums along axis 0 that begin anew at each bound."""
    if bounds.size == 2:
        whole: Array = np.cumsum(values, axis=0)
        return whole
    pieces = [np.cumsum(values[a:b], axis=0) for a, b in itertools.pairwise(bounds)]
    return np.concatenate(pieces)


@dataclass(frozen=True)
class Moments:
    """What one pass over the risk sets yields.

    Attributes
    ----------
    loglik, score, information :
        Log partial likelihood with gradient (p,) and negative Hessian (p, p).
    hazard : array of shape (events,)
        Increment of the baseline cumulative hazard at each slot.
    expected : array of shape (n,)
        Expected number of events of each sorted row (event - expected: martingale residual).
    """

    loglik: float
    score: Array
    information: Array
    hazard: Array
    expected: Array

    @property
    def defined(self) -> bool:
        """Whether no hazard of a risk set has vanished or grown past what numbers can hold."""
        parts = (self.loglik, self.information, self.hazard, self.expected)
        return all(bool(np.isfinite(part).all()) for part in parts)


def risk_sums(columns: Array, sets: RiskSets) -> Array:
    """Return each slot's sums over its risk set, shape (events, p), of sorted rows (n, p)."""
    sums: Array = _running(columns, sets.bounds)[sets.last]
    if sets.fraction.any():
        starts = np.flatnonzero(np.r_[True, sets.tied[1:] != sets.tied[:-1]])
        tied_sums = np.add.reduceat(columns[sets.slots], starts, axis=0)
        sums = sums - sets.fraction[:, None] * np.repeat(tied_sums, sets.count[starts], axis=0)
    return sums


def exposure(values: Array, sets: RiskSets) -> Array:
    """Return each row's sums, shape (n, q), of what the slots hold in whose risk set it stands.

    ``values`` is (events, q). A tied event leaves its own risk sets early by their fractions.
    """
    backwards = sets.slot_bounds[-1] - sets.slot_bounds[::-1]
    later = np.vstack([_running(values[::-1], backwards)[::-1], np.zeros((1, values.shape[1]))])
    alone = np.repeat(sets.slot_bounds[1:], np.diff(sets.bounds)) == sets.first_slot
    found = np.where(alone[:, None], 0.0, later[sets.first_slot])
    left = np.zeros((int(sets.tied.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(left, sets.tied, sets.fraction[:, None] * values)
    found[sets.slots] -= left[sets.tied]
    return found


def relative_hazard(eta: Array, sets: RiskSets) -> tuple[Array, Array]:
    """Return exp(eta) over its largest value of the stratum, and the log of that value, (n,)."""
    top = np.maximum.reduceat(eta, sets.bounds[:-1])
    shift = np.repeat(top, np.diff(sets.bounds))
    return np.exp(eta - shift), shift


def moments(X: Array, eta: Array, sets: RiskSets) -> Moments:
    """Return log partial likelihood, score and information at linear predictors ``eta``.

    ``X`` and ``eta`` are in the sorted order of ``sets``. Every sum runs from its small terms
    within its own stratum, so that hazards which differ by many orders of magnitude do not cancel.
    """
    if sets.ties == "exact":
        from radpipe.stats.cox_exact import exact_moments

        return exact_moments(X, eta, sets)
    w, shift = relative_hazard(eta, sets)
    sums = risk_sums(np.column_stack([w, w[:, None] * X]), sets)
    s0 = sums[:, 0]
    mean = sums[:, 1:] / s0[:, None]
    inverse = 1.0 / s0
    expected = w * exposure(inverse[:, None], sets)[:, 0]
    at_event = sets.slots
    loglik = float((eta - shift)[at_event].sum() - np.log(s0).sum())
    score: Array = X.T @ (sets.event - expected)
    information = (X * expected[:, None]).T @ X - mean.T @ mean
    return Moments(loglik, score, information, inverse * np.exp(-shift[at_event]), expected)


def invert(information: Array) -> Array:
    """Return the (pseudo-)inverse of an information matrix."""
    return np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)


def newton(
    X: Array,
    sets: RiskSets,
    limit: int = 30,
) -> tuple[Array, float, Moments, Array, bool]:
    """Maximise the partial likelihood from 0, halving steps that lower it."""
    beta = np.zeros(X.shape[1])
    now = moments(X, X @ beta, sets)
    null, converged = now.loglik, X.shape[1] == 0
    for _ in range(limit):
        if converged:
            break
        step = invert(now.information) @ now.score
        lowest = now.loglik - 1e-12 * abs(now.loglik)
        for _ in range(30):
            # A step so long that a whole risk set's hazards vanish has no likelihood: too long.
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                trial = moments(X, X @ (beta + step), sets)
            if trial.defined and trial.loglik >= lowest:
                break
            step = step / 2.0
        else:
            break  # no step helps: this is the top to rounding, or there is none
        change = abs(1.0 - now.loglik / trial.loglik) if trial.loglik else 0.0
        beta, now = beta + step, trial
        # Two conditions: the likelihood is flat to rounding, or (monotone) to R's 1e-9.
        converged = change <= 1e-9 and (bool(np.abs(step).max() < 1e-6) or change <= 1e-13)
        if not converged and change <= 1e-9 and float(np.abs(X @ step).max()) > 0.5:
            break  # each step still adds as much as the last: the coefficient is infinite
    return beta, null, now, invert(now.information), converged

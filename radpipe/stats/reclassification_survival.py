"""Reclassification at a horizon under censoring: the NRI by Kaplan-Meier or by weights.

What moves up and down is as for a binary outcome (:mod:`radpipe.stats.reclassification`); events
are those by the horizon. For the IDI see :mod:`radpipe.stats.improvement_survival`.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from radpipe.stats.censoring import follow_up
from radpipe.stats.clusters import clustered
from radpipe.stats.reclassification_bootstrap import bootstrap, from_shares
from radpipe.stats.reclassification_parts import Reclassification, moves, nri_name, risks
from radpipe.stats.results import NAN, BoolArray, FloatArray, IntArray, counted, floats, join_notes
from radpipe.stats.survival import kaplan_meier, survival_at, tie_times

Estimator = Literal["km", "ipw"]


def nri_survival(
    time: Any,
    event: Any,
    old: Any,
    new: Any,
    horizon: float,
    seed: int | np.random.Generator,
    cuts: Any = None,
    margin: float = 0.0,
    estimator: Estimator = "km",
    repeats: int = 1000,
    level: float = 0.95,
    groups: Any = None,
) -> Reclassification:
    """Return the net reclassification improvement at a horizon, as nricens::nricens.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    old, new : array (n,)
        P(event by the horizon) by the two models, in [0, 1]; cases with NaN in either are left
        out.
    horizon : float
        In the unit of ``time``.
    seed : int or Generator
        Same seed, same intervals.
    cuts : array (k - 1,), optional
        Ascending, in (0, 1): the categorical NRI; without them the continuous one.
    margin : float
        Least change that counts, without ``cuts`` only.
    estimator : str
        "km": shares of events from Kaplan-Meier curves of those who move up, of those who move
        down, and of all (Pencina 2011); shares can then add up to more than 1. "ipw": events
        weighted 1 / G(T), non-events those seen beyond the horizon (Zheng et al., Stat Med 2013).
    repeats : int
        Bootstrap samples for the percentile intervals (of whole patients with ``groups``), the
        risks taken as given; 0 for none.
    level : float
        Of the intervals, in (0, 1).
    groups : array (n,), optional
        Patient of each case.

    Notes
    -----
    G is nricens': the reverse Kaplan-Meier curve at T, in which events tied with a censoring are
    still at risk of it.
    """
    if estimator not in ("km", "ipw"):
        raise ValueError(f"the estimator is km or ipw, not {estimator!r}")
    t, d = follow_up(time, event)
    t = tie_times(t)
    p, q = risks(old, t.size), risks(new, t.size)
    known = np.isfinite(p) & np.isfinite(q)
    t, d = t[known], d[known]
    up, down = moves(p[known], q[known], cuts, margin)
    part_of = None if groups is None else np.asarray(groups)[known]
    measure = _by_kaplan_meier if estimator == "km" else _by_weights

    def shares(rows: IntArray) -> FloatArray:
        return measure(t[rows], d[rows], up[rows], down[rows], horizon)

    found = shares(np.arange(t.size, dtype=np.int64))
    missing = int((~known).sum())
    note = f"{counted(missing, 'case')} without both risks left out" if missing else ""
    if np.isnan(found).any():
        note = join_notes("no events by the horizon, or nobody followed beyond it", note)
    name = "Kaplan-Meier" if estimator == "km" else "inverse probability of censoring weights"
    method = f"{nri_name(cuts, margin)} at {horizon:g} by {name}"
    draws = np.zeros((0, 4))
    if repeats:
        draws = bootstrap(shares, t.size, seed, repeats, part_of)
        kind = "bootstrap of patients" if clustered(part_of) else "bootstrap"
        method += f", percentile {kind}, {repeats} samples"
    events = int((d & (t <= horizon)).sum())
    return from_shares(found, draws, method, t.size, events, level, note)


def _by_kaplan_meier(
    t: FloatArray, d: BoolArray, up: BoolArray, down: BoolArray, horizon: float
) -> FloatArray:
    """Return P(up), P(down) of events and of non-events, by Bayes' rule."""
    if not (t >= horizon).any():
        return np.full(4, NAN)
    alive = survival_at(t, d, horizon)
    if not 0 < alive < 1:
        return np.full(4, NAN)
    of_events, of_others = [], []
    for rows in (up, down):
        share, own = float(rows.mean()), survival_at(t[rows], d[rows], horizon)
        of_events.append((1 - own) * share / (1 - alive))
        of_others.append(own * share / alive)
    return floats([*of_events, *of_others])


def _by_weights(
    t: FloatArray, d: BoolArray, up: BoolArray, down: BoolArray, horizon: float
) -> FloatArray:
    case, control = d & (t <= horizon), t > horizon
    if not case.any() or not control.any():
        return np.full(4, NAN)
    g = kaplan_meier(t, ~d, "plain").at(t[case])
    weight = np.divide(1.0, g, out=np.zeros(g.shape), where=g > 0)
    of_events = [float(np.sum(weight * rows[case]) / weight.sum()) for rows in (up, down)]
    return floats([*of_events, *(float(rows[control].mean()) for rows in (up, down))])

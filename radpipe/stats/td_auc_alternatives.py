"""Other estimators of the AUC at a horizon: Heagerty's (survivalROC) and Uno's.

Documented alternatives to :func:`radpipe.stats.ipcw.auc_at`, which is the one to report: Heagerty's
Kaplan-Meier curve need not rise, and the nearest-neighbour one depends on a span.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.censoring import censoring_survival, follow_up
from radpipe.stats.ipcw import weighted_below
from radpipe.stats.results import NAN, BoolArray, Estimate, FloatArray, floats
from radpipe.stats.survival import survival_at, tie_times


def auc_heagerty_km(time: Any, event: Any, score: Any, horizon: float) -> Estimate:
    """Return the AUC from Kaplan-Meier curves above each cut, as survivalROC(method="KM").

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    score : array (n,)
        A higher score speaks for an event by the horizon; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.

    Notes
    -----
    Heagerty, Lumley and Pepe, Biometrics 2000;56:337, eq. 2. There is no interval: bootstrap it.
    """
    t, d, s = _arrays(time, event, score)
    method = f"AUC at {horizon:g}, Kaplan-Meier (Heagerty)"
    cuts = np.unique(s)[:-1]
    share, alive = np.zeros(cuts.size), np.zeros(cuts.size)
    for i, cut in enumerate(cuts):
        above = s > cut
        share[i], alive[i] = above.mean(), survival_at(t[above], d[above], horizon)
    overall = survival_at(t, d, horizon)
    return _estimate(share, share * alive, overall, method, t, d, horizon)


def auc_heagerty_nne(
    time: Any, event: Any, score: Any, horizon: float, span: float | None = None
) -> Estimate:
    """Return the AUC by nearest neighbours, as survivalROC(method="NNE", span=...).

    Parameters
    ----------
    time, event, score, horizon
        As in :func:`auc_heagerty_km`.
    span : float, optional
        Share of the cases on which a window is built, in (0, 1]; 0.25 n^-0.2 by default.

    Notes
    -----
    Heagerty et al., eq. 3, with Akritas' estimator of the bivariate survival. The window about a
    score reaches as far as the score that lies round(n span) places above it, and as far below.
    """
    t, d, s = _arrays(time, event, score)
    n = t.size
    width = 0.25 * n**-0.2 if span is None and n else span or 0.0
    if n and not 0 < width <= 1:
        raise ValueError(f"the span is {width:g}, not in (0, 1]")
    method = f"AUC at {horizon:g}, nearest neighbours with span {width:.3g} (Heagerty)"
    ordered, values = np.sort(s), np.unique(s)
    first = np.searchsorted(ordered, values, side="left")
    last = np.minimum(first + int(n * width + 0.5), n - 1)
    alive = np.zeros(values.size)
    for i, reach in enumerate(ordered[last] - values if n else ()):
        near = np.abs(s - values[i]) <= reach
        alive[i] = survival_at(t[near], d[near], horizon)
    own = alive[np.searchsorted(values, s)]
    # Sums over the cases above each cut.
    order = np.argsort(s)
    above = np.searchsorted(ordered, values[:-1], side="right")
    later = np.cumsum(own[order][::-1])[::-1]
    overall = float(own.mean()) if n else NAN
    return _estimate(
        (n - above) / max(n, 1), later[above] / max(n, 1), overall, method, t, d, horizon
    )


def auc_uno(time: Any, event: Any, score: Any, horizon: float) -> Estimate:
    """Return Uno's AUC at a horizon, weights 1 / G(T) for the cases.

    Parameters are those of :func:`auc_heagerty_km`.

    Notes
    -----
    Uno, Cai, Tian and Wei, J Am Stat Assoc 2007;102:527. It differs from
    :func:`radpipe.stats.ipcw.auc_at` where a censoring ties with an event only.
    """
    t, d, s = _arrays(time, event, score)
    method = f"Uno's AUC at {horizon:g}"
    g = censoring_survival(t, d).at(t)
    case, control = d & (t <= horizon) & (g > 0), t > horizon
    events = int(case.sum())
    if not case.any() or not control.any():
        note = "no events by the horizon, or nobody followed beyond it"
        return Estimate(NAN, NAN, NAN, method, t.size, events=events, note=note)
    below = weighted_below(s[case], s[control], np.ones(int(control.sum())))
    return Estimate(
        float(np.average(below, weights=1 / g[case])), NAN, NAN, method, t.size, events=events
    )


def _estimate(
    share: FloatArray,
    alive: FloatArray,
    overall: float,
    method: str,
    t: FloatArray,
    d: BoolArray,
    horizon: float,
) -> Estimate:
    """Return the area from P(above a cut), P(above it and event-free), and P(event-free)."""
    events = int((d & (t <= horizon)).sum())
    if not 0 < overall < 1 or not (t > horizon).any():
        note = "no events by the horizon, or nobody followed beyond it"
        return Estimate(NAN, NAN, NAN, method, t.size, events=events, note=note)
    tp = np.concatenate([[1.0], (share - alive) / (1 - overall), [0.0]])
    fp = np.concatenate([[1.0], alive / overall, [0.0]])
    area = float(np.sum((fp[:-1] - fp[1:]) * (tp[:-1] + tp[1:]) / 2))
    return Estimate(area, NAN, NAN, method, t.size, events=events)


def _arrays(time: Any, event: Any, score: Any) -> tuple[FloatArray, BoolArray, FloatArray]:
    t, d = follow_up(time, event)
    s = floats(score)
    if s.shape != t.shape:
        raise ValueError(f"{s.shape} scores for {t.shape} times")
    known = np.isfinite(s)
    return tie_times(t)[known], d[known], s[known]

"""The Brier score over time: against the null model, and integrated over a range.

The null model predicts for all what Kaplan and Meier observed. The integrated score depends on
the rule and on the range, so both are parameters and stand in the method's name.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from radpipe.stats.censoring import follow_up
from radpipe.stats.clusters import clustered
from radpipe.stats.event_risk import risk_at
from radpipe.stats.ipcw import brier_influence, influence_se
from radpipe.stats.results import (
    NAN,
    Estimate,
    FloatArray,
    IntArray,
    counted,
    floats,
    join_notes,
    z_value,
)

Rule = Literal["step", "trapezoid"]


def null_risks(time: Any, event: Any, times: Any) -> FloatArray:
    """Return 1 - Kaplan-Meier at each of ``times`` (m,): the risk that the null model predicts."""
    t, d = follow_up(time, event)
    return null_risks_of(t, d.astype(np.int64), times)


def ipa_at(time: Any, event: Any, risk: Any, horizon: float) -> Estimate:
    """Return the index of prediction accuracy at a horizon: 1 - Brier / Brier of the null model.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    risk : array (n,)
        P(event by the horizon), in [0, 1]; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.

    Notes
    -----
    Kattan and Gerds, Diagn Progn Res 2018;2:7. There is no interval: bootstrap it.
    """
    t, d = follow_up(time, event)
    return ipa_of(t, d.astype(np.int64), risk, horizon)


def integrated_brier(
    time: Any,
    event: Any,
    risks: Any,
    times: Any,
    start: float = 0.0,
    stop: float | None = None,
    rule: Rule = "step",
    normalise: bool = True,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the Brier score integrated over time.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 1 where the event was seen.
    risks : array (n, m)
        P(event by each of ``times``), in [0, 1]; cases with NaN are left out.
    times : array (m,)
        Horizons, ascending, > 0. At 0 the score is 0.
    start, stop : float
        Range of integration; each is 0 or one of ``times``, ``stop`` by default the last.
    rule : str
        "step": each score holds until the next time (riskRegression, whose range starts at 0);
        "trapezoid": straight lines between them.
    normalise : bool
        Divide by the length of the range.
    level : float
        Of the Wald interval (not below 0), in (0, 1).
    groups : array (n,), optional
        Patient of each case; influences of one patient's cases are added up.

    Raises
    ------
    ValueError
        If the horizons do not ascend, or an end of the range is none of them.
    """
    t, d = follow_up(time, event)
    limits = (start, stop)
    code = d.astype(np.int64)
    return integrated_of(t, code, risks, times, limits, rule, normalise, level, groups)


def null_risks_of(t: FloatArray, code: IntArray, times: Any) -> FloatArray:
    """Return the null model's risks, (m,), for codes 0 (censored), 1 (event), 2 (competing)."""
    return floats([risk_at(t, code, h) for h in np.atleast_1d(floats(times))])


def ipa_of(t: FloatArray, code: IntArray, risk: Any, horizon: float) -> Estimate:
    """Return the index of prediction accuracy for codes 0, 1, 2."""
    p, known = _risks(risk, t.size)
    t, code, p = t[known], code[known], p[known]
    null = np.full(t.size, risk_at(t, code, horizon))
    own, least = (brier_influence(t, code, x, horizon) for x in (p, null))
    note = own.note or ("" if least.estimate > 0 else "the null model makes no error")
    value = 1 - own.estimate / least.estimate if not note else NAN
    method = f"1 - Brier / Brier of the null model at {horizon:g}"
    events = int(((code == 1) & (t <= horizon)).sum())
    note = join_notes(note, _left_out(known))
    return Estimate(value, NAN, NAN, method, t.size, events=events, note=note)


def integrated_of(
    t: FloatArray,
    code: IntArray,
    risks: Any,
    times: Any,
    limits: tuple[float, float | None],
    rule: Rule,
    normalise: bool,
    level: float,
    groups: Any,
) -> Estimate:
    """Return the integrated Brier score for codes 0, 1, 2."""
    grid = floats(times)
    if grid.ndim != 1 or grid.size == 0 or not (np.diff(grid, prepend=0.0) > 0).all():
        raise ValueError("the horizons are to ascend and to be > 0")
    start, stop = limits[0], float(grid[-1]) if limits[1] is None else limits[1]
    weight = _quadrature(grid, start, stop, rule)
    if normalise:
        weight = weight / (stop - start)
    p, known = _risks(risks, t.size, grid.size)
    scores, influence, notes = np.zeros(grid.size), np.zeros((int(known.sum()), grid.size)), []
    for k in np.flatnonzero(weight):
        part = brier_influence(t[known], code[known], p[known, k], float(grid[k]))
        scores[k], influence[:, k] = part.estimate, part.influence
        notes.append(part.note)
    value, own = float(scores @ weight), influence @ weight
    part_of = None if groups is None else np.asarray(groups)[known]
    se = influence_se(own, part_of)
    half = z_value(level) * se
    method = f"{'mean' if normalise else 'integral'} of the IPCW Brier score, {rule} rule"
    method += f" over {start:g} to {stop:g}"
    if clustered(part_of):
        method += ", clustered by patient"
    return Estimate(
        estimate=value,
        lower=max(0.0, value - half) if np.isfinite(half) else NAN,
        upper=value + half,
        method=method,
        n=int(known.sum()),
        se=se,
        level=level,
        events=int((known & (code == 1) & (t <= stop)).sum()),
        note=join_notes(*notes, _left_out(known)),
    )


def _quadrature(grid: FloatArray, start: float, stop: float, rule: Rule) -> FloatArray:
    """Return the weight of each horizon's score in the integral; at 0 the score is 0."""
    nodes = np.append(0.0, grid)
    if start not in nodes or stop not in nodes or start >= stop:
        raise ValueError(
            f"the range {start:g} to {stop:g} is to run from 0 or a horizon to a later horizon"
        )
    widths = np.diff(nodes) * ((nodes[:-1] >= start) & (nodes[1:] <= stop))
    if rule == "step":
        return floats(np.append(widths, 0.0)[1:])
    if rule == "trapezoid":
        return floats((np.append(widths, 0.0) + np.append(0.0, widths))[1:] / 2)
    raise ValueError(f"the rule is step or trapezoid, not {rule!r}")


def _risks(risks: Any, n: int, columns: int | None = None) -> tuple[FloatArray, Any]:
    """Return risks and which rows are complete."""
    p = floats(risks)
    shape = (n,) if columns is None else (n, columns)
    if p.shape != shape:
        raise ValueError(f"risks have shape {p.shape}, not {shape}")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("a risk lies outside [0, 1]")
    known = np.isfinite(p) if p.ndim == 1 else np.isfinite(p).all(axis=1)
    return p, known


def _left_out(known: Any) -> str:
    missing = int((~known).sum())
    return f"{counted(missing, 'case')} without a prediction left out" if missing else ""

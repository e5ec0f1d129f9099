"""What time-dependent ROC curves are drawn from, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.roc_curves import ROC_GRID, stack
from radpipe.evaluation.spread import SCHEME, each_split, middles, not_resampled
from radpipe.evaluation.survival import auc_by, event_codes
from radpipe.evaluation.table import FloatArray, Slice, horizons_of, slices
from radpipe.stats.rocpoints import average_height
from radpipe.stats.td_auc import TimeDependentROC, roc_of

MOST_TIMES = 100
"""Of more event times, this many are taken, evenly among them."""

CURVE_COLUMNS = ("model", "split", "horizon", "kind", "repeat", "fpr", "tpr", "threshold")
TIME_COLUMNS = ("model", "split", "time", "auc", "lower", "upper", "method", "n", "events", "note")


def roc_at_horizons(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    horizons: Sequence[float],
) -> pd.DataFrame:
    """Return cumulative/dynamic ROC curves at each horizon, weighted for censoring.

    Returns
    -------
    DataFrame
        Columns CURVE_COLUMNS. ``kind`` is as in `radpipe.evaluation.roc_curves.roc`: "curve", or
        of resampled rows "mean" (vertical, over repeats) and "repeat". A curve that is undefined
        has no rows. Cases with a competing event by the horizon are controls.
    """
    tables = []
    for part in slices(predictions, outcomes, endpoint):
        for horizon in horizons:
            curves = _repeat_curves(part, horizon)
            head = {"model": part.model, "split": part.split, "horizon": horizon}
            if part.resampled and curves:
                mean = average_height([(c.fp, c.tp) for c in curves.values()], ROC_GRID)
                table = pd.DataFrame({"fpr": np.append(0.0, ROC_GRID), "tpr": np.append(0.0, mean)})
                tables.append(table.assign(**head, kind="mean", repeat=-1))
            kind = "repeat" if part.resampled else "curve"
            for i, c in curves.items():
                table = pd.DataFrame({"fpr": c.fp, "tpr": c.tp, "threshold": c.cuts})
                tables.append(table.assign(**head, kind=kind, repeat=i))
    return stack(tables, list(CURVE_COLUMNS))


def auc_over_time(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the AUC at the event times up to the largest horizon, pointwise.

    What ranks at a time is the risk by the first horizon that is not before it (the score where
    there is none), so that the AUC at a horizon is that of the metrics table.

    Returns
    -------
    DataFrame
        Columns TIME_COLUMNS; the event times are those of the split's cases, at most MOST_TIMES.
        Of repeated random splits the AUC is the median over the splits that have the event time,
        and the limits those of a spread (`radpipe.evaluation.spread`).
    """
    if endpoint.get("resampling") == SCHEME:
        plain = {**endpoint, "resampling": ""}
        parts = [auc_over_time(p, outcomes, plain, level) for p in each_split(predictions)]
        rest = auc_over_time(not_resampled(predictions), outcomes, plain, level)
        spread = middles(parts, ["model", "split", "time"], "auc", level) if parts else rest[:0]
        spread = spread.sort_values(["model", "split", "time"], kind="stable")
        return stack([t for t in (spread, rest) if len(t)], list(TIME_COLUMNS))
    horizons = sorted(horizons_of(endpoint))
    rows = []
    for part in slices(predictions, outcomes, endpoint) if horizons else ():
        for time in _event_times(part, horizons[-1]):
            ranks = part.ranking_at(next(h for h in horizons if h >= time))
            e = auc_by(part, ranks, float(time), level)
            head = {"model": part.model, "split": part.split, "time": float(time)}
            values = {"auc": e.estimate, "lower": e.lower, "upper": e.upper}
            told = {"method": e.method, "n": e.n, "events": e.events, "note": e.note}
            rows.append({**head, **values, **told})
    return pd.DataFrame(rows, columns=list(TIME_COLUMNS))


def _repeat_curves(part: Slice, horizon: float) -> dict[int, TimeDependentROC]:
    """Return the curve of each repeat in which it is defined."""
    assert part.time is not None
    code, found = event_codes(part), {}
    for i, column in enumerate(part.ranking_at(horizon).T):
        known = np.isfinite(column)
        if known.any():
            args = part.time[known], code[known], column[known]
            found[i] = roc_of(*args, horizon, "marginal", None, rivals=True)
    return {i: curve for i, curve in found.items() if np.isfinite(curve.auc)}


def _event_times(part: Slice, last: float) -> FloatArray:
    """Return the distinct times of the predicted cases' events up to ``last``, rising."""
    assert part.time is not None
    seen = part.predicted & (event_codes(part) == 1) & (part.time <= last)
    times = np.unique(part.time[seen])
    if times.size <= MOST_TIMES:
        return times
    return times[np.linspace(0, times.size - 1, MOST_TIMES).round().astype(int)]

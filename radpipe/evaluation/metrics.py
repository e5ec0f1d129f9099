"""The metrics table: every model in every split, with intervals and what they rest on.

Under resampling an estimate is the mean over repeats and its interval is conditional on the
fitted models; there are no p values here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.table import FloatArray, Slice, horizons_of, slices
from radpipe.stats.calibration import calibration_binary
from radpipe.stats.calibration_surv import oe_at
from radpipe.stats.concordance import harrell_repeats
from radpipe.stats.delong import delong_repeats
from radpipe.stats.ipcw import auc_at, brier_at
from radpipe.stats.proportions import wilson_clustered
from radpipe.stats.results import Estimate, join_notes

METRIC_COLUMNS = (
    "model",
    "split",
    "metric",
    "horizon",
    "estimate",
    "lower",
    "upper",
    "se",
    "method",
    "n",
    "patients",
    "events",
    "repeats",
    "numerator",
    "denominator",
    "note",
)

Named = tuple[str, float, Estimate, float, float]  # metric, horizon, estimate, count, of


def metrics(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    level: float = 0.95,
) -> pd.DataFrame:
    """Return a tidy table of performance, one row per model, split and metric.

    Parameters
    ----------
    predictions, outcomes : DataFrame
        The two tables between models and figures.
    endpoint : mapping
        ``{"kind": "binary" | "survival", "horizons": [...], ...}``.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    DataFrame
        Columns METRIC_COLUMNS. Metrics: auc, sensitivity, specificity, ppv, npv, accuracy, brier,
        scaled_brier, calibration_intercept, calibration_slope, calibration_in_the_large, oe,
        cutoff; for survival c_index, and auc_at_H, brier_at_H, oe_at_H with ``horizon`` H.
        ``numerator`` and ``denominator`` are the (mean) counts of a proportion, NaN otherwise.
        An undefined estimate is NaN, and ``note`` says why.
    """
    rows = []
    for part in slices(predictions, outcomes, endpoint):
        found = (
            _survival(part, horizons_of(endpoint), level)
            if endpoint["kind"] == "survival"
            else _binary(part, level)
        )
        for name, horizon, e, numerator, denominator in found:
            rows.append(
                {
                    "model": part.model,
                    "split": part.split,
                    "metric": name,
                    "horizon": horizon,
                    "estimate": e.estimate,
                    "lower": e.lower,
                    "upper": e.upper,
                    "se": e.se,
                    "method": e.method,
                    "n": part.n,
                    "patients": part.patients,
                    "events": part.events,
                    "repeats": part.repeats,
                    "numerator": numerator,
                    "denominator": denominator,
                    "note": e.note,
                }
            )
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def _binary(part: Slice, level: float) -> Iterator[Named]:
    yield _plain("auc", delong_repeats(part.y, part.pooled, level, part.group))
    yield from _calls(part, level)
    if None in part.risk:
        c = calibration_binary(part.y, part.risk[None], level, part.group)
        yield _plain("brier", c.brier)
        yield _plain("scaled_brier", c.scaled_brier)
        yield _plain("calibration_intercept", c.intercept)
        yield _plain("calibration_slope", c.slope)
        yield _plain("calibration_in_the_large", c.in_the_large)
        yield _plain("oe", c.oe)
    yield from _cutoff(part, level)


def _survival(part: Slice, horizons: tuple[float, ...], level: float) -> Iterator[Named]:
    t, d = part.time, part.event
    yield _plain("c_index", harrell_repeats(t, d, part.score, level, part.group))
    for horizon in horizons:
        name = f"{horizon:g}"
        area = auc_at(t, d, part.ranking_at(horizon), horizon, level, part.group)
        yield f"auc_at_{name}", horizon, _over(area, part), np.nan, np.nan
        if horizon not in part.risk:
            continue
        risk = part.risk[horizon]
        brier = brier_at(t, d, risk, horizon, level, part.group)
        ratio = oe_at(t, d, risk, horizon, level, part.group)
        yield f"brier_at_{name}", horizon, _over(brier, part), np.nan, np.nan
        yield f"oe_at_{name}", horizon, ratio, np.nan, np.nan
    yield from _cutoff(part, level)


def _calls(part: Slice, level: float) -> Iterator[Named]:
    """Yield the measures at the cut-off; each case counts with its mean call over repeats."""
    called = np.isfinite(part.call).any(axis=1)
    if not called.any():
        return
    count = np.isfinite(part.call).sum(axis=1)
    call = np.nansum(part.call, axis=1)[called] / count[called]
    assert part.y is not None
    y = part.y[called].astype(float)
    group = None if part.group is None else part.group[called]
    everybody = np.ones(y.size)
    for name, hit, trial in (
        ("sensitivity", call * y, y),
        ("specificity", (1 - call) * (1 - y), 1 - y),
        ("ppv", call * y, call),
        ("npv", (1 - call) * (1 - y), 1 - call),
        ("accuracy", call * y + (1 - call) * (1 - y), everybody),
    ):
        e = wilson_clustered(hit, trial, group, level)
        if part.repeats > 1:
            e = replace(e, method=f"{e.method} on counts averaged over {part.repeats} repeats")
        missing = part.n - int(called.sum())
        if missing:
            e = replace(e, note=join_notes(e.note, f"{missing} cases without a cut-off left out"))
        yield name, np.nan, e, float(hit.sum()), float(trial.sum())


def _cutoff(part: Slice, level: float) -> Iterator[Named]:
    """Yield the cut-off with its spread over fits; scores are on each fit's own scale."""
    values: FloatArray = part.cutoffs
    if values.size == 0:
        return
    tail = (1 - level) / 2
    if values.size == 1:
        e = Estimate(float(values[0]), np.nan, np.nan, "cut-off of the one fit", part.n)
    else:
        low, high = np.quantile(values, [tail, 1 - tail])
        method = f"median and central {level:.0%} of the cut-offs of {values.size} fits"
        e = Estimate(float(np.median(values)), float(low), float(high), method, part.n)
    yield _plain("cutoff", e)


def _plain(name: str, e: Estimate) -> Named:
    return name, np.nan, e, np.nan, np.nan


def _over(e: Estimate, part: Slice) -> Estimate:
    if part.repeats == 1:
        return e
    return replace(e, method=f"{e.method}, influences averaged over {part.repeats} repeats")

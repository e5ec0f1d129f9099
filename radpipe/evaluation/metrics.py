"""The metrics table: every model in every split, with intervals and what they rest on.

Under resampling an estimate is the mean over repeats and its interval is conditional on the
fitted models; there are no p values here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.target import CLASSES
from radpipe.evaluation.classes import Several, class_metrics, f1
from radpipe.evaluation.continuous import continuous_metrics
from radpipe.evaluation.optimism import corrected
from radpipe.evaluation.spread import SCHEME as REPEATED_SPLITS
from radpipe.evaluation.spread import each_split, not_resampled, over_splits
from radpipe.evaluation.survival import survival_metrics
from radpipe.evaluation.table import FloatArray, Slice, horizons_of, slices
from radpipe.stats.calibration import calibration_binary
from radpipe.stats.delong import delong_repeats
from radpipe.stats.proportions import wilson_clustered
from radpipe.stats.results import Estimate, counted, join_notes

METRIC_COLUMNS = (
    "model",
    "split",
    "metric",
    "class",
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

ALL_ALIKE = "the model gives every case the same score: no cut-off tells them apart"
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
        ``{"kind", "horizons", "classes", "resampling", ...}``. Of repeated random splits the
        estimates are medians, and the limits those of a spread (`radpipe.evaluation.spread`).
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    DataFrame
        Columns METRIC_COLUMNS. An undefined estimate is NaN, and ``note`` says why. ``n``,
        ``patients`` and ``events`` are of the cases that have a prediction. ``numerator``
        and ``denominator`` are the (mean) counts of a proportion, NaN otherwise; ``events`` is -1
        where it has no meaning. By the endpoint's kind:

        - binary: auc, sensitivity, specificity, ppv, npv, accuracy, brier, scaled_brier,
          calibration_intercept, calibration_slope, calibration_in_the_large, oe, cutoff;
        - survival: c_index, and auc_at_H, brier_at_H, oe_at_H with ``horizon`` H; cutoff;
          of three risk groups there is also the upper cut-off, cutoff_high;
        - multiclass, ordinal: of each class against the rest (``class``) auc, sensitivity,
          specificity, ppv, npv (of the most probable class) and f1; of all together macro_auc,
          micro_auc, hand_till, accuracy, balanced_accuracy, macro_f1, kappa (ordinal: quadratic
          weights), brier, log_loss; ordinal also ranked_probability_score;
        - multilabel: of each label what a binary endpoint has, and f1; of all together macro_auc,
          micro_auc, hamming_loss, subset_accuracy, macro_f1, micro_f1;
        - continuous: r2, rmse, mae, pearson, spearman, ccc, calibration_intercept,
          calibration_slope, and of predicted minus measured values bias, loa_lower, loa_upper.

        Bootstrap schemes that correct for optimism add rows of the splits "optimism-corrected"
        or ".632+" (`radpipe.evaluation.optimism`).
    """
    kind = endpoint["kind"]
    if endpoint.get("resampling") == REPEATED_SPLITS:
        return _over_splits(predictions, outcomes, endpoint, level)
    parts = slices(predictions, outcomes, endpoint)
    rows = []
    for _, own in groupby(parts, key=lambda part: (part.model, part.split)):
        together = list(own)
        for part in together:
            rows += [_row(part, *found) for found in _of_slice(part, endpoint, level)]
        if kind in CLASSES:
            several = replace(together[0], label="")
            for name, e in class_metrics(Several(together), kind, level):
                rows.append({**_row(several, *_plain(name, e)), "events": -1})
    for c in corrected(predictions, outcomes, endpoint):
        row = _row(c.part, *_plain(c.metric, c.estimate))
        if kind in CLASSES and not c.part.label:
            row["events"] = -1
        rows.append({**row, "split": c.split, "repeats": c.resamples})
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def _over_splits(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any], level: float
) -> pd.DataFrame:
    """Return the metrics table with the spread over random splits in place of out-of-fold rows."""
    plain = {**endpoint, "resampling": ""}
    tables = [metrics(part, outcomes, plain, level) for part in each_split(predictions)]
    rest = metrics(not_resampled(predictions), outcomes, plain, level)
    found = [over_splits(tables, level)] if tables else []
    return pd.concat([*found, *([rest] if len(rest) else [])] or [rest], ignore_index=True)


def _row(
    part: Slice, name: str, horizon: float, e: Estimate, numerator: float, denominator: float
) -> dict[str, Any]:
    return {
        "model": part.model,
        "split": part.split,
        "metric": name,
        "class": part.label,
        "horizon": horizon,
        "estimate": e.estimate,
        "lower": e.lower,
        "upper": e.upper,
        "se": e.se,
        "method": e.method,
        "n": int(part.predicted.sum()),
        "patients": part.patients,
        "events": part.events,
        "repeats": part.repeats,
        "numerator": numerator,
        "denominator": denominator,
        "note": e.note,
    }


def _of_slice(part: Slice, endpoint: Mapping[str, Any], level: float) -> Iterator[Named]:
    kind = endpoint["kind"]
    if kind == "survival":
        for name, horizon, e in survival_metrics(part, horizons_of(endpoint), level):
            yield name, horizon, e, np.nan, np.nan
        yield from _cutoff(part, level)
    elif kind == "continuous":
        for name, e in continuous_metrics(part, level):
            yield _plain(name, e)
    elif kind in ("multiclass", "ordinal"):
        yield _plain("auc", delong_repeats(part.y, part.pooled, level, part.group))
        # Whether a case is called rightly is the accuracy of all classes together.
        yield from (found for found in _calls(part, level) if found[0] != "accuracy")
        yield _plain("f1", f1(part, level))
    else:
        yield from _binary(part, level)
        if kind == "multilabel" and np.isfinite(part.call).any():
            yield _plain("f1", f1(part, level))


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
        counts = float(hit.sum()), float(trial.sum())
        if part.flat and part.cutoffs.size:
            e = Estimate(np.nan, np.nan, np.nan, e.method, e.n, level=level, note=ALL_ALIKE)
            counts = np.nan, np.nan
        missing = part.n - int(called.sum())
        if missing:
            e = replace(
                e, note=join_notes(e.note, f"{counted(missing, 'case')} without a cut-off left out")
            )
        yield name, np.nan, e, *counts


def _cutoff(part: Slice, level: float) -> Iterator[Named]:
    """Yield the cut-offs with their spread over fits; scores are on each fit's own scale."""
    tail = (1 - level) / 2
    both: tuple[tuple[str, FloatArray], ...] = (
        ("cutoff", part.cutoffs),
        ("cutoff_high", part.cutoffs_high),
    )
    for name, values in both:
        if values.size == 1:
            e = Estimate(float(values[0]), np.nan, np.nan, "cut-off of the one fit", part.n)
        elif values.size:
            low, high = np.quantile(values, [tail, 1 - tail])
            method = f"median and central {level:.0%} of the cut-offs of {values.size} fits"
            e = Estimate(float(np.median(values)), float(low), float(high), method, part.n)
        else:
            continue
        yield _plain(name, e)


def _plain(name: str, e: Estimate) -> Named:
    return name, np.nan, e, np.nan, np.nan

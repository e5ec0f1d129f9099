"""What ROC curves are drawn from, as a tidy table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.target import CLASSES
from radpipe.evaluation.table import FloatArray, Slice, slices
from radpipe.stats.rocpoints import RocCurve, curve, vertical_average

ROC_GRID = np.linspace(0, 1, 201)


def roc(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> pd.DataFrame:
    """Return ROC curves of a binary endpoint, or of each class or label against the rest.

    Returns
    -------
    DataFrame
        Columns model, split, class, average, kind, repeat, fpr, tpr, threshold,
        threshold_midpoint. ``kind`` is "curve" (held-out and apparent: every observed threshold)
        or, for resampled rows, "mean" (predictions pooled within each repeat, the repeats' curves
        averaged vertically on a grid of false positive rates; no thresholds) and "repeat" (each
        repeat's own curve). The mean starts at (0, 0). Of several classes there are also the
        vertical mean of their curves (``average`` "macro") and one curve of all indicators
        ("micro"), both without ``class``. The AUC to print beside a curve is that of the metrics
        table.
    """
    tables = []
    parts = slices(predictions, outcomes, endpoint)
    for _, own in groupby(parts, key=lambda part: (part.model, part.split)):
        together = list(own)
        every = []
        for part in together:
            assert part.y is not None
            curves = _repeat_curves(part.y, part.pooled)
            every += curves
            tables += _curve_tables(part, curves, part.label, "")
        if endpoint["kind"] not in CLASSES:
            continue
        first = together[0]
        macro = np.append(0.0, vertical_average(every, ROC_GRID))
        kind = "mean" if first.resampled else "curve"
        head = {"model": first.model, "split": first.split, "class": ""}
        table = pd.DataFrame({"fpr": np.append(0.0, ROC_GRID), "tpr": macro})
        tables.append(table.assign(**head, average="macro", kind=kind, repeat=-1))
        y = np.concatenate([p.y for p in together if p.y is not None])
        pooled = np.concatenate([p.pooled for p in together])
        tables += _curve_tables(first, _repeat_curves(y, pooled), "", "micro")
    keys = ["model", "split", "class", "average", "kind", "repeat"]
    return stack(tables, [*keys, "fpr", "tpr", "threshold", "threshold_midpoint"])


def _repeat_curves(y: Any, scores: FloatArray) -> list[RocCurve]:
    """Return the curve of each repeat."""
    known = np.isfinite(scores)
    return [curve(y[k], column[k]) for column, k in zip(scores.T, known.T, strict=True)]


def _curve_tables(
    part: Slice, curves: Sequence[RocCurve], label: str, average: str
) -> list[pd.DataFrame]:
    """Return each repeat's curve and, of resampled rows, their mean before them."""
    head = {"model": part.model, "split": part.split, "class": label, "average": average}
    tables = []
    if part.resampled:
        mean = np.append(0.0, vertical_average(list(curves), ROC_GRID))
        table = pd.DataFrame({"fpr": np.append(0.0, ROC_GRID), "tpr": mean})
        tables.append(table.assign(**head, kind="mean", repeat=-1))
    for i, c in enumerate(curves):
        table = pd.DataFrame(
            {
                "fpr": c.fpr,
                "tpr": c.tpr,
                "threshold": c.threshold,
                "threshold_midpoint": c.threshold_midpoint,
            }
        )
        kind = "repeat" if part.resampled else "curve"
        tables.append(table.assign(**head, kind=kind, repeat=i))
    return tables


def stack(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Return tables under one another, with these columns."""
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat([t.reindex(columns=columns) for t in tables], ignore_index=True)

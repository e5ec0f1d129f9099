"""The ROC curve, its partial area, and interpolated operating points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, FloatArray, counted, floats, join_notes, labels01

Focus = Literal["specificity", "sensitivity"]


@dataclass(frozen=True)
class RocCurve:
    """The empirical ROC curve, from "nobody is positive" (0, 0) to "everybody is" (1, 1).

    Parameters
    ----------
    fpr, tpr : array (k,)
        False and true positive rates, both rising. NaN with one class.
    threshold : array (k,)
        Observed values, falling, first one +inf; ``score >= threshold`` is positive.
    threshold_midpoint : array (k,)
        pROC's thresholds (``score > threshold``): half way to the next lower observed value,
        last one -inf.
    tp, fp : array (k,)
        Counts behind the rates.
    positives, negatives, n : int
        Cases with and without the event, and all.
    """

    fpr: FloatArray
    tpr: FloatArray
    threshold: FloatArray
    threshold_midpoint: FloatArray
    tp: FloatArray
    fp: FloatArray
    positives: int
    negatives: int
    n: int
    note: str = ""


@dataclass(frozen=True)
class PartialAuc:
    """A partial area: ``raw``, and ``corrected`` to [0.5, 1] for a useful test (McClish)."""

    raw: float
    corrected: float
    method: str
    n: int
    note: str = ""


def curve(y: Any, score: Any) -> RocCurve:
    """Return the ROC curve with every observed value as a threshold.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        A higher score speaks for the event; cases with NaN are left out and counted in the note.
    """
    values = floats(score)
    labels = labels01(y)
    if values.shape != labels.shape or values.ndim != 1:
        raise ValueError(f"scores of shape {values.shape} for outcomes of shape {labels.shape}")
    present = np.isfinite(values)
    positive, values = labels[present], values[present]
    note = (
        ""
        if present.all()
        else f"{counted(int((~present).sum()), 'case')} without a finite score left out"
    )
    unique, inverse = np.unique(values, return_inverse=True)
    k = unique.size
    event = np.bincount(inverse, weights=positive.astype(float), minlength=k)[::-1]
    free = np.bincount(inverse, weights=(~positive).astype(float), minlength=k)[::-1]
    tp = np.concatenate([[0.0], np.cumsum(event)])
    fp = np.concatenate([[0.0], np.cumsum(free)])
    falling = unique[::-1]
    middle = falling[:-1] / 2 + falling[1:] / 2
    # Between neighbouring numbers there is no middle; the lower one separates them by ">" too.
    middle = np.where(middle >= falling[:-1], falling[1:], middle)
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if positives == 0 or negatives == 0:
        note = join_notes(note, "the ROC curve is undefined: all cases belong to one class")
    return RocCurve(
        fpr=fp / negatives if negatives else np.full(k + 1, NAN),
        tpr=tp / positives if positives else np.full(k + 1, NAN),
        threshold=np.concatenate([[np.inf], falling]),
        threshold_midpoint=np.concatenate([[np.inf], middle, [-np.inf]])[: k + 1],
        tp=tp,
        fp=fp,
        positives=positives,
        negatives=negatives,
        n=positives + negatives,
        note=note,
    )


def partial_auc(
    y: Any,
    score: Any,
    limit: float,
    focus: Focus = "specificity",
    upper: float = 1.0,
) -> PartialAuc:
    """Return the area where specificity (or sensitivity) lies between ``limit`` and ``upper``.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        A higher score speaks for the event; cases with NaN are left out and counted in the note.
    limit, upper : float
        The range, 0 <= limit < upper <= 1.
    focus : {"specificity", "sensitivity"}
        What the range is of.

    Notes
    -----
    ``corrected`` is McClish's (Med Decis Making 1989;9:190), as pROC; it is NaN where the raw
    area lies below that of a useless marker, for which the correction has no meaning.
    """
    roc = curve(y, score)
    method = f"partial AUC, {focus} {limit:g} to {upper:g}, McClish correction"
    raw, corrected = (float(v) for v in partial_areas(roc.fpr, roc.tpr, limit, focus, upper))
    note = roc.note
    if np.isfinite(raw) and np.isnan(corrected):
        reason = "below the area of a useless marker: the corrected value has no meaning"
        note = join_notes(note, reason)
    return PartialAuc(raw, corrected, method, roc.n, note)


def partial_areas(
    fpr: FloatArray,
    tpr: FloatArray,
    limit: float,
    focus: Focus = "specificity",
    upper: float = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """Return the raw and the corrected partial areas of one or many curves.

    Parameters
    ----------
    fpr, tpr : array (..., k)
        Rising along the last axis from 0 to 1; a curve to a row.
    limit, focus, upper
        As for :func:`partial_auc`.

    Returns
    -------
    raw, corrected : array (...)
        NaN for a curve of NaN; ``corrected`` also where ``raw`` is below a useless marker's.
    """
    if not 0 <= limit < upper <= 1:
        raise ValueError(f"a range from {limit:g} to {upper:g} is not within 0 to 1 and rising")
    # In focus on sensitivity it is the same area, seen from the other axis.
    x, height = (fpr, tpr) if focus == "specificity" else (1 - tpr[..., ::-1], 1 - fpr[..., ::-1])
    low, high = 1 - upper, 1 - limit
    run, rise = np.diff(x), np.diff(height)
    slope = np.divide(rise, run, out=np.zeros(run.shape), where=run > 0)
    left, right = np.clip(x[..., :-1], low, high), np.clip(x[..., 1:], low, high)
    middle = height[..., :-1] + slope * ((left + right) / 2 - x[..., :-1])
    raw = np.sum((right - left) * middle, axis=-1)
    useless, perfect = (high**2 - low**2) / 2, high - low
    corrected = (1 + (raw - useless) / (perfect - useless)) / 2
    return floats(raw), floats(np.where(raw < useless, NAN, corrected))


def sensitivity_at(roc: RocCurve, specificity: float) -> float:
    """Return the sensitivity at a specificity, interpolated along the curve, as pROC."""
    return float(_at(roc.fpr, roc.tpr, floats(1 - specificity)))


def specificity_at(roc: RocCurve, sensitivity: float) -> float:
    """Return the specificity at a sensitivity, interpolated along the curve, as pROC."""
    return float(_at(1 - roc.tpr[::-1], 1 - roc.fpr[::-1], floats(1 - sensitivity)))


def mean_curve(curves: list[RocCurve]) -> tuple[FloatArray, FloatArray]:
    """Return the vertical mean of several curves at all their false positive rates.

    Returns
    -------
    fpr, tpr : array (m,)
        From 0 to 1, with the start (0, 0). NaN heights where no curve is defined.
    """
    defined = [c.fpr for c in curves if c.positives and c.negatives]
    grid = np.unique(np.concatenate([np.array([0.0, 1.0]), *defined]))
    tpr = vertical_average(curves, grid)
    return np.concatenate([[0.0], grid]), np.concatenate([[0.0], tpr])


def vertical_average(curves: list[RocCurve], grid: FloatArray) -> FloatArray:
    """Return the mean true positive rate of several curves at the rates of ``grid`` (m,)."""
    return average_height([(c.fpr, c.tpr) for c in curves if c.positives and c.negatives], grid)


def average_height(curves: Sequence[tuple[FloatArray, FloatArray]], grid: FloatArray) -> FloatArray:
    """Return the mean height at ``grid`` (m,) of rising curves (x, height); NaN where none is."""
    if not curves:
        return np.full(grid.shape, NAN)
    return floats(np.mean([_at(x, height, grid) for x, height in curves], axis=0))


def _at(x: FloatArray, height: FloatArray, at: FloatArray) -> FloatArray:
    """Return the height of a rising polyline at ``at``; of a vertical step its top."""
    i = np.maximum(np.searchsorted(x, at + 1e-12, side="right") - 1, 0)
    j = np.minimum(i + 1, x.size - 1)
    run = x[j] - x[i]
    between = (run > 0) & (x[i] < at - 1e-12)
    share = np.divide(at - x[i], run, out=np.zeros(np.shape(at)), where=between)
    return floats(height[i] + share * (height[j] - height[i]))

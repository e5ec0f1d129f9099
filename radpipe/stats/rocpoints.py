"""The ROC curve, its partial area, and interpolated operating points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, FloatArray, floats, join_notes, labels01


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
    present = np.isfinite(values)
    positive, values = labels01(y)[present], values[present]
    note = "" if present.all() else f"{int((~present).sum())} cases without a score left out"
    unique, inverse = np.unique(values, return_inverse=True)
    k = unique.size
    event = np.bincount(inverse, weights=positive.astype(float), minlength=k)[::-1]
    free = np.bincount(inverse, weights=(~positive).astype(float), minlength=k)[::-1]
    tp = np.concatenate([[0.0], np.cumsum(event)])
    fp = np.concatenate([[0.0], np.cumsum(free)])
    falling = unique[::-1]
    middle = (falling[:-1] + falling[1:]) / 2
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
    focus: Literal["specificity", "sensitivity"] = "specificity",
) -> PartialAuc:
    """Return the area where specificity (or sensitivity) lies between ``limit`` and 1.

    ``corrected`` is McClish's (Med Decis Making 1989;9:190), as pROC; it is NaN where the raw
    area lies below that of a useless marker, for which the correction has no meaning.
    """
    roc = curve(y, score)
    method = f"partial AUC, {focus} {limit:g} to 1, McClish correction"
    if roc.positives == 0 or roc.negatives == 0:
        return PartialAuc(NAN, NAN, method, roc.n, roc.note)
    width = 1 - limit
    if focus == "specificity":
        x, height = roc.fpr, roc.tpr
    else:  # the same area, seen from the other axis
        x, height = 1 - roc.tpr[::-1], 1 - roc.fpr[::-1]
    inside = x < width
    edge = float(_at(x, height, floats(width)))
    xs = np.concatenate([x[inside], [width]])
    ys = np.concatenate([height[inside], [edge]])
    raw = float(np.sum(np.diff(xs) * (ys[1:] + ys[:-1]) / 2))
    useless, perfect = width**2 / 2, width
    if raw < useless:
        note = "below the area of a useless marker: the corrected value has no meaning"
        return PartialAuc(raw, NAN, method, roc.n, join_notes(roc.note, note))
    corrected = (1 + (raw - useless) / (perfect - useless)) / 2
    return PartialAuc(raw, corrected, method, roc.n, roc.note)


def sensitivity_at(roc: RocCurve, specificity: float) -> float:
    """Return the sensitivity at a specificity, interpolated along the curve, as pROC."""
    return float(_at(roc.fpr, roc.tpr, floats(1 - specificity)))


def specificity_at(roc: RocCurve, sensitivity: float) -> float:
    """Return the specificity at a sensitivity, interpolated along the curve, as pROC."""
    return float(_at(1 - roc.tpr[::-1], 1 - roc.fpr[::-1], floats(1 - sensitivity)))


def vertical_average(curves: list[RocCurve], grid: FloatArray) -> FloatArray:
    """Return the mean true positive rate of several curves at the rates of ``grid`` (m,)."""
    defined = [c for c in curves if c.positives and c.negatives]
    if not defined:
        return np.full(grid.shape, NAN)
    return floats(np.mean([_at(c.fpr, c.tpr, grid) for c in defined], axis=0))


def _at(x: FloatArray, height: FloatArray, at: FloatArray) -> FloatArray:
    """Return the height of a rising polyline at ``at``; of a vertical step its top."""
    i = np.maximum(np.searchsorted(x, at + 1e-12, side="right") - 1, 0)
    j = np.minimum(i + 1, x.size - 1)
    run = x[j] - x[i]
    between = (run > 0) & (x[i] < at - 1e-12)
    share = np.divide(at - x[i], run, out=np.zeros(np.shape(at)), where=between)
    return floats(height[i] + share * (height[j] - height[i]))

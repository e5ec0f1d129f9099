"""Cut-offs on a score. A cut-off is an observed value, and ``score >= cut-off`` is positive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray
from radpipe.stats.rocpoints import RocCurve, curve

Criterion = Callable[[RocCurve], FloatArray]
"""Takes a curve and returns one value per threshold; the largest wins."""


@dataclass(frozen=True)
class Cutoff:
    """A chosen cut-off with what it gives on the cases it was chosen on.

    ``threshold`` is the observed value (>=), ``threshold_midpoint`` lies half way to the next
    lower observed value (pROC's convention, >), ``optima`` counts the thresholds that tie.
    """

    threshold: float
    threshold_midpoint: float
    sensitivity: float
    specificity: float
    value: float
    optima: int
    method: str
    n: int
    note: str = ""


def youden_cutoff(y: Any, score: Any) -> Cutoff:
    """Return the cut-off with the largest sensitivity + specificity - 1.

    Ties go to the most sensitive (lowest) threshold. "Nobody is positive" is not a candidate,
    since no observed value gives it.
    """
    return _choose(y, score, lambda c: c.tpr - c.fpr, "Youden index")


def closest_cutoff(y: Any, score: Any) -> Cutoff:
    """Return the cut-off whose ROC point lies closest to the upper left corner."""
    return _choose(
        y, score, lambda c: -((1 - c.tpr) ** 2 + c.fpr**2), "closest to the upper left corner"
    )


def accuracy_cutoff(y: Any, score: Any) -> Cutoff:
    """Return the cut-off with the largest accuracy."""
    return _choose(y, score, lambda c: (c.tp + c.negatives - c.fp) / c.n, "accuracy")


def cost_cutoff(y: Any, score: Any, false_negative: float, false_positive: float) -> Cutoff:
    """Return the cut-off with the smallest total cost of misclassified cases."""
    return _choose(
        y,
        score,
        lambda c: -(false_negative * (c.positives - c.tp) + false_positive * c.fp),
        f"misclassification cost (missed {false_negative:g}, false alarm {false_positive:g})",
    )


def fixed_sensitivity_cutoff(y: Any, score: Any, sensitivity: float) -> Cutoff:
    """Return the most specific cut-off with at least this sensitivity, in (0, 1]."""
    return _choose(
        y,
        score,
        lambda c: np.where(c.tpr >= sensitivity - 1e-12, 1 - c.fpr, -np.inf),
        f"sensitivity of at least {sensitivity:g}",
    )


def fixed_specificity_cutoff(y: Any, score: Any, specificity: float) -> Cutoff:
    """Return the most sensitive cut-off with at least this specificity, in (0, 1]."""
    return _choose(
        y,
        score,
        lambda c: np.where(1 - c.fpr >= specificity - 1e-12, c.tpr, -np.inf),
        f"specificity of at least {specificity:g}",
    )


def chosen_cutoff(y: Any, score: Any, criterion: Criterion, name: str) -> Cutoff:
    """Return the cut-off with the largest ``criterion``; ties go to the most sensitive."""
    return _choose(y, score, criterion, name)


def _choose(y: Any, score: Any, criterion: Criterion, name: str) -> Cutoff:
    roc = curve(y, score)
    method = f"{name}; score >= cut-off; of ties the most sensitive"
    if roc.note:
        return Cutoff(NAN, NAN, NAN, NAN, NAN, 0, method, roc.n, roc.note)
    value = np.where(np.isfinite(roc.threshold), criterion(roc), -np.inf)
    best = float(value.max())
    if not np.isfinite(best):
        return Cutoff(NAN, NAN, NAN, NAN, NAN, 0, method, roc.n, "no cut-off reaches this")
    ties = np.flatnonzero(value >= best - 1e-12)
    i = int(ties[-1])  # thresholds fall along the curve, so the last is the most sensitive
    return Cutoff(
        threshold=float(roc.threshold[i]),
        threshold_midpoint=float(roc.threshold_midpoint[i]),
        sensitivity=float(roc.tpr[i]),
        specificity=float(1 - roc.fpr[i]),
        value=float(value[i]),
        optima=int(ties.size),
        method=method,
        n=roc.n,
    )

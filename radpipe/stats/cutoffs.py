"""Cut-offs on a score. A cut-off is an observed value, and ``score >= cut-off`` is positive.

Of thresholds that tie the most sensitive one is taken, so that the cut-off is an observed value.
``ties="median"`` takes the median of their values instead (the default of R's cutpointr), which
may lie between observed values, and whose criterion may then be below the best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, FloatArray, IntArray, join_notes
from radpipe.stats.rocpoints import RocCurve, curve

Criterion = Callable[[RocCurve], FloatArray]
"""Takes a curve and returns one value per threshold; the largest wins."""

Ties = Literal["sensitive", "median"]

_TIE = 1e-12


@dataclass(frozen=True)
class Cutoff:
    """A chosen cut-off with what it gives on the cases it was chosen on.

    ``threshold`` is the observed value (>=), ``threshold_midpoint`` lies half way to the next
    lower observed value (pROC's convention, >), ``optima`` counts the thresholds that tie,
    ``value`` is the criterion at the cut-off and ``best`` its largest value; they differ only
    where a median of ties was taken.
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
    best: float = NAN


def youden_cutoff(
    y: Any,
    score: Any,
    ties: Ties = "sensitive",
    cost_ratio: float = 1.0,
    prevalence: float = 0.5,
) -> Cutoff:
    """Return the cut-off with the largest (weighted) Youden index.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        A higher score speaks for the event; cases with NaN are left out and counted in the note.
    ties : {"sensitive", "median"}
        Which of several best thresholds.
    cost_ratio : float
        Cost of a missed event over that of a false alarm, above 0.
    prevalence : float
        Of the event where the test will be used, in (0, 1).

    Notes
    -----
    The criterion is sensitivity + r specificity - 1 with r = (1 - prevalence) / (cost_ratio
    prevalence), after Perkins and Schisterman, Am J Epidemiol 2006;163:670; the defaults give
    Youden's index. "Nobody is positive" is not a candidate, since no observed value gives it.
    """
    r = _weight(cost_ratio, prevalence)
    name = "Youden index" if r == 1 else f"Youden index, specificity weighted by {r:.4g}"
    return _choose(y, score, lambda c: c.tpr + r * (1 - c.fpr) - 1, name, ties)


def youden_optima(y: Any, score: Any) -> tuple[Cutoff, ...]:
    """Return every threshold with the largest Youden index, the lowest first, as pROC.

    "Everybody is positive" and "nobody is" (threshold +inf) are candidates here. Empty where a
    class is.
    """
    roc = curve(y, score)
    if min(roc.positives, roc.negatives) == 0:
        return ()
    value = roc.tpr - roc.fpr
    ties = np.flatnonzero(value >= value.max() - _TIE)
    return tuple(_cutoff(roc, int(i), value, ties, "Youden index") for i in ties[::-1])


def closest_cutoff(
    y: Any,
    score: Any,
    ties: Ties = "sensitive",
    cost_ratio: float = 1.0,
    prevalence: float = 0.5,
) -> Cutoff:
    """Return the cut-off whose ROC point lies closest to the upper left corner.

    Parameters as for :func:`youden_cutoff`; the criterion is -((1 - sensitivity)^2 + r (1 -
    specificity)^2).
    """
    r = _weight(cost_ratio, prevalence)
    name = "closest to the upper left corner"
    name = name if r == 1 else f"{name}, specificity weighted by {r:.4g}"
    return _choose(y, score, lambda c: -((1 - c.tpr) ** 2 + r * c.fpr**2), name, ties)


def accuracy_cutoff(y: Any, score: Any, ties: Ties = "sensitive") -> Cutoff:
    """Return the cut-off with the largest accuracy."""
    return _choose(y, score, lambda c: (c.tp + c.negatives - c.fp) / c.n, "accuracy", ties)


def f1_cutoff(y: Any, score: Any, ties: Ties = "sensitive") -> Cutoff:
    """Return the cut-off with the largest F1 (harmonic mean of sensitivity and ppv)."""
    return _choose(y, score, lambda c: 2 * c.tp / (c.tp + c.fp + c.positives), "F1", ties)


def product_cutoff(y: Any, score: Any, ties: Ties = "sensitive") -> Cutoff:
    """Return the cut-off with the largest product of sensitivity and specificity."""
    name = "sensitivity times specificity"
    return _choose(y, score, lambda c: c.tpr * (1 - c.fpr), name, ties)


def equal_cutoff(y: Any, score: Any, ties: Ties = "sensitive") -> Cutoff:
    """Return the cut-off where sensitivity and specificity differ least."""
    name = "least difference of sensitivity and specificity"
    return _choose(y, score, lambda c: -np.abs(c.tpr - (1 - c.fpr)), name, ties)


def cost_cutoff(
    y: Any,
    score: Any,
    false_negative: float,
    false_positive: float,
    ties: Ties = "sensitive",
) -> Cutoff:
    """Return the cut-off with the smallest total cost of misclassified cases.

    ``value`` is minus that cost. The costs of one missed event and one false alarm are not
    negative.
    """
    if not min(false_negative, false_positive) >= 0:
        raise ValueError(f"costs of {false_negative:g} and {false_positive:g}: none is below 0")
    return _choose(
        y,
        score,
        lambda c: -(false_negative * (c.positives - c.tp) + false_positive * c.fp),
        f"misclassification cost (missed {false_negative:g}, false alarm {false_positive:g})",
        ties,
    )


def fixed_sensitivity_cutoff(y: Any, score: Any, sensitivity: float) -> Cutoff:
    """Return the most specific cut-off with at least this sensitivity, in (0, 1]."""
    _check_share("sensitivity", sensitivity)
    return _choose(
        y,
        score,
        lambda c: np.where(c.tpr >= sensitivity - _TIE, 1 - c.fpr, -np.inf),
        f"sensitivity of at least {sensitivity:g}",
    )


def fixed_specificity_cutoff(y: Any, score: Any, specificity: float) -> Cutoff:
    """Return the most sensitive cut-off with at least this specificity, in (0, 1]."""
    _check_share("specificity", specificity)
    return _choose(
        y,
        score,
        lambda c: np.where(1 - c.fpr >= specificity - _TIE, c.tpr, -np.inf),
        f"specificity of at least {specificity:g}",
    )


def chosen_cutoff(
    y: Any, score: Any, criterion: Criterion, name: str, ties: Ties = "sensitive"
) -> Cutoff:
    """Return the cut-off with the largest ``criterion``."""
    return _choose(y, score, criterion, name, ties)


def _choose(
    y: Any, score: Any, criterion: Criterion, name: str, ties: Ties = "sensitive"
) -> Cutoff:
    roc = curve(y, score)
    chosen = "the median" if ties == "median" else "the most sensitive"
    method = f"{name}; score >= cut-off; of ties {chosen}"
    if min(roc.positives, roc.negatives) == 0:
        return Cutoff(NAN, NAN, NAN, NAN, NAN, 0, method, roc.n, roc.note)
    value = np.where(np.isfinite(roc.threshold), criterion(roc), -np.inf)
    best = float(value.max())
    if not np.isfinite(best):
        note = join_notes(roc.note, "no cut-off reaches this")
        return Cutoff(NAN, NAN, NAN, NAN, NAN, 0, method, roc.n, note)
    found = np.flatnonzero(value >= best - _TIE)
    if ties == "sensitive":
        # Thresholds fall along the curve, so the last is the most sensitive.
        return _cutoff(roc, int(found[-1]), value, found, method)
    median = float(np.median(roc.threshold[found]))
    above = int(np.flatnonzero(roc.threshold >= median)[-1])
    return _cutoff(roc, above, value, found, method, median)


def _cutoff(
    roc: RocCurve,
    i: int,
    value: FloatArray,
    ties: IntArray,
    method: str,
    threshold: float | None = None,
) -> Cutoff:
    return Cutoff(
        threshold=float(roc.threshold[i]) if threshold is None else threshold,
        threshold_midpoint=float(roc.threshold_midpoint[i]),
        sensitivity=float(roc.tpr[i]),
        specificity=float(1 - roc.fpr[i]),
        value=float(value[i]),
        optima=int(ties.size),
        method=method,
        n=roc.n,
        note=roc.note,
        best=float(value[ties].max()),
    )


def _weight(cost_ratio: float, prevalence: float) -> float:
    """Return the weight of specificity against sensitivity, as pROC's best.weights."""
    if not cost_ratio > 0:
        raise ValueError(f"a ratio of costs of {cost_ratio:g} is not above 0")
    if not 0 < prevalence < 1:
        raise ValueError(f"a prevalence of {prevalence:g} is not between 0 and 1")
    return (1 - prevalence) / (cost_ratio * prevalence)


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise ValueError(f"a {name} of {value:g} is not above 0 and at most 1")

"""Called classes against true ones: confusion matrix, precision, recall, F1, kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.kappa import Kappa, agreement_table, kappa_of_table
from radpipe.stats.proportions import wilson
from radpipe.stats.results import NAN, Estimate, FloatArray, IntArray, floats, join_notes


@dataclass(frozen=True)
class Confusion:
    """Counts of true (rows) by called (columns) classes, and what follows from them.

    Parameters
    ----------
    classes : tuple of k
        Of rows and columns.
    counts : array (k, k)
        Cases.
    accuracy : Estimate
        With Wilson's interval.
    precision, recall, f1 : array (k,)
        Of each class; 0 / 0 is NaN unless another value was asked for.
    macro_precision, macro_recall, macro_f1, weighted_f1 : float
        Means over the classes; NaN where one of them is. ``macro_recall`` is the balanced accuracy.
    kappa : Kappa
        Cohen's, of called against true.
    n : int
        Cases used.
    note : str
        Which class has no case or was never called.
    """

    classes: tuple[Any, ...]
    counts: IntArray
    accuracy: Estimate
    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    macro_precision: float
    macro_recall: float
    macro_f1: float
    weighted_f1: float
    kappa: Kappa
    n: int
    note: str = ""


def most_probable(probabilities: Any, classes: Sequence[Any]) -> list[Any]:
    """Return each case's class of highest probability (ties: the first); None for a missing one.

    Parameters
    ----------
    probabilities : array (n, k)
        A column per class.
    classes : sequence of k
        The class of each column.
    """
    scores = floats(probabilities)
    if scores.ndim != 2 or scores.shape[1] != len(classes):
        raise ValueError(f"probabilities of shape {scores.shape} for {len(classes)} classes")
    known = np.asarray(np.isfinite(scores).all(axis=1))
    best = np.argmax(np.where(known[:, None], scores, 0.0), axis=1)
    return [classes[b] if ok else None for b, ok in zip(best, known, strict=True)]


def confusion(
    y: Any,
    called: Any,
    classes: Sequence[Any],
    zero_division: float = NAN,
    level: float = 0.95,
) -> Confusion:
    """Return the confusion matrix and its measures.

    Parameters
    ----------
    y, called : array (n,)
        True and called class of each case; a case with a missing one is left out.
    classes : sequence of k
        All classes, also one that no case has.
    zero_division : float
        What 0 / 0 is: the precision of a class that is never called, the recall of one without
        cases. (scikit-learn takes 0.)
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If a class is not among ``classes``, or lengths differ.
    """
    counts = agreement_table(y, called, classes)
    hit = np.diag(counts).astype(np.float64)
    truth, calls = counts.sum(axis=1), counts.sum(axis=0)
    n = int(counts.sum())
    precision = _share(hit, calls, zero_division)
    recall = _share(hit, truth, zero_division)
    f1 = _share(2 * hit, truth + calls, zero_division)
    missing = len(np.asarray(y, dtype=object)) - n
    notes = [
        f"{missing} incomplete pairs left out" if missing else "",
        *(f"no case of class {c}" for c, m in zip(classes, truth, strict=True) if m == 0),
        *(f"class {c} is never called" for c, m in zip(classes, calls, strict=True) if m == 0),
    ]
    return Confusion(
        classes=tuple(classes),
        counts=counts,
        accuracy=wilson(float(hit.sum()), n, level),
        precision=precision,
        recall=recall,
        f1=f1,
        macro_precision=float(precision.mean()),
        macro_recall=float(recall.mean()),
        macro_f1=float(f1.mean()),
        weighted_f1=float(np.sum(f1[truth > 0] * truth[truth > 0]) / n) if n else NAN,
        kappa=kappa_of_table(counts, level=level),
        n=n,
        note=join_notes(*notes),
    )


def _share(top: FloatArray, bottom: IntArray, empty: float) -> FloatArray:
    return floats(np.divide(top, bottom, out=np.full(top.shape, float(empty)), where=bottom > 0))

"""What the variance of an AUC is made of: each case's placement value, averaged over repeats.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837; Obuchowski, Biometrics
1997;53:567 (several cases of one patient). Over repeats of cross-validation the AUC is the mean
over repeats, and each case's placement value, as a deviation from the AUC of its repeat, is
averaged over the repeats in which the case was predicted. With one repeat this is DeLong's
variance itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, sums
from radpipe.stats.placements import placement_values
from radpipe.stats.results import NAN, BoolArray, FloatArray, counted, floats, join_notes


@dataclass(frozen=True)
class Influence:
    """The AUC over repeats with what each case adds to its error.

    Parameters
    ----------
    auc : float
        Mean over the repeats that hold both classes; NaN where none does.
    values : array (n,)
        Placement value minus AUC, averaged over repeats; NaN for a case that was not used.
    repeats : int
        Repeats that hold both classes.
    """

    auc: float
    values: FloatArray
    repeats: int
    note: str = ""


def score_matrix(scores: Any, positive: BoolArray) -> FloatArray:
    """Return scores as (n, repeats).

    Raises
    ------
    ValueError
        If there is not one score per outcome.
    """
    matrix = floats(scores)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or matrix.shape[0] != positive.shape[0]:
        raise ValueError(f"scores of shape {matrix.shape} for {positive.shape[0]} outcomes")
    return matrix


def auc_influence(positive: BoolArray, matrix: FloatArray) -> Influence:
    """Return the mean AUC of the columns of ``matrix`` (n, repeats) with every case's influence."""
    total = np.zeros(positive.size)
    count = np.zeros(positive.size)
    aucs = []
    for column in matrix.T:
        present = np.isfinite(column)
        values = placement_values(positive[present], column[present])
        if values.size == 0 or np.isnan(values[0]):
            continue  # one class only in this repeat: it has no AUC
        area = float(values[positive[present]].mean())
        aucs.append(area)
        total[present] += values - area
        count[present] += 1
    averaged = np.divide(total, count, out=np.full(total.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(aucs)
    missing = int(np.sum(~np.isfinite(matrix).any(axis=1)))
    if not aucs:
        note = "the AUC is undefined: all cases belong to one class"
    else:
        note = f"{counted(skipped, 'repeat')} without both classes left out" if skipped else ""
    if missing:
        note = join_notes(note, f"{counted(missing, 'case')} without a finite score left out")
    return Influence(float(np.mean(aucs)) if aucs else NAN, averaged, len(aucs), note)


def shared_influences(positive: BoolArray, cube: FloatArray) -> list[Influence]:
    """Return each model's influence from scores (n, repeats, models), on the cells all share."""
    shared = np.isfinite(cube).all(axis=2, keepdims=True)
    common = np.where(shared, cube, NAN)
    return [auc_influence(positive, common[:, :, i]) for i in range(cube.shape[2])]


def auc_covariance(
    values: FloatArray, positive: BoolArray, groups: Any = None
) -> tuple[FloatArray, str]:
    """Return the covariance (k, k) of k AUCs from the influence (n, k) of each case, and a note.

    Cases with NaN in any column are left out. Where a patient (group) has several cases, the
    clustered form of Obuchowski.
    """
    used = np.isfinite(values).all(axis=1)
    event, free = used & positive, used & ~positive
    nothing = np.full((values.shape[1], values.shape[1]), NAN)
    if min(event.sum(), free.sum()) < 2:
        return nothing, "fewer than two cases in a class: no variance" if used.any() else ""
    m, n = int(event.sum()), int(free.sum())
    if not clustered(groups):
        s10 = np.atleast_2d(np.cov(values[event], rowvar=False))
        s01 = np.atleast_2d(np.cov(values[free], rowvar=False))
        return floats(s10 / m + s01 / n), ""
    group = codes(groups, positive.size)
    k10, k01 = np.unique(group[event]).size, np.unique(group[free]).size
    if min(k10, k01) < 2:
        return nothing, "fewer than two patients in a class: no variance"
    k = np.unique(group[used]).size
    by_event = _sums(values, event, group)
    by_free = _sums(values, free, group)
    s10 = k10 / (k10 - 1) * (by_event.T @ by_event) / m**2
    s01 = k01 / (k01 - 1) * (by_free.T @ by_free) / n**2
    s11 = k / (k - 1) * (by_event.T @ by_free) / (m * n)
    return floats(s10 + s01 + s11 + s11.T), ""


def auc_variance(values: FloatArray, positive: BoolArray, groups: Any = None) -> tuple[float, str]:
    """Return the variance of one AUC from its influence (n,), never negative, and a note."""
    covariance, note = auc_covariance(values[:, None], positive, groups)
    variance = float(covariance[0, 0])
    return (max(0.0, variance) if np.isfinite(variance) else NAN), note


def delong_method(repeats: int, groups: Any) -> str:
    """Return the method's name."""
    name = "DeLong, clustered by patient (Obuchowski)" if clustered(groups) else "DeLong"
    return name if repeats <= 1 else f"{name} on placement values averaged over {repeats} repeats"


def _sums(values: FloatArray, chosen: BoolArray, group: Any) -> FloatArray:
    kept = np.where(chosen[:, None], values, 0.0)
    return np.column_stack([sums(column, group) for column in kept.T])

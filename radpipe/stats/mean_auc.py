"""Averages of several AUCs on the same cases, with an interval that takes each case as a whole.

The influence of a case on an AUC is its placement value minus the AUC, over the number of cases
of its side (DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837; averaged over repeats as
in :mod:`radpipe.stats.auc_variance`). On an average of AUCs it is the average of these, whatever
side a case is on in each; the squared sums by patient add up to the variance. Hand-Till: Mach
Learn 2001;45:171.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from radpipe.stats.auc_variance import auc_influence
from radpipe.stats.clusters import clustered
from radpipe.stats.delong import delong_repeats
from radpipe.stats.influence import wald
from radpipe.stats.results import BoolArray, Estimate, FloatArray, counted, floats, join_notes


def macro_auc(
    present: Any, scores: Any, level: float = 0.95, groups: Any = None, names: Sequence[str] = ()
) -> Estimate:
    """Return the plain mean over classes of each one's AUC against the rest.

    Parameters
    ----------
    present : array (n, k)
        Whether each case is of each class, or has each label.
    scores : array (n, repeats, k)
        A higher score speaks for the class; NaN where a case was not predicted.
    level : float
        Of the Wald interval (clipped to [0, 1]), in (0, 1).
    groups : array (n,), optional
        Patient of each case.
    names : sequence of str, optional
        Of the classes, for the note on one without cases.
    """
    member, cube = _checked(present, scores)
    every = np.ones(len(member), bool)
    parts = [(member[:, c], every, cube[:, :, c]) for c in range(member.shape[1])]
    return _average(parts, "mean of the one-vs-rest AUCs", level, groups, names)


def macro_auc_paired(
    present: Any, first: Any, second: Any, level: float = 0.95, groups: Any = None
) -> Estimate:
    """Return the difference of two models' macro AUCs on the cases that both predict.

    Parameters
    ----------
    present : array (n, k)
        Whether each case is of each class, or has each label.
    first, second : arrays (n, repeats, k)
        Scores as for :func:`macro_auc`; the difference is first minus second.
    level, groups
        As for :func:`macro_auc`.
    """
    member, a = _checked(present, first)
    b = _checked(present, second)[1]
    predicted = [np.any(np.isfinite(cube[:, :, 0]), axis=1) for cube in (a, b)]
    both = np.logical_and(*predicted)
    every = np.ones(len(member), bool)
    found = []
    for cube in (a, b):
        known = np.where(both[:, None, None], cube, np.nan)
        parts = [(member[:, c], every, known[:, :, c]) for c in range(member.shape[1])]
        found.append(_mean_influence(parts, ()))
    (one, own, note), (two, other, _) = found
    method = f"paired difference of macro AUCs{_over(a.shape[1])}"
    return wald(one - two, own - other, method, level, groups, note=note)


def hand_till_auc(
    present: Any, scores: Any, level: float = 0.95, groups: Any = None, names: Sequence[str] = ()
) -> Estimate:
    """Return Hand and Till's M: the mean AUC of all ordered pairs of classes.

    Parameters as for :func:`macro_auc`; each case is of one class.
    """
    member, cube = _checked(present, scores)
    parts = [
        (member[:, i], member[:, i] | member[:, j], cube[:, :, i])
        for i, j in permutations(range(member.shape[1]), 2)
    ]
    pairs = [f"{names[i]} against {names[j]}" for i, j in permutations(range(len(names)), 2)]
    return _average(parts, "Hand-Till M", level, groups, pairs)


def micro_auc(present: Any, scores: Any, level: float = 0.95, groups: Any = None) -> Estimate:
    """Return the AUC of all indicators together; parameters as for :func:`macro_auc`."""
    member, cube = _checked(present, scores)
    n, repeats, k = cube.shape
    unit = np.repeat(np.arange(n) if groups is None else np.asarray(groups), k)
    matrix = np.moveaxis(cube, 2, 1).reshape(n * k, repeats)
    found = delong_repeats(member.ravel(), matrix, level, unit)
    who = "case" if not clustered(groups) else "patient"
    method = f"DeLong, the indicators of a {who} together{_over(repeats)}"
    used = int(np.any(np.isfinite(cube[:, :, 0]), axis=1).sum())
    return Estimate(
        found.estimate, found.lower, found.upper, method, used, found.se, level, -1, found.note
    )


def _checked(present: Any, scores: Any) -> tuple[BoolArray, FloatArray]:
    member, cube = np.asarray(present, dtype=bool), floats(scores)
    if cube.ndim != 3 or member.shape != (cube.shape[0], cube.shape[2]):
        raise ValueError(f"scores of shape {cube.shape} for classes of shape {member.shape}")
    return member, np.where(np.isfinite(cube).all(axis=2, keepdims=True), cube, np.nan)


def _average(
    parts: Sequence[tuple[BoolArray, BoolArray, FloatArray]],
    name: str,
    level: float,
    groups: Any,
    names: Sequence[str],
) -> Estimate:
    """Return the mean AUC of (positive, compared at all, scores), each (n,), (n,), (n, repeats)."""
    mean, influence, note = _mean_influence(parts, names)
    over = _over(parts[0][2].shape[1])
    method = f"{name}, placement values of a case averaged over them{over}"
    return wald(mean, influence, method, level, groups, (0.0, 1.0), note)


def _mean_influence(
    parts: Sequence[tuple[BoolArray, BoolArray, FloatArray]], names: Sequence[str]
) -> tuple[float, FloatArray, str]:
    """Return the mean AUC, each case's influence on it (NaN where it was not used), and a note."""
    n = len(parts[0][2])
    known = np.isfinite(parts[0][2]).any(axis=1)
    total, areas, notes = np.zeros(n), [], list[str]()
    for place, (positive, among, matrix) in enumerate(parts):
        found = auc_influence(positive[among], matrix[among])
        areas.append(found.auc)
        if np.isnan(found.auc):
            notes.append(f"{names[place]}: {found.note}" if names else found.note)
            continue
        side = np.where(positive, (positive & known).sum(), (among & ~positive & known).sum())
        part = np.zeros(n)
        part[among] = found.values
        total += np.where(known & among, part, 0.0) / np.maximum(side, 1) / len(parts)
    missing = int((~known).sum())
    notes += [f"{counted(missing, 'case')} without a finite score left out"] if missing else []
    return float(np.mean(areas)), np.where(known, total, np.nan), join_notes(*notes)


def _over(repeats: int) -> str:
    return "" if repeats == 1 else f" and over {repeats} repeats"

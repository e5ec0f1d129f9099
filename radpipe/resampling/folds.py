"""Dealing whole groups into parts so that each part has its share of every outcome class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError

IntArray = NDArray[np.intp]


def deal(
    strata: NDArray[Any],
    groups: Sequence[Any] | NDArray[Any],
    shares: NDArray[np.float64],
    rng: np.random.Generator,
) -> IntArray:
    """Deal groups into parts, stratified by outcome class.

    Groups come in random order, the largest first, and each goes to the part that lacks most
    of the group's classes, relative to its share. Where every group has one case, the parts
    of a class differ by one case at most (equal shares).

    Parameters
    ----------
    strata : array of int, shape (n,)
        Class of each case.
    groups : sequence, shape (n,)
        Cases with the same value stay together.
    shares : array of float, shape (k,)
        Wanted size of each part, in any unit (> 0).
    rng : Generator
        The stream of this draw.

    Returns
    -------
    array of int, shape (n,)
        The part of each case, 0 to k - 1.
    """
    classes, coded = np.unique(strata, return_inverse=True)
    _, first, member = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
    member = np.argsort(np.argsort(first))[member]  # groups in order of appearance
    counts = np.zeros((len(first), len(classes)))
    np.add.at(counts, (member, coded), 1)
    order = rng.permutation(len(first))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]

    wanted = np.asarray(shares, dtype=float) / np.sum(shares)
    parts = range(len(wanted))
    share = wanted.tolist()
    total = counts.sum(axis=0).tolist()
    held = [[0.0] * len(classes) for _ in parts]
    place = np.empty(len(first), dtype=np.intp)
    for group in order.tolist():
        row = counts[group].tolist()
        present = [c for c, count in enumerate(row) if count]
        costs = []
        for p in parts:
            # How full the part would be of the group's classes, then of all cases.
            fill = max((held[p][c] + row[c]) / (share[p] * total[c]) for c in present)
            costs.append((round(fill, 9), round(sum(held[p]) / share[p], 9), p))
        best = min(costs)[2]
        place[group] = best
        held[best] = [a + b for a, b in zip(held[best], row, strict=True)]
    return place[member]


def groups_per_class(strata: NDArray[Any], groups: Sequence[Any] | NDArray[Any]) -> int:
    """Return the smallest number of groups that any outcome class can be drawn from (0, 1, ...).

    A single class gives 0: there is nothing to stratify and nothing to learn.
    """
    classes = np.unique(strata)
    if len(classes) < 2:
        return 0
    named = np.asarray(groups)
    return min(len(np.unique(named[strata == c])) for c in classes)


def k_folds(
    strata: NDArray[Any],
    groups: Sequence[Any] | NDArray[Any],
    folds: int,
    rng: np.random.Generator,
) -> IntArray:
    """Return the fold of each case, 0 to ``folds`` - 1, stratified and with groups whole.

    Raises
    ------
    RadpipeError
        Where a class has fewer groups than there are folds.
    """
    have = groups_per_class(strata, groups)
    if have < folds:
        counts = ", ".join(
            f"{int(np.sum(strata == c))} {'with' if c else 'without'} the event"
            for c in np.unique(strata)
        )
        raise RadpipeError(
            f"resampling: {folds} folds need at least {folds} cases (or groups) of each outcome, "
            f"but the training cases are {counts}; ask for fewer folds"
        )
    return deal(strata, groups, np.ones(folds), rng)

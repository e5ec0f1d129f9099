"""Dealing whole groups into parts so that each part has its share of every outcome class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import kind_of, outcomes, strata

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
    of a class differ by one case at most (equal shares), and the parts with one more of each
    class are the same ones: a part's prevalence tells as little as possible of the others',
    since what is pooled over folds is otherwise biased downwards (Parker et al. 2007,
    doi:10.1186/1471-2105-8-326).

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
            # How full the part would be of the group's classes; of equal ones, the part that
            # is fullest of the other classes, so that the odd cases of all classes meet and
            # every part has the prevalence of the whole.
            fill = max((held[p][c] + row[c]) / (share[p] * total[c]) for c in present)
            others = sum(held[p][c] for c in range(len(total)) if c not in present)
            costs.append((round(fill, 9), round(-others / share[p], 9), p))
        best = min(costs)[2]
        place[group] = best
        held[best] = [a + b for a, b in zip(held[best], row, strict=True)]
    return place[member]


def groups_per_class(y: NDArray[Any], groups: Sequence[Any] | NDArray[Any]) -> int:
    """Return how many groups there are of the outcome that is rarest, 0, 1, ...

    Each fold must hold every class, or every label and its absence; of survival the event; of a
    continuous target any case. 0 where an outcome that counts is missing.
    """
    named = np.asarray(groups)
    return min(len(np.unique(named[column])) for column in outcomes(y).T)


def left_to_train(have: int, folds: int) -> int:
    """Return how many of ``have`` groups are left when the fold with most of them is held out."""
    return have - -(-have // folds)


def k_folds(
    y: NDArray[Any],
    groups: Sequence[Any] | NDArray[Any],
    folds: int,
    rng: np.random.Generator,
) -> IntArray:
    """Return the fold of each case, 0 to ``folds`` - 1, stratified and with groups whole.

    Parameters
    ----------
    y : array, shape (n,)
        Target; stratified by `radpipe.core.target.strata`.
    groups : sequence, shape (n,)
        Cases with the same value stay together.
    folds : int
        At least 2.
    rng : Generator
        The stream of this draw.

    Raises
    ------
    RadpipeError
        Where an outcome has fewer groups than there are folds.
    """
    have = groups_per_class(y, groups)
    if have < folds:
        raise RadpipeError(
            f"resampling: {folds} folds need at least {folds} cases (or groups) "
            f"{_OF[kind_of(y)]}, but there are {have}; ask for fewer folds"
        )
    return deal(strata(y), groups, np.ones(folds), rng)


_OF = {
    "survival": "with the event",
    "continuous": "to train on",
    "binary": "of each outcome",
    "multiclass": "of each class",
    "ordinal": "of each level",
    "multilabel": "with and without each label",
}

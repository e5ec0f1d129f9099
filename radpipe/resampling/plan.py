"""The plan: every set of rows on which a whole pipeline is fitted, and what each one predicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.resampling.folds import IntArray, groups_per_class, k_folds
from radpipe.resampling.streams import stream

FINAL = "final"

Tell = Callable[[str, int, int], None]
"""Told what is about to be fitted, its number (from 1), and of how many."""


def silent(name: str, place: int, of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Scope:
    """One set of training rows on which a whole pipeline is fitted.

    Attributes
    ----------
    name : str
        ``"final"``, or ``"r003f2"`` (repeat 3, fold 2).
    repeat, fold : int
        Zero for the final scope.
    train : array of int
        Row positions (with repeats under the bootstrap).
    test : array of int
        Rows that this fit predicts: held-out rows for ``final``, else the rows left out.
    inner : tuple of (train, test)
        Inner folds, as row positions of the table; the copies of a case and the cases of a group
        are always on one side.
    in_bag : bool
        Whether the fit's predictions of its own training rows are kept too (bootstrap optimism).
    """

    name: str
    repeat: int
    fold: int
    train: IntArray
    test: IntArray
    inner: tuple[tuple[IntArray, IntArray], ...]
    in_bag: bool = False


@dataclass(frozen=True)
class Plan:
    """All scopes of a study; the first is ``final``."""

    scopes: tuple[Scope, ...]

    @property
    def final(self) -> Scope:
        """The fit on all training rows."""
        return self.scopes[0]

    @property
    def resamples(self) -> tuple[Scope, ...]:
        """The fits on resampled training rows."""
        return self.scopes[1:]


def make_plan(
    y: NDArray[Any],
    groups: Sequence[str] | NDArray[Any],
    split_labels: Sequence[str] | NDArray[Any],
    resampling_spec: Any,
    seed: int,
    centres: Sequence[str] | NDArray[Any] | None = None,
) -> Plan:
    """Lay out the final fit and the resamples, each with its inner folds.

    Parameters
    ----------
    y : array, shape (n,)
        Target (`radpipe.core.target`); folds are stratified by it.
    groups : sequence of str, shape (n,)
        Patient of each case.
    split_labels : sequence of str, shape (n,)
        ``"train"``, or the held-out set of the case. Resampling stays inside ``"train"``.
    resampling_spec : KindSpec
        Any spec of the registry ``RESAMPLING``.
    seed : int
        The study's seed.
    centres : sequence of str, shape (n,), optional
        What the scheme's column holds, where it reads one.

    Raises
    ------
    RadpipeError
        Where an outcome has fewer training cases (or groups) than there are folds.
    """
    named = np.asarray(groups).astype(str)
    labels = np.asarray(split_labels)
    rows, held = np.flatnonzero(labels == "train"), np.flatnonzero(labels != "train")
    folds = int(resampling_spec.inner_folds)
    keeps = bool(getattr(resampling_spec, "keeps_in_bag", False))

    def scope(
        name: str, repeat: int, fold: int, train: IntArray, test: IntArray, in_bag: bool = False
    ) -> Scope:
        k = folds
        if len(np.unique(train)) < len(train):  # a bootstrap draw: as many folds as it allows
            k = min(folds, groups_per_class(y[train], named[train]))
        part = k_folds(y[train], named[train], k, stream(seed, "inner", name))
        inner = tuple((train[part != i], train[part == i]) for i in range(k))
        return Scope(name, repeat, fold, train, test, inner, in_bag)

    scopes = [scope(FINAL, 0, 0, rows, held)]
    of = None if centres is None else np.asarray(centres).astype(str)[rows]
    for repeat, fold, train, test in resampling_spec.resamples(y[rows], named[rows], seed, of):
        name = f"r{repeat:03d}f{fold}"
        scopes.append(scope(name, repeat, fold, rows[train], rows[test], keeps))
    return Plan(tuple(scopes))

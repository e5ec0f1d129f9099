"""Inner folds of training rows, as models are fitted to them: what is chosen is chosen on these.

The same fits serve tuning, calibration, cut-offs and stacking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.models.base import FloatArray, Model, NoFeatures
from radpipe.resampling.folds import IntArray, deal
from radpipe.resampling.inner import inner_folds
from radpipe.resampling.streams import stream


@dataclass(frozen=True)
class Fold:
    """One inner fold: rows to fit to, and the rows that it leaves out.

    Attributes
    ----------
    X : DataFrame, shape (n, p)
        Prepared columns of the rows to fit to: those that selection left on these very rows.
    y, groups : arrays, shape (n,)
        Their target and patients.
    new : DataFrame, shape (m, p)
        The rows that are left out, prepared by what the others taught.
    rows : array of int, shape (m,)
        Which of the study's (or the table's) rows these are.
    truth, members : arrays, shape (m,)
        Their target and patients.
    """

    X: pd.DataFrame
    y: NDArray[Any]
    groups: NDArray[Any]
    new: pd.DataFrame
    rows: IntArray
    truth: NDArray[Any]
    members: NDArray[Any]

    def fit(self, model: Model) -> Model:
        """Return a copy of the model fitted to the fold; without a column, what is left of it."""
        from sklearn.base import clone

        own: Model = clone(model) if self.X.shape[1] else NoFeatures(model.score_scale)
        return own.fit(self.X, self.y, self.groups)

    def score(self, fitted: Model, stage: Any = None) -> FloatArray:
        """Return a fit's scores of the rows left out, shape (m, k); at a stage where one is given.

        NaN for a class that the rows fitted to do not hold.
        """
        whole = stage is None or isinstance(fitted, NoFeatures)
        found = fitted.predict_score(self.new) if whole else fitted.staged_score(self.new, stage)
        table = np.array(found, dtype=float).reshape(len(self.new), -1)
        if target.kind_of(self.y) in ("multiclass", "ordinal"):
            table[:, ~target.indicators(self.y).any(axis=0)] = np.nan
        return table

    def against_rest(self, place: int) -> Fold | None:
        """Return the fold of one class or label; None where all rows are of it, or none."""
        own = target.indicators(self.y)[:, place]
        if own.all() or not own.any():
            return None
        truth = target.indicators(self.truth)[:, place]
        return replace(self, y=target.binary(own), truth=target.binary(truth))


def training_folds(
    y: NDArray[Any], groups: Any, folds: int, seed: int, name: str
) -> IntArray | None:
    """Return `inner_folds`, but that a class of fewer than two groups does not forbid them.

    A class may be absent from the rows of a resample, or have one patient in them; the others
    can be told apart all the same. None where fewer than two classes have two groups.
    """
    if target.kind_of(y) not in ("multiclass", "ordinal"):
        return inner_folds(y, groups, folds, seed, name)
    named = np.arange(len(y)) if groups is None else np.asarray(groups)
    have = groups_of_classes(y, named)
    common = have[have >= 2]
    if len(common) < 2:
        return None
    k = min(folds, int(common.min()))
    return deal(target.strata(y), named, np.ones(k), stream(seed, name))


def groups_of_classes(y: NDArray[Any], groups: Any) -> IntArray:
    """Return how many groups each column of `target.outcomes` has, shape (m,)."""
    named = np.arange(len(y)) if groups is None else np.asarray(groups)
    return np.array([len(np.unique(named[column])) for column in target.outcomes(y).T])


def folds_within(
    X: pd.DataFrame, y: NDArray[Any], groups: Any, part: IntArray | None
) -> list[Fold]:
    """Return the folds of prepared rows; none where ``part`` is None.

    What prepared them, and chose the columns, has seen all rows: it is for fits that have no
    inner folds of their own.
    """
    if part is None:
        return []
    named = np.arange(len(y)) if groups is None else np.asarray(groups)
    found = []
    for fold in range(int(part.max()) + 1):
        rows, left = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        found.append(
            Fold(X.iloc[rows], y[rows], named[rows], X.iloc[left], left, y[left], named[left])
        )
    return found


def mean_ranking(folds: Sequence[Fold], scores: Sequence[FloatArray]) -> float:
    """Return the mean over folds of how well scores agree with the outcome; NaN where undefined.

    Of a continuous outcome, minus the mean squared error; else `ranking`, of the folds in which
    it is defined.
    """
    from radpipe.models.ranking import ranking

    values = []
    for fold, own in zip(folds, scores, strict=True):
        # The score of a class that a fit did not know says nothing, for any of the candidates.
        known = np.where(np.isnan(own), 0.0, own)
        if target.kind_of(fold.truth) == "continuous":
            values.append(-float(np.mean((fold.truth - known[:, 0]) ** 2)))
        else:
            values.append(ranking(fold.truth, known))
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")

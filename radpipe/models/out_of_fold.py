"""What a model says of its training rows when it has not seen them: inner out-of-fold scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.models.base import FloatArray, Model
from radpipe.resampling.folds import IntArray, deal
from radpipe.resampling.inner import inner_folds
from radpipe.resampling.streams import stream


def weighted(sample_weight: Any, rows: IntArray | None = None) -> dict[str, Any]:
    """Return the weights as an argument of ``fit``; none for a family that takes none."""
    if sample_weight is None:
        return {}
    weights = np.asarray(sample_weight)
    return {"sample_weight": weights if rows is None else weights[rows]}


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


def out_of_fold(
    model: Model,
    X: pd.DataFrame,
    y: NDArray[Any],
    part: IntArray,
    groups: Any = None,
    sample_weight: Any = None,
) -> FloatArray:
    """Return each row's score by the fit to the other folds, shape (n,) or (n, k).

    NaN for a class that the rows of that fit do not hold.
    """
    return out_of_fold_stages(model, X, y, part, [None], groups, sample_weight)[0]


def out_of_fold_stages(
    model: Model,
    X: pd.DataFrame,
    y: NDArray[Any],
    part: IntArray,
    stages: Sequence[Any],
    groups: Any = None,
    sample_weight: Any = None,
) -> list[FloatArray]:
    """Return `out_of_fold` of the model at each of its stages; None is the whole model."""
    from sklearn.base import clone

    classes = target.kind_of(y) in ("multiclass", "ordinal")
    scores = [np.full((len(y), target.n_classes(y)), np.nan) for _ in stages]
    for fold in range(part.max() + 1):
        rows, left = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        named = None if groups is None else np.asarray(groups)[rows]
        fitted = clone(model).fit(X.iloc[rows], y[rows], named, **weighted(sample_weight, rows))
        new = X.iloc[left]
        for s, stage in zip(scores, stages, strict=True):
            found = fitted.predict_score(new) if stage is None else fitted.staged_score(new, stage)
            s[left] = found.reshape(len(left), -1)
            if classes:
                absent = ~target.indicators(y[rows]).any(axis=0)
                s[np.ix_(left, absent)] = np.nan
    return scores if target.kind_of(y) in target.CLASSES else [s[:, 0] for s in scores]


def mean_ranking(y: NDArray[Any], scores: FloatArray, part: IntArray) -> float:
    """Return the mean over folds of how well scores agree with the outcome; NaN where undefined.

    Of a continuous outcome, minus the mean squared error; else `ranking`, of the folds in which
    it is defined.
    """
    from radpipe.models.ranking import ranking

    # The score of a class that a fit did not know says nothing, for any of the candidates.
    known = np.where(np.isnan(scores), 0.0, scores)
    if target.kind_of(y) == "continuous":
        values = [-float(np.mean((y - known)[part == f] ** 2)) for f in range(part.max() + 1)]
    else:
        values = [ranking(y[part == f], known[part == f]) for f in range(part.max() + 1)]
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")

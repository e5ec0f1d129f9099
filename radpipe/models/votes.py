"""Votes of models: whether what each predicts of a case speaks for the event, or for which class.

Predictions stand in tables of shape (n, models, columns of a prediction).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import indicators, kind_of
from radpipe.models.base import FloatArray


def learned_cuts(table: FloatArray, y: NDArray[Any]) -> FloatArray:
    """Return the cut-off of each model and column at or above which it speaks for the event.

    Nothing where classes exclude each other: there the most likely one has the vote.
    """
    from radpipe.stats.cutoffs import youden_cutoff

    kind = kind_of(y)
    if kind == "survival":
        return np.asarray(np.nanmedian(table, axis=0))
    if kind in ("multiclass", "ordinal"):
        return np.empty((0, 0))
    labels = indicators(y) if kind == "multilabel" else y[:, None] == 1
    return np.array(
        [
            [
                youden_cutoff(label.astype(int), own[:, c]).threshold
                for c, label in enumerate(labels.T)
            ]
            for own in table.swapaxes(0, 1)
        ]
    )


def votes(table: FloatArray, cuts: FloatArray) -> FloatArray:
    """Return 1 where a model speaks for the event, or for a class, and 0 elsewhere."""
    if cuts.size:
        return (table >= cuts).astype(float)
    top = np.nan_to_num(table, nan=-np.inf).argmax(axis=2)
    return np.asarray(np.eye(table.shape[2])[top])

"""One number for how well scores rank the outcomes; 0.5 is chance for every kind of endpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import CLASSES, indicators, kind_of
from radpipe.models.base import FloatArray


def ranking(y: NDArray[Any], score: FloatArray) -> float:
    """Return how well scores rank the rows that have one.

    Binary: the AUC. Classes and labels: the mean of each class's AUC against the others (those
    with both sides). Survival: Harrell's C. Continuous: the concordance of predicted and
    observed values, which is Harrell's C without censoring, a higher value being an earlier
    "event".

    Parameters
    ----------
    y : array, shape (n,)
        Target.
    score : array, shape (n,) or (n, k)
        A column a class; NaN where a row has none.
    """
    from radpipe.stats.concordance import harrell
    from radpipe.stats.roc import auc

    table = np.asarray(score, dtype=float).reshape(len(y), -1)
    known = ~np.isnan(table).any(axis=1)
    y, table = y[known], table[known]
    kind = kind_of(y)
    if kind == "binary":
        return float(auc(y, table[:, 0]))
    if kind in CLASSES:
        pairs = zip(indicators(y).T, table.T, strict=True)
        parts = [auc(c.astype(int), s) for c, s in pairs if c.any() and not c.all()]
        return float(np.mean(parts)) if parts else float("nan")
    if kind == "survival":
        event = y["event"].astype(int)
        return float(harrell(y["time"], event, table[:, 0]).estimate)
    return float(harrell(-y + y.max() + 1.0, np.ones(len(y), dtype=int), table[:, 0]).estimate)

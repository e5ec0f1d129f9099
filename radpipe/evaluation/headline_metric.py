"""The one metric by which a kind of endpoint is ranked, controlled and told first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target


@dataclass(frozen=True)
class HeadlineMetric:
    """A metric of the table of metrics.

    Parameters
    ----------
    name : str
        As in the column ``metric``; ``class`` is empty.
    label : str
        As it is printed.
    chance : float
        Its value for predictions that know nothing.
    """

    name: str
    label: str
    chance: float


_MACRO = HeadlineMetric("macro_auc", "Macro AUC", 0.5)

# R² takes scale and location into account, which a correlation does not: a prediction that is
# right in its ranks alone does not pass for a right one.
HEADLINE = {
    "binary": HeadlineMetric("auc", "AUC", 0.5),
    "survival": HeadlineMetric("c_index", "C-index", 0.5),
    "multiclass": _MACRO,
    "ordinal": _MACRO,
    "multilabel": _MACRO,
    "continuous": HeadlineMetric("r2", "R²", 0.0),
}
"""By the endpoint's kind."""


def headline_value(y: NDArray[Any], scores: NDArray[np.float64]) -> float:
    """Return the headline metric of one set of predictions.

    Parameters
    ----------
    y : array, shape (n,)
        A target of `radpipe.core.target`.
    scores : array, shape (n,) or (n, k)
        What ranks: of classes their risks where there are any, a column each; the predicted value
        of a continuous target. Rows with NaN are left out.
    """
    from radpipe.stats.concordance import harrell
    from radpipe.stats.mean_auc import macro_auc
    from radpipe.stats.roc import auc

    matrix = scores[:, None] if scores.ndim == 1 else scores
    known = np.isfinite(matrix).all(axis=1)
    y, matrix = y[known], matrix[known]
    kind = target.kind_of(y)
    if kind in target.CLASSES:
        return macro_auc(target.indicators(y), matrix[:, None, :]).estimate
    score = matrix[:, 0]
    if kind == "binary":
        return float(auc(y, score))
    if kind == "continuous":
        spread = float(np.sum((y - y.mean()) ** 2)) if y.size else 0.0
        return 1 - float(np.sum((score - y) ** 2)) / spread if spread > 0 else float("nan")
    rivals = y["competing"]
    time = np.where(rivals, y["time"].max(initial=0) + 1, y["time"]) if rivals.any() else y["time"]
    return float(harrell(time, y["event"].astype(int), score).estimate)

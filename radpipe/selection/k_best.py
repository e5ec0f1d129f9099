"""Keep the columns with the largest F statistic."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.selection.base import COUNTED, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import top
from radpipe.selection.relation import over_labels


class KBestSpec(SelectorSpec):
    """Keep the columns with the largest F statistic (scikit-learn's ``SelectKBest``).

    F is that of the analysis of variance between the classes (of ordered ones too), or of the
    regression of a continuous endpoint on the column alone; of several labels the largest counts.
    A factor counts once, with the F of its best column.

    Parameters
    ----------
    n : int
        How many columns are kept.
    """

    endpoints: ClassVar[frozenset[str]] = COUNTED

    kind: Literal["k_best"] = "k_best"
    n: int = Field(20, ge=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return KBestSelector(self.n)


class KBestSelector(Selector):
    """`f_classif` or `f_regression` of scikit-learn; a constant column has no F.

    Attributes
    ----------
    scores_ : array, shape (p,)
        F, in order of the columns' names; NaN for a constant column.
    """

    def __init__(self, n: int = 20) -> None:
        self.n = n

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        self.scores_ = f_statistic(X, y)
        return top(self.scores_, names, self.n)


def f_statistic(X: FloatArray, y: NDArray[Any]) -> FloatArray:
    """Return scikit-learn's F of each column, shape (p,); NaN for a constant column."""
    from sklearn.feature_selection import f_classif, f_regression

    kind = target.kind_of(y)
    if kind == "multilabel":
        return over_labels(lambda label: f_statistic(X, label), y).max(axis=0)
    out = np.full(X.shape[1], np.nan)
    varies = np.ptp(X, axis=0) > 0
    if varies.any():
        with np.errstate(divide="ignore", invalid="ignore"):  # F of a perfect relation is infinite
            if kind == "continuous":
                out[varies] = f_regression(X[:, varies], y, force_finite=False)[0]
            else:
                out[varies] = f_classif(X[:, varies], target.codes(y))[0]
    return out

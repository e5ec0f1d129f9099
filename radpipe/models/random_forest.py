"""Random forest."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model
from radpipe.models.classifier import CLASSES_IN_ANY_ORDER, Classifier, ClassifierSpec
from radpipe.models.forest_regression import Forest, ForestRegression
from radpipe.models.spec import CONTINUOUS

Columns = (
    Literal["sqrt", "log2"] | Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)]
)
"""Among how many columns a split chooses."""


class ForestSpec(ClassifierSpec):
    """Settings that the families of many independent trees share.

    Parameters
    ----------
    trees : int
        How many trees.
    min_leaf : int
        Fewest training rows in a leaf.
    """

    endpoints: ClassVar[frozenset[str]] = CLASSES_IN_ANY_ORDER | CONTINUOUS
    takes_weights: ClassVar[bool] = True

    trees: int = Field(200, ge=1)
    min_leaf: int = Field(3, ge=1)


class SomeColumnsSpec(ForestSpec):
    """Settings of forests whose splits each choose among some of the columns.

    Parameters
    ----------
    mtry : {'sqrt', 'log2'}, int or float
        Columns among which each split chooses: the square root of their number, its logarithm,
        a count, or a share below 1.
    """

    drawn: ClassVar[bool] = False
    """Whether splits are drawn at random."""

    mtry: Columns = "sqrt"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        if endpoint != "continuous":
            return self.tuned(self.of_classes(seed), seed)
        return self.tuned(
            ForestRegression(self.drawn, self.trees, self.min_leaf, self.mtry, seed), seed
        )

    def of_classes(self, seed: int) -> Model:
        """Return the unfitted forest of classes."""
        raise NotImplementedError


class RandomForestSpec(SomeColumnsSpec):
    """Random forest; the risk is the mean vote of the leaves, or their mean value."""

    kind: Literal["random_forest"] = "random_forest"

    def of_classes(self, seed: int) -> Model:
        """Return the unfitted forest of classes."""
        return RandomForest(self.trees, self.min_leaf, self.mtry, seed)


class RandomForest(Forest, Classifier):
    """scikit-learn's forest on one thread."""

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(**self._arguments(p))

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        self.rows_ = len(values)
        super()._learn(values, codes, sample_weight)

    def out_of_bag_risk(self, X: pd.DataFrame) -> FloatArray:
        """Return each training row's mean vote of the trees that were grown without it.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            The training rows as `fit` had them, in that order.

        Returns
        -------
        array, shape (n,), or (n, k) where there are k classes
            Share of events, or of each class; NaN for a row that every tree saw.
        """
        values = X.to_numpy(dtype=np.float32)  # as the trees hold them
        if len(values) != self.rows_:
            raise ValueError(f"{len(values)} rows, the forest was fitted to {self.rows_}")
        votes = np.zeros((len(values), len(self.present_)))
        trees = np.zeros((len(values), 1))
        for tree, seen in zip(
            self.fitted_.estimators_, self.fitted_.estimators_samples_, strict=True
        ):
            out = np.ones(len(values), dtype=bool)
            out[seen] = False
            if out.any():
                votes[out] += tree.predict_proba(values[out], check_input=False)
                trees[out] += 1
        unknown = np.full_like(votes, np.nan)
        return self._placed(np.divide(votes, trees, out=unknown, where=trees > 0))

    def out_of_bag_error(self, X: pd.DataFrame, y: NDArray[Any]) -> float:
        """Return the share of training rows whose out-of-bag majority is not their outcome.

        A tie of two counts one half; rows that every tree saw are left out (NaN where all are).
        """
        risk = self.out_of_bag_risk(X)
        table = np.column_stack([1 - risk, risk]) if risk.ndim == 1 else risk
        known = ~np.isnan(table).any(axis=1)
        if not known.any():
            return float("nan")
        table, own = table[known], target.codes(y)[known]
        first = table == table.max(axis=1, keepdims=True)
        return float(np.mean(1 - first[np.arange(len(own)), own] / first.sum(axis=1)))

    def importances(self) -> dict[str, float]:
        """Return the share of the impurity (Gini) that each column took away, by column."""
        values = self.fitted_.feature_importances_.tolist()
        return dict(zip(self.names_, values, strict=True))

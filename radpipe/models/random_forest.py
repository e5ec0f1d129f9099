"""Random forest."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model
from radpipe.models.importance import importance
from radpipe.models.spec import BINARY, FittedSpec


class RandomForestSpec(FittedSpec):
    """Random forest of classification trees; the risk is the mean vote of the leaves.

    Parameters
    ----------
    trees : int
        How many trees.
    min_leaf : int
        Fewest training rows in a leaf.
    """

    endpoints: ClassVar[frozenset[str]] = BINARY

    kind: Literal["random_forest"] = "random_forest"
    trees: int = Field(200, ge=1)
    min_leaf: int = Field(3, ge=1)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return RandomForest(self.trees, self.min_leaf, seed)


class RandomForest(Model):
    """scikit-learn's forest on one thread; each split looks at the square root of the columns."""

    def __init__(self, trees: int = 200, min_leaf: int = 3, seed: int = 0) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> RandomForest:
        """Grow the trees."""
        from sklearn.ensemble import RandomForestClassifier

        self.names_ = [str(c) for c in X.columns]
        self.rows_ = len(X)
        self.forest_ = RandomForestClassifier(
            n_estimators=self.trees,
            min_samples_leaf=self.min_leaf,
            random_state=self.seed,
            n_jobs=1,
        ).fit(X.to_numpy(dtype=float), np.asarray(y))
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risk."""
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the mean share of events in the leaves."""
        return np.asarray(self.forest_.predict_proba(X.to_numpy(dtype=float))[:, 1])

    def out_of_bag_risk(self, X: pd.DataFrame) -> FloatArray:
        """Return each training row's mean vote of the trees that were grown without it.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            The training rows as `fit` had them, in that order.

        Returns
        -------
        array, shape (n,)
            Share of events; NaN for a row that every tree saw.
        """
        values = X.to_numpy(dtype=np.float32)  # as the trees hold them
        if len(values) != self.rows_:
            raise ValueError(f"{len(values)} rows, the forest was fitted to {self.rows_}")
        votes, trees = np.zeros(len(values)), np.zeros(len(values))
        for tree, seen in zip(
            self.forest_.estimators_, self.forest_.estimators_samples_, strict=True
        ):
            out = np.ones(len(values), dtype=bool)
            out[seen] = False
            if out.any():
                votes[out] += tree.predict_proba(values[out], check_input=False)[:, 1]
                trees[out] += 1
        return np.divide(votes, trees, out=np.full(len(values), np.nan), where=trees > 0)

    def out_of_bag_error(self, X: pd.DataFrame, y: NDArray[Any]) -> float:
        """Return the share of training rows whose out-of-bag majority is not their outcome.

        A tie counts one half; rows that every tree saw are left out (NaN where all are).
        """
        risk = self.out_of_bag_risk(X)
        known = ~np.isnan(risk)
        if not known.any():
            return float("nan")
        side, event = np.sign(risk[known] - 0.5), np.asarray(y)[known] == 1
        return float(np.mean(np.where(side == 0, 0.5, (side > 0) != event)))

    def importances(self) -> dict[str, float]:
        """Return the share of the impurity (Gini) that each column took away, by column."""
        values = self.forest_.feature_importances_.tolist()
        return dict(zip(self.names_, values, strict=True))

    def summary(self) -> dict[str, Any]:
        """Return the settings and the columns by falling impurity importance."""
        return {
            "coefficients": [],
            "importance": importance(self.names_, self.forest_.feature_importances_),
            "params": {"trees": self.trees, "min_leaf": self.min_leaf, "max_features": "sqrt"},
            "notes": [],
        }

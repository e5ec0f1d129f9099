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

    def summary(self) -> dict[str, Any]:
        """Return the settings and the columns by falling impurity importance."""
        return {
            "coefficients": [],
            "importance": importance(self.names_, self.forest_.feature_importances_),
            "params": {"trees": self.trees, "min_leaf": self.min_leaf, "max_features": "sqrt"},
            "notes": [],
        }

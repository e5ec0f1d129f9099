"""Bagged trees."""

from __future__ import annotations

from typing import Any, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.forest_regression import ForestRegression
from radpipe.models.random_forest import ForestSpec, RandomForest


class BaggedTreesSpec(ForestSpec):
    """Trees of bootstrap samples whose splits choose among all columns (Breiman's bagging)."""

    kind: Literal["bagged_trees"] = "bagged_trees"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        if endpoint == "continuous":
            return self.tuned(ForestRegression(False, self.trees, self.min_leaf, 1.0, seed), seed)
        return self.tuned(BaggedTrees(self.trees, self.min_leaf, seed), seed)


class BaggedTrees(RandomForest):
    """A random forest without its random choice of columns, which is what bagging is."""

    def __init__(self, trees: int = 200, min_leaf: int = 3, seed: int = 0) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.seed = seed

    def _columns(self, p: int) -> None:
        return None

"""Extremely randomised trees."""

from __future__ import annotations

from typing import Any, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.classifier import Classifier
from radpipe.models.forest_regression import ForestRegression
from radpipe.models.random_forest import Columns, ForestSpec


class ExtraTreesSpec(ForestSpec):
    """Trees of all training rows whose splits are drawn at random, the best of a few taken.

    Parameters
    ----------
    mtry : {'sqrt', 'log2'}, int or float
        Columns among which each split chooses: the square root of their number, its logarithm,
        a count, or a share below 1.
    """

    kind: Literal["extra_trees"] = "extra_trees"
    mtry: Columns = "sqrt"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        settings = self.trees, self.min_leaf, self.mtry, seed
        if endpoint == "continuous":
            return self.tuned(ForestRegression(True, *settings), seed)
        return self.tuned(ExtraTrees(*settings), seed)


class ExtraTrees(Classifier):
    """scikit-learn's extra trees on one thread, without bootstrap."""

    def __init__(
        self, trees: int = 200, min_leaf: int = 3, mtry: str | float = "sqrt", seed: int = 0
    ) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.mtry = mtry
        self.seed = seed

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(
            n_estimators=self.trees,
            min_samples_leaf=self.min_leaf,
            max_features=min(self.mtry, p) if isinstance(self.mtry, int) else self.mtry,
            random_state=self.seed,
            n_jobs=1,
        )

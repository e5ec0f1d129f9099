"""Extremely randomised trees."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.models.base import Model
from radpipe.models.classifier import Classifier
from radpipe.models.forest_regression import Forest
from radpipe.models.random_forest import SomeColumnsSpec


class ExtraTreesSpec(SomeColumnsSpec):
    """Trees of all training rows whose splits are drawn at random, the best of a few taken."""

    drawn: ClassVar[bool] = True

    kind: Literal["extra_trees"] = "extra_trees"

    def of_classes(self, seed: int) -> Model:
        """Return the unfitted forest of classes."""
        return ExtraTrees(self.trees, self.min_leaf, self.mtry, seed)


class ExtraTrees(Forest, Classifier):
    """scikit-learn's extra trees on one thread, without bootstrap."""

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(**self._arguments(p))

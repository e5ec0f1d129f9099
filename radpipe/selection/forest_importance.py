"""Keep the columns that a random forest uses most."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core import target
from radpipe.core.spec import only_one
from radpipe.selection.base import COUNTED, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import top, variables


class ForestImportanceSpec(SelectorSpec):
    """Keep columns by their importance in a random forest.

    Importance is the mean fall of impurity (scikit-learn's; all columns' sum to 1), that of a
    factor the sum over its columns. Survival has `survival_forest_importance`.

    Parameters
    ----------
    n : int, optional
        How many columns are kept, those with the highest importance; give it or `threshold`.
    threshold : float, optional
        Columns whose importance exceeds this many times the mean importance are kept; give it or
        `n`.
    trees : int
        How many trees.
    """

    endpoints: ClassVar[frozenset[str]] = COUNTED

    kind: Literal["forest_importance"] = "forest_importance"
    n: int | None = Field(None, ge=1)
    threshold: float | None = Field(None, gt=0)
    trees: int = Field(200, ge=1)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        only_one(self, n="how many to keep", threshold="times the mean")
        return self

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return ForestImportanceSelector(self.n, self.threshold, self.trees, seed)


class ForestImportanceSelector(Selector):
    """scikit-learn's random forest on one thread; ordered levels are taken as classes.

    Attributes
    ----------
    scores_ : array, shape (p,)
        Importance, in order of the columns' names; a factor's columns share their sum.
    """

    def __init__(
        self,
        n: int | None = None,
        threshold: float | None = None,
        trees: int = 200,
        seed: int = 0,
    ) -> None:
        self.n = n
        self.threshold = threshold
        self.trees = trees
        self.seed = seed

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        found = grow_forest(X, y, self.trees, self.seed).feature_importances_
        owner = variables(names)
        self.scores_ = np.bincount(owner, weights=found)[owner]
        if self.n is not None:
            return top(np.where(self.scores_ > 0, self.scores_, np.nan), names, self.n)
        return np.asarray(self.scores_ > float(self.threshold or 0.0) / (owner.max() + 1))


def grow_forest(
    X: FloatArray, y: NDArray[Any], trees: int, seed: int, depth: int | None = None
) -> Any:
    """Return a fitted random forest of scikit-learn for a target that is known for every case.

    Divisions look at the square root of the number of columns; ``depth`` limits the trees.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = target.kind_of(y)
    settings: dict[str, Any] = {
        "n_estimators": trees,
        "max_depth": depth,
        "max_features": "sqrt",
        "random_state": seed,
        "n_jobs": 1,
    }
    if kind == "continuous":
        return RandomForestRegressor(**settings).fit(X, y)
    labels = target.indicators(y).astype(int) if kind == "multilabel" else target.codes(y)
    return RandomForestClassifier(**settings).fit(X, labels)

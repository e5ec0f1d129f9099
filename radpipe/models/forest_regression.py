"""What the forests share, and those of regression trees, for a continuous endpoint."""

from __future__ import annotations

from typing import Any

from radpipe.models.base import Model
from radpipe.models.regressor import Regressor


class Forest(Model):
    """The settings of scikit-learn's forests, on one thread.

    Parameters
    ----------
    trees, min_leaf, mtry : int, int, int or str or float
        As of the family's settings.
    seed : int
    """

    def __init__(
        self, trees: int = 200, min_leaf: int = 3, mtry: str | float = "sqrt", seed: int = 0
    ) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.mtry = mtry
        self.seed = seed

    def _columns(self, p: int) -> Any:
        """Return `mtry` as scikit-learn takes it, and no more columns than there are."""
        return min(self.mtry, p) if isinstance(self.mtry, int) else self.mtry

    def _arguments(self, p: int) -> dict[str, Any]:
        """Return the arguments of scikit-learn's estimator."""
        return {
            "n_estimators": self.trees,
            "min_samples_leaf": self.min_leaf,
            "max_features": self._columns(p),
            "random_state": self.seed,
            "n_jobs": 1,
        }


class ForestRegression(Forest, Regressor):
    """A forest of regression trees.

    Parameters
    ----------
    drawn : bool
        Whether splits are drawn at random in all training rows (extra trees), or are the best
        ones in bootstrap draws of them (random forest).
    trees, min_leaf, mtry, seed :
        As of `Forest`.
    """

    def __init__(
        self,
        drawn: bool = False,
        trees: int = 200,
        min_leaf: int = 3,
        mtry: str | float = "sqrt",
        seed: int = 0,
    ) -> None:
        super().__init__(trees, min_leaf, mtry, seed)
        self.drawn = drawn

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

        family = ExtraTreesRegressor if self.drawn else RandomForestRegressor
        return family(**self._arguments(p))

    def _settings(self) -> dict[str, Any]:
        return {"trees": self.trees, "min_leaf": self.min_leaf, "mtry": self.mtry}

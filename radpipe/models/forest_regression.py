"""Forests of regression trees, what the forest families fit to a continuous endpoint."""

from __future__ import annotations

from typing import Any

from radpipe.models.regressor import Regressor


class ForestRegression(Regressor):
    """scikit-learn's forest of regression trees on one thread.

    Parameters
    ----------
    drawn : bool
        Whether splits are drawn at random in all training rows (extra trees), or are the best
        ones in bootstrap draws of them (random forest).
    trees, min_leaf, mtry : int, int, int or str or float
        As of the family's settings.
    """

    def __init__(
        self,
        drawn: bool = False,
        trees: int = 200,
        min_leaf: int = 3,
        mtry: str | float = "sqrt",
        seed: int = 0,
    ) -> None:
        self.drawn = drawn
        self.trees = trees
        self.min_leaf = min_leaf
        self.mtry = mtry
        self.seed = seed

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

        family = ExtraTreesRegressor if self.drawn else RandomForestRegressor
        return family(
            n_estimators=self.trees,
            min_samples_leaf=self.min_leaf,
            max_features=min(self.mtry, p) if isinstance(self.mtry, int) else self.mtry,
            random_state=self.seed,
            n_jobs=1,
        )

    def _settings(self) -> dict[str, Any]:
        return {"trees": self.trees, "min_leaf": self.min_leaf, "mtry": self.mtry}

"""Random survival forest, by scikit-survival where that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.spec import SURVIVAL
from radpipe.models.tuning import TunedSpec
from radpipe.selection.survival_forest import MISSING, grow, grown_trees, permutation_importance


class RandomSurvivalForestSpec(TunedSpec):
    """Random survival forest: trees of log-rank divisions; the risk is the trees' mean survival.

    Needs scikit-survival (``pip install "radpipe[rsf]"``).

    Parameters
    ----------
    trees : int
        How many trees.
    node_size : int
        Training rows that a leaf should hold: a node of fewer than twice as many is not divided,
        as in `randomForestSRC::rfsrc`. A leaf may well be smaller.
    columns : int, optional
        Columns that each division looks at; by default the square root of their number, rounded
        up.
    """

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    libraries: ClassVar[tuple[str, ...]] = ("scikit-survival",)

    kind: Literal["random_survival_forest"] = "random_survival_forest"
    trees: int = Field(200, ge=1)
    node_size: int = Field(15, ge=1)
    columns: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _installed(self) -> RandomSurvivalForestSpec:
        if find_spec("sksurv") is None:
            raise ValueError(MISSING)
        return self

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        forest = RandomSurvivalForest(self.trees, self.node_size, self.columns, seed=seed)
        return self.tuned(forest, seed)


class RandomSurvivalForest(Model):
    """scikit-survival's forest on one thread.

    The score is the logarithm of 1 plus the expected number of events (the sum of the cumulative
    hazard over the event times, the forest's "mortality"), less its mean over the training rows.

    References
    ----------
    Ishwaran, Kogalur, Blackstone, Lauer 2008, Annals of Applied Statistics 2:841-860.
    """

    score_scale: ClassVar[ScoreScale] = "log_hazard"

    def __init__(
        self,
        trees: int = 200,
        node_size: int = 15,
        columns: int | None = None,
        bootstrap: bool = True,
        seed: int = 0,
    ) -> None:
        self.trees = trees
        self.node_size = node_size
        self.columns = columns
        self.bootstrap = bootstrap
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> RandomSurvivalForest:
        """Grow the trees."""
        self.names_ = [str(c) for c in X.columns]
        self.rows_ = len(X)
        self.forest_ = grow(
            X.to_numpy(dtype=float),
            y,
            self.trees,
            self.node_size,
            self.columns,
            self.seed,
            self.bootstrap,
        )
        self.columns_ = int(self.forest_.max_features)
        self.centre_ = float(np.mean(np.log1p(self.mortality(X))))
        return self

    def mortality(self, X: pd.DataFrame) -> FloatArray:
        """Return the expected number of events, were all training rows like this one, (n,)."""
        return np.asarray(self.forest_.predict(X.to_numpy(dtype=float)))

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the log mortality relative to the training rows' mean."""
        return np.log1p(self.mortality(X)) - self.centre_

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons)); flat after the last time."""
        survival = self.forest_.predict_survival_function(
            X.to_numpy(dtype=float), return_array=True
        )
        start = np.column_stack([np.ones(len(survival)), survival])
        at = np.searchsorted(self.forest_.unique_times_, np.asarray(horizons), side="right")
        return np.clip(1.0 - start[:, at], 0.0, 1.0)

    def out_of_bag_mortality(self, X: pd.DataFrame) -> FloatArray:
        """Return each training row's mean mortality over the trees that were grown without it.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            The training rows as `fit` had them, in that order.

        Returns
        -------
        array, shape (n,)
            NaN for a row that every tree saw.
        """
        values = self._as_fitted(X)
        total, trees = np.zeros(len(values)), np.zeros(len(values))
        for leaves, tree, out in grown_trees(self.forest_, values):
            total[out] += leaves[tree.apply(values[out])]
            trees[out] += 1
        return _mean(total, trees)

    def permutation_importance(
        self, X: pd.DataFrame, y: NDArray[Any], seed: int = 0, block: int = 10
    ) -> dict[str, float]:
        """Return how far Harrell's C falls, out of bag, when a column is shuffled.

        Parameters
        ----------
        X, y : DataFrame, shape (n, p), and array, shape (n,)
            The training rows as `fit` had them, in that order.
        seed, block : int
            As of `radpipe.selection.survival_forest.permutation_importance`.

        Returns
        -------
        dict of str to float
            By column; 0 where no tree uses it, NaN where no row is out of bag.
        """
        found = permutation_importance(self.forest_, self._as_fitted(X), y, seed, block)
        return dict(zip(self.names_, found.tolist(), strict=True))

    def leaves(self) -> list[int]:
        """Return the number of leaves of each tree."""
        return [int((tree.tree_.children_left < 0).sum()) for tree in self.forest_.estimators_]

    def summary(self) -> dict[str, Any]:
        """Return the settings."""
        return {
            "coefficients": [],
            "params": {
                "trees": self.trees,
                "node_size": self.node_size,
                "columns": self.columns_,
                "split": "log-rank",
            },
            "notes": [],
        }

    def _as_fitted(self, X: pd.DataFrame) -> NDArray[np.float32]:
        if len(X) != self.rows_:
            raise ValueError(f"{len(X)} rows, the forest was fitted to {self.rows_}")
        return X.to_numpy(dtype=np.float32)  # as the trees hold them


def _mean(total: FloatArray, count: FloatArray) -> FloatArray:
    return np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)

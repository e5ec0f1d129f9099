"""Random survival forest, by scikit-survival where that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from math import ceil, sqrt
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.spec import SURVIVAL, FittedSpec

MISSING = (
    "a random survival forest, but scikit-survival (GPL-3) is not installed; "
    'pip install "radpipe[rsf]"'
)


class RandomSurvivalForestSpec(FittedSpec):
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
        return RandomSurvivalForest(self.trees, self.node_size, self.columns, seed=seed)


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
        try:
            from sksurv.ensemble import RandomSurvivalForest as Forest
        except ModuleNotFoundError as error:
            raise RadpipeError(MISSING) from error

        self.names_ = [str(c) for c in X.columns]
        self.rows_ = len(X)
        self.columns_ = min(self.columns or ceil(sqrt(X.shape[1])), X.shape[1])
        target = np.empty(len(y), dtype=[("event", bool), ("time", float)])
        target["event"], target["time"] = y["event"], y["time"]
        if not target["event"].any():
            raise RadpipeError("random_survival_forest: no event among the training rows")
        self.forest_ = Forest(
            n_estimators=self.trees,
            min_samples_split=2 * self.node_size,
            min_samples_leaf=1,
            max_features=self.columns_,
            bootstrap=self.bootstrap,
            random_state=self.seed,
            n_jobs=1,
        ).fit(X.to_numpy(dtype=float), target)
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
        for leaves, tree, out in self._trees(values):
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
        seed : int
            Of the shuffling, which each tree does on its own among the rows it did not see.
        block : int
            Trees whose mean prediction is judged together; the fall is averaged over such blocks
            (rfsrc's ``block.size``).

        Returns
        -------
        dict of str to float
            By column; 0 where no tree uses it, NaN where no row is out of bag.

        References
        ----------
        Breiman 2001, Machine Learning 45:5-32; Ishwaran 2007, Electronic Journal of Statistics
        1:519-537.
        """
        if block < 1:
            raise ValueError(f"a block of {block} trees: at least one is needed")
        rng = np.random.default_rng(seed)
        values = self._as_fitted(X)
        n, p = values.shape
        grown = self._trees(values)
        falls = []
        for first in range(0, len(grown), block):
            plain, trees = np.zeros(n), np.zeros(n)
            change: dict[int, FloatArray] = {}
            for leaves, tree, out in grown[first : first + block]:
                rows = values[out]
                own = leaves[tree.apply(rows)]
                plain[out] += own
                trees[out] += 1
                for j in np.unique(tree.feature[tree.feature >= 0]):
                    shuffled = rows.copy()
                    shuffled[:, j] = rng.permutation(rows[:, j])
                    moved = change.setdefault(int(j), np.zeros(n))
                    moved[out] += leaves[tree.apply(shuffled)] - own
            seen = trees > 0
            if seen.any():
                falls.append(_falls(y[seen], plain[seen] / trees[seen], change, trees, seen, p))
        mean = np.mean(falls, axis=0) if falls else np.full(p, np.nan)
        return dict(zip(self.names_, mean.tolist(), strict=True))

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

    def _trees(self, values: NDArray[np.float32]) -> list[tuple[FloatArray, Any, NDArray[Any]]]:
        """Return each tree with its nodes' mortality and the rows that it did not see."""
        rows = np.arange(len(values))
        found = []
        samples = self.forest_.estimators_samples_ if self.bootstrap else [rows] * self.trees
        for estimator, seen in zip(self.forest_.estimators_, samples, strict=True):
            tree = estimator.tree_
            mortality = tree.value[:, estimator.is_event_time_, 0].sum(axis=1)
            found.append((mortality, tree, np.setdiff1d(rows, seen)))
        return [each for each in found if each[2].size]


def _mean(total: FloatArray, count: FloatArray) -> FloatArray:
    return np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)


def _falls(
    y: NDArray[Any],
    plain: FloatArray,
    change: dict[int, FloatArray],
    trees: FloatArray,
    seen: NDArray[np.bool_],
    p: int,
) -> FloatArray:
    """Return the fall of C for each column of one block of trees, shape (p,)."""
    from radpipe.stats.concordance import harrell

    def c(score: FloatArray) -> float:
        return harrell(y["time"], y["event"].astype(float), score).estimate

    before, out = c(plain), np.zeros(p)
    for j, moved in change.items():
        out[j] = before - c(plain + moved[seen] / trees[seen])
    return out

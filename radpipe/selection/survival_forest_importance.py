"""Keep the columns that a random survival forest needs most."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.spec import only_one
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import top, variables
from radpipe.selection.survival_forest import MISSING, grow, permutation_importance


class SurvivalForestImportanceSpec(SelectorSpec):
    """Keep columns by their importance in a random survival forest.

    Importance is how far Harrell's C falls, on rows that a tree did not see, when the column is
    shuffled (as in `randomForestSRC`), that of a factor the sum over its columns. A column that
    is worth nothing (0 or less) is never kept. Needs scikit-survival
    (``pip install "radpipe[rsf]"``).

    Parameters
    ----------
    n : int, optional
        How many columns are kept, those with the highest importance; give it or `threshold`.
    threshold : float, optional
        Fall of C that a kept column must exceed; give it or `n`.
    trees : int
        How many trees.
    node_size : int
        Training rows that a leaf should hold: a node of fewer than twice as many is not divided.
    times : int, optional
        Different times that the trees are grown on, quantiles of the times of events (the next
        later one stands for each); null for all. The forest takes its time in proportion.
        Importance is measured on the true times.
    """

    endpoints: ClassVar[frozenset[str]] = frozenset({"survival"})
    libraries: ClassVar[tuple[str, ...]] = ("scikit-survival",)

    kind: Literal["survival_forest_importance"] = "survival_forest_importance"
    n: int | None = Field(None, ge=1)
    threshold: float | None = Field(None, ge=0, lt=1)
    trees: int = Field(200, ge=1)
    node_size: int = Field(15, ge=1)
    times: int | None = Field(50, ge=2)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        only_one(self, n="how many to keep", threshold="a fall of C")
        if find_spec("sksurv") is None:
            raise ValueError(MISSING)
        return self

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return SurvivalForestImportanceSelector(
            self.n, self.threshold, self.trees, self.node_size, self.times, seed
        )


class SurvivalForestImportanceSelector(Selector):
    """Permutation importance out of bag in scikit-survival's forest.

    Attributes
    ----------
    scores_ : array, shape (p,)
        Fall of C, in order of the columns' names; a factor's columns share their sum.
    """

    def __init__(
        self,
        n: int | None = None,
        threshold: float | None = None,
        trees: int = 200,
        node_size: int = 15,
        times: int | None = 50,
        seed: int = 0,
    ) -> None:
        self.n = n
        self.threshold = threshold
        self.trees = trees
        self.node_size = node_size
        self.times = times
        self.seed = seed

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        grid = y if self.times is None else on_grid(y, self.times)
        forest = grow(X, grid, self.trees, self.node_size, None, self.seed)
        found = permutation_importance(forest, X.astype(np.float32), y, self.seed)
        owner = variables(names)
        self.scores_ = np.bincount(owner, weights=found)[owner]
        if self.n is not None:
            return top(np.where(self.scores_ > 0, self.scores_, np.nan), names, self.n)
        return np.asarray(self.scores_ > float(self.threshold or 0.0))


def on_grid(y: NDArray[Any], times: int) -> NDArray[Any]:
    """Return a survival target whose times are those of at most ``times`` quantiles of events.

    Each time becomes the next later quantile; what lies beyond the last event is as one.
    """
    seen = y["time"][y["event"]]
    if not seen.size:
        return y
    cuts = np.unique(np.quantile(seen, np.arange(1, times + 1) / times))
    place = np.searchsorted(cuts, y["time"])
    out = y.copy()
    out["time"] = np.append(cuts, max(float(y["time"].max()), float(cuts[-1])))[place]
    return out

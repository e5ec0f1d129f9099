"""One column for each cluster of columns that go together."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.spec import only_one
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.correlation import Correlation, absolute_correlation
from radpipe.selection.ranking import settled


class ClustersSpec(SelectorSpec):
    """Cluster the columns by 1 - |correlation|, and keep one of each cluster.

    Parameters
    ----------
    threshold : float, optional
        Absolute correlation down to which clusters are joined (average linkage: the mean over
        the pairs of their columns); give it or `n`.
    n : int, optional
        How many clusters are left, fewer where several join at once; give it or `threshold`.
    linkage : {'average', 'complete', 'single'}
        What the correlation of two clusters is: the mean, the lowest or the highest over their
        pairs of columns.
    method : {'pearson', 'spearman'}
        Correlation coefficient: of the values, or of their ranks.
    keep : {'medoid', 'strongest'}
        Which of a cluster stays: the column with the highest mean absolute correlation with the
        others, or that with the strongest relation to the outcome, tested alone. On a tie, the
        first by name.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["clusters"] = "clusters"
    threshold: float | None = Field(None, gt=0, le=1)
    n: int | None = Field(None, ge=1)
    linkage: Literal["average", "complete", "single"] = "average"
    method: Correlation = "pearson"
    keep: Literal["medoid", "strongest"] = "medoid"

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        only_one(self, threshold="a correlation", n="how many to keep")
        return self

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return ClustersSelector(self.threshold, self.n, self.linkage, self.method, self.keep)


class ClustersSelector(Selector):
    """Hierarchical clustering of the columns (`scipy.cluster.hierarchy`).

    Attributes
    ----------
    clusters_ : int array, shape (p,)
        The cluster of each column, in order of the columns' names.
    """

    def __init__(
        self,
        threshold: float | None = None,
        n: int | None = None,
        linkage: str = "average",
        method: str = "pearson",
        keep: str = "medoid",
    ) -> None:
        self.threshold = threshold
        self.n = n
        self.linkage = linkage
        self.method = method
        self.keep = keep

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        r = absolute_correlation(X, self.method)
        self.clusters_ = self._clusters(r)
        if self.keep == "strongest":
            from radpipe.selection.relation import strength

            worth = strength(X, y)
        else:
            same = self.clusters_[:, None] == self.clusters_
            worth = (r * same).sum(axis=0)
        # By worth and then by name: the first of each cluster stays.
        order = np.argsort(-settled(worth), kind="stable")
        first = np.unique(self.clusters_[order], return_index=True)[1]
        mask = np.zeros(len(names), dtype=bool)
        mask[order[first]] = True
        return mask

    def _clusters(self, r: FloatArray) -> NDArray[np.int64]:
        from scipy.cluster.hierarchy import fcluster, linkage

        if len(r) < 2:
            return np.ones(len(r), dtype=np.int64)
        apart = np.round(1.0 - r[np.triu_indices(len(r), 1)], 9)
        tree = linkage(apart, self.linkage)
        if self.threshold is not None:
            return fcluster(tree, 1.0 - self.threshold + 1e-9, "distance").astype(np.int64)
        return fcluster(tree, self.n, "maxclust").astype(np.int64)

"""k nearest neighbours."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling
from radpipe.models.tuning import Candidates


class KnnSpec(ClassifierSpec):
    """Share of each class among the nearest training cases (Euclidean, on z scores).

    With few neighbours the risks are coarse, and frequencies only once calibrated.

    Parameters
    ----------
    k : int
        How many neighbours; all training cases where there are fewer.
    weights : {'uniform', 'distance'}
        Whether neighbours count the same, or by the inverse of their distance.
    """

    scaling: ClassVar[Scaling] = "all"
    calibrated_risk: ClassVar[bool] = False

    kind: Literal["knn"] = "knn"
    k: int = Field(15, ge=1)
    weights: Literal["uniform", "distance"] = "uniform"
    tune: Candidates = Field({"k": [25, 15, 9, 5]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(Knn(self.k, self.weights), seed)


class Knn(Classifier):
    """scikit-learn's nearest neighbours, every distance computed."""

    def __init__(self, k: int = 15, weights: str = "uniform") -> None:
        self.k = k
        self.weights = weights

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(
            n_neighbors=min(self.k, n), weights=self.weights, algorithm="brute", n_jobs=1
        )

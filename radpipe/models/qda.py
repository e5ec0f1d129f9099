"""Quadratic discriminant analysis, regularised so that small classes have a density too."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling
from radpipe.models.tuning import Candidates


class QdaSpec(ClassifierSpec):
    """Normal densities with a covariance matrix for each class, each drawn towards the common one.

    A class of few cases has no covariance matrix of its own to be inverted; hence the
    regularisation (Friedman 1989), which is never quite 0.

    Parameters
    ----------
    pooling : float
        Share of the common covariance in each class's own: 1 is linear discriminant analysis.
    ridge : float
        Share of a sphere of the same mean variance in what results.
    """

    scaling: ClassVar[Scaling] = "all"

    kind: Literal["qda"] = "qda"
    pooling: float = Field(0.5, ge=0, le=1)
    ridge: float = Field(0.1, gt=0, le=1)
    tune: Candidates = Field({"pooling": [0.9, 0.5, 0.1]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(Qda(self.pooling, self.ridge), seed)


class Qda(Classifier):
    """Regularised discriminant analysis; priors are the classes' shares.

    A class's scatter S_c about its mean, of n_c cases, gives ``((1 - a) S_c + a S) / ((1 - a)
    n_c + a n)`` with the scatter S of all classes and the pooling a; of that the share ``ridge``
    is replaced by the identity times its mean diagonal. A class of one case takes part.

    References
    ----------
    Friedman, J Am Stat Assoc 1989;84:165, equations 16 to 18.
    """

    score_scale: ClassVar[ScoreScale] = "log_odds"

    def __init__(self, pooling: float = 0.5, ridge: float = 0.1) -> None:
        self.pooling = pooling
        self.ridge = ridge

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        n, p = values.shape
        sizes = np.bincount(codes).astype(float)
        self.means_ = np.array([values[codes == c].mean(axis=0) for c in range(len(sizes))])
        apart = values - self.means_[codes]
        common = apart.T @ apart
        # rounding alone is no spread: a floor of the columns' own variances
        floor = 1e-9 * float(values.var(axis=0).mean())
        self.whiteners_, self.constants_ = [], []
        for c, size in enumerate(sizes):
            own = apart[codes == c].T @ apart[codes == c]
            weight = (1 - self.pooling) * size + self.pooling * n
            cov = ((1 - self.pooling) * own + self.pooling * common) / weight
            sphere = max(float(np.trace(cov)) / p, floor)
            cov = (1 - self.ridge) * cov + self.ridge * sphere * np.eye(p)
            lower = np.linalg.cholesky(cov)
            self.whiteners_.append(np.linalg.inv(lower).T)
            self.constants_.append(float(np.log(size / n) - np.log(np.diag(lower)).sum()))

    def _joint(self, values: FloatArray) -> FloatArray:
        """Return log prior plus log density of each class, but for a common constant, (n, k)."""
        parts = zip(self.means_, self.whiteners_, self.constants_, strict=True)
        return np.column_stack(
            [c - 0.5 * (((values - mean) @ white) ** 2).sum(axis=1) for mean, white, c in parts]
        )

    def _probabilities(self, values: FloatArray) -> FloatArray:
        from scipy.special import softmax

        return np.asarray(softmax(self._joint(values), axis=1))

    def _log_odds(self, values: FloatArray) -> FloatArray:
        joint = self._joint(values)
        return np.asarray(joint[:, 1] - joint[:, 0])

"""Linear discriminant analysis."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.numbers import number
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling


class LdaSpec(ClassifierSpec):
    """Normal densities with one covariance matrix for all classes, shrunk towards a diagonal.

    Parameters
    ----------
    shrinkage : {'ledoit_wolf', 'none'} or float
        How much of the covariances is taken away: Ledoit and Wolf's share, nothing (as
        `MASS::lda`, which needs more cases than columns), or a share from 0 to 1.
    """

    scaling: ClassVar[Scaling] = "all"

    kind: Literal["lda"] = "lda"
    shrinkage: Literal["ledoit_wolf", "none"] | Annotated[float, Field(ge=0, le=1)] = "ledoit_wolf"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(Lda(self.shrinkage), seed)


class Lda(Classifier):
    """scikit-learn's linear discriminant analysis; priors are the classes' shares."""

    score_scale: ClassVar[ScoreScale] = "log_odds"

    def __init__(self, shrinkage: str | float = "ledoit_wolf") -> None:
        self.shrinkage = shrinkage

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        if self.shrinkage == "none":
            return LinearDiscriminantAnalysis(solver="svd")
        shrinkage = "auto" if self.shrinkage == "ledoit_wolf" else self.shrinkage
        return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        super()._learn(values, codes, sample_weight)
        if self.shrinkage == "none":
            # the scatter within classes is divided by n - k, as in R, and not by n
            fit, n, k = self.fitted_, len(codes), codes.max() + 1
            prior = np.log(fit.priors_)
            prior = np.diff(prior) if k == 2 else prior
            fit.intercept_ = (fit.intercept_ - prior) * (n - k) / n + prior
            fit.coef_ = fit.coef_ * (n - k) / n

    def summary(self) -> dict[str, Any]:
        """Return the discriminant's coefficients of a binary endpoint, and the settings."""
        found = super().summary()
        if self.n_classes_ == 1:
            coefs = zip(self.names_, self.fitted_.coef_[0], strict=True)
            found["coefficients"] = [{"name": name, "coef": number(b)} for name, b in coefs]
            found["intercept"] = number(np.ravel(self.fitted_.intercept_)[0])
        return found

"""The radscore of a survival endpoint: a LASSO Cox model, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.hazard import LogHazard, baseline_hazard
from radpipe.models.penalised import Penalised, PenaltyChoice
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling
from radpipe.resampling.folds import IntArray


class PenalisedCoxSpec(PenaltyChoice, FittedSpec):
    """Cox regression with a LASSO or elastic-net penalty at lambda.min or lambda.1se (glmnet)."""

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["penalised_cox"] = "penalised_cox"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return PenalisedCox(self.choose, self.folds, seed, self.alpha)


class PenalisedCox(Penalised, LogHazard):
    """LASSO Cox regression (Breslow ties in the path, Efron in the baseline hazard).

    The score is the linear predictor minus its mean over the training rows.
    """

    effect: ClassVar[str] = "hr"

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_cox

        return cv_cox(X, y["time"], y["event"].astype(float), folds, alpha=self.alpha)

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        lp = values @ self.coef_
        self.intercept_ = -float(lp.mean())
        self.baseline_ = baseline_hazard(lp + self.intercept_, y)

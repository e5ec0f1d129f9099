"""The radscore of a survival endpoint: a LASSO Cox model, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.hazard import baseline_hazard, risk_at
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


class PenalisedCox(Penalised):
    """LASSO Cox regression (Breslow ties in the path, Efron in the baseline hazard).

    The score is the linear predictor minus its mean over the training rows.
    """

    score_scale: ClassVar[ScoreScale] = "log_hazard"
    effect: ClassVar[str] = "hr"

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_cox

        return cv_cox(X, y["time"], y["event"].astype(float), folds, alpha=self.alpha)

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        lp = values @ self.coef_
        self.intercept_ = -float(lp.mean())
        self.baseline_ = baseline_hazard(lp + self.intercept_, y)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the centred linear predictor."""
        return np.asarray(X.to_numpy(dtype=float) @ self.coef_ + self.intercept_)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons))."""
        return risk_at(self.baseline_, self.predict_score(X), horizons)

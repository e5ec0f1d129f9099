"""The radscore of a survival endpoint: a LASSO Cox model, as glmnet fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.hazard import LogHazard, baseline_hazard
from radpipe.models.inner import Fold
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
        return PenalisedCox(self.choose, self.folds, seed, self.alpha, bool(self.selection))


class PenalisedCox(Penalised, LogHazard):
    """LASSO Cox regression (Breslow ties in the path, Efron in the baseline hazard).

    The score is the linear predictor minus its mean over the training rows.
    """

    effect: ClassVar[str] = "hr"
    measure: ClassVar[str] = "partial likelihood deviance"

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_cox

        return cv_cox(X, y["time"], y["event"].astype(float), folds, alpha=self.alpha)

    def _path(self, X: FloatArray, y: NDArray[Any], lambdas: Any = None) -> Any:
        from radpipe.stats.lasso import path_cox

        return path_cox(X, y["time"], y["event"].astype(float), lambdas, alpha=self.alpha)

    def _errors(
        self, folds: Sequence[Fold], paths: Sequence[Any], lambdas: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the deviance of all rows of a fold less that of those fitted to, an event.

        Folds without an event among the rows left out tell nothing.
        """
        from radpipe.stats.lasso_cv import cox_increase

        events = np.array([fold.truth["event"].sum() for fold in folds], dtype=float)
        values = [
            cox_increase(path, fold.X, fold.y, fold.new, fold.truth, lambdas) / n
            for fold, path, n in zip(folds, paths, events, strict=True)
            if n
        ]
        return np.array(values), events[events > 0]

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        lp = values @ self.coef_
        self.intercept_ = -float(lp.mean())
        self.baseline_ = baseline_hazard(lp + self.intercept_, y)

"""The radscore of a continuous endpoint: a LASSO linear model, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.inner import Fold
from radpipe.models.line import Line
from radpipe.models.penalised import Penalised, PenaltyChoice
from radpipe.models.spec import CONTINUOUS, FittedSpec, Scaling
from radpipe.resampling.folds import IntArray


class PenalisedLinearSpec(PenaltyChoice, FittedSpec):
    """Linear regression with a LASSO or elastic-net penalty at lambda.min or lambda.1se (glmnet).

    The penalty is chosen by the mean squared error.
    """

    endpoints: ClassVar[frozenset[str]] = CONTINUOUS
    has_risk: ClassVar[bool] = False
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["penalised_linear"] = "penalised_linear"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return PenalisedLinear(self.choose, self.folds, seed, self.alpha, bool(self.selection))


class PenalisedLinear(Penalised, Line):
    """LASSO linear regression; the score is the radscore, the expected value."""

    score_scale: ClassVar[ScoreScale] = "value"
    effect: ClassVar[str] = ""
    measure: ClassVar[str] = "mean squared error"

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_gaussian

        return cv_gaussian(X, y, folds, alpha=self.alpha)

    def _path(self, X: FloatArray, y: NDArray[Any], lambdas: Any = None) -> Any:
        from radpipe.stats.lasso import path_gaussian

        return path_gaussian(X, y, lambdas, alpha=self.alpha)

    def _losses(self, fold: Fold, path: Any, lambdas: FloatArray) -> FloatArray:
        from radpipe.stats.lasso_cv import losses

        return losses(path, fold.new, fold.truth, lambdas)

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        if self.degenerate_:
            self.intercept_ = float(np.mean(y))

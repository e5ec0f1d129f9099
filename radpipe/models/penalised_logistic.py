"""The radscore: a LASSO logistic or multinomial model, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.classifier import CLASSES_IN_ANY_ORDER
from radpipe.models.inner import Fold
from radpipe.models.line import LogOdds
from radpipe.models.penalised import Penalised, PenaltyChoice
from radpipe.models.penalised_multinomial import PenalisedMultinomial
from radpipe.models.spec import FittedSpec, Scaling
from radpipe.resampling.folds import IntArray


class PenalisedLogisticSpec(PenaltyChoice, FittedSpec):
    """Logistic regression with a LASSO or elastic-net penalty at lambda.min or lambda.1se (glmnet).

    Of several classes it is the multinomial model, with coefficients for each class.
    """

    endpoints: ClassVar[frozenset[str]] = CLASSES_IN_ANY_ORDER
    scaling: ClassVar[Scaling] = "features"
    cross_validates: ClassVar[bool] = True

    kind: Literal["penalised_logistic"] = "penalised_logistic"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        family = PenalisedLogistic if endpoint == "binary" else PenalisedMultinomial
        return family(self.choose, self.folds, seed, self.alpha, bool(self.selection))


class PenalisedLogistic(Penalised, LogOdds):
    """LASSO logistic regression; the score is the radscore, its linear predictor."""

    measure: ClassVar[str] = "binomial deviance"

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_binomial

        return cv_binomial(X, y, folds, alpha=self.alpha)

    def _path(self, X: FloatArray, y: NDArray[Any], lambdas: Any = None) -> Any:
        from radpipe.stats.lasso import path_binomial

        return path_binomial(X, y, lambdas, alpha=self.alpha)

    def _losses(self, fold: Fold, path: Any, lambdas: FloatArray) -> FloatArray:
        from radpipe.stats.lasso_cv import losses

        return losses(path, fold.new, fold.truth, lambdas)

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        if self.degenerate_:
            p = float(np.mean(y))
            self.intercept_ = float(np.log(p / (1 - p)))

"""Support vector machine, tuned and calibrated inside the training rows."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.calibrated import Calibrated
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling
from radpipe.models.tuning import Candidates


class SvmSpec(ClassifierSpec):
    """Support vector machine on z scores, its cost tuned, its risks by Platt's sigmoid.

    The risk, and not the decision value, is the score, since decision values of different fits
    have no common scale to be pooled on. Of several classes each two have a machine; a class's
    decision value counts how many it wins and by how much.

    Parameters
    ----------
    kernel : {'linear', 'rbf', 'poly'}
        Shape of the decision surface: a plane, radial basis functions, or a polynomial.
    cost : float
        Of a misplaced case.
    gamma : {'auto'} or float
        Scale of the rbf and polynomial kernels; `auto` is 1 / number of columns, as in
        `e1071::svm`.
    degree : int
        Of the polynomial.
    """

    scaling: ClassVar[Scaling] = "all"
    takes_weights: ClassVar[bool] = True

    kind: Literal["svm"] = "svm"
    kernel: Literal["linear", "rbf", "poly"] = "rbf"
    cost: float = Field(1.0, gt=0)
    gamma: Literal["auto"] | Annotated[float, Field(gt=0)] = "auto"
    degree: int = Field(3, ge=2)
    tune: Candidates = Field({"cost": [0.1, 1.0, 10.0, 100.0]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        machine = Svm(self.kernel, self.cost, self.gamma, self.degree)
        return Calibrated(self.tuned(machine, seed), "platt", seed=seed)


class Svm(Classifier):
    """scikit-learn's machine (libsvm); the score is its decision value, and it has no risk."""

    score_scale: ClassVar[ScoreScale] = "value"

    def __init__(
        self,
        kernel: str = "rbf",
        cost: float = 1.0,
        gamma: str | float = "auto",
        degree: int = 3,
    ) -> None:
        self.kernel = kernel
        self.cost = cost
        self.gamma = gamma
        self.degree = degree

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.svm import SVC

        return SVC(C=self.cost, kernel=self.kernel, gamma=self.gamma, degree=self.degree, tol=1e-4)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return decision values, above 0 on the side of the event; one column a class.

        NaN for a class that the training rows do not hold.
        """
        if self.degenerate_:
            return self._placed(np.ones((len(X), 1)), absent=np.nan)
        found = np.asarray(self.fitted_.decision_function(X.to_numpy(dtype=float)))
        if found.ndim == 1:
            found = np.column_stack([-found, found])
        return self._placed(found, absent=np.nan)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Refuse: a machine tells sides, and `Calibrated` learns risks from its scores."""
        raise NotImplementedError("a support vector machine has risks once calibrated")

    def support_vectors(self) -> int:
        """Return how many training rows are support vectors."""
        return int(self.fitted_.n_support_.sum())

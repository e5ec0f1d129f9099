"""Support vector regression, tuned inside the training rows."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.regressor import Regressor
from radpipe.models.spec import CONTINUOUS, Scaling
from radpipe.models.tuning import Candidates, TunedSpec


class SvrSpec(TunedSpec):
    """Support vector regression on z scores, of the outcome too (as `e1071::svm`); cost tuned.

    Parameters
    ----------
    kernel : {'linear', 'rbf', 'poly'}
        Shape of the surface: a plane, radial basis functions, or a polynomial.
    cost : float
        Of a residual beyond `epsilon`.
    epsilon : float
        Half the width of the tube within which residuals cost nothing, in standard deviations of
        the training rows' outcome.
    gamma : {'auto'} or float
        Scale of the rbf and polynomial kernels; `auto` is 1 / number of columns.
    degree : int
        Of the polynomial.
    """

    endpoints: ClassVar[frozenset[str]] = CONTINUOUS
    has_risk: ClassVar[bool] = False
    scaling: ClassVar[Scaling] = "all"

    kind: Literal["svr"] = "svr"
    kernel: Literal["linear", "rbf", "poly"] = "rbf"
    cost: float = Field(1.0, gt=0)
    epsilon: float = Field(0.1, ge=0)
    gamma: Literal["auto"] | Annotated[float, Field(gt=0)] = "auto"
    degree: int = Field(3, ge=2)
    tune: Candidates = Field({"cost": [0.1, 1.0, 10.0, 100.0]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        machine = Svr(self.kernel, self.cost, self.epsilon, self.gamma, self.degree)
        return self.tuned(machine, seed)


class Svr(Regressor):
    """scikit-learn's machine (libsvm), fitted to the standardised outcome."""

    def __init__(
        self,
        kernel: str = "rbf",
        cost: float = 1.0,
        epsilon: float = 0.1,
        gamma: str | float = "auto",
        degree: int = 3,
    ) -> None:
        self.kernel = kernel
        self.cost = cost
        self.epsilon = epsilon
        self.gamma = gamma
        self.degree = degree

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.svm import SVR

        return SVR(
            C=self.cost,
            kernel=self.kernel,
            epsilon=self.epsilon,
            gamma=self.gamma,
            degree=self.degree,
            tol=1e-4,
        )

    def _learn(self, values: FloatArray, y: NDArray[Any]) -> None:
        self.mean_ = float(np.mean(y))
        sd = float(np.std(y, ddof=1)) if len(y) > 1 else 0.0
        self.sd_ = sd if sd > 1e-12 * abs(self.mean_) else 1.0
        super()._learn(values, (y - self.mean_) / self.sd_)

    def _values(self, values: FloatArray) -> FloatArray:
        return super()._values(values) * self.sd_ + self.mean_

"""A small neural network."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling
from radpipe.models.tuning import Candidates


class MlpSpec(ClassifierSpec):
    """A perceptron with one hidden layer and an L2 penalty, fitted by L-BFGS.

    Parameters
    ----------
    units : int
        Of the hidden layer.
    alpha : float
        Weight of the L2 penalty.
    steps : int
        Most iterations.
    """

    scaling: ClassVar[Scaling] = "all"

    kind: Literal["mlp"] = "mlp"
    units: int = Field(8, ge=1)
    alpha: float = Field(1.0, ge=0)
    steps: int = Field(200, ge=1)
    tune: Candidates = Field({"alpha": [10.0, 1.0, 0.1]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(Mlp(self.units, self.alpha, self.steps, seed), seed)


class Mlp(Classifier):
    """scikit-learn's perceptron with rectified units."""

    def __init__(self, units: int = 8, alpha: float = 1.0, steps: int = 200, seed: int = 0) -> None:
        self.units = units
        self.alpha = alpha
        self.steps = steps
        self.seed = seed

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            hidden_layer_sizes=(self.units,),
            solver="lbfgs",
            alpha=self.alpha,
            max_iter=self.steps,
            random_state=self.seed,
        )

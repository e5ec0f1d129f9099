"""Gaussian process classification."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling


class GaussianProcessSpec(ClassifierSpec):
    """A smooth random function of the z scores behind the log odds (Laplace's approximation).

    Its variance and its length scale, the same for all columns, are those of the highest marginal
    likelihood of the training rows, found from one start.

    Parameters
    ----------
    length_scale : float
        Where the search for the length scale starts, in units of the square root of the number
        of columns.
    """

    scaling: ClassVar[Scaling] = "all"

    kind: Literal["gaussian_process"] = "gaussian_process"
    length_scale: float = Field(1.0, gt=0)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(GaussianProcess(self.length_scale, seed), seed)


class GaussianProcess(Classifier):
    """scikit-learn's classifier, radial basis kernel; several classes one against the rest."""

    def __init__(self, length_scale: float = 1.0, seed: int = 0) -> None:
        self.length_scale = length_scale
        self.seed = seed

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.gaussian_process import GaussianProcessClassifier
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel

        start = self.length_scale * p**0.5
        kernel = ConstantKernel(1.0, (1e-2, 1e3)) * RBF(start, (start / 30, start * 30))
        return GaussianProcessClassifier(kernel, random_state=self.seed, copy_X_train=False)

    def summary(self) -> dict[str, Any]:
        """Return the settings, and the kernel that was found."""
        found = super().summary()
        if not self.degenerate_:
            found["params"]["kernel"] = str(self.fitted_.kernel_)
        return found

"""Support vector machine, tuned and calibrated inside the training rows."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.spec import BINARY, FittedSpec, Scaling


class SvmSpec(FittedSpec):
    """Support vector machine on z scores; the cost is tuned over a printed grid.

    ``gamma`` of the rbf kernel is 1 / number of columns, as in `e1071::svm`.
    """

    endpoints: ClassVar[frozenset[str]] = BINARY
    scaling: ClassVar[Scaling] = "all"

    kind: Literal["svm"] = "svm"
    kernel: Literal["linear", "rbf"] = "rbf"
    costs: list[float] = Field([0.1, 1.0, 10.0], min_length=1)
    folds: int = Field(5, ge=2)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Svm(self.kernel, tuple(self.costs), self.folds, seed)

"""Logistic regression by maximum likelihood, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.spec import BINARY, FittedSpec, Scaling


class LogisticSpec(FittedSpec):
    """Maximum-likelihood logistic regression; Firth's penalty where the data are separated."""

    endpoints: ClassVar[frozenset[str]] = BINARY
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["logistic"] = "logistic"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Logistic()

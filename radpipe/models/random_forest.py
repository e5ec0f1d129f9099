"""Random forest."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.spec import BINARY, FittedSpec


class RandomForestSpec(FittedSpec):
    """Random forest of classification trees; the risk is the mean vote of the leaves."""

    endpoints: ClassVar[frozenset[str]] = BINARY

    kind: Literal["random_forest"] = "random_forest"
    trees: int = Field(200, ge=1)
    min_leaf: int = Field(3, ge=1)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return RandomForest(self.trees, self.min_leaf, seed)

"""Gradient-boosted trees (XGBoost)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.spec import BINARY, FittedSpec


class XgboostSpec(FittedSpec):
    """Boosted trees with fixed, cautious defaults for small cohorts."""

    endpoints: ClassVar[frozenset[str]] = BINARY

    kind: Literal["xgboost"] = "xgboost"
    rounds: int = Field(100, ge=1)
    depth: int = Field(2, ge=1)
    eta: float = Field(0.1, gt=0, le=1)
    subsample: float = Field(0.8, gt=0, le=1)
    colsample: float = Field(0.5, gt=0, le=1)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Xgboost(
            self.rounds, self.depth, self.eta, self.subsample, self.colsample, seed
        )

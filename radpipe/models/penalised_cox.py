"""The radscore of a survival endpoint: a LASSO Cox model, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling


class PenalisedCoxSpec(FittedSpec):
    """Cox regression with the LASSO penalty at lambda.min or lambda.1se (glmnet)."""

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["penalised_cox"] = "penalised_cox"
    choose: Literal["min", "1se"] = "min"
    folds: int = Field(10, ge=3)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return PenalisedCox(self.choose, self.folds, seed)

"""Cox proportional hazards regression, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling


class CoxSpec(FittedSpec):
    """Cox regression (Efron's method for ties, Efron baseline)."""

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["cox"] = "cox"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Cox()

"""A nomogram: a logistic or Cox model over radscores and clinical variables, read as points."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.spec import BOTH, FittedSpec


class NomogramSpec(FittedSpec):
    """Logistic regression (binary) or Cox regression (survival), drawn as a nomogram.

    Variables stay in their own units, since the axes of the nomogram are read in them.
    """

    endpoints: ClassVar[frozenset[str]] = BOTH

    kind: Literal["nomogram"] = "nomogram"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Nomogram(endpoint)

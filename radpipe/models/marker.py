"""A measured value taken as it is: no fit."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.spec import ModelSpec


class MarkerSpec(ModelSpec):
    """One column and the direction in which the event becomes more likely."""

    has_risk: ClassVar[bool] = False
    imputes: ClassVar[bool] = False

    kind: Literal["marker"] = "marker"
    input: str
    direction: Literal["higher", "lower"]

    @property
    def inputs(self) -> list[str]:
        """The one column, under the name that other models use."""
        return [self.input]

    @property
    def selection(self) -> None:
        """A marker selects nothing."""
        return None

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Marker(self.direction)

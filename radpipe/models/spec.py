"""What the settings of every model family share."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from radpipe.core.spec import KindSpec, one_of
from radpipe.core.target import EndpointKind
from radpipe.selection.base import BOTH
from radpipe.selection.registry import SELECTORS

BINARY: frozenset[str] = frozenset({"binary"})
SURVIVAL: frozenset[str] = frozenset({"survival"})

Cutoff = Literal["youden", "median"]
Scaling = Literal["none", "features", "all"]

SelectorStep: Any = one_of(SELECTORS)


class ModelSpec(KindSpec):
    """Settings of one model."""

    endpoints: ClassVar[frozenset[str]] = BOTH
    """Kinds of endpoint that the family takes."""
    has_risk: ClassVar[bool] = True
    """Whether the family gives the probability of the event, and not only a ranking."""
    scaling: ClassVar[Scaling] = "none"
    """Which columns are put on z scores before the fit: none, radiomic features, or all."""
    imputes: ClassVar[bool] = True
    """Whether missing values are filled in before the fit."""

    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version its fits depend on, beside those that every installation has."""

    label: str | None = None
    cutoff: Cutoff | None = None
    """How the cut-off is learned; by default ``youden`` (binary), ``median`` (survival)."""

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator (`radpipe.models.base.Model`)."""
        raise NotImplementedError

    def cutoff_for(self, endpoint: EndpointKind) -> Cutoff:
        """Return the rule of the cut-off for this endpoint."""
        return self.cutoff or ("youden" if endpoint == "binary" else "median")


class FittedSpec(ModelSpec):
    """Settings of a model that is fitted to inputs, after an optional selection."""

    inputs: list[str] = Field(min_length=1)
    """Blocks, ``clinical``, single clinical variables (``clinical.age``), or other models."""
    selection: str | list[SelectorStep] | None = None
    """Name of a chain of the study, or the chain itself."""

"""The nomogram of a logistic or Cox model."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.outputs.base import ModelOutputSpec


class NomogramSpec(ModelOutputSpec):
    """Points for each variable, their sum, and the risk that it means."""

    kind: Literal["nomogram"] = "nomogram"

    heading: ClassVar[str] = "Nomogram"
    section: ClassVar[str] = "models"
    model_kinds: ClassVar[frozenset[str] | None] = frozenset({"nomogram"})

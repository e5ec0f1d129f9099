"""Negative controls: a permuted endpoint, the volume alone, the clinical variables alone."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.outputs.base import ModelOutputSpec


class ControlsSpec(ModelOutputSpec):
    """The range over endpoint permutations beside the real value."""

    kind: Literal["controls"] = "controls"

    heading: ClassVar[str] = "Negative controls"
    section: ClassVar[str] = "controls"

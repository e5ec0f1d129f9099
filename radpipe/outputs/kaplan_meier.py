"""Kaplan-Meier curves of risk groups, with the numbers at risk."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec


class KaplanMeierSpec(ModelOutputSpec):
    """Kaplan-Meier curves of risk groups.

    Parameters
    ----------
    until : float or None
        Where the time axis ends; None means the last observed time.
    interval : bool
        Whether the 95% bands are drawn.
    """

    kind: Literal["kaplan_meier"] = "kaplan_meier"
    until: Annotated[float, Field(gt=0)] | None = None
    interval: bool = True

    heading: ClassVar[str] = "Kaplan-Meier curves of risk groups"
    endpoints: ClassVar[frozenset[str]] = frozenset({"survival"})

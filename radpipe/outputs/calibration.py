"""Calibration: predicted against observed risk."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec


class CalibrationSpec(ModelOutputSpec):
    """Calibration curves.

    Parameters
    ----------
    groups : int
        How many groups of equal size the cases are put in by predicted risk.
    horizon : float or None
        Survival: the time at which risk is meant; None means every declared horizon.
    """

    kind: Literal["calibration"] = "calibration"
    groups: Annotated[int, Field(ge=2, le=20)] = 5
    horizon: Annotated[float, Field(gt=0)] | None = None

    heading: ClassVar[str] = "Calibration"
    needs_risk: ClassVar[bool] = True

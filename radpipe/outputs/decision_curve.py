"""Decision curves: net benefit against the threshold probability."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec


class DecisionCurveSpec(ModelOutputSpec):
    """Decision curves with treat-all and treat-none.

    Parameters
    ----------
    lowest, highest, step : float
        The grid of threshold probabilities.
    horizon : float or None
        Survival: the time by which the event is meant; None means every declared horizon.
    """

    kind: Literal["decision_curve"] = "decision_curve"
    lowest: Annotated[float, Field(ge=0, lt=1)] = 0.01
    highest: Annotated[float, Field(gt=0, lt=1)] = 0.99
    step: Annotated[float, Field(gt=0, le=0.1)] = 0.01
    horizon: Annotated[float, Field(gt=0)] | None = None

    heading: ClassVar[str] = "Decision curves"
    needs_risk: ClassVar[bool] = True

"""Decision curves: net benefit against the threshold probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pandas as pd
from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec, OutputData, Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

TREAT_ALL, TREAT_NONE = "treat all", "treat none"
PANEL_MM = 58.0


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

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split and horizon; None where no model gives risks."""
        from radpipe.outputs.panels import FOOT_MM, Grid, legend_beneath, legend_mm
        from radpipe.outputs.style import GREY

        table = result.tables["net_benefit"]
        if table.empty:
            return None
        panels = list(table.groupby(["split", "horizon"], sort=False, dropna=False))
        most = max(
            legend_mm([_label(m, style) for m in rows["model"].unique()]) for _, rows in panels
        )
        grid = Grid(style, len(panels), 2, PANEL_MM, FOOT_MM + most)
        for i, ((split, horizon), rows) in enumerate(panels):
            ax = grid.axes(i, panel_title(str(split), float(horizon), result))
            handles, labels = [], []
            for model, part in rows.groupby("model", sort=False):
                look = _look(str(model), style)
                handles += ax.plot(part["threshold"], part["net_benefit"], **look)
                labels.append(_label(str(model), style))
            bottom, top = _limits(rows)
            ax.set(xlim=(0, 1), ylim=(bottom, top))
            ax.set(xlabel="Threshold probability", ylabel="Net benefit")
            ax.tick_params(axis="both", color=GREY)
            legend_beneath(ax, handles, labels, PANEL_MM)
        return grid.sheet.figure


def panel_title(split: str, horizon: float, result: Result) -> str:
    """Return a split's title, with the horizon where there is one."""
    from radpipe.outputs.words import split_title

    if pd.isna(horizon):
        return split_title(split)
    return f"{split_title(split)}, {horizon:g} {result.facts.get('time_unit') or ''}".strip()


def _label(model: str, style: Style) -> str:
    return model.capitalize() if model in (TREAT_ALL, TREAT_NONE) else style.label(model)


def _look(model: str, style: Style) -> dict[str, object]:
    """Return the line of a model or of one of the two strategies."""
    if model == TREAT_ALL:
        return {"color": "#9A9A9A", "lw": 0.9}
    if model == TREAT_NONE:
        return {"color": "black", "lw": 0.9}
    return {"color": style.colour(model), "linestyle": style.dash(model)}


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the range of net benefit that matters: treat-all falls without end."""
    top = float(rows["net_benefit"].max())
    return -0.25 * max(top, 0.04), max(top, 0.04) * 1.08

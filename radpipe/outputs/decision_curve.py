"""Decision curves: net benefit against the threshold probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    calibrated,
    chosen_classes,
    counted,
    horizons,
    in_order,
    is_survival,
    opening,
    panel_title,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
    without_risk,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

TREAT_ALL, TREAT_NONE = "treat all", "treat none"
PANEL_MM = 58.0


class DecisionCurveSpec(PredictionOutputSpec):
    """Decision curves with treat-all and treat-none, one panel a split (horizon, class).

    Parameters
    ----------
    classes : tuple of str
        Several classes or labels: which of them, each against the rest; empty means all.
    lowest, highest, step : float
        The grid of threshold probabilities.
    horizon : float or None
        Survival: the time by which the event is meant; None means every declared horizon.
    """

    kind: Literal["decision_curve"] = "decision_curve"
    lowest: Annotated[float, Field(ge=0, lt=1)] = 0.01
    highest: Annotated[float, Field(gt=0, lt=1)] = 0.99
    step: Annotated[float, Field(gt=0, le=0.1)] = 0.01
    classes: tuple[Text, ...] = ()
    horizon: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _grid(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(
                f"the lowest threshold {self.lowest:g}, not below the highest, {self.highest:g}; "
                "exchange them"
            )
        return self

    endpoints: ClassVar[frozenset[str]] = KINDS - {"continuous"}
    heading: ClassVar[str] = "Decision curves"
    needs_risk: ClassVar[bool] = True

    def compute(self, data: OutputData) -> Result:
        """Return table ``net_benefit``: one row a threshold, model, split, class and horizon."""
        from radpipe.evaluation.curves import decision

        asked, splits = self.chosen(data), shown_splits(self, data)
        models = calibrated(data, asked)
        thresholds = np.arange(self.lowest, self.highest + self.step / 2, self.step).round(6)
        rows = rows_of(data, models)
        order = (TREAT_ALL, TREAT_NONE, *models)
        parts = [
            in_order(decision(rows, data.outcomes, data.endpoint, thresholds, h), splits, order)
            for h in horizons(data, self.horizon)
        ]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["model"])
        names = chosen_classes(self.name, self.classes, data)
        if names:
            table = _by_class(table[table["class"].isin(names)], names)
        ours = table[~table["model"].isin([TREAT_ALL, TREAT_NONE])]
        methods = "; ".join(dict.fromkeys(str(m) for m in ours.get("method", ())))
        by = "" if not is_survival(data) else " The event is meant to occur by the time shown."
        if names:
            by = " Each class is compared with the rest: a case is treated for it, or not."
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} Net benefit of treating those whose "
            f"predicted risk reaches the threshold ({methods}); no intervals.{by} A model is of "
            "use where its curve lies above both treating all and treating none."
        )
        notes = (*without_risk(data, asked), *_left_out(table, data))
        return Result(
            {"net_benefit": table}, caption, notes, {"time_unit": data.endpoint.get("time_unit")}
        )

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split, horizon and class; None where no model gives risks."""
        from radpipe.outputs.panels import FOOT_MM, TITLE_MM, Grid, legend_beneath, legend_mm
        from radpipe.outputs.style import wrap

        table = result.tables["net_benefit"]
        if table.empty:
            return None
        panels = list(table.groupby(["split", "horizon", "class"], sort=False, dropna=False))
        most = max(
            legend_mm([_label(m, style) for m in rows["model"].unique()]) for _, rows in panels
        )
        several = bool((table["class"] != "").any())
        title = TITLE_MM + 3 if several else TITLE_MM
        grid = Grid(style, len(panels), 2, PANEL_MM, FOOT_MM + most, title)
        for i, ((split, horizon, label), rows) in enumerate(panels):
            words = panel_title(str(split), float(horizon), result)
            ax = grid.axes(i, words, wrap(str(label), 62, 1) if several else "")
            handles, labels = [], []
            for model, part in rows.groupby("model", sort=False):
                look = _look(str(model), style)
                handles += ax.plot(part["threshold"], part["net_benefit"], **look)
                labels.append(_label(str(model), style))
            bottom, top = _limits(rows)
            ax.set(xlim=(0, 1), ylim=(bottom, top))
            ax.set(xlabel="Threshold probability", ylabel="Net benefit")
            ax.locator_params(axis="y", nbins=5)
            legend_beneath(ax, handles, labels, PANEL_MM)
        return grid.sheet.figure


def _left_out(table: pd.DataFrame, data: OutputData) -> list[str]:
    """Return which models give no risk to cases that treating all is of."""
    if table.empty:
        return []
    counts = table.drop_duplicates(["model", "split", "class", "horizon"])
    counts = counts.pivot_table("n", ["model", "split"], sort=False, aggfunc="min").reset_index()
    everybody = counts[counts["model"] == TREAT_ALL].set_index("split")["n"]
    found = []
    for _, row in counts[~counts["model"].isin([TREAT_ALL, TREAT_NONE])].iterrows():
        of, n = int(everybody[row["split"]]), int(row["n"])
        if n < of:
            found.append(
                f"{data.model_label(row['model'])}, {split_title(row['split'])}: "
                f"{counted(of - n, 'case')} without a risk left out; treating all and treating "
                f"none are of {of} cases."
            )
    return found


def _by_class(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows with each split's classes in their order."""
    places = table["split"].map({s: i for i, s in enumerate(table["split"].unique())})
    order = pd.DataFrame({"s": places, "c": table["class"].map(list(names).index)})
    order = order.sort_values(["s", "c"], kind="stable")
    return table.loc[order.index].reset_index(drop=True)


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

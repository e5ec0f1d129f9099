"""The drawing of ROC curves at horizons, and of the AUC over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from radpipe.outputs.base import Result
from radpipe.outputs.time_dependent_roc import median_words
from radpipe.outputs.words import interval, panel_title, split_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style


def draw_curves(result: Result, style: Style) -> Figure | None:
    """Return, split by split, a panel a horizon and one of the AUC over time; None without AUC."""
    from radpipe.outputs.panels import (
        FOOT_MM,
        LEFT_MM,
        RIGHT_MM,
        Grid,
        legend_beneath,
        legend_mm,
    )
    from radpipe.outputs.roc import frame
    from radpipe.outputs.style import SINGLE_MM

    curves, areas = result.tables["curve"], result.tables["auc"]
    if curves.empty:
        return None
    panels = _panels(result, style)
    places = _places([split for split, *_ in panels])
    side = SINGLE_MM - LEFT_MM - RIGHT_MM
    beneath = FOOT_MM + max(legend_mm([label for _, label in own]) for *_, own in panels)
    grid = Grid(style, places[-1] + 1, 2, side, beneath)
    for i, (split, horizon, own) in zip(places, panels, strict=True):
        at_horizon = bool(np.isfinite(horizon))
        if at_horizon:
            ax = grid.axes(i, panel_title(split, horizon, result))
            frame(ax)
            table = curves[(curves["split"] == split) & (curves["horizon"] == horizon)]
        else:
            ax = grid.axes(i, f"{split_title(split)}, AUC over time")
            table = result.tables["over_time"]
            table = table[table["split"] == split]
            _time_frame(ax, table, result, areas["horizon"].unique())
        x, y = ("fpr", "tpr") if at_horizon else ("time", "auc")
        handles: list[Any] = []
        for model, _ in own:
            part = table[table["model"] == model]
            # A ROC curve lies on the frame itself, which would cut half of its width.
            look = {"color": style.colour(model), "linestyle": style.dash(model)}
            look |= {"clip_on": not at_horizon, "solid_joinstyle": "miter"}
            handles += ax.plot(part[x], part[y], **look)
        legend_beneath(ax, handles, [label for _, label in own], side)
    return grid.sheet.figure


def _places(splits: Sequence[str]) -> list[int]:
    """Return each panel's place; a split begins a row, where it has several panels."""
    several = len(set(splits)) < len(splits)
    places: list[int] = []
    for i, split in enumerate(splits):
        place = places[-1] + 1 if places else 0
        places.append(place + place % 2 if several and i and split != splits[i - 1] else place)
    return places


def _panels(result: Result, style: Style) -> list[tuple[str, float, list[tuple[str, str]]]]:
    """Return split, horizon (NaN: over time), and models with their words, a panel each."""
    found: list[tuple[str, float, list[tuple[str, str]]]] = []
    medians = result.tables.get("median")
    areas = result.tables["auc"]
    for split, there in areas.groupby("split", sort=False):
        for horizon, rows in there.groupby("horizon", sort=True):
            own = [
                (
                    str(r["model"]),
                    f"{style.label(r['model'])}: AUC "
                    f"{interval(r['estimate'], r['lower'], r['upper'])}",
                )
                for _, r in rows.iterrows()
            ]
            found.append((str(split), float(horizon), own))
        if medians is None:
            continue
        rows = medians[(medians["split"] == split) & medians["median"].notna()]
        own = [
            (str(r["model"]), f"{style.label(r['model'])}: median {median_words(r)}")
            for _, r in rows.iterrows()
        ]
        if own:
            found.append((str(split), float("nan"), own))
    return found


def _time_frame(ax: Axes, table: pd.DataFrame, result: Result, times: Any) -> None:
    """Draw the horizons, the line of chance and the scales."""
    from radpipe.outputs.style import FAINT, GREY

    for time in times:
        ax.axvline(time, color=FAINT, lw=0.6, zorder=0)
    ax.axhline(0.5, color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    last = max(float(np.max(times)), float(table["time"].max()))
    low = float(np.floor(10 * min(0.4, table["auc"].min())) / 10)
    unit = result.facts.get("time_unit") or ""
    ax.set(xlim=(0, last * 1.02), ylim=(low, 1.01))
    ax.set(xlabel=f"Time ({unit})" if unit else "Time", ylabel="AUC")
    ax.locator_params(nbins=6)

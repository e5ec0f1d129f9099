"""The drawing of calibration: one small panel a model, with the spread of risks beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.base import Result
from radpipe.outputs.style import DOUBLE_MM, GREY, wrap
from radpipe.outputs.words import interval, panel_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

ACROSS = 3
CELL_MM = DOUBLE_MM / ACROSS
LEFT_MM = 11.0
SIDE_MM = CELL_MM - LEFT_MM - 3.0
TITLE_MM = 12.0
STRIP_MM = 9.0
FOOT_MM = 10.0
SUMMARY_MM = 11.0
PITCH_MM = TITLE_MM + SIDE_MM + STRIP_MM + FOOT_MM + SUMMARY_MM
KEYS = ["split", "horizon", "model", "class"]


def draw_calibration(result: Result, style: Style) -> Figure:
    """Return a grid of panels, one for each split, horizon, model and class of ``groups``."""
    summary = result.tables["groups"][KEYS].drop_duplicates()
    across = min(ACROSS, len(summary))
    down = -(-len(summary) // ACROSS)
    sheet = style.sheet(CELL_MM * across, PITCH_MM * down)
    for i, (_, row) in enumerate(summary.iterrows()):
        left, top = (i % ACROSS) * CELL_MM, (i // ACROSS) * PITCH_MM
        title = panel_title(str(row["split"]), float(row["horizon"]), result)
        label = wrap(style.label(row["model"]), 38, 2)
        if row["class"]:
            title = wrap(f"{title}: {row['class']}", 46, 1)
        # by their baselines, whatever letters hang below them
        told = {"va": "baseline", "linespacing": 1.1}
        sheet.text(left + 1.5, top + TITLE_MM - 4.6, label, fontweight="bold", **told)
        sheet.text(left + 1.5, top + TITLE_MM - 1.3, title, fontsize=6.3, color=GREY, **told)
        _panel(sheet, left + LEFT_MM, top + TITLE_MM, result, row, style)
    return sheet.figure


def _panel(
    sheet: Sheet, left: float, top: float, result: Result, row: pd.Series, style: Style
) -> None:
    """Draw one model's curve, groups, spread of risks and summary."""
    model = str(row["model"])
    tables = {name: _of(result.tables[name], row) for name in ("curve", "groups", "risks")}
    ax = sheet.axes(left, top, SIDE_MM, SIDE_MM)
    ax.plot([0, 1], [0, 1], color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    curve, groups = tables["curve"], tables["groups"]
    ax.plot(curve["risk"], curve["observed"], color=style.colour(model))
    known = groups[groups["observed"].notna()]
    ax.vlines(known["predicted"], known["lower"], known["upper"], color="#555555", lw=0.7)
    ax.plot(
        known["predicted"],
        known["observed"],
        style.marker(model),
        color=style.colour(model),
        ms=4.2,
        mec="white",
        mew=0.4,
        clip_on=False,
    )
    ax.set(xlim=(0, 1), ylim=(0, 1), ylabel="Observed")
    ticks = np.linspace(0, 1, 6)
    ax.set_yticks(ticks, [f"{t:.1f}" for t in ticks])
    ax.set_xticks(ticks, [])
    below = sheet.axes(left, top + SIDE_MM + 1.2, SIDE_MM, STRIP_MM - 1.2)
    _spread(below, tables["risks"])
    below.set_xticks(ticks, [f"{t:.1f}" for t in ticks])
    below.set_xlabel("Predicted risk")
    foot = top + SIDE_MM + STRIP_MM + FOOT_MM
    sheet.text(
        left,
        foot - 1,
        "\n".join(_summary(_of(result.tables["summary"], row))),
        va="top",
        fontsize=6.2,
        linespacing=1.25,
    )


def _of(table: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Return the rows of a table that belong to a panel."""
    same = (table["split"] == row["split"]) & (table["model"] == row["model"])
    same &= table["class"] == row["class"]
    if pd.notna(row["horizon"]):
        same &= table["horizon"] == row["horizon"]
    return table[same]


def _spread(ax: Axes, risks: pd.DataFrame) -> None:
    """Draw how many cases have which risk: with the event upwards, without it downwards.

    Where that is not known of all (survival), all cases stand upwards in grey.
    """
    width = risks["high"] - risks["low"]
    up, down = risks["n_event"], risks["n_other"]
    survival = risks["horizon"].notna().any()
    largest = 1.1 * max([1.0, *up, *down])
    if survival:
        ax.bar(risks["low"], down, width, align="edge", color=GREY, lw=0)
    else:
        ax.bar(risks["low"], up, width, align="edge", color="#D55E00", lw=0)
        ax.bar(risks["low"], -down, width, align="edge", color="#0072B2", lw=0)
        ax.axhline(0, color="black", lw=0.5)
    ax.set(xlim=(0, 1), ylim=(0 if survival else -largest, largest), yticks=[])
    ax.spines["left"].set_visible(False)


def _summary(rows: pd.DataFrame) -> list[str]:
    """Return the lines beneath a panel."""
    names = {"slope": "Slope", "intercept": "Intercept", "brier": "Brier score"}
    if rows["horizon"].notna().any():
        names = {"oe": "O/E"}
    lines = []
    for measure, name in names.items():
        for _, row in rows[rows["measure"] == measure].iterrows():
            digits = 3 if measure == "brier" else 2
            words = interval(
                float(row["estimate"]), float(row["lower"]), float(row["upper"]), digits
            )
            lines.append(f"{name} {words.replace('-', '−')}")
    return lines

"""The drawing of risk groups' curves, each with its table of numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.base import Result
from radpipe.outputs.words import p_words, split_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

PANEL_MM = 50.0
ROW_MM = 3.75
TITLE_MM = 9.0
LOOKS = {
    "low": {"color": "#0072B2", "linestyle": "solid"},
    "intermediate": {"color": "#8A6D00", "linestyle": (0, (1, 1))},
    "high": {"color": "#D55E00", "linestyle": (0, (5, 1.6))},
}
SHORT = {"intermediate": "Interm."}


def draw_groups(result: Result, style: Style, until: float | None, interval: bool) -> Figure | None:
    """Return one panel a split and model, each with its table of numbers at risk."""
    from radpipe.outputs.panels import FOOT_MM, LEFT_MM, Grid

    curves = result.tables["curve"]
    if curves.empty:
        return None
    panels = list(curves.groupby(["split", "model"], sort=False))
    rows_mm = ROW_MM * (1 + max(part["group"].nunique() for _, part in panels))
    grid = Grid(style, len(panels), 2, PANEL_MM, FOOT_MM + rows_mm + 3, TITLE_MM)
    for i, ((split, model), rows) in enumerate(panels):
        left, top = grid.place(i)
        ax = grid.axes(i, style.label(str(model)), split_title(str(split)))
        _curves(ax, rows, result, until, interval)
        summary = _part(result.tables["summary"], split, model)
        _legend(ax, summary, result, str(split), str(model))
        under = grid.sheet.axes(
            left + LEFT_MM, top + TITLE_MM + PANEL_MM + FOOT_MM, grid.cell - LEFT_MM - 4.0, rows_mm
        )
        at_risk = _part(result.tables["at_risk"], split, model)
        ax.set_xticks(*_ticks(at_risk, ax.get_xlim()[1]))
        _numbers(under, at_risk, ax.get_xlim())
    return grid.sheet.figure


def _curves(
    ax: Axes, rows: pd.DataFrame, result: Result, until: float | None, interval: bool
) -> None:
    """Draw the steps, the bands and a tick for each censored case."""
    height = "incidence" if "incidence" in rows else "survival"
    for group, part in rows.groupby("group", sort=False):
        look = LOOKS[str(group)]
        ax.step(part["time"], part[height], where="post", **look)
        if interval:
            ax.fill_between(
                part["time"], part["lower"].ffill(), part["upper"].ffill(), step="post",
                color=look["color"], alpha=0.13, lw=0,
            )  # fmt: skip
        lost = part[part["censored"] > 0]
        ax.plot(lost["time"], lost[height], "|", color=look["color"], ms=4, mew=0.7)
    ax.set(xlim=(0, until or float(rows["time"].max())), ylim=(0, 1.02))
    unit = result.facts.get("time_unit") or ""
    ax.set_xlabel(f"Time ({unit})" if unit else "Time")
    ax.set_ylabel(f"{result.facts.get('survival', 'Survival')}"[:46])
    ax.set_yticks(np.linspace(0, 1, 6), [f"{v:.1f}" for v in np.linspace(0, 1, 6)])


def _part(table: pd.DataFrame, split: object, model: object) -> pd.DataFrame:
    return table[(table["split"] == split) & (table["model"] == model)]


def _ticks(at_risk: pd.DataFrame, end: float) -> tuple[list[float], list[str]]:
    """Return the times at which the numbers at risk are told, which are the axis's ticks."""
    times = [float(t) for t in sorted(set(at_risk["time"])) if t <= end]
    return times, [f"{t:g}" for t in times]


def _legend(ax: Axes, summary: pd.DataFrame, result: Result, split: str, model: str) -> None:
    """Name the groups, and the p values where there are honest ones."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], **LOOKS[str(g)]) for g in summary["group"]]
    labels = [
        f"{str(r['group']).capitalize()}: {r['events']:.0f}/{r['n']:.0f}"
        for _, r in summary.iterrows()
    ]
    tests, told = _part(result.tables["tests"], split, model), []
    for column, name in (("p", str(result.facts.get("test", "Log-rank"))), ("trend_p", "Trend")):
        if len(tests) and pd.notna(tests[column].iloc[0]):
            p = p_words(float(tests[column].iloc[0]))
            told.append(f"{name} p {p}" if p.startswith("<") else f"{name} p = {p}")
    if told:  # above the panel, where it hides no curve
        ax.annotate(
            "\n".join(told), (1, 1), xycoords="axes fraction", xytext=(0, 3),
            textcoords="offset points", ha="right", va="bottom", fontsize=6.2,
        )  # fmt: skip
    legend = ax.legend(
        handles, labels, loc="best", fontsize=6.2, borderaxespad=0.4, title="Risk: events/cases",
        title_fontsize=6.2,
    )  # fmt: skip
    legend.set_frame_on(True)
    legend.get_frame().set(facecolor="white", alpha=0.75, linewidth=0)


def _numbers(ax: Axes, at_risk: pd.DataFrame, limits: tuple[float, float]) -> None:
    """Write the numbers at risk under the ticks of the time axis."""
    ax.set(xlim=limits, ylim=(at_risk["group"].nunique() + 0.6, -0.6))
    ax.set_axis_off()
    ax.annotate(
        "Number at risk", (0, 0), xycoords=("axes fraction", "data"), xytext=(-28, 0),
        textcoords="offset points", va="center", fontsize=6.2, color="#555555",
    )  # fmt: skip
    for i, (group, part) in enumerate(at_risk.groupby("group", sort=False)):
        colour = LOOKS[str(group)]["color"]
        ax.annotate(
            SHORT.get(str(group), str(group).capitalize()), (0, i + 1),
            xycoords=("axes fraction", "data"),
            xytext=(-11, 0), textcoords="offset points", ha="right", va="center",
            color=colour, fontsize=6.2,
        )  # fmt: skip
        for time, n in zip(part["time"], part["at_risk"], strict=True):
            if limits[0] <= time <= limits[1]:
                ax.text(time, i + 1, f"{n:.0f}", ha="center", va="center", fontsize=6.2)

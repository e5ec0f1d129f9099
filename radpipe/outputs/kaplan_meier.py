"""Kaplan-Meier curves of risk groups, with the numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    RESAMPLED,
    in_order,
    opening,
    p_words,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

PANEL_MM = 50.0
AT_RISK_MM = 12.0
TITLE_MM = 9.0
LOOKS = {
    "low": {"color": "#0072B2", "linestyle": "solid"},
    "high": {"color": "#D55E00", "linestyle": (0, (5, 1.6))},
}


class KaplanMeierSpec(PredictionOutputSpec):
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

    def compute(self, data: OutputData) -> Result:
        """Return tables ``curve``, ``at_risk``, ``summary`` and ``tests``, by split and model."""
        from radpipe.evaluation.riskgroups import survival_of_groups

        models, splits = self.chosen(data), shown_splits(self, data)
        found = survival_of_groups(rows_of(data, models), data.outcomes, data.endpoint)
        tables = {
            "summary": found.summary,
            "tests": found.tests,
            "curve": found.curves,
            "at_risk": found.at_risk,
        }
        tables = {name: in_order(table, splits, models) for name, table in tables.items()}
        tests = tables["tests"]
        why = dict.fromkeys(str(n) for n in tests.loc[tests["p"].isna(), "note"] if n)
        methods = dict.fromkeys(str(m) for m in tests.loc[tests["p"].notna(), "method"])
        groups = (
            " Out-of-fold, a case belongs to the group that most of its repeats put it in."
            if RESAMPLED in splits
            else ""
        )
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} Groups: score at or above the "
            "cut-off, learned on inner out-of-fold predictions of the training rows, is high "
            f"risk.{groups} Bands: pointwise 95% intervals (log-log). Ticks: censored cases. "
            f"{'P values: ' + '; '.join(methods) + '. ' if methods else ''}"
            f"{' '.join(w[0].upper() + w[1:] + '.' for w in why)}"
        ).strip()
        there = set(tables["curve"]["model"])
        notes = tuple(
            f"{data.model_label(m)}: not shown, since it has no cut-off."
            for m in models
            if m not in there
        )
        label = str(data.endpoint.get("label") or "")
        facts = {
            "time_unit": data.endpoint.get("time_unit"),
            "survival": label[:1].upper() + label[1:] if "survival" in label else "Free of event",
        }
        readable = {"groups": _readable(tables["summary"], data)}
        return Result(readable | tables, caption, notes, facts, ("groups",))

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split and model, each with its table of numbers at risk."""
        from radpipe.outputs.panels import FOOT_MM, LEFT_MM, Grid

        curves = result.tables["curve"]
        if curves.empty:
            return None
        panels = list(curves.groupby(["split", "model"], sort=False))
        grid = Grid(style, len(panels), 2, PANEL_MM, FOOT_MM + AT_RISK_MM + 2, TITLE_MM)
        for i, ((split, model), rows) in enumerate(panels):
            left, top = grid.place(i)
            ax = grid.axes(i, style.label(str(model)), split_title(str(split)))
            self._curves(ax, rows, result)
            summary = _part(result.tables["summary"], split, model)
            _legend(ax, summary, result, str(split), str(model))
            under = grid.sheet.axes(
                left + LEFT_MM,
                top + TITLE_MM + PANEL_MM + FOOT_MM,
                grid.cell - LEFT_MM - 4.0,
                AT_RISK_MM,
            )
            at_risk = _part(result.tables["at_risk"], split, model)
            ax.set_xticks(*_ticks(at_risk, ax.get_xlim()[1]))
            _numbers(under, at_risk, ax.get_xlim())
        return grid.sheet.figure

    def _curves(self, ax: Axes, rows: pd.DataFrame, result: Result) -> None:
        """Draw the steps, the bands and a tick for each censored case."""
        for group, part in rows.groupby("group", sort=False):
            look = LOOKS[str(group)]
            ax.step(part["time"], part["survival"], where="post", **look)
            if self.interval:
                ax.fill_between(
                    part["time"], part["lower"].ffill(), part["upper"].ffill(), step="post",
                    color=look["color"], alpha=0.13, lw=0,
                )  # fmt: skip
            lost = part[part["censored"] > 0]
            ax.plot(lost["time"], lost["survival"], "|", color=look["color"], ms=4, mew=0.7)
        end = self.until or float(rows["time"].max())
        ax.set(xlim=(0, end), ylim=(0, 1.02))
        unit = result.facts.get("time_unit") or ""
        ax.set_xlabel(f"Time ({unit})" if unit else "Time")
        ax.set_ylabel(f"{result.facts.get('survival', 'Survival')}"[:46])
        ax.set_yticks(np.linspace(0, 1, 6), [f"{v:.1f}" for v in np.linspace(0, 1, 6)])


def _readable(summary: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return one row a group with its median, as a reader wants it."""
    unit = data.endpoint.get("time_unit")
    median = f"Median (95% interval){f', {unit}' if unit else ''}"

    def told(value: float) -> str:
        return f"{value:g}" if pd.notna(value) else "not reached"

    return pd.DataFrame(
        [
            {
                "Model": data.model_label(row["model"]),
                "Cases": split_title(str(row["split"])),
                "Risk": row["group"],
                "n": int(row["n"]),
                "Events": int(row["events"]),
                median: f"{told(row['median'])} ({told(row['median_lower'])} to "
                f"{told(row['median_upper'])})",
            }
            for _, row in summary.iterrows()
        ]
    )


def _part(table: pd.DataFrame, split: object, model: object) -> pd.DataFrame:
    return table[(table["split"] == split) & (table["model"] == model)]


def _ticks(at_risk: pd.DataFrame, end: float) -> tuple[list[float], list[str]]:
    """Return the times at which the numbers at risk are told, which are the axis's ticks."""
    times = [float(t) for t in sorted(set(at_risk["time"])) if t <= end]
    return times, [f"{t:g}" for t in times]


def _legend(ax: Axes, summary: pd.DataFrame, result: Result, split: str, model: str) -> None:
    """Name the groups, and the p value where there is an honest one."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], **LOOKS[str(g)]) for g in summary["group"]]
    labels = [
        f"{str(r['group']).capitalize()} risk: {r['events']:.0f}/{r['n']:.0f} events"
        for _, r in summary.iterrows()
    ]
    tests = _part(result.tables["tests"], split, model)
    if len(tests) and pd.notna(tests["p"].iloc[0]):
        p = p_words(float(tests["p"].iloc[0]))
        handles.append(Line2D([], [], lw=0))
        labels.append(f"Log-rank p {p}" if p.startswith("<") else f"Log-rank p = {p}")
    legend = ax.legend(handles, labels, loc="best", fontsize=6.2, borderaxespad=0.4)
    legend.set_frame_on(True)
    legend.get_frame().set(facecolor="white", alpha=0.75, linewidth=0)


def _numbers(ax: Axes, at_risk: pd.DataFrame, limits: tuple[float, float]) -> None:
    """Write the numbers at risk under the ticks of the time axis."""
    ax.set(xlim=limits, ylim=(2.6, -0.6))
    ax.set_axis_off()
    ax.annotate(
        "Number at risk", (0, 0), xycoords=("axes fraction", "data"), xytext=(-28, 0),
        textcoords="offset points", va="center", fontsize=6.2, color="#555555",
    )  # fmt: skip
    for i, (group, part) in enumerate(at_risk.groupby("group", sort=False)):
        colour = LOOKS[str(group)]["color"]
        ax.annotate(
            str(group).capitalize(), (0, i + 1), xycoords=("axes fraction", "data"),
            xytext=(-11, 0), textcoords="offset points", ha="right", va="center",
            color=colour, fontsize=6.2,
        )  # fmt: skip
        for time, n in zip(part["time"], part["at_risk"], strict=True):
            if limits[0] <= time <= limits[1]:
                ax.text(time, i + 1, f"{n:.0f}", ha="center", va="center", fontsize=6.2)

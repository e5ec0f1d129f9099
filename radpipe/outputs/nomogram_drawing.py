"""The drawing of a nomogram: a points ruler, one axis a variable, the sum, and the risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.style import DOUBLE_MM, GREY, width_of, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from radpipe.outputs.style import Sheet

LEFT_MM = 52.0
RIGHT_MM = 8.0
AXIS_MM = DOUBLE_MM - LEFT_MM - RIGHT_MM
LABEL_CHARACTERS = 34
CHARACTER_MM = 1.32
LANE_MM = 3.0
TICK_MM = 1.2
MINIMUM_MM = 9.0


@dataclass(frozen=True)
class Row:
    """One axis of the nomogram, with the lane of each tick's label.

    Parameters
    ----------
    label : str
    at : tuple of float
        Places of the ticks in mm from the axis's left end.
    ticks : tuple of str
    lanes : tuple of int
        1, 2, ... below the line; -1, -2, ... above it; 0 where the label is left out.
    ends : (float, float)
        Places in mm between which the line runs; it may go on beyond the outermost ticks.
    """

    label: str
    at: tuple[float, ...]
    ticks: tuple[str, ...]
    lanes: tuple[int, ...]
    ends: tuple[float, float]

    @property
    def above(self) -> float:
        """Return the height in mm above the line."""
        return 1.8 + LANE_MM * max([0, *(-v for v in self.lanes)])

    @property
    def below(self) -> float:
        """Return the height in mm below the line."""
        return 1.8 + TICK_MM + LANE_MM * max([0, *self.lanes])


def lanes(at: Sequence[float], ticks: Sequence[str], all_shown: bool) -> tuple[int, ...]:
    """Place labels so that none touches another.

    Levels are all shown, in as many lanes as they need, alternately below and above the line;
    of numbers, those that do not fit beneath the line are left out.
    """
    centres = [centre(a, t) for a, t in zip(at, ticks, strict=True)]
    free: dict[int, float] = {}
    order = [1, -1, 2, -2, 3, -3, 4, -4]
    placed = [0] * len(at)
    for i in sorted(range(len(at)), key=lambda k: (centres[k], at[k])):
        half = CHARACTER_MM * width_of(ticks[i]) / 2
        for lane in order if all_shown else [1]:
            if centres[i] - half >= free.get(lane, -np.inf):
                placed[i], free[lane] = lane, centres[i] + half + 1.0
                break
    return tuple(placed)


def centre(at: float, tick: str) -> float:
    """Return where a label is centred: at its tick, or so far in that it stays on the page."""
    half = CHARACTER_MM * width_of(tick) / 2
    return max(min(at, AXIS_MM + RIGHT_MM - 1 - half), half - 3.2)


def rows_of(axes: pd.DataFrame) -> list[Row]:
    """Return the axes of one nomogram with their labels placed, from top to bottom."""
    rows = []
    variables = axes[axes["role"].isin(["points", "variable"])]
    scale = max(float(variables["points"].max()), 1e-9)
    total = axes[axes["role"] == "total"]["points"]
    total_scale = max(float(total.max()), 1e-9) if len(total) else 1.0
    for _, part in axes.groupby("order", sort=True):
        role = str(part["role"].iloc[0])
        span = scale if role in ("points", "variable") else total_scale
        places = part["points"].astype(float) / span * AXIS_MM
        ends = (float(places.min()), float(places.max()))
        named = part["tick"] != ""
        at = tuple(places[named])
        ticks = tuple(wrap(str(t), 56, 1) for t in part.loc[named, "tick"])
        placed = lanes(at, ticks, all_shown=bool(part["categorical"].iloc[0]))
        rows.append(Row(str(part["label"].iloc[0]), at, ticks, placed, ends))
    return rows


def height_of(rows: Sequence[Row]) -> float:
    """Return the height in mm that a nomogram needs."""
    return sum(_height(row) for row in rows) + 4.0


def _height(row: Row) -> float:
    label = 3.2 * (wrap(row.label, LABEL_CHARACTERS, 3).count("\n") + 1) + 1
    return max(row.above + row.below, label, MINIMUM_MM)


def draw_nomogram(sheet: Sheet, top: float, rows: Sequence[Row]) -> None:
    """Draw a nomogram into ``sheet`` from ``top`` mm downwards; a faint grid joins the points."""
    height = height_of(rows)
    ax = sheet.axes(0, top, DOUBLE_MM, height)
    ax.set(xlim=(0, DOUBLE_MM), ylim=(height, 0))
    ax.set_axis_off()
    y = first = 2.0
    for i, row in enumerate(rows):
        spare = _height(row) - row.above - row.below
        line = y + row.above + max(spare, 0) / 2
        _draw_row(ax, row, line, fine=row.label in ("Points", "Total points"))
        y += _height(row)
        if i == 0:
            first = line
    last = _variables_end(rows)
    if rows and last > 1:
        bottom = 2.0 + sum(_height(row) for row in rows[:last])
        for at in rows[0].at:
            ax.plot([LEFT_MM + at] * 2, [first, bottom], color="#ECECEC", lw=0.4, zorder=0)


def _variables_end(rows: Sequence[Row]) -> int:
    """Return how many axes come before the total."""
    return next((i for i, row in enumerate(rows) if row.label == "Total points"), len(rows))


def _draw_row(ax: Axes, row: Row, y: float, fine: bool) -> None:
    """Draw one axis: its name, its line, its ticks and their labels."""
    ax.text(
        LEFT_MM - 4,
        y,
        wrap(row.label, LABEL_CHARACTERS, 3),
        ha="right",
        va="center",
        linespacing=1.1,
        fontweight="bold" if fine else "normal",
    )
    ax.plot([LEFT_MM + end for end in row.ends], [y, y], color="black", lw=0.7)
    for place, tick, lane in zip(row.at, row.ticks, row.lanes, strict=True):
        x = LEFT_MM + place
        end = y - TICK_MM if lane < 0 else y + TICK_MM
        ax.plot([x, x], [y, end], color="black", lw=0.6)
        if lane == 0:
            continue
        offset = TICK_MM + 0.4 + LANE_MM * (abs(lane) - 1)
        if abs(lane) > 1:
            ax.plot([x, x], [end, y + np.sign(lane) * offset], color=GREY, lw=0.3)
        ax.text(
            LEFT_MM + centre(place, tick),
            y + np.sign(lane) * offset,
            tick,
            ha="center",
            va="top" if lane > 0 else "bottom",
            fontsize=6.2,
        )
    if fine:
        _minor(ax, row, y)


def _minor(ax: Axes, row: Row, y: float) -> None:
    """Divide the rulers finely, as they are read by hand."""
    at = sorted(row.at)
    for a, b in pairwise(at):
        for part in (1, 2, 3, 4):
            x = LEFT_MM + a + (b - a) * part / 5
            ax.plot([x, x], [y, y + TICK_MM / 2], color="black", lw=0.4)

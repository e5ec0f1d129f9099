"""Draws differences between models with their intervals, a row a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.comparison import difference_words
from radpipe.outputs.metrics import metric_name
from radpipe.outputs.style import DOUBLE_MM, GREY, wrap
from radpipe.outputs.words import p_words, split_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

ROW_MM = 6.2
HEAD_MM, FOOT_MM = 10.5, 11.0
NAME_MM, AXIS_MM, WIDTH_MM, VALUE_MM, P_MM = 1.5, 76.0, 55.0, 135.0, 171.0
NAME_CHARACTERS = 50
LEAST = 0.05
"""How far the axis reaches at least, to both sides of no difference."""


def draw_differences(table: pd.DataFrame, unit: str | None, style: Style) -> Figure | None:
    """Return one panel a split, all on one scale; None where no difference is known.

    ``unit`` is that of the endpoint's times.
    """
    known = table[np.isfinite(table["difference"].to_numpy(dtype=float))]
    if known.empty:
        return None
    panels = [
        (str(split), _lines(rows, unit)) for split, rows in known.groupby("split", sort=False)
    ]
    heights = [HEAD_MM + len(lines) * ROW_MM + FOOT_MM for _, lines in panels]
    values = known[["difference", "lower", "upper"]].to_numpy(dtype=float)
    reach = max(1.06 * float(np.nanmax(np.abs(values))), LEAST)
    metrics = {metric_name(str(m), unit) for m in known["metric"]}
    label = f"Difference of {metrics.pop()}" if len(metrics) == 1 else "Difference"
    sheet, top = style.sheet(DOUBLE_MM, sum(heights)), 0.0
    for (split, lines), height in zip(panels, heights, strict=True):
        sheet.text(NAME_MM, top + 1, split_title(split), va="top", fontweight="bold")
        _names_and_numbers(sheet, top, lines, style)
        ax = sheet.axes(AXIS_MM, top + HEAD_MM, WIDTH_MM, len(lines) * ROW_MM)
        _intervals(ax, lines, reach)
        ax.set_xlabel(label)
        top += height
    return sheet.figure


def _lines(rows: pd.DataFrame, unit: str | None) -> list[str | pd.Series]:
    """Return the pairs of a split, those of each metric and class beneath its name."""
    lines: list[str | pd.Series] = []
    parts = list(rows.groupby(["metric", "class"], sort=False))
    for (metric, label), part in parts:
        if len(parts) > 1:
            lines.append(", ".join(w for w in (metric_name(str(metric), unit), str(label)) if w))
        lines += [row for _, row in part.iterrows()]
    return lines


def _names_and_numbers(
    sheet: Sheet, top: float, lines: list[str | pd.Series], style: Style
) -> None:
    """Write which models are compared, and what came of it."""
    for left, words in ((VALUE_MM, "Difference (95% interval)"), (P_MM, "p")):
        sheet.text(left, top + HEAD_MM - 4.5, words, va="top", fontsize=6.5, color=GREY)
    for i, line in enumerate(lines):
        middle = top + HEAD_MM + (i + 0.5) * ROW_MM
        told = {"va": "center", "fontsize": 6.5}
        if isinstance(line, str):
            sheet.text(NAME_MM, middle, wrap(line, NAME_CHARACTERS, 2), color=GREY, **told)
            continue
        name = _pair(style.label(line["model_a"]), style.label(line["model_b"]))
        sheet.text(NAME_MM, middle, name, linespacing=1.1, **told)
        sheet.text(VALUE_MM, middle, difference_words(line), **told)
        sheet.text(P_MM, middle, p_words(line["p"]), **told)


def _pair(first: str, second: str) -> str:
    """Return the names of two models, in at most two lines that show both."""
    # No minus sign: names such as "A + B" would be read as a sum.
    words = wrap(f"{first} vs {second}", NAME_CHARACTERS)
    if words.count("\n") < 2:
        return words
    return f"{wrap(first, NAME_CHARACTERS - 3, 1)} vs\n{wrap(second, NAME_CHARACTERS, 1)}"


def _intervals(ax: Axes, lines: list[str | pd.Series], reach: float) -> None:
    """Draw the differences with their intervals."""
    ax.axvline(0.0, color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    for y, line in enumerate(lines):
        if isinstance(line, str):
            continue
        if np.isfinite([line["lower"], line["upper"]]).all():
            ax.plot([line["lower"], line["upper"]], [y, y], color="black", lw=1.0)
        ax.plot(line["difference"], y, "s", color="black", ms=3.6)
    ax.set(xlim=(-reach, reach), ylim=(len(lines) - 0.5, -0.5))
    ax.locator_params(axis="x", nbins=6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)

"""Draws ratios with their intervals on a log scale, a row a term of the final model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.regression_rows import MEASURES, effect_words, level_words
from radpipe.outputs.style import DOUBLE_MM, GREY, wrap
from radpipe.outputs.words import p_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

ROW_MM = 6.2
HEAD_MM, FOOT_MM = 11.0, 11.0
NAME_MM, AXIS_MM, EFFECT_MM, P_MM = 1.5, 80.0, 138.0, 170.0
WIDTH_MM = 55.0
NAME_CHARACTERS = 58
REACH = 30.0
"""How far beyond the outermost estimates, as a factor, the axis goes at most."""
TICKS = (1.0, 2.0, 5.0)


def drawn_rows(terms: pd.DataFrame) -> pd.DataFrame:
    """Return the terms that have a ratio in the final model; what is drawn."""
    ratio = terms["measure"] != MEASURES[""][0]
    return terms[terms["in_final"].astype(bool) & ratio & (terms["estimate"] > 0)]


def draw_ratios(terms: pd.DataFrame, style: Style) -> Figure | None:
    """Return one panel a model, one beneath the other; None where there is no ratio."""
    panels = list(drawn_rows(terms).groupby("model", sort=False))
    if not panels:
        return None
    heights = [HEAD_MM + len(rows) * ROW_MM + FOOT_MM for _, rows in panels]
    sheet = style.sheet(DOUBLE_MM, sum(heights))
    top = 0.0
    for (model, rows), height in zip(panels, heights, strict=True):
        _panel(sheet, top, style.label(str(model)), rows)
        top += height
    return sheet.figure


def _panel(sheet: Sheet, top: float, label: str, rows: pd.DataFrame) -> None:
    """Draw one model: names, intervals, numbers."""
    measure = str(rows["measure"].iloc[0])
    head = top + HEAD_MM - 4.5
    sheet.text(NAME_MM, top + 1, wrap(label, 90, 1), va="top", fontweight="bold")
    for left, words in ((EFFECT_MM, f"{measure} (95% interval)"), (P_MM, "p")):
        sheet.text(left, head, words, va="top", fontsize=6.5, color=GREY)
    for i, (_, row) in enumerate(rows.iterrows()):
        middle = top + HEAD_MM + (i + 0.5) * ROW_MM
        told = {"va": "center", "fontsize": 6.5}
        sheet.text(NAME_MM, middle, _name(row), linespacing=1.1, **told)
        sheet.text(EFFECT_MM, middle, effect_words(row), **told)
        sheet.text(P_MM, middle, p_words(row["p"]), **told)
    ax = sheet.axes(AXIS_MM, top + HEAD_MM, WIDTH_MM, len(rows) * ROW_MM)
    _intervals(ax, rows)
    ax.set_xlabel(f"{measure} (log scale)")


def _name(row: pd.Series) -> str:
    """Return what a row is called, in at most two lines."""
    parts = [str(row["class"]), str(row["label"])]
    level = level_words(row)
    words = ": ".join(part for part in parts if part)
    return wrap(f"{words}, {level}" if level else words, NAME_CHARACTERS, 2)


def _intervals(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw estimates with their intervals; one that leaves the axis ends in an arrow."""
    values = rows[["estimate", "lower", "upper"]].to_numpy(dtype=float)
    low, high = _limits(values)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.axvline(1.0, color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    for y, (estimate, lower, upper) in enumerate(values):
        if np.isfinite([lower, upper]).all():
            ends = np.clip([lower, upper], low, high)
            ax.plot(ends, [y, y], color="black", lw=1.0)
            for end, given, mark in zip(ends, (lower, upper), ("<", ">"), strict=True):
                if end != given:
                    ax.plot(end, y, mark, color="black", ms=3.5, clip_on=False)
        ax.plot(estimate, y, "s", color="black", ms=3.6)
    shown = _ticks(low, high)
    ax.set_xticks(shown, [f"{tick:g}" for tick in shown])
    ax.minorticks_off()
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _ticks(low: float, high: float) -> list[float]:
    """Return two to seven round values between the ends of the axis, 1 among them."""
    if high / low < 4:
        steps = [f * 10.0**e for e in range(-9, 1) for f in TICKS]
        step = next(s for s in steps if (high - low) / s <= 6)
        ends = int(np.ceil((low - 1) / step)), int(np.floor((high - 1) / step))
        return [round(1 + k * step, 12) for k in range(ends[0], ends[1] + 1)]
    ticks = [f * 10.0**e for e in range(-9, 10) for f in TICKS if low <= f * 10.0**e <= high]
    if len(ticks) > 7:
        ticks = [tick for tick in ticks if np.isclose(np.log10(tick) % 1, 0)]
    every = 1 + (len(ticks) - 1) // 7
    return ticks[ticks.index(1.0) % every :: every]


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the axis: all estimates and 1, and intervals as far as they reach."""
    estimates = np.append(values[:, 0], 1.0)
    known = values[np.isfinite(values) & (values > 0)]
    low = max(min(known.min(), estimates.min()), estimates.min() / REACH)
    high = min(max(known.max(), estimates.max()), estimates.max() * REACH)
    margin = max((high / low) ** 0.04, 1.1)
    return low / margin, high * margin

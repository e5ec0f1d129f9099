"""Draws coefficients or importances of features, and how often each was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.outputs.panels import legend_beneath, legend_mm
from radpipe.outputs.style import DOUBLE_MM, FAINT, GREY, class_colour, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

ROW_MM, BAR_MM = 6.2, 2.2
"""Height of a feature's row, and at least that of the bar of each of several classes."""
HEAD_MM, FOOT_MM = 6.0, 11.0
VALUES_MM = 64.0
CHARACTER_MM = 1.25
"""Width of a character of a bar's number."""
NAME_CHARACTERS = 52
UP, DOWN = "#D55E00", "#0072B2"


def draw_features(
    groups: Sequence[tuple[str, pd.DataFrame]], classes: Sequence[str], style: Style
) -> Figure:
    """Return one panel a model.

    Parameters
    ----------
    groups : sequence of (model, rows)
        The features of each model in their order, each with a row a class.
    classes : sequence of str
        Those of the endpoint, by which they have their colours.
    style : Style
    """
    sheet = style.sheet(DOUBLE_MM, sum(_height(rows) for _, rows in groups))
    top = 0.0
    for model, rows in groups:
        _panel(sheet, top, model, rows, classes, style)
        top += _height(rows)
    return sheet.figure


def _labels(rows: pd.DataFrame) -> list[str]:
    """Return the classes of a model; none where its values are of no class."""
    return [str(label) for label in rows["class"].unique() if label]


def _row_mm(rows: pd.DataFrame) -> float:
    return max(ROW_MM, BAR_MM * len(_labels(rows)) + 1.6)


def _height(rows: pd.DataFrame) -> float:
    labels = _labels(rows)
    legend = legend_mm(labels) if labels else 0.0
    return HEAD_MM + _row_mm(rows) * rows["feature"].nunique() + FOOT_MM + legend


def _panel(
    sheet: Sheet, top: float, model: str, rows: pd.DataFrame, classes: Sequence[str], style: Style
) -> None:
    """Draw one model's bars: its coefficients, how often features were chosen, or both."""
    once = rows.drop_duplicates("feature")
    height = len(once) * _row_mm(rows)
    sheet.text(1.5, top + 1, wrap(style.label(model), 90, 1), va="top", fontweight="bold")
    has_values, has_shares = rows["value"].notna().any(), once["share"].notna().any()
    first = None
    if has_values:
        first = sheet.axes(70, top + HEAD_MM, VALUES_MM, height)
        _bars(first, rows, classes, height)
    if has_shares:
        left = 142 if has_values else 70
        own = sheet.axes(left, top + HEAD_MM, 30, height)
        _shares(own, once)
        first = first or own
    assert first is not None  # a model without either has no panel
    names = [wrap(_name(str(name), style), NAME_CHARACTERS, 2) for name in once["feature"]]
    first.set_yticks(range(len(once)), names)
    first.tick_params(axis="y", length=0, labelsize=6)
    for text, final in zip(first.get_yticklabels(), once["in_final"], strict=True):
        text.set_color("black" if final else GREY)
        text.set_linespacing(1.05)


def _name(feature: str, style: Style) -> str:
    """Return what a feature is called: a model that is an input by its label."""
    model, bracket, of = feature.partition("[")
    return (
        f"{style.label(model)} [{of}" if bracket and model in style.models else style.label(feature)
    )


def _bars(ax: Axes, rows: pd.DataFrame, classes: Sequence[str], height: float) -> None:
    """Draw the coefficients or importances, of several classes one bar each."""
    labels, n = _labels(rows), rows["feature"].nunique()
    several = len(labels) or 1
    thick, size = (0.62, 6.0) if several == 1 else (0.84 / several, 5.2)
    handles = []
    for i, (label, own) in enumerate(rows.groupby("class", sort=False)):
        y = np.arange(n) + (i - (several - 1) / 2) * thick
        values = own["value"].to_numpy(float)
        signed: list[str] = [UP if v > 0 else DOWN for v in values]
        colour = class_colour(list(classes).index(str(label))) if labels else signed
        handles.append(ax.barh(y, np.nan_to_num(values), height=thick, color=colour))
        for at, value in zip(y, values, strict=True):
            if np.isfinite(value):
                right = value >= 0
                ax.annotate(
                    _number(value), (value, at), xytext=(2 if right else -2, 0),
                    textcoords="offset points", va="center", ha="left" if right else "right",
                    fontsize=size,
                )  # fmt: skip
    ax.axvline(0, color="black", lw=0.6)
    ax.set_xlim(*_limits(rows["value"].dropna().to_numpy(float)))
    ax.locator_params(axis="x", nbins=5)
    ax.set_xlabel(f"{str(rows['measure'].iloc[0]).capitalize()} (final model)")
    ax.spines["left"].set_visible(False)
    ax.set_ylim(n - 0.5, -0.5)
    if labels:
        legend_beneath(ax, handles, labels, height)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Return an axis on which the number of each bar fits beside it."""
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    room = 2 + CHARACTER_MM * max(len(_number(v)) for v in values)
    sides = int(low < 0) + int(high > 0)
    step = room * ((high - low) or 1.0) / (VALUES_MM - sides * room)
    return (low - step if low < 0 else 0.0), (high + step if high > 0 or not sides else 0.0)


def _shares(ax: Axes, once: pd.DataFrame) -> None:
    """Draw in which share of the fits each feature was chosen."""
    y, part = np.arange(len(once)), once["share"].to_numpy(float)
    ax.barh(y, np.ones(len(y)) * 100, height=0.62, color="#F3F3F3")
    ax.barh(y, 100 * np.nan_to_num(part), height=0.62, color=GREY)
    for at, value in zip(y, part, strict=True):
        words = f"{100 * value:.0f}%" if np.isfinite(value) else "–"
        ax.text(103, at, words, va="center", ha="left", fontsize=6)
    ax.set_xlim(0, 100)
    ax.set_xticks([0, 50, 100])
    ax.set_yticks([])
    ax.set_xlabel("Chosen in (% of fits)")
    ax.spines["left"].set_color(FAINT)
    ax.set_ylim(len(once) - 0.5, -0.5)

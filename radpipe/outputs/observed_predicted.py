"""Measured against predicted values, and their difference against their mean (Bland-Altman)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    RESAMPLED,
    in_order,
    interval,
    interval_words,
    is_repeated,
    is_spread,
    opening,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

HEIGHT_MM = 56.0
BENEATH_MM = 24.0
SHOWN = ("r2", "rmse", "pearson", "ccc", "calibration_slope", "calibration_intercept")
LIMITS = ("bias", "loa_lower", "loa_upper")
NAMES = {"r2": "R²", "rmse": "RMSE", "pearson": "Pearson r", "ccc": "Concordance correlation"}
DIFFERENCE = {"bias": "Bias", "loa_lower": "Lower limit", "loa_upper": "Upper limit"}


class ObservedPredictedSpec(PredictionOutputSpec):
    """Scatter of measured on predicted values beside a Bland-Altman plot, a row a split and model.

    Parameters
    ----------
    bland_altman : bool
        Whether the differences are drawn too.
    """

    kind: Literal["observed_predicted"] = "observed_predicted"
    bland_altman: bool = True

    heading: ClassVar[str] = "Measured and predicted values"
    endpoints: ClassVar[frozenset[str]] = frozenset({"continuous"})

    def compute(self, data: OutputData) -> Result:
        """Return tables ``values`` (one row a case) and ``summary``."""
        from radpipe.evaluation.continuous import pairs_of_values
        from radpipe.evaluation.metrics import metrics

        models, splits = self.chosen(data), shown_splits(self, data)
        rows = rows_of(data, models)
        values = in_order(pairs_of_values(rows, data.outcomes, data.endpoint), splits, models)
        values["case"] = [data.code(str(case)) for case in values["case"]]
        found = metrics(rows, data.outcomes, data.endpoint)
        found = in_order(found[found["metric"].isin((*SHOWN, *LIMITS))], splits, models)
        mean = ""
        if RESAMPLED in splits and is_repeated(data):
            mean = (
                "A point is a case with its mean prediction over the splits that held it out. "
                if is_spread(data)
                else f"A point is a case with its mean prediction over {repeats_word(data)}; the "
                f"numbers are means over {repeats_word(data)}. "
            )
        second = (
            " Right: predicted minus measured value against the mean of both, with bias and 95% "
            "limits of agreement." * self.bland_altman
        )
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} {mean}Left: measured on predicted "
            f"value; dotted: identity; line: least squares.{second} "
            f"{interval_words(data, splits, found)}"
        )
        noted = found[found["note"].fillna("") != ""]
        notes = dict.fromkeys(
            f"{data.model_label(r['model'])}, {split_title(r['split'])}: {r['note']}."
            for _, r in noted.iterrows()
        )
        unit = str(data.endpoint.get("unit") or "")
        facts = {
            "label": str(data.endpoint.get("label") or "value"),
            "unit": f" ({unit})" if unit else "",
            "bland_altman": self.bland_altman,
        }
        return Result({"values": values, "summary": found}, caption, tuple(notes), facts)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the panels; None where no model predicts a value."""
        from radpipe.outputs.metrics import unit_decimals
        from radpipe.outputs.panels import TITLE_MM, Grid
        from radpipe.outputs.style import wrap

        values, summary = result.tables["values"], result.tables["summary"]
        if values.empty:
            return None
        decimals = unit_decimals(summary)
        both = bool(result.facts["bland_altman"])
        panels = list(values.groupby(["split", "model"], sort=False))
        count = len(panels) * (1 + both)
        grid = Grid(style, count, 2, HEIGHT_MM, BENEATH_MM, TITLE_MM + 3)
        for i, ((split, model), rows) in enumerate(panels):
            known = summary[(summary["split"] == split) & (summary["model"] == model)]
            told = known.set_index("metric")
            name = wrap(style.label(str(model)), 62, 1)
            title = split_title(str(split))
            place = i * (1 + both)
            colour, mark = style.colour(str(model)), style.marker(str(model))
            _scatter(grid.axes(place, title, name), rows, told, colour, mark, result.facts)
            lines = [_line(told, m, NAMES, decimals) for m in NAMES]
            _beneath(grid, place, [f"{lines[0]}    {lines[1]}", *lines[2:]])
            if both:
                _differences(grid.axes(place + 1, "", ""), rows, told, colour, mark, result.facts)
                lines = [_line(told, m, DIFFERENCE, decimals) for m in DIFFERENCE]
                _beneath(grid, place + 1, lines)
        return grid.sheet.figure


def _beneath(grid: Any, place: int, lines: list[str]) -> None:
    """Write the numbers beneath a panel."""
    from radpipe.outputs.panels import FOOT_MM, LEFT_MM

    left, top = grid.place(place)
    below = top + grid.title + HEIGHT_MM + FOOT_MM
    grid.sheet.text(
        left + LEFT_MM, below, "\n".join(lines), va="top", fontsize=6.2, linespacing=1.3
    )


def _scatter(
    ax: Axes, rows: pd.DataFrame, told: pd.DataFrame, colour: str, mark: str, facts: Any
) -> None:
    """Draw measured on predicted values."""
    from radpipe.outputs.style import GREY

    low, high = _range(np.concatenate([rows["predicted"], rows["measured"]]))
    ax.plot([low, high], [low, high], color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    _points(ax, rows["predicted"], rows["measured"], colour, mark)
    slope, start = (
        float(told["estimate"].get(m, np.nan))
        for m in ("calibration_slope", "calibration_intercept")
    )
    if np.isfinite(slope):
        ends = np.array([rows["predicted"].min(), rows["predicted"].max()])
        ax.plot(ends, start + slope * ends, color="black", lw=1.0)
    ax.set(xlim=(low, high), ylim=(low, high))
    ax.set_xlabel(_words(f"Predicted {facts['label']}", facts["unit"]))
    ax.set_ylabel(_words(f"Measured {facts['label']}", facts["unit"]))
    ax.locator_params(nbins=6)


def _differences(
    ax: Axes, rows: pd.DataFrame, told: pd.DataFrame, colour: str, mark: str, facts: Any
) -> None:
    """Draw the differences on the means, with bias and limits."""
    from radpipe.outputs.style import GREY

    difference = rows["predicted"] - rows["measured"]
    mean = (rows["predicted"] + rows["measured"]) / 2
    _points(ax, mean, difference, colour, mark)
    ax.axhline(0, color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    lines = [float(told["estimate"].get(m, np.nan)) for m in LIMITS]
    for value, dash in zip(lines, ("solid", (0, (5, 1.6)), (0, (5, 1.6))), strict=True):
        if np.isfinite(value):
            ax.axhline(value, color="black", lw=0.9, linestyle=dash)
    known = [v for v in lines if np.isfinite(v)]
    ax.set_xlim(*_range(mean))
    ax.set_ylim(*_range(np.concatenate([difference, known, [0.0]])))
    ax.set_xlabel(_words(f"Mean of both, {facts['label']}", facts["unit"]))
    ax.set_ylabel(_words("Predicted − measured", facts["unit"]))
    ax.locator_params(nbins=6)


def _points(ax: Axes, x: Any, y: Any, colour: str, mark: str) -> None:
    ax.plot(x, y, mark, color=colour, ms=3.4, mec="white", mew=0.3, alpha=0.85, linestyle="none")


def _words(text: str, unit: str) -> str:
    from radpipe.outputs.style import wrap

    return wrap(text + unit, 48, 1)


def _range(values: Any) -> tuple[float, float]:
    """Return limits a little wider than the values."""
    known = np.asarray(values, dtype=float)
    low, high = float(known.min()), float(known.max())
    margin = 0.05 * (high - low) or max(abs(high), 1.0) * 0.05
    return low - margin, high + margin


def _line(told: pd.DataFrame, metric: str, names: dict[str, str], decimals: int) -> str:
    """Return a measure with its interval."""
    if metric not in told.index:
        return ""
    row = told.loc[metric]
    digits = decimals if metric in ("rmse", *LIMITS) else 2
    words = interval(row["estimate"], row["lower"], row["upper"], digits)
    return f"{names[metric]} {words}".replace("-", "−")

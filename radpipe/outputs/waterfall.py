"""Waterfall plots: each case's score beside the cut-off, in rising order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.cutoff_rows import cutoff_ways, scale_of
from radpipe.outputs.metrics import wide
from radpipe.outputs.strata import TWO_CUTS, has_two
from radpipe.outputs.words import (
    RESAMPLED,
    in_order,
    interval_words,
    is_repeated,
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

HEIGHT_MM = 42.0
MEASURES = ("accuracy", "sensitivity", "specificity")
LOOKS = {1: "#D55E00", 0: "#56B4E9"}
"""Of cases with the event, and without: far apart in grey too."""


class WaterfallSpec(PredictionOutputSpec):
    """Each case's score minus the cut-off, coloured by outcome, one panel a split and model."""

    kind: Literal["waterfall"] = "waterfall"

    heading: ClassVar[str] = "Waterfall plots"
    endpoints: ClassVar[frozenset[str]] = frozenset({"binary"})

    def compute(self, data: OutputData) -> Result:
        """Return ``calls`` to read; ``bars``, one row a case, and ``accuracy``, tidy."""
        from radpipe.evaluation.margins import margins
        from radpipe.evaluation.metrics import metrics

        asked, splits = self.chosen(data), shown_splits(self, data)
        sides = [m for m in asked if _is_side(data, m)]
        models = [m for m in asked if m not in sides]
        rows = rows_of(data, models)
        bars = margins(rows, data.outcomes, data.endpoint)
        there = set(bars["model"])
        bars = in_order(bars, splits, models)
        bars["case"] = [data.code(str(case)) for case in bars["case"]]
        found = metrics(rows, data.outcomes, data.endpoint)
        found = in_order(found[found["metric"].isin(MEASURES)], splits, models)
        found.insert(1, "label", [data.model_label(m) for m in found["model"]])
        notes = [
            *(f"{data.model_label(m)}: not shown, since its score is a side." for m in sides),
            *(
                f"{data.model_label(m)}: not shown, since it has no cut-off."
                for m in models
                if m not in there
            ),
        ]
        ways = " or ".join(cutoff_ways(data, [m for m in models if m in there]))
        word = repeats_word(data)
        mean = ""
        if RESAMPLED in splits and is_repeated(data):
            mean = (
                f" Out-of-fold, a bar is the mean over the {word} that predict a case of its score "
                f"minus the cut-off of the same fit; accuracy counts each of the {word}."
            )
        elif RESAMPLED in splits:
            mean = " Out-of-fold, the cut-off is that of the fit that held the case out."
        two = f" {TWO_CUTS.strip()}" if has_two(data, models) else ""
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} Each bar is a case: its score minus "
            f"the cut-off{f' {ways}' if ways else ''}, in rising order; it is called positive at 0 "
            f"and above.{two}{mean} "
            f"{interval_words(data, splits, found, 'Accuracy with 95% interval')}"
        )
        facts = {
            "event": str(data.endpoint.get("label") or "event"),
            "scales": {m: scale_of(data.fits.get(m, {})) for m in models},
        }
        tables = {"calls": wide(found), "bars": bars, "accuracy": found}
        return Result(tables, caption, tuple(notes), facts, ("calls",) if len(found) else ())

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split and model; None where no model has a cut-off."""
        from matplotlib.patches import Patch

        from radpipe.outputs.panels import FOOT_MM, TITLE_MM, Grid, legend_beneath, legend_mm
        from radpipe.outputs.style import wrap

        bars, told = result.tables["bars"], result.tables["accuracy"]
        if bars.empty:
            return None
        panels = [
            (str(split), str(model), rows, _labels(rows, told, str(split), str(model), result))
            for (split, model), rows in bars.groupby(["split", "model"], sort=False)
        ]
        drop = FOOT_MM - 3.5  # the axis has no tick labels
        beneath = drop + max(legend_mm(labels) for *_, labels in panels)
        grid = Grid(style, len(panels), 2, HEIGHT_MM, beneath, TITLE_MM + 3)
        for i, (split, model, rows, labels) in enumerate(panels):
            ax = grid.axes(i, split_title(split), wrap(style.label(model), 62, 1))
            scale = str(result.facts["scales"][model])
            _bars(ax, rows, f"{scale[:1].upper()}{scale[1:]} − cut-off")
            handles = [*(Patch(color=LOOKS[y]) for y in (1, 0)), Patch(alpha=0)]
            legend_beneath(ax, handles[: len(labels)], labels, HEIGHT_MM, drop)
        return grid.sheet.figure


def _is_side(data: OutputData, model: str) -> bool:
    """Return whether a model's score is but on which side of a cut-off or a rule a case lies."""
    fit = data.fits.get(model, {})
    return "threshold" in fit or fit.get("kind") == "rule"


def _labels(
    rows: pd.DataFrame, told: pd.DataFrame, split: str, model: str, result: Result
) -> list[str]:
    """Return what the legend says: how many cases had what, and how many are called rightly."""
    events = int(rows["y"].sum())
    labels = [f"With {result.facts['event']}: {events}", f"Without: {len(rows) - events}"]
    own = told[(told["split"] == split) & (told["model"] == model) & (told["metric"] == "accuracy")]
    if len(own) and np.isfinite(own["estimate"].iloc[0]):
        shown = wide(own)["Accuracy"].iloc[0]
        labels.append(f"Accuracy {shown}")
    return labels


def _bars(ax: Axes, rows: pd.DataFrame, label: str) -> None:
    """Draw the cases, and the cut-off as the line that they start from."""
    from radpipe.outputs.style import wrap

    margin = rows["margin"].to_numpy(dtype=float)
    width = 0.85 if len(rows) <= 120 else 1.0
    ax.bar(range(len(rows)), margin, width, color=[LOOKS[int(y)] for y in rows["y"]], lw=0)
    ax.axhline(0, color="black", lw=0.7)
    low, high = min(margin.min(), 0.0), max(margin.max(), 0.0)
    edge = 0.06 * (high - low) or 1.0
    ax.set(xlim=(-0.8, len(rows) - 0.2), ylim=(low - edge, high + edge))
    ax.set_xticks([])
    ax.set_xlabel(f"Cases (n = {len(rows)})")
    ax.set_ylabel(wrap(label, 34, 2))
    ax.locator_params(axis="y", nbins=6)
    ax.spines["bottom"].set_visible(False)

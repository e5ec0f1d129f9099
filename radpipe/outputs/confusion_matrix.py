"""Confusion matrices: of which class cases are, and of which they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.cutoff_rows import cutoff_ways
from radpipe.outputs.strata import TWO_CUTS, has_two
from radpipe.outputs.words import (
    RESAMPLED,
    in_order,
    opening,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

CELL_MM = 11.5
LEFT_MM = 30.0
TOP_MM = 11.0
LINE_MM = 3.1
CHARACTERS = 17
SLANTED_CHARACTERS = 22
SHADES = ("#FFFFFF", "#7FB8D8")
"""Of no case of a row, and of all: black numbers are read on either."""


class ConfusionMatrixSpec(PredictionOutputSpec):
    """Counts of true by called classes with row percentages, one panel a split and model."""

    kind: Literal["confusion_matrix"] = "confusion_matrix"

    heading: ClassVar[str] = "Confusion matrices"
    endpoints: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass", "ordinal"})

    def compute(self, data: OutputData) -> Result:
        """Return table ``counts``: one row a model, split, true and called class."""
        from radpipe.evaluation.classes import confusion

        models, splits = self.chosen(data), shown_splits(self, data)
        table = confusion(rows_of(data, models), data.outcomes, data.endpoint)
        table = in_order(table, splits, models)
        table["share"] = table["n"] / table["of"].where(table["of"] > 0)
        several = table.loc[table["split"] == RESAMPLED, "repeats"].gt(1).any()
        mean = f", out-of-fold a mean over the {repeats_word(data)} that predict a case,"
        mean = mean if several else ""
        called = "that the model finds most probable to be"
        if data.endpoint["kind"] == "binary":
            ways = " or ".join(cutoff_ways(data, models))
            called = f"that a cut-off{f' {ways}' if ways else ''} calls"
        two = f" {TWO_CUTS.strip()}" if has_two(data, models) else ""
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} Number of cases{mean} of each true "
            f"class (rows) {called} of each class (columns), with the percentage of the row; the "
            f"shade is that percentage.{two}"
        )
        calls = table.groupby(["model", "split"], sort=False)["n"].sum()
        notes = tuple(
            f"{data.model_label(str(model))}, {split_title(str(split))}: no case is called."
            for (model, split), n in calls.items()
            if not n
        )
        return Result({"counts": table}, caption, notes, {"classes": list(table["true"].unique())})

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split and model."""
        from matplotlib.colors import LinearSegmentedColormap

        from radpipe.outputs.style import DOUBLE_MM, GREY, wrap

        table, classes = result.tables["counts"], list(result.facts["classes"])
        if table.empty:
            return None
        names = [wrap(name, CHARACTERS, 3) for name in classes]
        slanted = [wrap(name, SLANTED_CHARACTERS, 2) for name in classes]
        k, panels = len(classes), list(table.groupby(["split", "model"], sort=False))
        room = DOUBLE_MM - LEFT_MM
        side = k * max(7.0, min(CELL_MM, room / k))
        across = max(1, min(len(panels), int(DOUBLE_MM // (LEFT_MM + side + 3))))
        cell = max(LEFT_MM + side + 3, 60.0)
        foot = 9.0 + _slanted_mm(slanted)
        pitch = TOP_MM + side + foot
        sheet = style.sheet(cell * across, pitch * -(-len(panels) // across))
        shades = LinearSegmentedColormap.from_list("counts", SHADES)
        for i, ((split, model), rows) in enumerate(panels):
            left, top = (i % across) * cell, (i // across) * pitch
            label = wrap(style.label(str(model)), int(cell / 1.75), 1)
            sheet.text(left + 1.5, top + 1.2, label, va="top", fontweight="bold")
            title = split_title(str(split))
            sheet.text(left + 1.5, top + 4.8, title, va="top", fontsize=6.3, color=GREY)
            ax = sheet.axes(left + LEFT_MM, top + TOP_MM, side, side)
            share = _matrix(rows, classes, "share")
            ax.imshow(np.nan_to_num(share), cmap=shades, vmin=0, vmax=1, aspect="auto")
            counts = _matrix(rows, classes, "n")
            whole = bool((rows["repeats"] == 1).all())
            for r in range(k):
                for c in range(k):
                    words = f"{counts[r, c]:.0f}" if whole else f"{counts[r, c]:.1f}"
                    if np.isfinite(share[r, c]):
                        words += f"\n{100 * share[r, c]:.0f}%"
                    ax.text(
                        c, r, words, ha="center", va="center", fontsize=6.3 if k < 7 else 5.2,
                        linespacing=1.15,
                    )  # fmt: skip
            ax.set_yticks(range(k), names)
            ax.set_xticks(range(k), slanted, rotation=40, ha="right", rotation_mode="anchor")
            ax.tick_params(length=0, labelsize=6.2)
            ax.set_ylabel("True")
            ax.yaxis.set_label_coords(-(LEFT_MM - 4) / side, 0.5)
            ax.set_xlabel("Called")
            ax.xaxis.set_label_coords(0.5, -(foot - 6) / side)
            for spine in ax.spines.values():
                spine.set_visible(True)
        return sheet.figure


def _slanted_mm(names: list[str]) -> float:
    """Return the height in mm of names that are written at a slant beneath the matrix."""
    from radpipe.outputs.style import width_of

    longest = max(width_of(line) for name in names for line in name.split("\n"))
    lines = max(name.count("\n") for name in names)
    return 1.35 * longest * 0.64 + LINE_MM * lines * 0.77


def _matrix(rows: pd.DataFrame, classes: list[str], column: str) -> np.ndarray:
    """Return a column as (true, called) in the order of the classes."""
    wide = rows.pivot(index="true", columns="called", values=column)
    return wide.reindex(index=classes, columns=classes).to_numpy(dtype=float)

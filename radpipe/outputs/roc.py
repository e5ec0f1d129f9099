"""Receiver operating characteristic curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.core.spec import Text
from radpipe.core.target import CLASSES
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    RESAMPLED,
    chosen_classes,
    has_classes,
    in_order,
    interval,
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

AVERAGES = {"macro": "Mean of all classes", "micro": "All classes together"}


class RocSpec(PredictionOutputSpec):
    """ROC curves with AUC and 95% interval, one panel a split (of several classes: and a model).

    Parameters
    ----------
    classes : tuple of str
        Several classes or labels: which of them, each against the rest; empty means all.
    average : {"macro", "micro", "none"}
        Several classes or labels: the curve of all of them that stands beside theirs; macro is
        the vertical mean of their curves, micro one curve of all cases' indicators.
    """

    kind: Literal["roc"] = "roc"
    classes: tuple[Text, ...] = ()
    average: Literal["macro", "micro", "none"] = "macro"

    heading: ClassVar[str] = "Receiver operating characteristic curves"
    endpoints: ClassVar[frozenset[str]] = CLASSES | {"binary"}

    def compute(self, data: OutputData) -> Result:
        """Return tables ``curve`` (one row a corner) and ``auc``."""
        from radpipe.evaluation.metrics import metrics
        from radpipe.evaluation.roc_curves import roc

        models, splits = self.chosen(data), shown_splits(self, data)
        names = chosen_classes(self.name, self.classes, data)
        rows = rows_of(data, models)
        curves = roc(rows, data.outcomes, data.endpoint)
        curves = in_order(curves[curves["kind"] != "repeat"], splits, models)
        found = metrics(rows, data.outcomes, data.endpoint)
        aucs = in_order(found[found["metric"].isin(["auc", f"{self.average}_auc"])], splits, models)
        if has_classes(data):
            own = curves["class"].isin(names) | (curves["average"] == self.average)
            curves = curves[own].reset_index(drop=True)
            aucs = aucs[aucs["class"].isin(["", *names])].reset_index(drop=True)
        mean = (
            f"Out-of-fold curves are the {repeats_word(data)}' curves averaged vertically. "
            if RESAMPLED in splits and is_repeated(data)
            else ""
        )
        against = "Each class is compared with the rest. " if has_classes(data) else ""
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} {against}{mean}"
            f"{interval_words(data, splits, aucs, 'AUC with 95% interval')}"
        )
        noted = aucs[aucs["note"].fillna("") != ""]
        notes = tuple(
            f"{data.model_label(r['model'])}, {split_title(r['split'])}"
            f"{', ' + r['class'] if r['class'] else ''}: {r['note']}"
            for _, r in noted.iterrows()
        )
        facts = {"classes": list(names), "average": self.average}
        return Result({"curve": curves, "auc": aucs}, caption, notes, facts)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split, of several classes a split and model; None without curve."""
        from radpipe.outputs.panels import (
            FOOT_MM,
            LEFT_MM,
            RIGHT_MM,
            TITLE_MM,
            Grid,
            legend_beneath,
            legend_mm,
        )
        from radpipe.outputs.style import SINGLE_MM, wrap

        curves, aucs = result.tables["curve"], result.tables["auc"]
        if curves.empty:
            return None
        classes = list(result.facts["classes"])
        keys = ["split", "model"] if classes else ["split"]
        panels = list(aucs.groupby(keys, sort=False))
        labels = [_labels(own, style) for _, own in panels]
        side = SINGLE_MM - LEFT_MM - RIGHT_MM
        beneath = FOOT_MM + max(legend_mm(words) for words in labels)
        title = TITLE_MM + 3 if classes else TITLE_MM
        grid = Grid(style, len(panels), 2, side, beneath, title)
        for i, (key, own) in enumerate(panels):
            under = wrap(style.label(str(key[1])), 62, 1) if classes else ""
            ax = grid.axes(i, split_title(str(key[0])), under)
            frame(ax)
            handles = []
            for _, row in own.iterrows():
                same = (curves["split"] == row["split"]) & (curves["model"] == row["model"])
                average = str(row["metric"]).removesuffix("_auc") if row["metric"] != "auc" else ""
                same &= (curves["class"] == row["class"]) & (curves["average"] == average)
                corners = curves[same]
                handles += ax.plot(
                    corners["fpr"],
                    corners["tpr"],
                    **_look(row, classes, style),
                    clip_on=False,
                    solid_joinstyle="miter",
                )
            legend_beneath(ax, handles, labels[i], side)
        return grid.sheet.figure


def frame(ax: Axes) -> None:
    """Draw the diagonal and the scales."""
    from radpipe.outputs.style import GREY

    ax.plot([0, 1], [0, 1], color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="1 − specificity", ylabel="Sensitivity")
    ticks = np.linspace(0, 1, 6)
    ax.set_xticks(ticks, [f"{t:.1f}" for t in ticks])
    ax.set_yticks(ticks, [f"{t:.1f}" for t in ticks])


def _look(row: pd.Series, classes: list[str], style: Style) -> dict[str, object]:
    """Return the line of a model, of a class, or of the average of the classes."""
    from radpipe.outputs.style import class_colour, class_dash

    if not classes:
        return {"color": style.colour(row["model"]), "linestyle": style.dash(row["model"])}
    if not row["class"]:
        return {"color": "black", "linestyle": (0, (1.2, 1.2)), "lw": 1.6}
    place = classes.index(row["class"])
    return {"color": class_colour(place), "linestyle": class_dash(place)}


def _labels(aucs: pd.DataFrame, style: Style) -> list[str]:
    """Return what the legend says of each curve."""
    found = []
    for _, row in aucs.iterrows():
        name = row["class"] or AVERAGES.get(str(row["metric"]).removesuffix("_auc"))
        value = interval(row["estimate"], row["lower"], row["upper"])
        found.append(f"{name or style.label(row['model'])}: AUC {value}")
    return found

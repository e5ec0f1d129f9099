"""Receiver operating characteristic curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    CONDITIONAL,
    RESAMPLED,
    in_order,
    interval,
    opening,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style


class RocSpec(PredictionOutputSpec):
    """ROC curves with AUC and 95% interval, one panel a split."""

    kind: Literal["roc"] = "roc"

    heading: ClassVar[str] = "Receiver operating characteristic curves"
    endpoints: ClassVar[frozenset[str]] = frozenset({"binary"})

    def compute(self, data: OutputData) -> Result:
        """Return tables ``curve`` (one row a corner) and ``auc``."""
        from radpipe.evaluation.curves import roc
        from radpipe.evaluation.metrics import metrics

        models, splits = self.chosen(data), shown_splits(self, data)
        rows = rows_of(data, models)
        curves = roc(rows, data.outcomes, data.endpoint)
        curves = in_order(curves[curves["kind"] != "repeat"], splits, models)
        found = metrics(rows, data.outcomes, data.endpoint)
        aucs = in_order(found[found["metric"] == "auc"], splits, models)
        methods = dict.fromkeys(str(m) for m in aucs.loc[aucs["lower"].notna(), "method"])
        resampled = RESAMPLED in splits
        mean = (
            "Out-of-fold curves are the repeats' curves averaged vertically. " if resampled else ""
        )
        caption = (
            f"{opening(data)}{sample_sentences(data, splits)} {mean}AUC with 95% interval: "
            f"{'; '.join(methods) or 'none'}.{' ' + CONDITIONAL if resampled else ''}"
        )
        noted = aucs[aucs["note"].fillna("") != ""]
        notes = tuple(
            f"{data.model_label(r['model'])}, {split_title(r['split'])}: {r['note']}"
            for _, r in noted.iterrows()
        )
        return Result({"curve": curves, "auc": aucs}, caption, notes)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a split; None where no model has a curve."""
        from radpipe.outputs.panels import (
            FOOT_MM,
            LEFT_MM,
            RIGHT_MM,
            Grid,
            legend_beneath,
            legend_mm,
        )
        from radpipe.outputs.style import GREY, SINGLE_MM

        curves, aucs = result.tables["curve"], result.tables["auc"]
        if curves.empty:
            return None
        splits = list(dict.fromkeys(aucs["split"]))
        labels = {s: _labels(aucs[aucs["split"] == s], style) for s in splits}
        side = SINGLE_MM - LEFT_MM - RIGHT_MM
        beneath = FOOT_MM + max(legend_mm(list(words.values())) for words in labels.values())
        grid = Grid(style, len(splits), 2, side, beneath)
        for i, split in enumerate(splits):
            ax = grid.axes(i, split_title(split))
            ax.plot([0, 1], [0, 1], color=GREY, lw=0.6, linestyle=(0, (1, 1.5)), zorder=0)
            handles = []
            for model in labels[split]:
                rows = curves[(curves["split"] == split) & (curves["model"] == model)]
                handles += ax.plot(
                    rows["fpr"],
                    rows["tpr"],
                    color=style.colour(model),
                    linestyle=style.dash(model),
                    clip_on=False,
                    solid_joinstyle="miter",
                )
            ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="1 − specificity", ylabel="Sensitivity")
            ticks = np.linspace(0, 1, 6)
            ax.set_xticks(ticks, [f"{t:.1f}" for t in ticks])
            ax.set_yticks(ticks, [f"{t:.1f}" for t in ticks])
            legend_beneath(ax, handles, list(labels[split].values()), side)
        return grid.sheet.figure


def _labels(aucs: pd.DataFrame, style: Style) -> dict[str, str]:
    """Return what the legend says of each model."""
    return {
        str(row["model"]): f"{style.label(row['model'])}: AUC "
        f"{interval(row['estimate'], row['lower'], row['upper'])}"
        for _, row in aucs.iterrows()
    }

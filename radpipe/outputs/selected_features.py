"""The final model's coefficients, and how often each feature was chosen over the resamples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.target import KINDS
from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.style import DOUBLE_MM, FAINT, GREY, wrap
from radpipe.outputs.words import opening, training_sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

ROW_MM = 6.2
NAME_CHARACTERS = 52
UP, DOWN = "#D55E00", "#0072B2"
COLUMNS = ("model", "feature", "measure", "value", "in_final", "chosen", "of", "share")


class SelectedFeaturesSpec(ModelOutputSpec):
    """Coefficients beside frequencies of selection.

    Parameters
    ----------
    top : int
        How many features a model's panel shows at most.
    """

    kind: Literal["selected_features"] = "selected_features"
    top: Annotated[int, Field(ge=1, le=60)] = 15

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Selected features"
    section: ClassVar[str] = "models"

    def compute(self, data: OutputData) -> Result:
        """Return table ``features``: one row a model and feature, all that was ever chosen."""
        parts, notes = [], []
        for model in self.chosen(data):
            if data.models[model]["kind"] == "marker":
                continue
            table = _features(model, data.fits[model])
            if table.empty:
                notes.append(f"{data.model_label(model)}: no feature was selected.")
            elif not _differ(table):
                notes.append(_all_alike(data.model_label(model), len(table)))
            parts.append(table)
            degenerate = data.fits[model].get("degenerate") or []
            if degenerate:
                n = len(degenerate)
                said = f"{n} fits use no feature and predict what their"
                said = "1 fit uses no feature and predicts what its" if n == 1 else said
                notes.append(f"{data.model_label(model)}: {said} training rows show as a whole.")
        parts = [part for part in parts if not part.empty]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
        cut = [
            m
            for m, rows in table.groupby("model", sort=False)
            if len(rows) > self.top and _differ(rows)
        ]
        if cut:
            names = ", ".join(data.model_label(str(m)) for m in cut)
            notes.append(f"The figure shows the first {self.top} features of: {names}.")
        caption = (
            f"{opening(data)}Left: coefficients (trees: impurity importance) of the final models, "
            "fitted on all training rows "
            f"({training_sample(data)}), where the model has them; features without a bar "
            "have none. Right: share of the resampled fits in which the feature was chosen "
            f"({data.resampling or 'over the resamples'}), where features were selected."
        )
        return Result({"features": table}, caption, tuple(notes), {"top": self.top})

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a model; None where nothing was selected."""
        table = result.tables["features"]
        groups = [
            (str(m), rows.head(self.top))
            for m, rows in table.groupby("model", sort=False)
            if _differ(rows)
        ]
        if not groups:
            return None
        heights = [len(rows) * ROW_MM + 17 for _, rows in groups]
        sheet = style.sheet(DOUBLE_MM, sum(heights))
        top = 0.0
        for (model, rows), height in zip(groups, heights, strict=True):
            _panel(sheet, top, style.label(model), rows)
            top += height
        return sheet.figure


def _differ(rows: pd.DataFrame) -> bool:
    """Return whether there is anything by which a model's features differ."""
    return bool(rows["value"].notna().any() or (rows["share"] < 1).any())


def _all_alike(label: str, count: int) -> str:
    """Return why a model has no panel."""
    every = "its one feature" if count == 1 else f"the same {count} features"
    return (
        f"{label}: no panel, since every fit uses {every} (nothing was left out) and the model has "
        "no coefficients."
    )


def _features(model: str, fit: Mapping[str, Any]) -> pd.DataFrame:
    """Return the features of one model: those of the final fit first, then by frequency."""
    from radpipe.selection.base import term

    summary = fit.get("summary", {})
    measure, key = ("coefficients", "coef") if "coefficients" in summary else ("importance",) * 2
    values = {
        str(c["name"]): float(c[key])
        for c in summary.get(measure, [])
        if c.get(key) is not None and c["name"] != "intercept"
    }
    frequency = {str(f["feature"]): (int(f["count"]), int(f["of"])) for f in fit["frequency"]}
    final = [str(name) for name in fit.get("features_final", [])]
    levels = {term(name) for name in (*final, *values) if term(name) != name}
    names = [n for n in dict.fromkeys([*final, *values, *frequency]) if n not in levels]
    # one that no resample chose was chosen in none of them
    never = (0, next(iter(frequency.values()))[1]) if frequency else (np.nan, np.nan)
    counts = [frequency.get(name, frequency.get(term(name), never)) for name in names]
    table = pd.DataFrame(
        {
            "model": model,
            "feature": names,
            "measure": "coefficient" if key == "coef" else "importance",
            "value": [values.get(name, np.nan) for name in names],
            "in_final": [name in values or name in final for name in names],
            "chosen": [c for c, _ in counts],
            "of": [o for _, o in counts],
        }
    ).astype({"value": float, "chosen": float, "of": float})
    table["share"] = table["chosen"] / table["of"]
    order = pd.DataFrame(
        {
            "final": ~table["in_final"],
            "size": -table["value"].abs().fillna(0.0),
            "share": -table["share"].fillna(0.0),
        }
    )
    table = table.loc[order.sort_values(["final", "size", "share"], kind="stable").index]
    return table.reset_index(drop=True)


def _panel(sheet: Sheet, top: float, label: str, rows: pd.DataFrame) -> None:
    """Draw one model's bars: its coefficients, how often features were chosen, or both."""
    height = len(rows) * ROW_MM
    sheet.text(1.5, top + 1, wrap(label, 90, 1), va="top", fontweight="bold")
    has_values, has_shares = rows["value"].notna().any(), rows["share"].notna().any()
    first = None
    if has_values:
        first = sheet.axes(70, top + 6, 64, height)
        _bars(first, rows)
    if has_shares:
        left = 142 if has_values else 70
        own = sheet.axes(left, top + 6, 30, height)
        _shares(own, rows)
        first = first or own
    assert first is not None  # `_differ` let the model in
    y = np.arange(len(rows))
    first.set_yticks(y, [wrap(str(name), NAME_CHARACTERS, 2) for name in rows["feature"]])
    first.tick_params(axis="y", length=0, labelsize=6)
    for text, final in zip(first.get_yticklabels(), rows["in_final"], strict=True):
        text.set_color("black" if final else GREY)
        text.set_linespacing(1.05)


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the coefficients or importances."""
    y, values = np.arange(len(rows)), rows["value"].to_numpy(float)
    size = float(np.nanmax(np.abs(values))) or 1.0
    ax.barh(y, np.nan_to_num(values), height=0.62, color=[UP if v > 0 else DOWN for v in values])
    ax.axvline(0, color="black", lw=0.6)
    low = -1.38 * size if np.nanmin(values, initial=0.0) < 0 else 0.0
    ax.set_xlim(low, 1.38 * size)
    ax.locator_params(axis="x", nbins=5)
    for at, value in zip(y, values, strict=True):
        if np.isfinite(value):
            side = 1 if value >= 0 else -1
            ax.text(
                value + side * 0.03 * size,
                at,
                f"{value:.3g}".replace("-", "−"),
                va="center",
                ha="left" if side > 0 else "right",
                fontsize=6,
            )
    ax.set_xlabel(f"{str(rows['measure'].iloc[0]).capitalize()} (final model)")
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(rows) - 0.5, -0.5)


def _shares(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw in which share of the fits each feature was chosen."""
    y, part = np.arange(len(rows)), rows["share"].to_numpy(float)
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
    ax.set_ylim(len(rows) - 0.5, -0.5)

"""Coefficient paths of penalised models and their cross-validation curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.target import CLASSES
from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.style import DASHES, DOUBLE_MM, FAINT, GREY, PALETTE, WARN, wrap
from radpipe.outputs.words import opening, training_sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

PANEL_MM = 52.0
TOP_MM = 15.0
FOOT_MM = 11.0
LEGEND_LINE_MM = 3.1
LOSSES = {
    "binary": "binomial deviance",
    "multiclass": "multinomial deviance",
    "ordinal": "multinomial deviance",
    "continuous": "mean squared error",
    "survival": "partial likelihood deviance",
}
"""What cross-validation compares penalties by, for each kind of endpoint."""
SIZE = "Root of the sum of squares over classes"


class LassoPathSpec(ModelOutputSpec):
    """LASSO path and cross-validation curve of the final fit.

    Parameters
    ----------
    named : int
        How many paths are named, those with the largest coefficients at the chosen penalty.
    """

    kind: Literal["lasso_path"] = "lasso_path"
    named: Annotated[int, Field(ge=0, le=20)] = 8

    endpoints: ClassVar[frozenset[str]] = frozenset(LOSSES)
    heading: ClassVar[str] = "Coefficient paths"
    section: ClassVar[str] = "models"
    model_kinds: ClassVar[frozenset[str] | None] = frozenset(
        {"penalised_logistic", "penalised_linear", "penalised_cox"}
    )

    def compute(self, data: OutputData) -> Result:
        """Return tables ``path``, ``cv`` and ``penalties``, one set of rows a model."""
        paths, curves, penalties, notes = [], [], [], []
        for model in self.chosen(data):
            found = data.fits[model].get("summary", {}).get("path")
            if not found or not found.get("log_lambda"):
                notes.append(f"{data.model_label(model)}: no path; no feature was selected.")
                continue
            paths.append(_path(model, found))
            curves.append(_curve(model, found))
            penalties.append(
                {
                    "model": model,
                    "lambda_min": float(found["lambda_min"]),
                    "lambda_1se": float(found["lambda_1se"]),
                }
            )
        loss = LOSSES[data.endpoint["kind"]]
        several = data.endpoint["kind"] in CLASSES
        what = (
            "the root of the sum of squares of a feature's coefficients over the classes"
            if several
            else "coefficients"
        )
        caption = (
            f"{opening(data)}Final models, fitted on all training rows "
            f"({training_sample(data)}). Left: {what} "
            "(per standard deviation of the feature where the model standardises) along the "
            f"penalty. Right: cross-validated {loss}, mean over folds ± 1 standard error. "
            f"Dashed line: penalty of least {loss} (lambda.min); dotted line: largest penalty "
            "within one standard error of it (lambda.1se). Numbers on top: non-zero coefficients."
        )
        empty = pd.DataFrame({"model": pd.Series(dtype=object)})
        return Result(
            {
                "path": pd.concat(paths, ignore_index=True) if paths else empty,
                "cv": pd.concat(curves, ignore_index=True) if curves else empty,
                "penalties": pd.DataFrame(penalties) if penalties else empty,
            },
            caption,
            tuple(notes),
            {
                "loss": loss.capitalize(),
                "size": SIZE if several else "Coefficient",
                "named": self.named,
            },
        )

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one row of two panels a model; None where no model has a path."""
        models = list(result.tables["penalties"]["model"])
        if not models:
            return None
        named = {m: _largest(result, m, self.named) for m in models}
        heights = [
            TOP_MM + PANEL_MM + FOOT_MM + LEGEND_LINE_MM * sum(_lines(n) for n in _legend(named[m]))
            for m in models
        ]
        sheet = style.sheet(DOUBLE_MM, sum(heights))
        top = 0.0
        for model, height in zip(models, heights, strict=True):
            _draw_model(sheet, top, result, model, named[model], style)
            top += height
        return sheet.figure


def _path(model: str, found: Mapping[str, Any]) -> pd.DataFrame:
    """Return the paths of the features that enter, in long form."""
    log_lambda = np.asarray(found["log_lambda"], float)
    parts = [
        pd.DataFrame({"model": model, "feature": name, "log_lambda": log_lambda, "coefficient": c})
        for name, values in found["coefs"].items()
        if np.any(c := np.asarray(values, float))
    ]
    columns = ["model", "feature", "log_lambda", "coefficient"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _curve(model: str, found: Mapping[str, Any]) -> pd.DataFrame:
    mean, se = np.asarray(found["cv_mean"], float), np.asarray(found["cv_se"], float)
    return pd.DataFrame(
        {
            "model": model,
            "log_lambda": np.asarray(found["log_lambda"], float)[: len(mean)],
            "deviance": mean,
            "lower": mean - se,
            "upper": mean + se,
            "nonzero": np.asarray(found["nonzero"], int)[: len(mean)],
        }
    )


def _largest(result: Result, model: str, n: int) -> list[str]:
    """Return the features with the largest coefficients at lambda.min, largest first."""
    path = result.tables["path"]
    rows = path[path["model"] == model]
    if rows.empty:
        return []
    penalties = result.tables["penalties"].set_index("model")
    at = np.log(float(penalties.loc[model, "lambda_min"]))
    wide = rows.pivot(index="log_lambda", columns="feature", values="coefficient")
    size = wide.iloc[int(np.argmin(np.abs(wide.index.to_numpy() - at)))].abs()
    size = size[size > 0].sort_values(ascending=False, kind="stable")
    return [str(name) for name in size.index[:n]]


def _legend(named: list[str]) -> list[str]:
    return [wrap(name, 88, 2) for name in named]


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _draw_model(
    sheet: Sheet, top: float, result: Result, model: str, named: list[str], style: Style
) -> None:
    """Draw one model's two panels and the names beneath them."""
    tables = {k: t[t["model"] == model] for k, t in result.tables.items()}
    penalties, cv = tables["penalties"].iloc[0], tables["cv"]
    sheet.text(1.5, top + 1.0, wrap(style.label(model), 100, 1), va="top", fontweight="bold")
    width = 71.0
    left = sheet.axes(17, top + TOP_MM, width, PANEL_MM)
    right = sheet.axes(108, top + TOP_MM, width, PANEL_MM)
    left.axhline(0, color=GREY, lw=0.5)
    for name, rows in tables["path"].groupby("feature", sort=True):
        if name in named:
            continue
        left.plot(rows["log_lambda"], rows["coefficient"], color=FAINT, lw=0.6, zorder=1)
    handles = []
    for i, name in enumerate(named):
        rows = tables["path"][tables["path"]["feature"] == name]
        look = {"color": PALETTE[i % len(PALETTE)], "linestyle": DASHES[(i // 4) % len(DASHES)]}
        handles += left.plot(rows["log_lambda"], rows["coefficient"], lw=1.0, **look)
    left.set_ylabel(result.facts["size"])
    right.errorbar(
        cv["log_lambda"],
        cv["deviance"],
        yerr=(cv["upper"] - cv["deviance"]),
        fmt="o",
        ms=1.8,
        color=WARN,
        ecolor="#A9A9A9",
        elinewidth=0.6,
        capsize=1.2,
        capthick=0.6,
    )
    right.set_ylabel(f"{result.facts['loss']} (cross-validated)")
    for ax in (left, right):
        _finish(ax, cv, penalties)
    if handles:
        left.legend(
            handles,
            _legend(named),
            loc="upper left",
            bbox_to_anchor=(0.0, -(FOOT_MM - 1.5) / PANEL_MM),
            borderaxespad=0,
            labelspacing=0.3,
            fontsize=6.2,
        )


def _finish(ax: Axes, cv: pd.DataFrame, penalties: pd.Series) -> None:
    """Mark the two penalties and count the non-zero coefficients on top."""
    x = cv["log_lambda"].to_numpy()
    low, high = float(x.min()), float(x.max())
    pad = 0.03 * (high - low or 1.0)
    ax.set_xlim(low - pad, high + pad)
    ax.set_xlabel("log λ")
    for key, dash in (("lambda_min", (0, (4, 2))), ("lambda_1se", (0, (1, 1.5)))):
        at = float(np.log(penalties[key]))
        ax.axvline(at, color="black", lw=0.7, linestyle=dash, zorder=0)
    places = np.linspace(low, high, 6)
    counts = [str(cv["nonzero"].iloc[int(np.argmin(np.abs(x - p)))]) for p in places]
    above = ax.secondary_xaxis("top")
    above.set_xticks(places, counts)
    above.tick_params(length=1.5, pad=1)
    above.set_xlabel("Non-zero coefficients", fontsize=6.5, labelpad=2)

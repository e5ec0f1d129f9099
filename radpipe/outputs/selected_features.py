"""The final model's coefficients, and how often each feature was chosen over the resamples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.target import KINDS
from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.regression_rows import class_terms
from radpipe.outputs.words import opening, training_sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

COLUMNS = ("model", "feature", "class", "measure", "value", "in_final", "chosen", "of", "share")
CLASS_WORDS = (
    "Of several classes each has its bar, and features are in the order of the root of the sum of "
    "squares over the classes. "
)


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
        """Return table ``features``: one row a model, feature and class with coefficients.

        It holds all that was ever chosen.
        """
        parts, notes = [], []
        for model in self.chosen(data):
            if data.models[model]["kind"] == "marker":
                continue
            table = _features(model, data.fits[model], data)
            if table.empty:
                notes.append(f"{data.model_label(model)}: no feature was selected.")
            elif not _differ(table):
                notes.append(_all_alike(data.model_label(model), table["feature"].nunique()))
            parts.append(table)
            reference = (data.fits[model].get("summary", {}).get("params") or {}).get(
                "reference_class"
            )
            if reference is not None and len(table):
                against = data.endpoint["classes"][reference]
                notes.append(f"{data.model_label(model)}: coefficients are against {against}.")
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
            if rows["feature"].nunique() > self.top and _differ(rows)
        ]
        if cut:
            names = ", ".join(data.model_label(str(m)) for m in cut)
            notes.append(f"The figure shows the first {self.top} features of: {names}.")
        several = CLASS_WORDS if (table["class"] != "").any() else ""
        caption = (
            f"{opening(data)}Left: coefficients (trees: impurity importance) of the final models, "
            "fitted on all training rows "
            f"({training_sample(data)}), where the model has them; features without a bar "
            f"have none. {several}Right: share of the resampled fits in which the feature was "
            f"chosen ({data.resampling or 'over the resamples'}), where features were selected."
        )
        facts = {"top": self.top, "classes": list(data.endpoint.get("classes") or ())}
        return Result({"features": table}, caption, tuple(notes), facts)

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one panel a model; None where nothing was selected."""
        from radpipe.outputs.selected_features_drawing import draw_features

        table = result.tables["features"]
        groups = [
            (str(m), rows[rows["feature"].isin(rows["feature"].unique()[: self.top])])
            for m, rows in table.groupby("model", sort=False)
            if _differ(rows)
        ]
        return draw_features(groups, result.facts["classes"], style) if groups else None


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


def _features(model: str, fit: Mapping[str, Any], data: OutputData) -> pd.DataFrame:
    """Return the features of one model: those of the final fit first, then by frequency.

    Of several classes the size that orders is the root of the sum of squares over them.
    """
    from radpipe.selection.base import term

    measure, values = _values(fit.get("summary", {}), data)
    classes = list(dict.fromkeys(label for label, _ in values)) or [""]
    valued = {name for _, name in values}
    frequency = {str(f["feature"]): (int(f["count"]), int(f["of"])) for f in fit["frequency"]}
    final = [str(name) for name in fit.get("features_final", [])]
    levels = {term(name) for name in (*final, *valued) if term(name) != name}
    known = dict.fromkeys([*final, *(name for _, name in values), *frequency])
    never = _never(fit)
    rows: list[dict[str, Any]] = []
    for name in (name for name in known if name not in levels):
        chosen, of = frequency.get(name, frequency.get(term(name), never))
        own = [values.get((label, name), np.nan) for label in classes]
        found = {"in_final": name in valued or name in final, "chosen": chosen, "of": of}
        place = (not found["in_final"], -np.sqrt(np.nansum(np.square(own))), -chosen / of)
        head = {"model": model, "feature": name, "place": place, "measure": measure}
        for label, value in zip(classes, own, strict=True):
            rows.append({**head, "class": label, "value": value, **found})
    rows.sort(key=lambda row: [np.nan_to_num(part) for part in row["place"]])
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.astype({"value": float, "chosen": float, "of": float})
    return table.assign(share=table["chosen"] / table["of"])


def _values(
    summary: Mapping[str, Any], data: OutputData
) -> tuple[str, dict[tuple[str, str], float]]:
    """Return what a model's values are, and those that are known, by class and feature."""
    measure, key = "coefficient", "coef"
    terms = class_terms(summary, data)
    if not terms:
        terms = class_terms(summary, data, "importance")
        measure, key = ("importance",) * 2 if terms else (measure, key)
    return measure, {
        place: float(row[key])
        for place, row in terms.items()
        if row.get(key) is not None and place[1] != "intercept"
    }


def _never(fit: Mapping[str, Any]) -> tuple[float, float]:
    """Return in how many of the resampled fits a feature was chosen that was chosen in none."""
    if fit["frequency"]:
        return 0, int(fit["frequency"][0]["of"])
    scopes = fit.get("selected_by_scope") or {}
    # the final fit is a scope too; a model that chooses nothing lists none
    return (0, len(scopes) - 1) if len(scopes) > 1 else (np.nan, np.nan)

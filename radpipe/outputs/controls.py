"""Negative controls: a permuted endpoint, the volume alone, the clinical variables alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.core.target import KINDS
from radpipe.evaluation.headline_metric import HEADLINE, HeadlineMetric
from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.style import DOUBLE_MM, GREY, wrap
from radpipe.outputs.verdicts import SAME_VOLUME, difference, number, verdicts, volume_label
from radpipe.outputs.words import interval, is_spread, listed, opening, training_sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

ROW_MM = 6.5
FEW_PERMUTATIONS = 20
"""The ends of fewer values are no 2.5% and 97.5% of anything."""
ALONE = {"volume_only": "Volume alone", "clinical_only": "Clinical variables alone"}
"""Entries of the controls that are models of their own, not permutations of one."""


class ControlsSpec(ModelOutputSpec):
    """The range over endpoint permutations beside the real value."""

    kind: Literal["controls"] = "controls"

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Negative controls"
    section: ClassVar[str] = "controls"

    def compute(self, data: OutputData) -> Result:
        """Return table ``controls``: one row a model, one for each control that stands alone."""
        rows, notes, said = [], list[str](), dict[str, Mapping[str, Any]]()
        told = HEADLINE[data.endpoint["kind"]]
        metric = told.label
        limits = "central 95% of the splits" if is_spread(data) else "95% interval"
        for model in self.chosen(data):
            entry = data.controls.get(model)
            label = data.model_label(model)
            if entry is None or not entry.get("permutations"):
                why = (entry or {}).get("reason") or "not run"
                notes.append(f"Permuted endpoint, {label}: {why}.")
                entry = entry or {}
            elif entry.get("undefined"):
                why = f": {entry['why']}" if entry.get("why") else ""
                notes.append(
                    f"Permuted endpoint, {label}: {entry['undefined']} permutations have no "
                    f"{metric}, and are left out{why}."
                )
            said[label] = entry
            if entry.get("real") is not None or entry.get("permutations"):
                rows.append(_row("permuted endpoint", model, label, entry))
        volumes = data.controls.get("volume_only", {}).get("of", ())
        notes += verdicts(said, told, volumes)
        beyond = ""
        if any("beyond_volume" in entry for entry in data.controls.values()):
            alone = volume_label(volumes, "volume of the region alone")
            beyond = (
                f" Beyond volume: the {metric} minus that of the {alone}, on "
                f"the same out-of-fold cases ({limits}), for models that use images."
            )
        if len(volumes) > 1:
            beyond += f" Volumes that correlate above {SAME_VOLUME:g} in a fit count once."
        for name, label in ALONE.items():
            entry = data.controls.get(name)
            if entry is None or entry.get("real") is None:
                why = (entry or {}).get("reason") or "does not apply to this study"
                notes.append(f"{label}: {why}.")
            else:
                shown = volume_label(volumes, label) if name == "volume_only" else label
                rows.append(_row(label.lower(), name, shown[0].upper() + shown[1:], entry))
        columns = list(_row("", "", "", {}))
        table = pd.DataFrame(rows, columns=columns)
        counts = sorted({int(n) for n in table["n"] if n > 0})
        folds = sorted({int(e["folds"]) for e in data.controls.values() if e.get("folds")})
        once = f" by {listed(str(n) for n in folds)}-fold cross-validation, once" if folds else ""
        bars = doubt = ""
        if counts:
            bars = (
                f"Bars: 2.5–97.5% range of the {metric} over {listed(str(n) for n in counts)} "
                "permutations of the endpoint, with their mean (tick); whole patients are permuted "
                f"and every step is refitted{once}. "
            )
            if counts[0] < FEW_PERMUTATIONS:
                bars += f"The range of fewer than {FEW_PERMUTATIONS} permutations is coarse. "
            doubt = f" {_doubt(told)}"
        caption = (
            f"{opening(data)}{bars}Dots: the real {metric}, out-of-fold. "
            f"Dotted line: {told.chance:g}.{doubt}{beyond} "
            f"Training cases: {training_sample(data)}."
        )
        return Result(
            {"summary": _readable(table, f"{metric} ({limits})", data.controls), "controls": table},
            caption,
            tuple(notes),
            {"metric": metric, "chance": told.chance},
            ("summary",),
        )

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return one row a model; None where no control was run."""
        table = result.tables["controls"]
        if table.empty:
            return None
        height = ROW_MM * len(table) + 16
        sheet = style.sheet(DOUBLE_MM * 0.75, height)
        ax = sheet.axes(50, 5, DOUBLE_MM * 0.75 - 74, height - 16)
        chance = float(result.facts["chance"])
        values = table[["real", "lower", "upper", "real_lower", "real_upper"]].to_numpy(float)
        low = min(chance - 0.2, np.floor(10 * np.nanmin(values) - 0.2) / 10)
        # An AUC ends at 0, a share of explained variance does not.
        left = max(0.0 if chance else -1.0, low)
        for i, (_, row) in enumerate(table.iterrows()):
            colour = style.colour(row["model"]) if row["model"] in style.models else "black"
            if np.isfinite(row["lower"]):
                ax.barh(i, row["upper"] - row["lower"], left=row["lower"], height=0.5, color="#DDD")
                ax.plot([row["mean"]] * 2, [i - 0.25, i + 0.25], color=GREY, lw=1)
            if np.isfinite(row["real_lower"]):
                ends = [row["real_lower"], row["real_upper"]]
                ax.plot(ends, [i, i], color=colour, lw=0.8)
            if np.isfinite(row["real"]):
                marker = style.marker(row["model"]) if row["model"] in style.models else "d"
                # What lies left of the axis is an arrow at its end; the number stands beside it.
                marker = marker if row["real"] >= left else "$\\leftarrow$"
                x = max(row["real"], left)
                ax.plot(x, i, marker=marker, ls="", color=colour, ms=4.5, zorder=5, clip_on=False)
            words = number(row["real"]) if np.isfinite(row["real"]) else "–"
            ax.annotate(
                words,
                (1.0, i),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=6.5,
            )
        ax.annotate(
            "Real", (1.0, 1.0), xycoords="axes fraction", xytext=(6, 0),
            textcoords="offset points", va="bottom", fontsize=6.5, color=GREY,
        )  # fmt: skip
        ax.axvline(chance, color="black", lw=0.7, linestyle=(0, (1, 1.5)), zorder=0)
        ax.set_yticks(range(len(table)), [wrap(str(v), 30, 2) for v in table["label"]])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(table) - 0.4, -0.6)
        ax.set_xlim(left, 1.0)
        ax.set_xlabel(result.facts["metric"])
        return sheet.figure


def _doubt(told: HeadlineMetric) -> str:
    """Return what permuted values should look like."""
    if told.chance:
        return (
            f"A model whose permuted values do not scatter about {told.chance:g} has learned from "
            "its test rows."
        )
    return (
        "A model whose permuted values lie above it has learned from its test rows; below it lies "
        "what predicts worse than the mean."
    )


def _readable(
    table: pd.DataFrame, real: str, controls: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Return the table as a reader wants it: the real value, and what permutations gave."""
    rows = []
    compared = any("beyond_volume" in entry for entry in controls.values())
    for _, row in table.iterrows():
        permuted = bool(row["n"])
        rows.append(
            {
                "Model": row["label"],
                real: interval(row["real"], row["real_lower"], row["real_upper"]),
                "Permutations": str(row["n"]) if permuted else "–",
                "Permuted: mean": number(row["mean"]) if permuted else "–",
                "2.5–97.5%": _range(row["lower"], row["upper"]) if permuted else "–",
            }
            | (
                {"Beyond volume": difference(controls.get(row["model"], {})) or "–"}
                if compared
                else {}
            )
        )
    return pd.DataFrame(rows)


def _range(low: float, high: float) -> str:
    """Return ``0.41–0.60``, or ``−0.10 to 0.05``."""
    return f"{number(low)}{' to ' if low < 0 else '–'}{number(high)}"


def _row(control: str, model: str, label: str, entry: Any) -> dict[str, Any]:
    """Return one row of the table; what was not computed is NaN."""
    permuted = np.asarray(entry.get("permutations") or [], float)  # null is an undefined one
    permuted = permuted[np.isfinite(permuted)]
    beyond = entry.get("beyond_volume") or {}
    low, high = entry.get("range95") or (np.nan, np.nan)
    return {
        "control": control,
        "model": model,
        "label": label,
        "metric": entry.get("metric", ""),
        "real": _known(entry.get("real")),
        "real_lower": _known(entry.get("lower")),
        "real_upper": _known(entry.get("upper")),
        "n": len(permuted),
        "mean": float(permuted.mean()) if len(permuted) else np.nan,
        "lower": float(low),
        "upper": float(high),
        "beyond_volume": _known(beyond.get("difference")),
        "beyond_volume_lower": _known(beyond.get("lower")),
        "beyond_volume_upper": _known(beyond.get("upper")),
    }


def _known(value: Any) -> float:
    return np.nan if value is None else float(value)

"""Negative controls: a permuted endpoint, the volume alone, the clinical variables alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.outputs.base import ModelOutputSpec, OutputData, Result
from radpipe.outputs.style import DOUBLE_MM, GREY, wrap
from radpipe.outputs.words import interval, is_survival, listed, opening, sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

ROW_MM = 6.5
ALONE = {"volume_only": "Volume alone", "clinical_only": "Clinical variables alone"}
"""Entries of the controls that are models of their own, not permutations of one."""
METRICS = {"auc": "AUC", "c_index": "C-index"}


class ControlsSpec(ModelOutputSpec):
    """The range over endpoint permutations beside the real value."""

    kind: Literal["controls"] = "controls"

    heading: ClassVar[str] = "Negative controls"
    section: ClassVar[str] = "controls"

    def compute(self, data: OutputData) -> Result:
        """Return table ``controls``: one row a model, one for each control that stands alone."""
        rows, notes = [], []
        for model in self.chosen(data):
            entry = data.controls.get(model)
            label = data.model_label(model)
            if entry is None or not entry.get("permutations"):
                why = (entry or {}).get("reason") or "not run"
                notes.append(f"Permuted endpoint, {label}: {why}.")
                entry = entry or {}
            if entry.get("real") is not None or entry.get("permutations"):
                rows.append(_row("permuted endpoint", model, label, entry))
        for name, label in ALONE.items():
            entry = data.controls.get(name)
            if entry is None or entry.get("real") is None:
                why = (entry or {}).get("reason") or "does not apply to this study"
                notes.append(f"{label}: {why}.")
            else:
                rows.append(_row(label.lower(), name, label, entry))
        columns = list(_row("", "", "", {}))
        table = pd.DataFrame(rows, columns=columns)
        metric = METRICS["c_index" if is_survival(data) else "auc"]
        counts = sorted({int(n) for n in table["n"] if n > 0})
        how = f"{listed(str(n) for n in counts)} permutations" if counts else "no permutations"
        folds = sorted({int(e["folds"]) for e in data.controls.values() if e.get("folds")})
        once = f" by {listed(str(n) for n in folds)}-fold cross-validation, once" if folds else ""
        train = data.cohort[data.cohort["split"] == "train"]
        caption = (
            f"{opening(data)}Bars: 2.5–97.5% range of the {metric} over {how} of the endpoint, "
            "with their mean (tick); whole patients are permuted and every step is refitted"
            f"{once}. Dots: the real {metric}, out-of-fold. Dotted line: 0.5. A model whose "
            "permuted values do not scatter about 0.5 has learned from its test rows. Training "
            f"cases: {sample(train)}."
        )
        return Result(
            {"summary": _readable(table, metric), "controls": table},
            caption,
            tuple(notes),
            {"metric": metric},
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
                ax.plot(row["real"], i, marker, color=colour, ms=4.5, zorder=5, clip_on=False)
            words = "–" if not np.isfinite(row["real"]) else f"{row['real']:.2f}"
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
        ax.axvline(0.5, color="black", lw=0.7, linestyle=(0, (1, 1.5)), zorder=0)
        ax.set_yticks(range(len(table)), [wrap(str(v), 30, 2) for v in table["label"]])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(table) - 0.4, -0.6)
        values = table[["real", "lower", "upper", "real_lower", "real_upper"]].to_numpy(float)
        low = min(0.3, np.floor(10 * np.nanmin(values) - 0.2) / 10)
        ax.set_xlim(max(0.0, low), 1.0)
        ax.set_xlabel(result.facts["metric"])
        return sheet.figure


def _readable(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the table as a reader wants it: the real value, and what permutations gave."""
    rows = []
    for _, row in table.iterrows():
        permuted = bool(row["n"])
        rows.append(
            {
                "Model": row["label"],
                f"{metric} (95% interval)": interval(
                    row["real"], row["real_lower"], row["real_upper"]
                ),
                "Permutations": str(row["n"]) if permuted else "–",
                "Permuted: mean": f"{row['mean']:.2f}" if permuted else "–",
                "2.5–97.5%": f"{row['lower']:.2f}–{row['upper']:.2f}" if permuted else "–",
            }
        )
    return pd.DataFrame(rows)


def _row(control: str, model: str, label: str, entry: Any) -> dict[str, Any]:
    """Return one row of the table; what was not computed is NaN."""
    permuted = np.asarray(entry.get("permutations") or [], float)
    low, high = entry.get("range95") or (np.nan, np.nan)
    real = entry.get("real")
    return {
        "control": control,
        "model": model,
        "label": label,
        "metric": entry.get("metric", ""),
        "real": np.nan if real is None else float(real),
        "real_lower": float(entry["lower"]) if entry.get("lower") is not None else np.nan,
        "real_upper": float(entry["upper"]) if entry.get("upper") is not None else np.nan,
        "n": len(permuted),
        "mean": float(permuted.mean()) if len(permuted) else np.nan,
        "lower": float(low),
        "upper": float(high),
    }

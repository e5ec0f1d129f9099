"""Which features two readings of the same case agree on, and which the selection dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.core.target import KINDS
from radpipe.outputs.base import OutputData, OutputSpec, Result
from radpipe.outputs.style import DOUBLE_MM, FAINT, GREY, PALETTE, wrap
from radpipe.outputs.words import counted, listed, opening

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Sheet, Style

PANEL_MM = 50.0
PITCH_MM = 72.0
MOST_PANELS = 8
OWN = "own"
"""What a selection is called that stands in its model."""
KEPT, UNRELIABLE, UNDEFINED, BEFORE = "kept", "unreliable", "undefined", "dropped before"
COLOURS = {KEPT: PALETTE[0], UNRELIABLE: PALETTE[1], UNDEFINED: FAINT, BEFORE: GREY}
COLUMNS = {
    "comparison": str,
    "block": str,
    "feature": str,
    "image": str,
    "class": str,
    "form": str,
    "icc": float,
    "lower": float,
    "upper": float,
    "cases": int,
    "threshold": float,
    "result": str,
    "reason": str,
}


class ReliabilitySpec(OutputSpec):
    """The intraclass correlation of every feature, with its interval and what came of it."""

    kind: Literal["reliability"] = "reliability"

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Reliability of features"
    section: ClassVar[str] = "models"
    needs_readings: ClassVar[bool] = True

    def compute(self, data: OutputData) -> Result:
        """Return tables ``features``, a row each, and ``summary``, a row a comparison and block."""
        tables = [_features(entry) for entry in data.reliability]
        whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
        features = whole.astype(COLUMNS)
        notes = [
            f"{_name(entry)}: {counted(int(entry['without_readings']), 'column')} passed without "
            "a second reading."
            for entry in data.reliability
            if entry["without_readings"]
        ]
        notes += [
            f"{_name(entry)}: {counted(int(entry['dropped_before']), 'feature')} of these had been "
            "dropped before: constant, or by an earlier step of the selection."
            for entry in data.reliability
            if entry["dropped_before"]
        ]
        groups = features.groupby(["comparison", "block"], sort=False).ngroups
        if groups > MOST_PANELS:
            notes.append(f"The figure shows the first {MOST_PANELS} of {groups} comparisons.")
        if not tables:
            notes.append("No selection compared readings.")
        caption = " ".join([f"{opening(data)}{OPENING}", *map(_sentence, data.reliability)])
        judged = {_name(entry): str(entry["on"]) for entry in data.reliability}
        return Result(
            {"features": features, "summary": _summary(features)},
            caption,
            tuple(notes),
            {"judged": judged},
            ("summary",),
        )

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return a row of two panels for each comparison and block; None without features."""
        table = result.tables["features"]
        if table.empty:
            return None
        groups = list(table.groupby(["comparison", "block"], sort=False))[:MOST_PANELS]
        sheet = style.sheet(DOUBLE_MM, PITCH_MM * len(groups))
        for place, ((comparison, block), rows) in enumerate(groups):
            title = wrap(f"{comparison}: {block}", 90, 1)
            judged = result.facts["judged"][str(comparison)]
            _panel(sheet, place * PITCH_MM, title, rows, str(judged))
        return sheet.figure


OPENING = (
    "Intraclass correlation of each feature between readings of the same training cases, in the "
    "final fit, with its 95% interval (F-based, Shrout and Fleiss). A coefficient that is "
    "undefined, or rests on too few cases, counts as unreliable."
)


def _name(entry: Mapping[str, Any]) -> str:
    """Return how a comparison is called: its selection, the models that use it, and its place."""
    step = f", step {entry['step']}" if entry["step"] > 1 else ""
    models = listed(entry["models"]) + step
    return models if entry["selection"] == OWN else f"{entry['selection']} ({models})"


def _form(entry: Mapping[str, Any]) -> str:
    """Return a form as papers write it: ``ICC(2,1)``."""
    number, unit = str(entry["form"]).removeprefix("icc").split("_")
    return f"ICC({number},{unit})"


def _sentence(entry: Mapping[str, Any]) -> str:
    """Return what one comparison rests on."""
    if not entry["rows"]:
        return f"{_name(entry)}: no feature that was left has a second reading."
    readers = [str(reader) for reader in entry["readers"]]
    perturbed = sum(reader.startswith("perturbation.") for reader in readers)
    others = [reader for reader in readers if not reader.startswith("perturbation.")]
    others += [counted(perturbed, "perturbation") + " of the mask or image"] if perturbed else []
    by = f"the primary reading and {listed(others)}" if others else "the primary reading"
    what = "estimate" if entry["on"] == "estimate" else "lower limit of the interval"
    return (
        f"{_name(entry)}: {_form(entry)}, {by}, {counted(int(entry['cases']), 'case')}; kept where "
        f"the {what} is {entry['threshold']:g} or more (dashed)."
    )


def _features(entry: Mapping[str, Any]) -> pd.DataFrame:
    """Return the features of one comparison, the most reliable first in each block."""
    known = ["feature", "icc", "lower", "upper", "n", "kept", "reason", "dropped_before"]
    rows = pd.DataFrame(entry["rows"], columns=known)
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    before = rows["dropped_before"].eq(True)
    blocks, names = zip(*(str(f).split("__", 1) for f in rows["feature"]), strict=True)
    parts = [_parts(name) for name in names]
    judged = np.where(rows["icc"].isna(), UNDEFINED, UNRELIABLE)
    table = pd.DataFrame(
        {
            "comparison": _name(entry),
            "block": blocks,
            "feature": names,
            "image": [image for image, _ in parts],
            "class": [family for _, family in parts],
            "form": _form(entry),
            **{key: rows[key].astype(float) for key in ("icc", "lower", "upper")},
            "cases": rows["n"],
            "threshold": float(entry["threshold"]),
            "result": np.where(before, BEFORE, np.where(rows["kept"], KEPT, judged)),
            "reason": rows["reason"].fillna(""),
        }
    )
    order = {block: place for place, block in enumerate(dict.fromkeys(blocks))}
    table["place"] = table["block"].map(order)
    table = table.sort_values(["place", "icc"], ascending=[True, False], kind="stable")
    return table.drop(columns="place").reset_index(drop=True)


def _parts(name: str) -> tuple[str, str]:
    """Return image and class of a feature; the whole of it is of class ``other`` elsewhere."""
    from radpipe.features.names import parse

    try:
        found = parse(name)
    except ValueError:
        return "", "other"
    return found.image, found.family


def _summary(features: pd.DataFrame) -> pd.DataFrame:
    """Return how many features of each comparison and block were kept."""
    found = []
    for (comparison, block), rows in features.groupby(["comparison", "block"], sort=False):
        counts = rows["result"].value_counts()
        found.append(
            {
                "comparison": comparison,
                "block": block,
                "cases": int(rows["cases"].max()),
                "features": len(rows),
                **{result: int(counts.get(result, 0)) for result in COLOURS},
                "median_icc": float(rows["icc"].median()) if rows["icc"].notna().any() else np.nan,
            }
        )
    names = ["comparison", "block", "cases", "features", *COLOURS, "median_icc"]
    return pd.DataFrame(found, columns=names)


def _panel(sheet: Sheet, top: float, title: str, rows: pd.DataFrame, on: str) -> None:
    """Draw one block: its coefficients in order, and what became of each class."""
    sheet.text(1.5, top + 1.2, title, va="top", fontweight="bold")
    _coefficients(sheet.axes(15, top + 7, 82, PANEL_MM), rows, on)
    _classes(sheet.axes(126, top + 7, 46, PANEL_MM), rows)


def _coefficients(ax: Axes, rows: pd.DataFrame, on: str) -> None:
    """Draw the coefficients from the largest to the smallest, with their intervals."""
    known = rows[rows["icc"].notna()]
    x = np.arange(1, len(known) + 1)
    values, lower, upper = (known[key].to_numpy(float) for key in ("icc", "lower", "upper"))
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    ax.vlines(x, lower, upper, color=FAINT, lw=max(0.4, min(2.0, 160 / max(len(x), 1))), zorder=1)
    for result in (KEPT, UNRELIABLE, BEFORE):
        own = (known["result"] == result).to_numpy()
        if result == BEFORE and not own.any():
            continue
        label = f"{result} ({own.sum()})"
        ax.plot(x[own], values[own], ".", ms=3, color=COLOURS[result], label=label, zorder=2)
    ax.axhline(rows["threshold"].iloc[0], color="black", lw=0.8, ls=(0, (4, 2)), zorder=3)
    undefined = len(rows) - len(known)
    words = "ICC with 95% interval" if on == "estimate" else "ICC with 95% interval (lower counts)"
    ax.set_ylabel(words)
    if undefined:
        label = f"{UNDEFINED} ({undefined}), not shown"
        ax.plot([], [], "s", ms=3, color=COLOURS[UNDEFINED], label=label)
    ax.set_xlabel(f"Features by their coefficient ({len(rows)})")
    ax.set_ylim(max(-1.0, low - 0.05), 1.03)
    ax.set_xlim(0, len(x) + 1)
    ax.legend(loc="lower left", handlelength=1.0)


def _classes(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw for each class the share of features that were kept."""
    names = list(dict.fromkeys(sorted(rows["class"])))
    counts = pd.crosstab(rows["class"], rows["result"]).reindex(
        index=names, columns=list(COLOURS), fill_value=0
    )
    total = counts.sum(axis=1).to_numpy(float)
    left = np.zeros(len(names))
    y = np.arange(len(names))
    for result, colour in COLOURS.items():
        share = 100 * counts[result].to_numpy(float) / total
        ax.barh(y, share, left=left, height=0.62, color=colour, label=result)
        left += share
    kept = counts[KEPT].to_numpy(int)
    for at, a, b in zip(y, kept, total.astype(int), strict=True):
        ax.text(103, at, f"{a}/{b}", va="center", ha="left", fontsize=6)
    ax.set_yticks(y, [wrap(str(name), 16, 1) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xlabel("Features kept (%)", color=GREY)
    ax.spines["left"].set_visible(False)

"""Cut-offs of the final models as the metrics table shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radpipe.outputs.base import OutputData
from radpipe.outputs.cutoff_rows import (
    INPUT,
    MINUS_INPUT,
    cutoff_values,
    known,
    ranged,
    read_cutoffs,
    told_cutoff,
)
from radpipe.outputs.words import p_words

RULES = {
    "youden": "Youden index",
    "median": "Median",
    "tertiles": "Tertiles",
    "prevalence": "Prevalence as the risk",
    "max_logrank": "Maximally selected log-rank",
    "x_tile": "Two cut-offs by log-rank (as X-tile)",
}
NAMES = {"cutoff": "Cut-off", "cutoff_high": "Upper cut-off"}


def cutoff_table(data: OutputData, models: Sequence[str]) -> pd.DataFrame:
    """Return one row a final model (and label): how its cut-offs were learned, and what they are.

    Empty where no model has one that was learned here.
    """
    values, rows = cutoff_values(data, models), []
    if values.empty:
        return values
    risks = [c for c in values if str(c).startswith("risk")]
    for (model, label), part in values.groupby(["model", "class"], sort=False):
        fit = told_cutoff(data.fits.get(str(model), {}))
        row: dict[str, Any] = {"Model": data.model_label(str(model))}
        if label:
            row["Label"] = label
        row["Rule"], row["Scale"] = _rule(fit["cutoff_rule"]), part["scale"].iloc[0]
        turned = row["Scale"] == MINUS_INPUT
        if turned:
            row["Scale"] = INPUT
        at_most = "at most " if read_cutoffs(fit)["at_most"] else ""
        given = fit["cutoff_rule"]["kind"] == "fixed"
        digits = (10 if given else 6) if row["Scale"] == INPUT else 3
        for _, own in part.iterrows():
            said = _turned(own, turned, "value", "lower", "upper")
            row[NAMES[str(own["cutoff"])]] = at_most + ranged(*said, digits=digits)
        for column in risks:
            if part[column].notna().any():
                told = " and ".join(f"{100 * v:.0f}%" for v in part[column].dropna())
                row[_risk_name(str(column), data)] = told
        over = [_turned(own, turned, "median", "least", "most") for _, own in part.iterrows()]
        row["Over the resamples"] = " and ".join(ranged(*said, digits=digits) for said in over)
        p = fit.get("cutoff_p")
        if p:
            row["Plain p"] = _p(p.get("plain"))
            row["Corrected p"] = _p(p.get("corrected"))
        rows.append(row)
    return _in_print(pd.DataFrame(rows)).fillna("–")


def _turned(row: pd.Series, turn: bool, middle: str, low: str, high: str) -> tuple[float, ...]:
    """Return a value with its limits; of a score that is minus the input, as values of it."""
    values = float(row[middle]), float(row[low]), float(row[high])
    return (0.0 - values[0], 0.0 - values[2], 0.0 - values[1]) if turn else values


def _in_print(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns in their order, whichever row had them first."""
    first = ["Model", "Label", "Rule", "Scale", *NAMES.values()]
    last = ["Over the resamples", "Plain p", "Corrected p"]
    risks = [c for c in table if str(c).startswith("Risk")]
    return table[[c for c in (*first, *risks, *last) if c in table]]


def cutoff_words(data: OutputData, models: Sequence[str]) -> str:
    """Return what the values, intervals and p values of the table of cut-offs are."""
    fits = [told_cutoff(data.fits.get(model, {})) for model in models]
    fits = [fit for fit in fits if "cutoff_rule" in fit]
    spreads = [fit["cutoff_bootstrap"] for fit in fits if fit.get("cutoff_bootstrap")]
    words = ""
    if fits:
        brackets = f" ({spreads[0]['method']})" if spreads else ""
        words = f"Cut-offs of the final models: value{brackets}, on the scale that is named. "
    if not cutoff_values(data, models).filter(like="risk").isna().all(axis=None):
        words += "Risk at the cut-off: that of a case whose score is the cut-off. "
    counts = sorted({len(fit["cutoffs"]) for fit in fits if any(known(fit["cutoffs"]))})
    if counts:
        said = " or ".join(f"{n}" for n in counts)
        words += (
            "Over the resamples: median and range of the cut-offs that the fits of the resampling "
            f"({said}) learned by the same rule. "
        )
    notes = dict.fromkeys(
        f"Corrected p: {p['corrected_method']}; {p['note']}. "
        for fit in fits
        if (p := fit.get("cutoff_p")) and "corrected_method" in p
    )
    return words + "".join(notes)


def _risk_name(column: str, data: OutputData) -> str:
    """Return the heading of a column of risks."""
    if column == "risk":
        return "Risk at the cut-off"
    unit = data.endpoint.get("time_unit")
    return f"Risk by {column.removeprefix('risk_at_')}{f' {unit}' if unit else ''}"


def _rule(rule: Mapping[str, Any]) -> str:
    kind = str(rule["kind"])
    if kind == "fixed":
        return f"Given {rule['on']}: {rule['at']:.10g}"
    if kind in ("sensitivity", "specificity"):
        return f"{kind.capitalize()} of {rule['at']:g}"
    return RULES.get(kind, kind)


def _p(p: float | None) -> str:
    return p_words(float("nan") if p is None else p)

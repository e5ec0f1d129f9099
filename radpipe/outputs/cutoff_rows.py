"""Cut-offs of the final models with their spread, as the metrics table and the report show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData
from radpipe.outputs.words import p_words

METRICS = ("cutoff", "cutoff_high")
RULES = {
    "youden": "Youden index",
    "median": "Median",
    "tertiles": "Tertiles",
    "prevalence": "Prevalence as the risk",
    "max_logrank": "Maximally selected log-rank",
    "x_tile": "Two cut-offs by log-rank (as X-tile)",
}


def with_spread(tidy: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return the metrics with the bootstrap spread of the cut-offs of one fit, the final one."""
    out = tidy.copy()
    alone = out["metric"].isin(METRICS) & out["lower"].isna()
    for at, row in out[alone].iterrows():
        found = data.fits.get(str(row["model"]), {}).get("cutoff_bootstrap") or {}
        limits = _own(found.get(str(row["metric"])), str(row["class"]), data)
        if limits and None not in limits:
            out.loc[at, ["lower", "upper"]] = limits
            out.loc[at, "method"] = f"{row['method']}; {found['method']} ({found['draws']})"
    return out


def cutoff_table(data: OutputData, models: Sequence[str]) -> pd.DataFrame:
    """Return one row a final model (and label): how its cut-offs were learned, and what they are.

    Empty where no model has one that was learned here.
    """
    rows = []
    for model in models:
        fit = data.fits.get(model, {})
        if "cutoff_rule" not in fit:
            continue
        labels = [str(c) for c in data.endpoint.get("classes") or ()]
        several = isinstance(fit["cutoff_final"], list)
        for label in labels if several else [""]:
            row: dict[str, Any] = {"Model": data.model_label(model)}
            if several:
                row["Label"] = label
            row["Rule"] = _rule(fit["cutoff_rule"])
            for metric, name in zip(METRICS, ("Cut-off", "Upper cut-off"), strict=True):
                if f"{metric}_final" in fit:
                    value = fit[f"{metric}_final"]
                    value = value[labels.index(label)] if several else value
                    limits = (fit.get("cutoff_bootstrap") or {}).get(metric)
                    row[name] = _told(value, _own(limits, label, data))
            values = fit["cutoffs"]
            row["Over the resamples"] = _over(
                [v[labels.index(label)] if several else v for v in values]
            )
            p = fit.get("cutoff_p")
            if p:
                row["Plain p"] = _p(p.get("plain"))
                row["Corrected p"] = _p(p.get("corrected"))
            rows.append(row)
    return pd.DataFrame(rows).fillna("–")


def cutoff_words(data: OutputData, models: Sequence[str]) -> str:
    """Return what the intervals and p values of the table of cut-offs are."""
    fits = [data.fits.get(model, {}) for model in models]
    spreads = [fit["cutoff_bootstrap"] for fit in fits if fit.get("cutoff_bootstrap")]
    words = ""
    if spreads:
        words = f"Cut-offs of the final models: value ({spreads[0]['method']}). "
    notes = dict.fromkeys(
        f"Corrected p: {p['corrected_method']}; {p['note']}. "
        for fit in fits
        if (p := fit.get("cutoff_p")) and "corrected_method" in p
    )
    return words + "".join(notes)


def _own(limits: Any, label: str, data: OutputData) -> Any:
    """Return the limits of a label, where each has its own."""
    if limits and isinstance(limits[0], list):
        labels = [str(c) for c in data.endpoint.get("classes") or ()]
        return limits[labels.index(label)] if label in labels else None
    return limits


def _rule(rule: Mapping[str, Any]) -> str:
    kind = str(rule["kind"])
    if kind == "fixed":
        return f"Given {rule['on']}: {rule['at']:g}"
    if kind in ("sensitivity", "specificity"):
        return f"{kind.capitalize()} of {rule['at']:g}"
    return RULES.get(kind, kind)


def _told(value: float | None, limits: Any) -> str:
    """Return a value with its spread in three digits."""
    if value is None:
        return "–"
    if not limits or None in limits:
        return f"{value:.3g}"
    return f"{value:.3g} ({limits[0]:.3g} to {limits[1]:.3g})"


def _over(values: Sequence[float | None]) -> str:
    """Return the median and the range of the cut-offs of the resamples."""
    known = [v for v in values if v is not None]
    if not known:
        return "–"
    return f"{np.median(known):.3g} ({min(known):.3g} to {max(known):.3g})"


def _p(p: float | None) -> str:
    return p_words(float("nan") if p is None else p)

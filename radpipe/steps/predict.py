"""Predicts new cases by a stored model: risks, intervals, points, groups, and what is odd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.columns import BATCH, CLINICAL, variable
from radpipe.core.errors import nearest
from radpipe.core.target import CLASSES
from radpipe.steps.new_tables import NewCases
from radpipe.steps.stored import FloatArray, StoredModel


@dataclass(frozen=True)
class Predictions:
    """What a model says of new cases.

    Attributes
    ----------
    table : DataFrame
        A row a case: what is predicted, ``warnings`` and ``error``.
    notes : tuple of str
        What holds of all cases.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def failures(self) -> list[str]:
        """A line for each case without a prediction."""
        own = self.table[self.table["error"] != ""]
        return [f"case {c}: {e}" for c, e in zip(own["case"], own["error"], strict=True)]


def predict(model: StoredModel, cases: NewCases) -> Predictions:
    """Return what a model says of cases; those with an error have an empty row."""
    whole = cases.frame
    bad = [str(c) in cases.errors for c in whole.index]
    sound = whole[~np.array(bad, dtype=bool)]
    notes = list(cases.notes)
    found = pd.DataFrame(index=sound.index)
    warnings: dict[str, list[str]] = {}
    if len(sound):
        table = model.table(sound)
        found, more = _said(model, table)
        notes += more
        for own in model.all():
            shown = own.table(sound)
            for odd in (odd_values(own, shown), new_batches(own, shown)):
                for case, lines in odd.items():
                    warnings.setdefault(case, []).extend(lines)
        score = model.score(table).reshape(len(table), -1)
        for case in sound.index[np.isnan(score).any(axis=1)]:
            why = "; ".join(dict.fromkeys(warnings.get(str(case), ())))
            cases.fail(str(case), f"{why or 'no prediction'}; fill in the value")
    result = found.reindex(whole.index)
    for column in ("class", "group"):
        if column in result:
            result[column] = result[column].fillna("")
    ids = [str(c) for c in whole.index]
    result.insert(0, "case", ids)
    result["warnings"] = ["; ".join(dict.fromkeys(warnings.get(c, []))) for c in ids]
    result["error"] = ["; ".join(cases.errors.get(c, [])) for c in ids]
    return Predictions(result.reset_index(drop=True), tuple(dict.fromkeys(notes)))


def _said(model: StoredModel, table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the predictions of sound cases, and what holds of all of them."""
    passport = model.passport
    found = pd.DataFrame(index=table.index)
    notes = []
    score = model.score(table)
    if model.kind == "continuous":
        found["value"] = score
    elif passport["gives_risk"]:
        interval = model.interval(table)
        names = _risk_names(model)
        risk = model.risk(table, model.horizons).reshape(len(table), -1)
        for j, name in enumerate(names):
            found[name] = risk[:, j]
            if model.kind in ("binary", "survival"):
                low, high = (interval[k][:, j] if interval else np.nan for k in (0, 1))
                found[f"{name}_lower"], found[f"{name}_upper"] = low, high
        if interval:
            notes.append(f"interval of the risk: {interval[2]}")
        elif model.kind in ("binary", "survival"):
            why = f": {model.why_no_interval}" if model.why_no_interval else ""
            notes.append(f"this {passport['kind']} model has no interval of a case's risk{why}")
        if not passport["calibrated_risk"]:
            notes.append("risks are not calibrated: they rank cases, and are no frequencies")
    if model.kind in ("multiclass", "ordinal"):
        classes = np.array(passport["endpoint"]["classes"], dtype=object)
        found["class"] = classes[score.argmax(axis=1)]
    if model.kind in ("binary", "survival"):
        found["score"] = score
        line = model.linear_predictor(table)
        found["linear_predictor"] = np.nan if line is None else line
        chart = passport["nomogram"]
        points = np.nan
        if chart is not None and line is not None:
            points = (line - chart["lp_at_zero"]) * chart["points_per_unit"]
        found["points"] = points
        found["group"] = groups(score, passport["cutoff"])
    if passport["study"]["simulated"]:
        notes.append("the model was learned on simulated data: it says nothing about any patient")
    return found, notes


def _risk_names(model: StoredModel) -> list[str]:
    if model.kind == "survival":
        return [f"risk_{h:g}" for h in model.horizons]
    if model.kind in CLASSES:
        return [f"risk[{c}]" for c in model.passport["endpoint"]["classes"]]
    return ["risk"]


def groups(score: FloatArray, cutoff: dict[str, Any]) -> list[str]:
    """Return the risk group of each score; empty where there is no cut-off."""
    low, high = cutoff["low"], cutoff["high"]
    if low is None or isinstance(low, list):
        return [""] * len(score)
    if high is None:
        return ["" if np.isnan(s) else "high" if s >= low else "low" for s in score]
    return [
        "" if np.isnan(s) else "high" if s >= high else "intermediate" if s >= low else "low"
        for s in score
    ]


def odd_values(model: StoredModel, table: pd.DataFrame) -> dict[str, list[str]]:
    """Return what is odd about each case's values: beyond training, unseen, or missing."""
    found: dict[str, list[str]] = {}
    terms = (model.passport["formula"] or {"terms": []})["terms"]
    fills = {t["column"]: t["missing_becomes"] for t in terms}
    imputes = "no prediction" not in model.passport["missing_values"]
    for entry in model.passport["variables"]:
        name = entry["name"]
        shown = _called(name)
        for case, value in zip(table.index, table[name], strict=True):
            said = ""
            gap = pd.isna(value) or (entry["type"] == "number" and not np.isfinite(value))
            if gap:
                fill = fills.get(name) if entry["type"] == "number" else None
                by = f" ({fill:.6g})" if fill is not None else ""
                said = f"{shown} is missing" + (f", filled in{by}" if imputes else "")
            elif entry["type"] == "number":
                low, high = entry["low"], entry["high"]
                if low is not None and not low <= value <= high:
                    side = "below" if value < low else "above"
                    said = (
                        f"{shown} = {value:.6g}, {side} the training range "
                        f"({low:.6g} to {high:.6g})"
                    )
            elif str(value) not in entry["seen"]:
                said = f"{shown} = {value}, a level that no training case had"
                if entry["type"] == "nominal":
                    said += ", taken for the reference"
            if said:
                found.setdefault(str(case), []).append(said)
    return found


def new_batches(model: StoredModel, table: pd.DataFrame) -> dict[str, list[str]]:
    """Return what harmonisation does with the cases of batches that training did not hold."""
    prepare = getattr(model.predictor, "prepare_", None)
    found: dict[str, list[str]] = {}
    for step in prepare.steps_ if prepare is not None else ():
        if step.kind != "combat":
            continue
        told, batches = step.told(table), table[BATCH + step.batch].astype(str)
        for case, batch in batches[batches.isin(list(told))].items():
            hint = nearest(str(batch), list(step.batches_))
            said = f"{told[batch]}; {hint}" if hint else told[batch]
            found.setdefault(str(case), []).append(said)
    return found


def _called(name: str) -> str:
    return variable(name).removeprefix(CLINICAL)

"""Predicts new cases by a stored model: risks, intervals, points, groups, and what is odd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.columns import BATCH, CLINICAL, variable
from radpipe.core.errors import RadpipeError, UsageError, nearest
from radpipe.core.target import CLASSES
from radpipe.features.names import split_id
from radpipe.io.tables import read_table, tidy_name
from radpipe.steps.new_derived import sources
from radpipe.steps.new_images import images_of
from radpipe.steps.new_tables import (
    NewCases,
    clinical_columns,
    clinical_of,
    features_of,
    plain_block,
)
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


def gather(
    model: StoredModel,
    *,
    images: Sequence[str] = (),
    masks: Sequence[str] = (),
    features: Path | None = None,
    block: str | None = None,
    clinical: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> NewCases:
    """Read or extract what a model needs of new cases.

    Raises
    ------
    RadpipeError
        What is needed is not given, or holds for no case.
    """
    needed = [v["name"] for v in model.variables("feature")]
    asked = clinical_columns(model)
    problems: list[RadpipeError] = []
    if needed and not images and features is None:
        blocks = dict.fromkeys(split_id(name)[0] for name in needed)
        problems.append(
            UsageError(
                f"{model.name} needs features of {', '.join(blocks)}; give --features TABLE, or "
                "--images FOLDER and --masks FOLDER"
            )
        )
    if images and not masks:
        problems.append(UsageError("--images without --masks; features are those of a region"))
    if asked and clinical is None:
        problems.append(UsageError(f"{model.name} needs {', '.join(asked)}; give --clinical TABLE"))
    if not problems and not needed and clinical is None and features is None:
        raise UsageError(f"{model.name} needs no feature; name the cases with --clinical TABLE")
    parts: list[NewCases] = []
    table = None
    if clinical is not None:
        table = _or_told(partial(clinical_of, clinical, model), problems)
    wanted = None if table is None else {*map(str, table.frame.index), *table.errors}
    notes: list[str] = []
    if features is not None and (needed or clinical is None):
        own = _in_table(features, model, block, needed) if images else needed
        if own or not needed:
            found = _or_told(partial(features_of, features, model, block, own), problems)
            parts += [] if found is None else [found]
        else:
            notes.append(
                f"{features.name}: not read, since it holds neither a feature that {model.name} "
                "needs nor all that one is made of; they are extracted"
            )
        needed = [name for name in needed if name not in own]
    if len(problems) == 1:
        raise problems[0]
    if problems:  # all of them at once, before anything is extracted
        usage = isinstance(problems[0], UsageError)
        raise (UsageError if usage else RadpipeError)("\n".join(map(str, problems)))
    if needed and images:
        parts.append(images_of(images, masks, model, needed, tell, wanted))
    if table is not None:
        parts.append(table)
    return _joined(parts, notes)


def _or_told(read: Callable[[], NewCases], problems: list[RadpipeError]) -> NewCases | None:
    """Return what is read, or add to the problems why it cannot be."""
    try:
        return read()
    except RadpipeError as error:
        problems.append(error)
        return None


def _in_table(
    path: Path, model: StoredModel, block: str | None, needed: Sequence[str]
) -> list[str]:
    """Return the features whose block a table has any column of, or of each that it is made of."""
    blocks = model.inputs("blocks")
    below = {name: sources(blocks, name) for name in needed}
    columns = {tidy_name(str(c)) for c in read_table(path).frame.columns}
    block = block or plain_block(blocks, needed, columns)
    known = {*needed, *(source for own in below.values() for source in own)}
    there = {split_id(name)[0] for name in columns & known} | {block}
    return [
        name
        for name, own in below.items()
        if split_id(name)[0] in there or {split_id(source)[0] for source in own} <= there
    ]


def _joined(parts: Sequence[NewCases], notes: Sequence[str]) -> NewCases:
    """Return all that is known of the cases; one that a part lacks has no prediction."""
    order = dict.fromkeys(str(c) for part in parts for c in [*part.frame.index, *part.errors])
    index = pd.Index(list(order), dtype=object, name="case")
    whole = pd.concat([part.frame.reindex(index) for part in parts], axis=1)
    found = NewCases(whole, notes=[*notes, *(note for part in parts for note in part.notes)])
    for part in parts:
        known = set(map(str, part.frame.index))
        for case in order:
            for why in part.errors.get(case, ()):
                found.fail(case, why)
            if case not in known and case not in part.errors:
                what = "features" if any("__" in c for c in part.frame.columns) else "clinical row"
                found.fail(case, f"no {what} of this case; check its id")
    return found


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

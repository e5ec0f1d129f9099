"""From the cohort table to the cohort: who is in it, with what outcome, on which side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, FaultsError, RadpipeError
from radpipe.resampling.folds import groups_per_class, left_to_train
from radpipe.study.endpoint import BinaryEndpoint
from radpipe.study.load import Study
from radpipe.study.pairs import path_faults
from radpipe.study.rows import Rows, read_rows
from radpipe.study.values import Outcome, Variable, read_outcome, read_variable

COHORT = "main"


@dataclass(frozen=True)
class Cohort:
    """The cases of a study.

    Parameters
    ----------
    frame : DataFrame, one row a case in table order
        ``case``, ``group``, ``cohort``, ``split``, then ``y`` (0/1) or ``time`` and ``event``
        (0/1), then ``clinical.NAME`` (float, or text), as cohort.parquet holds them.
    info : dict
        Counts, exclusions, notes, warnings, the split, and the clinical dictionary (type,
        levels with the reference first), as cohort.json holds them.
    rows : Rows
        The cases' rows of the table, as text.
    """

    frame: pd.DataFrame
    info: dict[str, Any]
    rows: Rows


def build_cohort(study: Study, without: Mapping[str, str] | None = None) -> Cohort:
    """Read the cohort of a study.

    Parameters
    ----------
    study : Study
    without : mapping of str to str, optional
        Cases to leave out besides those that the study excludes, with the reason.

    Raises
    ------
    FaultsError
        All that is wrong with the table.
    """
    cohort, faults = read_cohort(study, without=without or {})
    if faults or cohort is None:
        raise FaultsError(faults)
    return cohort


def read_cohort(
    study: Study, without: Mapping[str, str] = MappingProxyType({})
) -> tuple[Cohort | None, list[Fault]]:
    """Read the cohort as far as possible; return it with everything that is wrong."""
    try:
        rows, faults = read_rows(study)
        rows = rows.without(without)
    except FaultsError as error:
        return None, list(error.faults)
    outcome, sound = Outcome(rows, np.zeros(len(rows.frame), dtype=np.int64)), False
    if "endpoint" not in study.broken:
        outcome, more = read_outcome(rows, study.spec.endpoint, study.places)
        sound = not more and all(rows.has(column) for column in study.spec.endpoint.columns)
        faults += more
    rows = outcome.rows
    if rows.frame.empty:
        if not faults:
            faults.append(Fault(rows.table, "no case is left", "exclude fewer cases"))
        return None, faults
    variables: dict[str, Variable] = {}
    warnings: list[str] = []
    for name, spec in study.spec.clinical.items():
        variables[name], wrong, odd = read_variable(rows, name, spec, study.places)
        faults += wrong
        warnings += odd if wrong else [*odd, *_missing_values(name, variables[name])]
    groups, wrong = _groups(study, rows)
    faults += wrong
    faults += path_faults(study, rows)
    split = np.full(len(groups), "train")
    if sound and not wrong:
        split, wrong = _split(study, outcome, groups)
        faults += wrong or _too_few(study, outcome, groups, split)
        warnings += _held_out(outcome, split)
    frame = _frame(study, outcome, groups, split, variables)
    info = _info(study, rows, split, variables, warnings)
    return Cohort(frame, info, rows), faults


def _groups(study: Study, rows: Rows) -> tuple[list[str], list[Fault]]:
    """Return the patient of each case; the case itself where no column names it."""
    column = study.spec.cohort.group
    if column is None or not rows.has(column):
        return rows.cases, []
    cells = rows.column(column)
    empty = [case for case, cell in zip(rows.cases, cells, strict=True) if cell is None]
    faults = []
    if empty:
        found = f"no group (column {column!r} is empty)"
        faults.append(rows.fault(empty, found, "name the patient, or exclude the case"))
    return [str(cell) for cell in cells], faults


def _split(
    study: Study, outcome: Outcome, groups: list[str]
) -> tuple[NDArray[np.str_], list[Fault]]:
    """Return the side on which each case stands."""
    split: Any = study.spec.cohort.split
    table = outcome.rows.frame.copy()
    for column in split.columns():
        if not outcome.rows.has(column):
            return np.full(len(groups), "train"), []
        table[column] = outcome.rows.column(column)
    table = table.reset_index(drop=True)
    try:
        labels = split.assign(outcome.event, groups, table, study.spec.evaluation.seed)
    except RadpipeError as error:
        found, _, cure = str(error).removeprefix("split: ").rpartition("; ")
        place = study.places.where("cohort", "split")
        return np.full(len(groups), "train"), [Fault(place, found or cure, cure if found else "")]
    return np.asarray(labels), []


def _too_few(
    study: Study, outcome: Outcome, groups: list[str], split: NDArray[np.str_]
) -> list[Fault]:
    """Return the faults of an endpoint that leaves too little to learn from."""
    train = split == "train"
    event, group = outcome.event[train], np.asarray(groups, dtype=object)[train]
    endpoint, table = study.spec.endpoint, outcome.rows.table
    side = "" if train.all() else " of the training side"
    if event.min() == event.max():
        which = "has" if event[0] else "lacks"
        key = "positive" if isinstance(endpoint, BinaryEndpoint) else "event_code"
        found = f"every one of the {len(event)} cases{side} {which} the event"
        cure = f"correct endpoint.{key}, or the table; there must be cases with and without it"
        where = f"{table}: {study.places.where('endpoint')}"
        return [Fault(where, f"{found} {endpoint.shown_label!r}", cure)]
    scheme: Any = study.spec.evaluation.resampling
    have = groups_per_class(event, group)
    kind = "cases" if study.spec.cohort.group is None else "groups"
    counted = f"{kind}{side} {'with' if event.mean() <= 0.5 else 'without'} the event"
    folds = getattr(scheme, "folds", None)
    if folds is not None and have < folds:
        return [_too_many_folds(study, "folds", folds, have, counted)]
    # What is left of the rarer outcome when the largest outer fold is held out.
    left = have if folds is None else left_to_train(have, folds)
    inner = getattr(scheme, "inner_folds", None)
    if inner is not None and left < inner:
        where = f"{counted} in the training part of a fold" if folds is not None else counted
        return [_too_many_folds(study, "inner_folds", inner, left, where)]
    return []


def _too_many_folds(study: Study, key: str, folds: int, have: int, counted: str) -> Fault:
    """Return the fault of more folds than the rarer outcome can be dealt into."""
    place = study.places.where("evaluation", "resampling", key)
    found = f"{folds} {key.replace('_', ' ')}, but only {have} {counted}"
    return Fault(place, found, f"set {key} to {have} at most" if have >= 2 else "add cases")


def _held_out(outcome: Outcome, split: NDArray[np.str_]) -> list[str]:
    """Return what is odd about the held-out sides."""
    odd = []
    for side in sorted(set(split) - {"train"}):
        event = outcome.event[split == side]
        if event.min() == event.max():
            odd.append(
                f"{outcome.rows.table}: all {len(event)} cases of the {side} side have the same "
                "outcome; most measures are undefined there"
            )
    return odd


def _frame(
    study: Study,
    outcome: Outcome,
    groups: list[str],
    split: NDArray[np.str_],
    variables: dict[str, Variable],
) -> pd.DataFrame:
    """Return the table of cohort.parquet."""
    columns: dict[str, Any] = {
        "case": outcome.rows.cases,
        "group": groups,
        "cohort": COHORT,
        "split": [str(side) for side in split],
    }
    if outcome.time is None:
        columns["y"] = outcome.event
    else:
        columns |= {"time": outcome.time, "event": outcome.event}
    columns |= {f"clinical.{name}": v.values.to_numpy() for name, v in variables.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(groups)))


def _missing_values(name: str, variable: Variable) -> list[str]:
    """Return how many values of a variable are missing, where any are."""
    lost, n = int(variable.values.isna().sum()), len(variable.values)
    if not lost:
        return []
    cure = "models fill them in within each training set, a marker leaves such cases out"
    return [f"clinical.{name}: {lost} of {n} values are missing; {cure}"]


def _info(
    study: Study,
    rows: Rows,
    split: NDArray[np.str_],
    variables: dict[str, Variable],
    warnings: list[str],
) -> dict[str, Any]:
    """Return what cohort.json holds."""
    sides = {side: int((split == side).sum()) for side in dict.fromkeys(map(str, split))}
    clinical = {
        name: {
            "type": spec.type,
            "levels": list(variables[name].levels),
        }
        for name, spec in study.spec.clinical.items()
    }
    return {
        "n_table": rows.n_table,
        "n_included": len(rows.frame),
        "excluded": [{"case": case, "reason": reason} for case, reason in rows.excluded],
        "notes": list(rows.notes),
        "warnings": warnings,
        "split": {**study.spec.cohort.split.model_dump(mode="json"), "counts": sides},
        "clinical": clinical,
    }

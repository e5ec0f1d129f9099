"""From the cohort table to the cohort: who is in it, with what outcome, on which side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, FaultsError
from radpipe.study.batches import read_batches
from radpipe.study.calculated import read_variables
from radpipe.study.formulas import formulas
from radpipe.study.load import Study
from radpipe.study.outcome import Outcome, read_outcome
from radpipe.study.pairs import path_faults
from radpipe.study.rows import Rows, read_rows, some
from radpipe.study.sides import centres_of, held_out, split_of, too_few
from radpipe.study.sources import unique
from radpipe.study.values import Variable


@dataclass(frozen=True)
class Cohort:
    """The cases of a study.

    Parameters
    ----------
    frame : DataFrame, one row a case in table order
        ``case``, ``group``, ``cohort``, ``split``, then the outcome's columns
        (`radpipe.evaluation.outcomes`), ``centre`` where the resampling reads one,
        ``clinical.NAME`` (float, or text), and ``batch.NAME``, as cohort.parquet holds them. The
        rows of external cohorts follow those of the main one.
    info : dict
        Counts, exclusions, notes, warnings, the split, and the clinical dictionary (type,
        levels with the reference first), as cohort.json holds them.
    rows : Rows
        The cases' rows of the table, as text.
    target : array, shape (n,)
        Each case's outcome (`radpipe.core.target`).
    """

    frame: pd.DataFrame
    info: dict[str, Any]
    rows: Rows
    target: NDArray[Any]


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
    variables, wrong, warnings = read_variables(rows, study.spec.clinical, study.places)
    faults += wrong
    groups, wrong = _groups(study, rows)
    faults += wrong
    faults += path_faults(study, rows)
    split, centres = np.full(len(groups), "train"), None
    if sound and not wrong:
        split, wrong = split_of(study, outcome, groups)
        centres, unnamed = centres_of(study, rows, split)
        wrong += unnamed
        faults += wrong or too_few(study, outcome, groups, split, centres)
        warnings += [*_namesakes(study, rows, groups), *held_out(outcome, split)]
    batches, wrong, odd = read_batches(rows, study.spec, split, study.places)
    faults += wrong
    warnings += odd
    frame = _frame(outcome, groups, split, centres, variables).assign(**batches)
    info = _info(study, rows, split, variables, warnings)
    return Cohort(frame, info, rows, outcome.target), faults


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
    of = np.array(rows.cohorts)
    names = list(dict.fromkeys(of))
    told = np.array([str(cell) for cell in cells], dtype=object)
    for name, own in zip(names, unique([(n, list(told[of == n])) for n in names]), strict=True):
        told[of == name] = own
    return [str(group) for group in told], faults


def _namesakes(study: Study, rows: Rows, groups: list[str]) -> list[str]:
    """Return how many ids, and groups, of external cohorts stand in another one too."""
    told = study.spec.cohort
    named = {told.id: ("id", "case", rows.cases)}
    if told.group is not None:
        named.setdefault(told.group, ("group", "patient", groups))
    found = []
    for column, (noun, taken, names) in named.items():
        renamed: dict[str, list[str]] = {}
        for case, name, cell in zip(rows.cases, names, rows.column(column), strict=True):
            if name != str(cell):
                renamed.setdefault(rows.sources[case].table, []).append(name)
        for table, listed in renamed.items():
            own = list(dict.fromkeys(listed))
            stand = f"{len(own)} {noun}s stand" if len(own) > 1 else f"1 {noun} stands"
            many = (
                f"they are taken for other {taken}s"
                if len(own) > 1
                else f"it is taken for another {taken}"
            )
            found.append(f"{table}: {stand} in another cohort too; {many}, and called {some(own)}")
    return found


def _frame(
    outcome: Outcome,
    groups: list[str],
    split: NDArray[np.str_],
    centres: NDArray[np.str_] | None,
    variables: dict[str, Variable],
) -> pd.DataFrame:
    """Return the table of cohort.parquet."""
    columns: dict[str, Any] = {
        "case": outcome.rows.cases,
        "group": groups,
        "cohort": outcome.rows.cohorts,
        "split": [str(side) for side in split],
    }
    columns |= outcome.columns
    if centres is not None:
        columns["centre"] = [str(centre) for centre in centres]
    columns |= {f"clinical.{name}": v.values.to_numpy() for name, v in variables.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(groups)))


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
        "notes": [*rows.notes, *formulas(study.spec.clinical)],
        "warnings": warnings,
        "split": {**study.spec.cohort.split.model_dump(mode="json"), "counts": sides},
        "cohorts": {name: rows.cohorts.count(name) for name in dict.fromkeys(rows.cohorts)},
        "clinical": clinical,
    }

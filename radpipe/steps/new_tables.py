"""Reads tables of new cases; what is wrong with one case costs no other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.core.columns import BATCH, CLINICAL, COVARIATE
from radpipe.core.errors import Fault, FaultsError, RadpipeError, nearest
from radpipe.features.names import split_id
from radpipe.io.tables import read_table
from radpipe.steps.new_derived import Blocks, first_blocks, made, not_extracted, sources
from radpipe.steps.stored import StoredModel
from radpipe.study.calculated import read_variables
from radpipe.study.formulas import columns_of
from radpipe.study.names import id_problem, normal
from radpipe.study.places import Places
from radpipe.study.rows import Rows
from radpipe.study.sections import ClinicalSpec
from radpipe.study.values import number

CURE = "correct the cell, or leave it empty"
IDS = ("case", "id", "case_id", "patient", "patient_id")
"""Where a case's id stands, if not in a column named as in the study."""


@dataclass
class NewCases:
    """What is known of new cases.

    Attributes
    ----------
    frame : DataFrame
        A row a case (the index); columns as the model was trained on.
    errors : dict of str to list of str
        Why a case has no prediction.
    notes : list of str
        What had to be detected.
    """

    frame: pd.DataFrame
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fail(self, case: str, why: str) -> None:
        """Note why a case has no prediction."""
        self.errors.setdefault(case, []).append(why)


def read_rows(path: Path, id_column: str, missing: Sequence[str]) -> tuple[Rows, NewCases]:
    """Read a table of cases; ids that are empty, unusable or there twice are errors of theirs.

    Raises
    ------
    FaultsError
        The table cannot be read, or has no column with ids.
    """
    table = read_table(path)
    words = {normal(word) for word in missing}
    frame = table.frame.map(lambda cell: _clean(cell, words))
    frame.columns = pd.Index([normal(str(c)) for c in frame.columns])
    columns = [str(c) for c in frame.columns]
    lower = {c.lower(): c for c in reversed(columns)}
    own = normal(id_column) if normal(id_column) in columns else ""
    own = own or next((lower[name] for name in IDS if name in lower), "")
    if not own:
        cure = nearest(id_column, columns) or f"name the column of the ids {id_column}"
        fault = Fault(path.name, f"no column {id_column!r} with the cases' ids", cure,
                      ", ".join(columns[:30]))  # fmt: skip
        raise FaultsError([fault])
    cases = NewCases(pd.DataFrame(), notes=list(table.notes))
    counts = frame[own].value_counts()
    kept, lines = [], {}
    for place, (case, line) in enumerate(zip(frame[own], table.rows, strict=True)):
        problem = "no id" if case is None else id_problem(case)
        if case is not None and not problem and counts[case] > 1:
            problem = "the id stands in several rows; give each case one"
        if problem:
            cases.fail(str(case or f"row {line}"), f"{path.name} row {line}: {problem}")
            continue
        kept.append(place)
        lines[str(case)] = int(line)
    body = frame.iloc[kept].copy()
    body = body.set_axis(pd.Index([str(c) for c in body[own]], dtype=object, name="case"))
    return Rows(body, lines, path.name, len(frame), (), tuple(table.notes)), cases


def _clean(cell: Any, missing: set[str]) -> str | None:
    text = normal(cell) if isinstance(cell, str) else ""
    return None if not text or text in missing else text


def features_of(
    path: Path, model: StoredModel, block: str | None, needed: Sequence[str]
) -> NewCases:
    """Read the features that a model needs, as far as a table has them.

    Parameters
    ----------
    path : Path
        Columns ``block__feature``, or plain names of ``block``. Features that are made of others
        (changes, ratios) may be left to those.
    model : StoredModel
    block : str or None
        The block whose plain names the table has.
    needed : sequence of str
        Feature ids.

    Raises
    ------
    RadpipeError
        The table has none of a block's features, or lacks some.
    """
    rows, cases = read_rows(
        path, model.passport["inputs"]["id"], model.passport["inputs"]["missing"]
    )
    columns = [str(c) for c in rows.frame.columns]
    if block is not None and block not in model.inputs("blocks"):
        known = list(model.inputs("blocks"))
        raise RadpipeError(
            f"--block: {block!r} is no block of {model.name}; allowed: {', '.join(known) or 'none'}"
            f"; {nearest(block, known) or 'name one of them'}"
        )
    blocks = model.inputs("blocks")
    if block is None:
        block = plain_block(blocks, needed, columns)
        if block is not None:
            cases.notes.append(f"{path.name}: its features are taken for those of block {block}")
    below = {
        name: sources(blocks, name) for name in needed if _column(name, block, columns) is None
    }
    read = list(dict.fromkeys(source for name in needed for source in below.get(name, [name])))
    place = {name: _column(name, block, columns) for name in read}
    lost = [name for name, column in place.items() if column is None]
    if lost:
        hint = nearest(lost[0], columns)
        plain = [name for name in lost if split_id(name)[1] in columns]
        cure = hint or "extract it as the model card says, or give --images and --masks"
        if not hint and any(not_extracted(blocks, name) for name in first_blocks(blocks, lost)):
            cure = "compute it as for the table that the model was fitted on"
        if plain and block is None:
            lost = [name for name in lost if name not in plain] or plain
            cure = f"say whose the plain names are: --block {split_id(plain[0])[0]}"
        raise RadpipeError(
            f"{path.name}: no column {', '.join(map(repr, lost[:8]))}"
            f"{f' and {len(lost) - 8} more' if len(lost) > 8 else ''}, which {model.name} needs; "
            f"{cure}"
        )
    values: dict[str, list[float]] = {}
    for name, column in place.items():
        cells = list(rows.frame[column])
        values[name] = [float("nan") if (v := number(c)) is None else v for c in cells]
        for case, cell in zip(rows.cases, cells, strict=True):
            if cell is not None and number(cell) is None:
                cases.fail(case, f"{path.name} row {rows.lines[case]}: {cell!r} in {name!r}; write "
                           "a number, or leave the cell empty")  # fmt: skip
    if "error" in columns:  # as radpipe extract writes it
        for case, why in zip(rows.cases, rows.frame["error"], strict=True):
            if why is not None:
                cases.fail(case, f"not extracted: {why}")
    whole = pd.DataFrame(values, index=rows.frame.index, dtype=float)
    cases.frame = pd.concat([whole, *_derived(blocks, below, whole)], axis=1)[list(needed)]
    return cases


def _derived(
    blocks: Blocks, lacking: Mapping[str, Sequence[str]], whole: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return the features that a table lacks, each with what it is made of, and no others.

    Of a block that is partly in the table, what is there stays as it is.
    """
    read = dict.fromkeys(source for own in lacking.values() for source in own)
    frames = {b: whole[[c for c in read if _block_of(c) == b]] for b in map(_block_of, read)}
    return [
        made(blocks, block, frames).loc[whole.index, [n for n in lacking if _block_of(n) == block]]
        for block in dict.fromkeys(map(_block_of, lacking))
    ]


def plain_block(blocks: Blocks, needed: Sequence[str], columns: Collection[str]) -> str | None:
    """Return the only block that features are read of, where a table has their plain names."""
    read = [source for name in needed for source in sources(blocks, name)]
    own = {split_id(name)[0] for name in read}
    if len(own) != 1 or not any(split_id(name)[1] in columns for name in read):
        return None
    return next(iter(own))


def _block_of(feature: str) -> str:
    return split_id(feature)[0]


def _column(name: str, block: str | None, columns: Sequence[str]) -> str | None:
    own, plain = split_id(name)
    if name in columns:
        return name
    return plain if own == block and plain in columns else None


def clinical_columns(model: StoredModel) -> list[str]:
    """Return the columns of a clinical table that a model needs, those of formulas included."""
    specs = _clinical(model)
    asked = [c for name, spec in specs.items() for c in columns_of(name, spec, set(specs))]
    return list(dict.fromkeys([*asked, *model.batches]))


def _clinical(model: StoredModel) -> dict[str, ClinicalSpec]:
    return {n: ClinicalSpec.model_validate(s) for n, s in model.inputs("clinical").items()}


def clinical_of(path: Path, model: StoredModel) -> NewCases:
    """Read the clinical variables that a model needs, by the study's own rules.

    Raises
    ------
    RadpipeError
        The table lacks a column.
    """
    about = model.passport["inputs"]
    rows, cases = read_rows(path, about["id"], about["missing"])
    specs = _clinical(model)
    columns = [str(c) for c in rows.frame.columns]
    lost = [c for c in clinical_columns(model) if not rows.has(c)]
    if lost:
        hints = {c: nearest(normal(c), columns) for c in lost}
        named = ", ".join(f"{c!r} ({hint})" if hint else repr(c) for c, hint in hints.items())
        raise RadpipeError(
            f"{path.name}: no column {named}, which {model.name} needs; name the columns so, or "
            f"add them (cells may be empty); there are: {', '.join(columns[:30])}"
        )
    places = Places(path)
    _no_numbers(rows, specs, cases)
    variables, faults, _ = read_variables(rows, specs, places, gaps=True)
    frames = {f"{CLINICAL}{name}": v.values for name, v in variables.items()}
    whole = pd.DataFrame(frames, index=rows.frame.index)
    if faults:
        whole = _one_by_one(rows, specs, places, whole, cases)
    for name in model.batches:
        whole[BATCH + name] = rows.column(name)
        for case in whole.index[whole[BATCH + name].isna()]:
            cases.fail(str(case), f"no {name!r}, the batch that harmonisation needs")
    for name in specs:
        whole[COVARIATE + name] = whole[CLINICAL + name]
    cases.frame = whole
    return cases


def _no_numbers(rows: Rows, specs: Mapping[str, ClinicalSpec], cases: NewCases) -> None:
    """Tell of text where a number belongs, and empty the cell, in place."""
    for name, spec in specs.items():
        column = normal(spec.column or name)
        if spec.type != "continuous" or spec.computed:
            continue
        for case, cell in zip(rows.cases, rows.column(column), strict=True):
            if cell is not None and number(cell) is None:
                where = f"{rows.table} row {rows.lines[case]}"
                cases.fail(case, str(Fault(where, f"{cell!r} in {column!r}, no number", CURE)))
                rows.frame.loc[case, column] = None


def _one_by_one(
    rows: Rows,
    specs: Mapping[str, ClinicalSpec],
    places: Places,
    whole: pd.DataFrame,
    cases: NewCases,
) -> pd.DataFrame:
    """Read each case on its own, so that a fault is told of the case that has it."""
    for case in rows.cases:
        alone = Rows(rows.frame.loc[[case]], rows.lines, rows.table, rows.n_table, (), ())
        variables, faults, _ = read_variables(alone, specs, places, gaps=True)
        for fault in faults:
            cases.fail(case, str(replace(fault, cure=CURE, case="")))
        for name, found in variables.items():
            if not faults:
                whole.loc[case, CLINICAL + name] = found.values.iloc[0]
    return whole

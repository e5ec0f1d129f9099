"""How tables of features are laid out: a row a case, a row a case and feature, a column a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from radpipe.core.errors import Fault
from radpipe.io.tables import TableFile
from radpipe.study.places import shown
from radpipe.study.rows import some

DIAGNOSTICS = "diagnostics_"
"""What PyRadiomics' columns begin with that are no features."""

_TWICE = "keep one, or say with where: {column: value} which rows count"


@dataclass(frozen=True)
class Cells:
    """The cells of the features of some cases.

    Parameters
    ----------
    frame : DataFrame of str or None
        A row a case, a column a feature by the name that the table gives it.
    table : TableFile
        Where they stand.
    lines : mapping
        (case, feature) -> row of the file; or case, or feature alone.
    columns : mapping
        Case, or feature -> its column; empty where all values stand in one.
    faults : tuple of Fault
        Cases and features that stand there twice.
    """

    frame: pd.DataFrame
    table: TableFile
    lines: Mapping[str | tuple[str, str], int]
    columns: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def place(self, case: str, feature: str) -> str:
        """Return where a cell stands."""
        keys: tuple[str | tuple[str, str], ...] = ((case, feature), case, feature)
        line = next(self.lines[key] for key in keys if key in self.lines)
        column = self.columns.get(case) or self.columns.get(feature)
        return f"{shown(self.table.path)} row {line}" + (f" column {column!r}" if column else "")


def wide(table: TableFile, cases: Sequence[str | None], features: Sequence[str]) -> Cells:
    """Return the cells of a table with a row a case.

    Parameters
    ----------
    table : TableFile
    cases : sequence of str or None
        Whose row it is; None where it does not count.
    features : sequence of str
        Columns.
    """
    part, lines, faults = _one_row_each(table, list(features), cases, "the case {}")
    columns = {name: name for name in features}
    return Cells(part, table, lines, columns, faults)


def long(table: TableFile, cases: Sequence[str | None], names: Sequence[str], value: str) -> Cells:
    """Return the cells of a table with a row a case and feature.

    Parameters
    ----------
    table : TableFile
    cases : sequence of str or None
        Whose row it is; None where it does not count.
    names : sequence of str
        The feature of each row.
    value : str
        The column with the values.
    """
    cells: dict[str, dict[str, str | None]] = {}
    lines: dict[str | tuple[str, str], int] = {}
    faults: list[Fault] = []
    rows = zip(cases, names, table.frame[value], table.rows, strict=True)
    for case, name, cell, line in rows:
        if case is None or name.startswith(DIAGNOSTICS):
            continue
        if (case, name) in lines:
            what = f"the feature {name!r} of case {case}"
            faults.append(_twice(table, what, [lines[case, name], line]))
        cells.setdefault(case, {})[name] = cell
        lines[case, name] = line
    frame = pd.DataFrame.from_dict(cells, orient="index", dtype=object)
    return Cells(frame, table, lines, {}, tuple(faults))


def transposed(
    table: TableFile, counts: Sequence[bool], names: Sequence[str], columns: Mapping[str, str]
) -> Cells:
    """Return the cells of a table with a row a feature and a column a case.

    Parameters
    ----------
    table : TableFile
    counts : sequence of bool
        Which rows count.
    names : sequence of str
        The feature of each row.
    columns : mapping of str to str
        Case -> column.
    """
    features = [
        name if counted and not name.startswith(DIAGNOSTICS) else None
        for name, counted in zip(names, counts, strict=True)
    ]
    part, lines, faults = _one_row_each(table, list(columns.values()), features, "the feature {!r}")
    frame = part.T.set_axis(list(columns), axis=0)
    return Cells(frame, table, lines, dict(columns), faults)


def _one_row_each(
    table: TableFile, columns: list[str], names: Sequence[str | None], what: str
) -> tuple[pd.DataFrame, dict[str | tuple[str, str], int], tuple[Fault, ...]]:
    """Return the first row of each name, the rows of the file, and the names that stand twice.

    Rows without a name do not count; ``what`` says what a name is.
    """
    places: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(position)
    part = table.frame[columns].iloc[[own[0] for own in places.values()]]
    faults = tuple(
        _twice(table, what.format(name), [table.rows[p] for p in own])
        for name, own in places.items()
        if len(own) > 1
    )
    lines: dict[str | tuple[str, str], int] = {
        name: table.rows[own[0]] for name, own in places.items()
    }
    return part.set_axis(list(places), axis=0), lines, faults


def _twice(table: TableFile, what: str, lines: Sequence[int]) -> Fault:
    found = f"{what} {len(lines)} times (rows {some(map(str, lines))})"
    return Fault(shown(table.path), found, _TWICE)

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
    rows: dict[str, list[int]] = {}
    for position, case in enumerate(cases):
        if case is not None:
            rows.setdefault(case, []).append(position)
    faults = [
        _twice(table, f"the case {case}", [table.rows[p] for p in places])
        for case, places in rows.items()
        if len(places) > 1
    ]
    frame = table.frame[list(features)].iloc[[places[0] for places in rows.values()]]
    lines: dict[str | tuple[str, str], int] = {
        case: table.rows[places[0]] for case, places in rows.items()
    }
    columns = {name: name for name in features}
    return Cells(frame.set_axis(list(rows), axis=0), table, lines, columns, tuple(faults))


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
    rows: dict[str, list[int]] = {}
    for position, (name, counted) in enumerate(zip(names, counts, strict=True)):
        if counted and not name.startswith(DIAGNOSTICS):
            rows.setdefault(name, []).append(position)
    faults = [
        _twice(table, f"the feature {name!r}", [table.rows[p] for p in places])
        for name, places in rows.items()
        if len(places) > 1
    ]
    part = table.frame[list(columns.values())].iloc[[places[0] for places in rows.values()]]
    frame = part.T.set_axis(list(columns), axis=0).set_axis(list(rows), axis=1)
    lines: dict[str | tuple[str, str], int] = {
        name: table.rows[places[0]] for name, places in rows.items()
    }
    return Cells(frame, table, lines, dict(columns), tuple(faults))


def _twice(table: TableFile, what: str, lines: Sequence[int]) -> Fault:
    found = f"{what} {len(lines)} times (rows {some(map(str, lines))})"
    return Fault(shown(table.path), found, _TWICE)

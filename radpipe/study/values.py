"""Cells of the cohort table as values: numbers and levels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, nearest
from radpipe.study.names import normal
from radpipe.study.places import Places
from radpipe.study.rows import Rows, some
from radpipe.study.sections import ClinicalSpec

FloatArray = NDArray[np.float64]

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_WITH_UNIT = re.compile(rf"(?P<number>{_NUMBER.pattern}) ?([^\W\d_]|[%°])[^\s\d,;]*")
_FEW = 8
"""More words than these in a column of numbers are told together."""
_LEVELS = 10
"""More texts than these are no levels of a variable."""


def number(text: str | None) -> float | None:
    """Return a cell as a number; None where it is none (``1,5``, ``nan`` and ``<5`` are none)."""
    return float(text) if text is not None and _NUMBER.fullmatch(text) else None


@dataclass(frozen=True)
class Variable:
    """A clinical variable as it was read.

    Parameters
    ----------
    values : Series, shape (n,)
        Float (continuous), or text (one of ``levels``); NaN or None where missing.
    levels : tuple of str
        In their order, the one that others are compared with first; empty for a continuous
        variable.
    """

    values: pd.Series
    levels: tuple[str, ...] = ()


def read_variable(
    rows: Rows, name: str, spec: ClinicalSpec, places: Places
) -> tuple[Variable, list[Fault], list[str]]:
    """Read one clinical variable; return it, its faults, and what is odd about it."""
    column = spec.column or name
    cells = rows.column(column)
    if spec.type == "continuous":
        values, faults = numbers(rows, column, cells, f"the continuous variable {name!r}")
        text = [cell for cell in cells if cell is not None and number(cell) is None]
        if len(text) > len(cells) / 2:
            found = f"the column {column!r} of text (such as {text[0]!r}) as a continuous variable"
            faults = [Fault(places.where("clinical", name), found, _of_text(text))]
        return Variable(pd.Series(values, index=rows.frame.index)), faults, []
    return _read_levels(rows, name, spec, places, cells)


def _without_unit(text: str) -> str:
    """Return the number of a cell that has its unit behind it; empty where it is none."""
    found = _WITH_UNIT.fullmatch(text)
    return found["number"] if found else ""


def _of_text(cells: Sequence[str]) -> str:
    """Return what to do with a column of text that is to be continuous."""
    bare = [number for cell in cells if (number := _without_unit(cell))]
    typed = "set its type to nominal or ordinal"
    few = len(set(cells)) <= _LEVELS
    if len(bare) > len(cells) / 2:
        cure = f"write the numbers alone ({bare[0]}), all in one unit, and that unit in unit:"
        return f"{cure}; or {typed}" if few else cure
    return typed if few else "write numbers, or leave the variable out"


def numbers(
    rows: Rows, column: str, cells: Sequence[str | None], noun: str
) -> tuple[FloatArray, list[Fault]]:
    """Return cells as numbers (NaN where missing), and one fault for each text that is none."""
    values = np.array([np.nan if (v := number(c)) is None else v for c in cells], dtype=float)
    strange: dict[str, list[str]] = {}
    for case, cell in zip(rows.cases, cells, strict=True):
        if cell is not None and number(cell) is None:
            strange.setdefault(cell, []).append(case)
    if len(strange) > _FEW:
        cases = [case for several in strange.values() for case in several]
        found = f"text {some(map(repr, strange))} in {noun} (column {column!r})"
        cure = "write numbers, add the words that mean missing to cohort.missing, or name another"
        cure = f"{cure} column"
        if all(map(_without_unit, strange)):
            cure = "write the numbers alone, without their unit, all in the same one"
        return values, [rows.fault(cases, found, cure)]
    faults = [
        rows.fault(cases, f"text {cell!r} in {noun} (column {column!r})", _of_cell(cell))
        for cell, cases in strange.items()
    ]
    return values, faults


def _of_cell(cell: str) -> str:
    """Return what to do with one text among numbers."""
    bare = _without_unit(cell)
    return (
        f"write {bare}, without its unit"
        if bare
        else (f'write a number, or add "{cell}" to cohort.missing')
    )


def _read_levels(
    rows: Rows, name: str, spec: ClinicalSpec, places: Places, cells: Sequence[str | None]
) -> tuple[Variable, list[Fault], list[str]]:
    """Return a variable with levels."""
    grouped = {normal(raw): new for new, raws in spec.groups.items() for raw in raws}
    named = {normal(level): level for level in (*spec.groups, *spec.levels)}

    def level(cell: str | None) -> str | None:
        if cell is None or cell in grouped:
            return grouped.get(cell) if cell is not None else None
        return named.get(cell, cell)

    found = [level(cell) for cell in cells]
    first = None if spec.reference is None else level(normal(spec.reference))
    seen = {value for value in found if value is not None}
    levels = spec.levels or tuple(sorted(seen, key=natural))
    faults = _strange_levels(rows, name, spec, cells, found)
    where = places.where("clinical", name)
    if spec.type == "binary" and len(levels) > 2:
        said = f"{len(levels)} values of a binary variable: {some(levels)}"
        faults.append(Fault(where, said, "set its type to nominal, or give groups"))
    if first is not None and first not in levels and rows.has(spec.column or name):
        said = f"the reference {spec.reference!r}, which no case has"
        cure = nearest(first, levels) or "name another level"
        faults.append(Fault(where, said, cure, ", ".join(levels)))
    odd = [
        f"{where}: groups: no case has the value {raw!r}"
        for raw in grouped
        if raw not in cells and rows.has(spec.column or name)
    ]
    empty = [lev for lev in levels if lev not in seen]
    if empty and seen:
        odd.append(f"{where}: no case has the level {some(empty)}")
    values = pd.Series(found, index=rows.frame.index, dtype=object)
    if first in levels:
        levels = tuple(dict.fromkeys([first, *levels]))
    return Variable(values, levels), faults, odd


def _strange_levels(
    rows: Rows,
    name: str,
    spec: ClinicalSpec,
    cells: Sequence[str | None],
    found: Sequence[str | None],
) -> list[Fault]:
    """Return a fault for each value that is none of the declared levels."""
    if not spec.levels:
        return []
    strange: dict[str, list[str]] = {}
    for case, cell, value in zip(rows.cases, cells, found, strict=True):
        if value is not None and value not in spec.levels:
            strange.setdefault(str(cell), []).append(case)
    return [
        rows.fault(
            cases,
            f"the value {cell!r} of {name!r}, which is no level (column {spec.column or name!r})",
            nearest(cell, spec.levels)
            or f'add "{cell}" to levels, to a group, or to cohort.missing',
            ", ".join(spec.levels),
        )
        for cell, cases in strange.items()
    ]


def natural(text: str) -> tuple[bool, float, str]:
    """Sort numbers as numbers, before words."""
    value = number(text)
    return (value is None, value or 0.0, text)

"""Cells of the cohort table as values: numbers, levels, outcomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, nearest
from radpipe.study.endpoint import BinaryEndpoint, SurvivalEndpoint
from radpipe.study.names import normal
from radpipe.study.places import Places
from radpipe.study.rows import Rows, exclude_lines, some
from radpipe.study.sections import ClinicalSpec
from radpipe.study.words import MISSING

FloatArray = NDArray[np.float64]

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


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
        values, faults = _numbers(rows, column, cells, f"the continuous variable {name!r}")
        text = [cell for cell in cells if cell is not None and number(cell) is None]
        if len(text) > len(cells) / 2:
            found = f"the column {column!r} of text (such as {text[0]!r}) as a continuous variable"
            cure = "set its type to nominal or ordinal"
            faults = [Fault(places.where("clinical", name), found, cure)]
        return Variable(pd.Series(values, index=rows.frame.index)), faults, []
    return _read_levels(rows, name, spec, places, cells)


def _numbers(
    rows: Rows, column: str, cells: Sequence[str | None], noun: str
) -> tuple[FloatArray, list[Fault]]:
    """Return cells as numbers (NaN where missing), and one fault for each text that is none."""
    values = np.array([np.nan if (v := number(c)) is None else v for c in cells], dtype=float)
    strange: dict[str, list[str]] = {}
    for case, cell in zip(rows.cases, cells, strict=True):
        if cell is not None and number(cell) is None:
            strange.setdefault(cell, []).append(case)
    faults = [
        rows.fault(
            cases,
            f"text {cell!r} in {noun} (column {column!r})",
            f'write a number, or add "{cell}" to cohort.missing',
        )
        for cell, cases in strange.items()
    ]
    return values, faults


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
    levels = spec.levels or tuple(sorted(seen, key=_natural))
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


def _natural(text: str) -> tuple[bool, float, str]:
    """Sort numbers as numbers, before words."""
    value = number(text)
    return (value is None, value or 0.0, text)


@dataclass(frozen=True)
class Outcome:
    """What happened to each case; the rows are those with an outcome.

    Parameters
    ----------
    rows : Rows
    event : array of int, shape (n,)
        1 where the event is present (binary) or was seen (survival).
    time : array of float, shape (n,), or None
        Time to event or censoring; None for a binary endpoint.
    """

    rows: Rows
    event: NDArray[np.int64]
    time: FloatArray | None = None


def read_outcome(
    rows: Rows, endpoint: BinaryEndpoint | SurvivalEndpoint, places: Places
) -> tuple[Outcome, list[Fault]]:
    """Read the endpoint's columns; return the outcomes of the cases that have one, and faults."""
    if any(not rows.has(column) for column in endpoint.columns):
        return Outcome(rows, np.zeros(len(rows.frame), dtype=np.int64)), []
    columns = [rows.column(column) for column in endpoint.columns]
    lost = [
        case
        for case, *cells in zip(rows.cases, *columns, strict=True)
        if any(cell is None for cell in cells)
    ]
    faults: list[Fault] = []
    if lost and endpoint.missing == "fault":
        what = " or ".join(repr(column) for column in endpoint.columns)
        cure = (
            f"under cohort: add to {exclude_lines(lost, 'outcome missing')}, or set "
            "endpoint.missing: exclude"
        )
        faults.append(rows.fault(lost, f"no outcome (column {what} is empty)", cure))
    rows = rows.without(dict.fromkeys(lost, "outcome missing"))
    if isinstance(endpoint, BinaryEndpoint):
        event, more = _coded(
            rows,
            endpoint.column,
            endpoint.positive,
            endpoint.negative,
            places,
            "positive",
            "negative",
        )
        return Outcome(rows, event), faults + more
    event, more = _coded(
        rows,
        endpoint.event,
        endpoint.event_code,
        endpoint.censored,
        places,
        "event_code",
        "censored",
    )
    time, unreadable = _numbers(
        rows, endpoint.time, rows.column(endpoint.time), "the time to the event"
    )
    early = [case for case, t in zip(rows.cases, time, strict=True) if t <= 0]
    if early:
        values = some(f"{t:g}" for t in time[time <= 0])
        unreadable.append(
            rows.fault(
                early,
                f"a time of {values} (column {endpoint.time!r})",
                f"correct it, or under cohort: add to {exclude_lines(early, 'no follow-up')}",
                "times > 0",
            )
        )
    return Outcome(rows, event, time), faults + more + unreadable


def _coded(
    rows: Rows,
    column: str,
    yes: Sequence[str],
    no: Sequence[str] | None,
    places: Places,
    yes_key: str,
    no_key: str,
) -> tuple[NDArray[np.int64], list[Fault]]:
    """Return 1 where a cell means the event, and the faults of values that mean nothing known."""
    cells = rows.column(column)
    positive = {normal(value) for value in yes}
    others = sorted({c for c in cells if c is not None and c not in positive}, key=_natural)
    event = np.array([int(cell in positive) for cell in cells], dtype=np.int64)
    faults: list[Fault] = []
    yes_place, no_place = places.where("endpoint", yes_key), places.where("endpoint", no_key)
    if not event.any() and len(cells):
        found = f"found {some(repr(v) for v in yes)}, which no case has in column {column!r}"
        cure = nearest(yes[0], others) or "name one of the column's values"
        faults.append(Fault(yes_place, found, cure, some(others)))
        return event, faults
    if no is None:
        if len(others) > 1:
            found = f"column {column!r} has {len(others)} values besides it: {some(others)}"
            unknown = [value for value in others if value.lower() in MISSING]
            said = [value for value in others if value not in unknown]
            cure = f"say which of them mean no event, such as {no_key}: [{', '.join(said[:3])}]"
            if unknown:
                cure += f", and put what means missing into cohort.missing: [{_quoted(unknown)}]"
            faults.append(Fault(yes_place, found, cure))
        return event, faults
    known = positive | {normal(value) for value in no}
    for value in others:
        if value not in known:
            cases = [c for c, cell in zip(rows.cases, cells, strict=True) if cell == value]
            faults.append(
                rows.fault(
                    cases,
                    f"the value {value!r} of the endpoint (column {column!r})",
                    f"add it to endpoint.{yes_key} or endpoint.{no_key}, or exclude the case",
                    f"{yes_key} {', '.join(yes)}; {no_key} {', '.join(no)}",
                )
            )
    both = positive & {normal(value) for value in no}
    if both:
        found = f"found {some(sorted(both))}, which {yes_key} names too"
        faults.append(Fault(no_place, found, "name it once"))
    return event, faults


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)

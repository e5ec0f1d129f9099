"""Clinical variables: those that are read, and those that follow from others by a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, nearest
from radpipe.core.expression_syntax import walk
from radpipe.core.expressions import Expression, parse
from radpipe.io.cells import as_text
from radpipe.study.formulas import in_order
from radpipe.study.places import Places
from radpipe.study.rows import Rows, some
from radpipe.study.sections import ClinicalSpec, CutSpec
from radpipe.study.values import FloatArray, Variable, number, numbers, read_variable

CLOSE = 1e-9
"""How near a number must be to a break to count as equal to it (times the break, if above 1)."""


def read_variables(
    rows: Rows, clinical: Mapping[str, ClinicalSpec], places: Places, gaps: bool = False
) -> tuple[dict[str, Variable], list[Fault], list[str]]:
    """Read all clinical variables, each formula after what it refers to.

    ``gaps`` says whether it is right that no case has a variable, as where new ones are predicted.

    Returns
    -------
    variables : dict
        By name, in the order of study.yaml.
    faults : list of Fault
    odd : list of str
        What is allowed but rarely meant, one line each.
    """
    found: dict[str, Variable] = {}
    faults: list[Fault] = []
    odd: list[str] = []
    for name in in_order(clinical):
        spec = clinical[name]
        if spec.computed:
            maker = _Maker(rows, name, spec, places, clinical, found)
            found[name], wrong, more = maker.made()
        else:
            found[name], wrong, more = read_variable(rows, name, spec, places)
        faults += wrong
        told = bool(wrong or rows.absent or gaps)
        if not told and rows.cases and found[name].values.isna().all():
            cure = "correct the column or the formula, or remove the variable"
            faults.append(Fault(places.where("clinical", name), "no case has a value", cure))
        else:
            odd += more if wrong else [*more, *_missing_values(name, found[name])]
    odd += _twice(found, places)
    return {name: found[name] for name in clinical}, faults, odd


def _missing_values(name: str, variable: Variable) -> list[str]:
    """Return how many values of a variable are missing, where any are."""
    lost, n = int(variable.values.isna().sum()), len(variable.values)
    if not lost:
        return []
    cure = "models fill them in within each training set, a marker leaves such cases out"
    return [f"clinical.{name}: {lost} of {n} values are missing; {cure}"]


def _twice(variables: Mapping[str, Variable], places: Places) -> list[str]:
    """Return which variables hold the same values as an earlier one."""
    seen: dict[tuple[object, ...], str] = {}
    odd = []
    for name, variable in variables.items():
        values = tuple(variable.values.where(variable.values.notna(), None))
        first = seen.setdefault(values, name)
        if first != name and set(values) != {None}:
            odd.append(
                f"{places.where('clinical', name)}: the same values as clinical.{first}; a model "
                "of both cannot tell their effects apart"
            )
    return odd


@dataclass
class _Maker:
    """Computes one variable; what it is made of is there already."""

    rows: Rows
    name: str
    spec: ClinicalSpec
    places: Places
    clinical: Mapping[str, ClinicalSpec]
    variables: Mapping[str, Variable]
    faults: list[Fault] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    known: list[NDArray[np.bool_]] = field(default_factory=list)

    def made(self) -> tuple[Variable, list[Fault], list[str]]:
        index = self.rows.frame.index
        if self.spec.expression is None:
            values = self.numbers(self.name)
        else:
            expression = parse(self.spec.expression)
            values = np.broadcast_to(expression.evaluate(self), len(index)).copy()
            self._undefined(values)
            self._strange_texts(expression)
        if self.spec.type == "continuous":
            return Variable(pd.Series(values, index=index)), self.faults, self.odd
        cut = self.spec.cut
        places = values if cut is None else cut_places(values, cut)
        levels = self.spec.known_levels
        named = [None if np.isnan(place) else levels[int(place)] for place in places]
        where = self.places.where("clinical", self.name)
        empty = [level for level in levels if level not in named]
        if empty and len(empty) < len(levels):
            self.odd.append(f"{where}: no case has the level {some(empty)}")
        if self.spec.reference is not None:
            levels = tuple(dict.fromkeys([self.spec.reference, *levels]))
        found = pd.Series(named, index=index, dtype=object)
        return Variable(found, levels), self.faults, self.odd

    def numbers(self, name: str) -> FloatArray:
        """Return what a name of the formula stands for as numbers."""
        other = self._variable(name)
        if other is not None and not other.levels:
            values = other.values.to_numpy(dtype=float)
        else:
            cells, column = self._cells(name, other)
            values, faults = numbers(self.rows, column, cells, self._noun)
            text = [cell for cell in cells if cell is not None and number(cell) is None]
            if len(text) > len(cells) / 2:
                found = f"the column {column!r} of text (such as {text[0]!r}) in {self._noun}"
                cure = f'compare it, such as {name} == "{text[0]}"'
                faults = [Fault(self._where, found, cure)]
            self.faults += [fault for fault in faults if fault not in self.faults]
        self.known.append(~np.isnan(values))
        return values

    def texts(self, name: str) -> NDArray[np.object_]:
        """Return what a name of the formula stands for as text."""
        cells = np.array(self._cells(name, self._variable(name))[0], dtype=object)
        self.known.append(np.array([cell is not None for cell in cells], dtype=bool))
        return cells

    def _variable(self, name: str) -> Variable | None:
        return self.variables.get(name) if name != self.name else None

    def _cells(self, name: str, other: Variable | None) -> tuple[list[str | None], str]:
        """Return text and column of a name."""
        if other is None:
            column = (self.spec.column or name) if name == self.name else name
            return self.rows.column(column), column
        if other.levels:
            return list(other.values), self.clinical[name].column or name
        return [as_text(float(value)) for value in other.values], name

    @property
    def _noun(self) -> str:
        return f"the computed variable {self.name!r}"

    @property
    def _where(self) -> str:
        keys = ("expression",) if self.spec.expression is not None else ()
        return self.places.where("clinical", self.name, *keys)

    def _undefined(self, values: FloatArray) -> None:
        """Say where the formula has no value although all that it names has one."""
        lost = np.isnan(values) & np.logical_and.reduce(self.known)
        if lost.any() and not self.faults:
            cases = [case for case, gone in zip(self.rows.cases, lost, strict=True) if gone]
            self.odd.append(
                f"{self._where}: undefined for {len(cases)} of {len(values)} cases, as a division "
                f"by zero or the logarithm of a negative number is ({some(cases)}); missing there"
            )

    def _strange_texts(self, expression: Expression) -> None:
        """Say which texts are compared with a column that has them nowhere."""
        for node in walk(expression.tree):
            if node.kind not in ("compare", "in") or node.parts[1].kind != "text":
                continue
            name = node.parts[0].value
            there = {cell for cell in self._cells(name, self._variable(name))[0] if cell}
            for text in node.parts[1:]:
                if there and text.value not in there:
                    hint = nearest(text.value, sorted(there))
                    self.odd.append(
                        f"{self._where}: no case has {name} {text.value!r}"
                        + (f"; {hint}" if hint else "")
                    )


def cut_places(values: FloatArray, cut: CutSpec) -> FloatArray:
    """Return which class each number falls into, from 0; NaN where it is missing.

    Rounding may leave a number beside a break that it should equal (``(0.9 - 1) / 0.1``); within
    `CLOSE` it counts as equal.
    """
    breaks = np.array(cut.breaks)
    near = np.abs(values[:, None] - breaks) <= CLOSE * np.maximum(1, np.abs(breaks))
    snapped = np.where(near.any(axis=1), breaks[near.argmax(axis=1)], values)
    places = np.searchsorted(breaks, snapped, side="left" if cut.right else "right")
    return np.where(np.isnan(values), np.nan, places)

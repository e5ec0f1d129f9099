"""What the formulas of clinical variables refer to, and the order in which they are computed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from radpipe.core.expressions import parse
from radpipe.study.sections import ClinicalSpec, CutSpec


def refers(name: str, clinical: Mapping[str, ClinicalSpec]) -> list[str]:
    """Return the clinical variables that a variable's formula names; never itself."""
    expression = clinical[name].expression
    names = parse(expression).names if expression is not None else ()
    return [other for other in names if other in clinical and other != name]


def columns_of(name: str, spec: ClinicalSpec, variables: Collection[str]) -> list[str]:
    """Return the columns that a variable is read from itself.

    Parameters
    ----------
    name : str
        The variable.
    spec : ClinicalSpec
    variables : collection of str
        The names of all clinical variables. A name in a formula is one of them where there is
        one; but a formula's own name is a column.
    """
    if spec.expression is None:
        return [spec.column or name]
    return [n for n in parse(spec.expression).names if n == name or n not in variables]


def in_order(clinical: Mapping[str, ClinicalSpec]) -> list[str]:
    """Return the variables, each after those that its formula names; circles as they come."""
    order: dict[str, None] = {}
    ways: list[str] = []

    def visit(name: str) -> None:
        if name in order or name in ways:
            return
        ways.append(name)
        for other in refers(name, clinical):
            visit(other)
        ways.pop()
        order[name] = None

    for name in clinical:
        visit(name)
    return list(order)


def formulas(clinical: Mapping[str, ClinicalSpec]) -> list[str]:
    """Return what is said of computed variables in the report, one line each."""
    lines = []
    for name, spec in clinical.items():
        if spec.computed:
            what = spec.expression or f"column {spec.column or name}"
            lines.append(f"clinical.{name} is computed: {what}{_cut_words(spec.cut)}")
    return lines


def _cut_words(cut: CutSpec | None) -> str:
    """Return a cut in words: ``; low < 1 <= middle < 3 <= high``."""
    if cut is None:
        return ""
    sign = ("<=", "<") if cut.right else ("<", "<=")
    words = cut.levels[0]
    for edge, level in zip(cut.breaks, cut.levels[1:], strict=True):
        words += f" {sign[0]} {edge:g} {sign[1]} {level}"
    return f"; {words}"

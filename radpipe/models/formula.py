"""A model's coefficients on the scale of the measured values, as papers print them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from radpipe.models.base import FloatArray

LINEAR = ("identity", "logit", "cox", "softmax", "cumulative_logit")


class _Line:
    """One column on its way through the steps: ``slope * value + offset``."""

    def __init__(self) -> None:
        self.slope, self.offset = 1.0, 0.0
        self.missing: float | None = None  # what a gap has become, in the unit of the moment
        self.limits: list[dict[str, float]] = []
        self.marks: str | None = None

    def do(self, kind: str, own: Any) -> None:
        """Go through one step."""
        if kind == "fill":
            self.missing = float(own) if self.missing is None else self.missing
        elif kind == "scale":
            self.slope /= own["scale"]
            self.offset = (self.offset - own["centre"]) / own["scale"]
            if self.missing is not None:
                self.missing = (self.missing - own["centre"]) / own["scale"]
        elif kind == "limit":
            self.limits.append({name: self.raw(value) for name, value in own.items()})
            if self.missing is not None:
                low, high = own["low"], own["high"]
                if not low <= self.missing <= high:
                    self.missing = own.get("median", min(max(self.missing, low), high))

    def raw(self, value: float) -> float:
        """Return a value of the moment in the unit that it was measured in."""
        return (value - self.offset) / self.slope


def formula(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a linear model in terms of measured values; None for any other.

    Parameters
    ----------
    found : mapping
        As `radpipe.models.plain.plain` returns it.

    Returns
    -------
    dict or None
        ``intercept`` (a list where there are several classes) and ``terms``: column, variable,
        coefficient, ``missing_becomes`` and ``limits`` (in this order: what is missing takes its
        value, what lies beyond a limit takes the limit, or the ``median`` that stands there; then
        the sum). The sum is the linear predictor.
    """
    part = found["model"]
    if part["link"] == "calibrated":
        part = part["model"]
    if part["link"] not in LINEAR:
        return None
    lines = {entry["column"]: _Line() for entry in found["coding"]}
    variables = {entry["column"]: entry["variable"] for entry in found["coding"]}
    weights = {n: np.atleast_1d(np.array(b, float)) for n, b in part["coefficients"].items()}
    total = np.atleast_1d(np.array(part.get("intercept", 0.0), dtype=float))
    projections: list[tuple[Mapping[str, Any], dict[str, _Line]]] = []
    for step in found["steps"]:
        if step["kind"] == "project":
            projections.append((step, {name: copy(lines[name]) for name in step["columns"]}))
            lines |= {name: _Line() for name in step["names"]}
        elif step["kind"] == "mark":
            for new, of in step["columns"].items():
                lines[new] = _Line()
                lines[new].marks, lines[new].missing = of, 1.0
                variables[new] = variables[of]
        else:
            columns = step["with"] if step["kind"] == "fill" else step["columns"]
            for name, own in columns.items():
                if name in lines:
                    lines[name].do(step["kind"], own)
    for step, before in reversed(projections):
        total = _unfold(step, before, lines, weights, total)
    for name, b in weights.items():
        total = total + b * lines[name].offset
    several = isinstance(part.get("intercept"), list)
    return {
        "intercept": total.tolist() if several else float(total[0]),
        "terms": [
            _term(found, name, variables[name], lines[name], b * lines[name].slope, several)
            for name, b in sorted(weights.items())
        ],
    }


def _unfold(
    step: Mapping[str, Any],
    before: Mapping[str, _Line],
    lines: Mapping[str, _Line],
    weights: dict[str, FloatArray],
    total: FloatArray,
) -> FloatArray:
    """Give the weights of projected columns to those that they are made of, in place.

    A column that stays may have been scaled since: ``before`` is how the projection saw it.
    """
    for k, name in enumerate(step["names"]):
        if name not in weights:
            continue
        b = weights.pop(name)
        total = total + b * lines[name].offset
        for j, column in enumerate(step["columns"]):
            share = b * lines[name].slope * step["loadings"][j][k] / step["scale"][j]
            now, then = lines[column], before[column]
            ratio = then.slope / now.slope
            weights[column] = weights.get(column, np.zeros_like(b)) + share * ratio
            total = total + share * (then.offset - ratio * now.offset - step["centre"][j])
    return total


def _term(
    found: Mapping[str, Any],
    column: str,
    variable: str,
    line: _Line,
    coefficient: FloatArray,
    several: bool,
) -> dict[str, Any]:
    value = coefficient.tolist() if several else float(coefficient[0])
    entry = next((e for e in found["coding"] if e["column"] == column), {})
    said = "its value"
    if line.marks is not None:
        said = "1 where it is missing, else 0"
    elif "level" in entry:
        said = f"1 where it is {entry['level']}, else 0"
    elif "places" in entry:
        said = ", ".join(f"{place} where it is {v}" for v, place in entry["places"].items())
    missing = None if line.missing is None else float(line.raw(line.missing))
    if line.marks is not None:
        missing = 1.0
    return {
        "column": column,
        "variable": variable,
        "value": said,
        "coefficient": value,
        "missing_becomes": missing,
        "limits": line.limits,
    }

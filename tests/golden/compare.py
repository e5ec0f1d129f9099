"""Compare what the library computes with what R computed, within each case's tolerance.

Tolerance: |got - expected| <= abs + rel * |expected|; the last rule whose pattern is found in the
dotted path applies. A missing value agrees with R's NA and NaN alike, and an infinite one with
"Inf". What a case asks for is every number of its expected values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """One value of a case.

    ``excess`` is by how many tolerances the difference is too large; infinite where the value is
    not there, is no number, or was not asked for.
    """

    path: str
    want: Any
    got: Any
    right: bool
    excess: float = 0.0
    asked: bool = True
    """Whether it is a number of the expected values."""

    def __str__(self) -> str:
        return f"{self.path}: expected {self.want!r}, got {self.got!r}"


@dataclass(frozen=True)
class Missing:
    """What stands where no value was computed."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = Missing()


def flat(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested values with their dotted paths."""
    if isinstance(x, dict):
        for key, value in x.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(x, list | tuple | np.ndarray) and np.ndim(x):
        for i, value in enumerate(x):
            yield from flat(value, f"{path}.{i}" if path else str(i))
    else:
        yield path, x


def compare(document: dict[str, Any], got: Any) -> list[Row]:
    """Return a row for every number of the expected values, and for all else that was computed."""
    expected = dict(flat(document["values"]))
    computed = dict(flat(got))
    rules = document.get("tolerance", {})
    rows = []
    for path, want in expected.items():
        asked = isinstance(want, int | float)
        if asked or path in computed:
            found = computed.get(path, NOTHING)
            rows.append(_row(path, want, found, rules, asked))
    unknown = [path for path in computed if path not in expected]
    rows += [Row(path, NOTHING, computed[path], False, math.inf, False) for path in unknown]
    return rows


def tolerance(rules: dict[str, Any], path: str) -> tuple[float, float]:
    """Return the relative and absolute tolerance of a path."""
    rule = rules.get("default", {"rel": 1e-6, "abs": 1e-8})
    for candidate in rules.get("paths") or []:
        if re.search(candidate["match"], path):
            rule = candidate
    return rule.get("rel", 0), rule.get("abs", 0)


def plain(value: Any) -> Any:
    """Return a leaf as a Python number, text, or None where it is missing."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if value == "NaN" or (isinstance(value, float) and math.isnan(value)):
        return None
    if value in ("Inf", "-Inf"):
        return math.inf if value == "Inf" else -math.inf
    return value


def _row(path: str, want: Any, got: Any, rules: dict[str, Any], asked: bool) -> Row:
    want, got = plain(want), plain(got)
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (want, got))
    if not numbers or not (math.isfinite(want) and math.isfinite(got)):
        right = want == got
        return Row(path, want, got, right, 0.0 if right else math.inf, asked)
    rel, absolute = tolerance(rules, path)
    allowed, off = absolute + rel * abs(want), abs(got - want)
    right = off <= allowed
    return Row(path, want, got, right, 0.0 if right else off / max(allowed, 1e-300), asked)

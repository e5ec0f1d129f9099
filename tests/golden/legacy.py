"""Compare what the library computes with what R computed, within each case's tolerance.

A case is a folder with input tables and ``expected.json`` (see NOTICE). Tolerance:
|got - expected| <= abs + rel * |expected|; the last rule whose pattern is found in the dotted path
applies. A missing value agrees with R's NA and NaN alike, and an infinite one with "Inf".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CASES = Path(__file__).parent / "cases"


def expected(case: str) -> dict[str, Any]:
    return json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))


def table(case: str, name: str = "input.csv") -> pd.DataFrame:
    return pd.read_csv(CASES / case / name)


def flat(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(x, dict):
        for key, value in x.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(x, list | tuple | np.ndarray):
        for i, value in enumerate(x):
            yield from flat(value, f"{path}.{i}" if path else str(i))
    else:
        yield path, x


def tolerance(rules: dict[str, Any], path: str) -> tuple[float, float]:
    rule = rules.get("default", {"rel": 1e-6, "abs": 1e-8})
    for candidate in rules.get("paths") or []:
        if re.search(candidate["match"], path):
            rule = candidate
    return rule.get("rel", 0), rule.get("abs", 0)


def plain(value: Any) -> Any:
    """Return a leaf as a Python number, text, or None where it is missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value == "NaN" or (isinstance(value, float) and math.isnan(value)):
        return None
    if value in ("Inf", "-Inf"):
        return math.inf if value == "Inf" else -math.inf
    return value


def same(want: Any, got: Any, rel: float, ab: float) -> bool:
    want, got = plain(want), plain(got)
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (want, got))
    if numbers and math.isfinite(want) and math.isfinite(got):
        return abs(got - want) <= ab + rel * abs(want)
    return want == got


def check(case: str, got: dict[str, Any], count: int) -> None:
    """Assert that every value of ``got`` agrees, and that it holds ``count`` values.

    The count keeps an adaptor from checking less than it once did.
    """
    wanted = expected(case)
    values = dict(flat(wanted["values"]))
    rows = list(flat(got))
    bad = []
    for path, value in rows:
        if path not in values:
            bad.append(f"{path}: no such path")
            continue
        rel, ab = tolerance(wanted.get("tolerance", {}), path)
        if not same(values[path], value, rel, ab):
            bad.append(f"{path}: expected {values[path]!r}, got {plain(value)!r}")
    assert not bad, f"{len(bad)} of {len(rows)} differ\n" + "\n".join(bad[:40])
    assert len(rows) == count, f"{len(rows)} values were checked, not {count}"

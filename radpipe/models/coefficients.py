"""Coefficients with their intervals, as rows of a summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from radpipe.models.base import FloatArray


def number(value: Any) -> float | None:
    """Return a finite float, or None: JSON has no NaN, and an undefined number is missing."""
    value = float(value)
    return value if math.isfinite(value) else None


def ratio(coef: float) -> float | None:
    """Return exp(coef), or None where it is undefined or beyond a float."""
    return math.exp(coef) if math.isfinite(coef) and coef < 700 else None


def coefficient_table(
    names: Sequence[str],
    coef: FloatArray,
    se: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    p: FloatArray,
    effect: str,
) -> list[dict[str, Any]]:
    """Return one dict a coefficient.

    ``effect`` ("or", "hr", "shr") names the exponentiated one; where it is empty there is none.
    """
    return [
        {
            "name": name,
            "coef": number(b),
            "se": number(s),
            "lower": number(lo),
            "upper": number(up),
            "p": number(pv),
            **(
                {effect: ratio(b), f"{effect}_lower": ratio(lo), f"{effect}_upper": ratio(up)}
                if effect
                else {}
            ),
        }
        for name, b, s, lo, up, pv in zip(names, coef, se, lower, upper, p, strict=True)
    ]


def determined(names: Sequence[str], coef: FloatArray) -> list[str]:
    """Return a note on the columns without a coefficient, or nothing."""
    aliased = [n for n, b in zip(names, coef, strict=True) if math.isnan(b)]
    if not aliased:
        return []
    return [f"no coefficient, since other columns determine it: {', '.join(aliased)}"]

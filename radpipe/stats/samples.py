"""The samples that a test compares: flat arrays without missing values, and how many were missing.

A value that is NaN or infinite counts as missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, floats


def one(x: Any) -> tuple[FloatArray, str]:
    """Return the known values of a sample (n,) and a note on those left out.

    Raises
    ------
    ValueError
        If ``x`` has more than one dimension.
    """
    values = _flat(x)
    known = np.isfinite(values)
    return values[known], _note(int((~known).sum()), "missing values")


def two(a: Any, b: Any) -> tuple[FloatArray, FloatArray, str]:
    """Return the known values of two samples and a note on those left out."""
    parts, note = every([a, b])
    return parts[0], parts[1], note


def many(groups: Sequence[Any]) -> tuple[list[FloatArray], str]:
    """Return the known values of those samples that have any, and a note on those left out."""
    parts, note = every(groups)
    return [part for part in parts if part.size], note


def every(groups: Sequence[Any]) -> tuple[list[FloatArray], str]:
    """Return the known values of each sample, empty ones too, and a note on those left out."""
    parts = [_flat(group) for group in groups]
    missing = sum(int((~np.isfinite(part)).sum()) for part in parts)
    return [part[np.isfinite(part)] for part in parts], _note(missing, "missing values")


def pairs(x: Any, y: Any) -> tuple[FloatArray, FloatArray, str]:
    """Return the complete pairs of two samples (n,) and a note on those left out.

    Raises
    ------
    ValueError
        If ``x`` and ``y`` differ in length.
    """
    first, second = _flat(x), _flat(y)
    if first.shape != second.shape:
        raise ValueError(f"{first.size} and {second.size} values are not paired")
    known = np.isfinite(first) & np.isfinite(second)
    return first[known], second[known], _note(int((~known).sum()), "incomplete pairs")


def differences(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return x - y, rounded to 12 digits of the largest value among both.

    In floating point 1.1 - (-0.2) and 0.1 - (-1.2) differ; in ranks, ties and zeros count.
    """
    d = floats(x - y)
    top = max((float(np.abs(v).max()) for v in (x, y) if v.size), default=0.0)
    if not top > 1e-290:
        return d
    unit = 10.0 ** (np.floor(np.log10(top)) - 11)
    return floats(np.round(d / unit) * unit)


def signed(x: Any, y: Any = None) -> tuple[FloatArray, str]:
    """Return one sample, or the rounded differences of the complete pairs, and a note."""
    if y is None:
        return one(x)
    first, second, note = pairs(x, y)
    return differences(first, second), note


def constant(*parts: FloatArray) -> bool:
    """Return whether each sample is one value but for rounding (R's bound: 10 eps of the mean).

    A range below 1e-150 counts as none: its square vanishes.
    """
    bound = 10 * np.finfo(np.float64).eps
    ranges = [(float(np.ptp(p)), float(np.abs(p).max())) for p in parts if p.size]
    return all(gap <= max(bound * top, 1e-150) for gap, top in ranges)


def check_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"the confidence level is {level:g}; it must lie between 0 and 1")


def _flat(x: Any) -> FloatArray:
    values = floats(x)
    if values.ndim != 1:
        raise ValueError(f"a sample is a flat array of numbers, not of shape {values.shape}")
    return values


def _note(missing: int, what: str) -> str:
    return f"{missing} {what} left out" if missing else ""

"""What a reclassification is made of: who moves, the parts of the index, the checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    TestResult,
    counted,
    floats,
    join_notes,
    labels01,
    normal_p,
)


@dataclass(frozen=True)
class Reclassification:
    """The net reclassification improvement and what it is made of.

    Parameters
    ----------
    nri, nri_event, nri_nonevent : Estimate
        Their sum, in [-2, 2], and the parts, in [-1, 1].
    up_event, down_event, up_nonevent, down_nonevent : Estimate
        Shares of the cases with and without the event that move up and down.
    events, nonevents : array (k, k)
        Cases by old (rows) and new (columns) category; empty without categories, and for
        survival, where whose event came is not known.
    test : TestResult
        Of NRI = 0; NaN for bootstrap intervals.
    """

    nri: Estimate
    nri_event: Estimate
    nri_nonevent: Estimate
    up_event: Estimate
    down_event: Estimate
    up_nonevent: Estimate
    down_nonevent: Estimate
    events: IntArray
    nonevents: IntArray
    test: TestResult


def moves(
    old: FloatArray, new: FloatArray, cuts: Any = None, margin: float = 0.0
) -> tuple[BoolArray, BoolArray]:
    """Return who moves up and who moves down, (n,) each."""
    if cuts is not None:
        edges = _cuts(cuts)
        step = np.digitize(new, edges) - np.digitize(old, edges)
        return step > 0, step < 0
    if not 0 <= margin < 1:
        raise ValueError(f"the margin is {margin:g}, not in [0, 1)")
    return new - old > margin, new - old < -margin


def nri_name(cuts: Any, margin: float) -> str:
    """Return the name of the index."""
    if cuts is not None:
        return f"categorical NRI at {', '.join(f'{c:g}' for c in _cuts(cuts))}"
    return "continuous NRI" + (f" beyond {margin:g}" if margin else "")


def wald_test(e: Estimate) -> TestResult:
    """Return the Wald test of an estimate being 0."""
    z = e.estimate / e.se if e.se > 0 else NAN
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method=f"Wald test: {e.method}",
        n=e.n,
        estimate=e.estimate,
        lower=e.lower,
        upper=e.upper,
        se=e.se,
        level=e.level,
        note=join_notes(e.note, "no variance: no test" if e.se == 0 else ""),
    )


def table(old: FloatArray, new: FloatArray, cuts: Any) -> IntArray:
    if cuts is None:
        return np.zeros((0, 0), dtype=np.int64)
    edges = _cuts(cuts)
    k = edges.size + 1
    cell = np.digitize(old, edges) * k + np.digitize(new, edges)
    return np.bincount(cell, minlength=k * k).reshape(k, k).astype(np.int64)


def risks(x: Any, n: int) -> FloatArray:
    """Return risks (n,); NaN where not predicted.

    Raises
    ------
    ValueError
        If there is not one a case, or one lies outside [0, 1].
    """
    p = floats(x)
    if p.shape != (n,):
        raise ValueError(f"{p.shape} risks for {n} cases")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("a risk lies outside [0, 1]")
    return p


def complete(
    y: Any, old: Any, new: Any, groups: Any
) -> tuple[BoolArray, FloatArray, FloatArray, Any, str]:
    event = labels01(y)
    p, q = risks(old, event.size), risks(new, event.size)
    known = np.isfinite(p) & np.isfinite(q)
    missing = int((~known).sum())
    note = f"{counted(missing, 'case')} without both risks left out" if missing else ""
    part_of = None if groups is None else np.asarray(groups)[known]
    return event[known], p[known], q[known], part_of, note


def _cuts(cuts: Any) -> FloatArray:
    edges = np.atleast_1d(floats(cuts))
    if edges.size == 0 or not ((edges > 0) & (edges < 1)).all() or (np.diff(edges) <= 0).any():
        raise ValueError(f"cuts are to ascend within (0, 1), not {edges.tolist()}")
    return edges

"""How often each case is drawn in a bootstrap replicate: counts instead of copied rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from radpipe.stats.clusters import codes
from radpipe.stats.results import FloatArray, IntArray

_CELLS = 2_000_000  # counts held at once


def bootstrap_counts(
    strata: Any, replicates: int, rng: np.random.Generator, groups: Any = None
) -> Iterator[FloatArray]:
    """Yield blocks (b, n) of counts: how often each replicate drew each case.

    Parameters
    ----------
    strata : array (n,)
        Cases are drawn with replacement within their stratum, as many as it holds.
    replicates : int
        At least 2; the blocks hold that many rows together.
    rng : Generator
        What draws; the same state gives the same counts.
    groups : array (n,), optional
        Patient of each case. Whole patients are drawn, from those whose cases lie in the same
        set of strata.

    Raises
    ------
    ValueError
        If there are fewer than two replicates, or not one group per case.
    """
    if replicates < 2:
        raise ValueError(f"{replicates} bootstrap replicates: at least 2 are needed")
    stratum = np.unique(np.asarray(strata), return_inverse=True)[1]
    n = stratum.size
    unit = codes(groups, n)
    kind = stratum if groups is None else _kinds(stratum, unit)
    members = [np.flatnonzero(kind == k) for k in np.unique(kind)]
    rows = max(1, _CELLS // max(1, n))
    for start in range(0, replicates, rows):
        size = min(rows, replicates - start)
        drawn = np.empty((size, kind.size))
        for part in members:
            drawn[:, part] = _draw(part.size, size, rng)
        yield drawn if groups is None else drawn[:, unit]


def _draw(m: int, rows: int, rng: np.random.Generator) -> IntArray:
    """Return how often each of ``m`` units is among ``m`` draws, row by row, (rows, m)."""
    picked = rng.integers(0, m, size=(rows, m))
    picked += np.arange(rows)[:, None] * m
    return np.bincount(picked.ravel(), minlength=rows * m).reshape(rows, m)


def _kinds(stratum: IntArray, unit: IntArray) -> IntArray:
    """Return a number for the set of strata in which each unit has cases, (units,)."""
    holds = np.zeros((int(unit.max(initial=-1)) + 1, int(stratum.max(initial=-1)) + 1), bool)
    holds[unit, stratum] = True
    kinds: IntArray = np.unique(holds, axis=0, return_inverse=True)[1].reshape(-1)
    return kinds

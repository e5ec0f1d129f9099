"""Variances from each case's influence, with cases of one patient (group) taken together."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats


def codes(groups: Any, n: int) -> IntArray:
    """Return each case's group number, shape (n,); every case is its own group for None.

    Raises
    ------
    ValueError
        If there is not one group per case.
    """
    if groups is None:
        return np.arange(n, dtype=np.int64)
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"{labels.shape} groups for {n} cases")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def clustered(groups: Any) -> bool:
    """Return whether any group holds several cases."""
    if groups is None:
        return False
    labels = np.asarray(groups)
    return bool(np.unique(labels).size < labels.size)


def sums(values: FloatArray, group: IntArray) -> FloatArray:
    """Return the sum of ``values`` (n,) within each group number, shape (number of groups,)."""
    return floats(np.bincount(group, weights=values, minlength=int(group.max(initial=-1)) + 1))


def influence_variance(influence: FloatArray, groups: Any = None) -> float:
    """Return the infinitesimal-jackknife variance: squared group sums of influence, added up.

    ``influence`` (n,) is each case's influence on the estimate itself (it sums to about zero).
    """
    total = sums(influence, codes(groups, influence.size))
    return float(np.sum(total**2))

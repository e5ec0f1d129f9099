"""Tables of counts: from labels, what independence expects of them, without empty margins."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats, same_length


def coded(labels: Any) -> tuple[tuple[Any, ...], IntArray]:
    """Return the sorted labels (n,) that occur and the place of each case's among them.

    Raises
    ------
    ValueError
        If a label is missing (None or NaN).
    """
    values = np.asarray(labels)
    if values.ndim != 1:
        raise ValueError(f"labels are a flat array, not of shape {values.shape}")
    if any(label is None or label != label for label in values.tolist()):
        raise ValueError("a label is missing; leave that case out first")
    levels, place = np.unique(values, return_inverse=True)
    return tuple(levels.tolist()), place.astype(np.int64)


def cross_table(rows: Any, columns: Any) -> tuple[IntArray, tuple[Any, ...], tuple[Any, ...]]:
    """Return the counts (r, c) of two label arrays (n,) with the sorted labels of either side."""
    same_length(rows=rows, columns=columns)
    first, i = coded(rows)
    second, j = coded(columns)
    counts = np.zeros((len(first), len(second)), dtype=np.int64)
    np.add.at(counts, (i, j), 1)
    return counts, first, second


def stratified_table(rows: Any, columns: Any, strata: Any) -> IntArray:
    """Return the counts (K, r, c) of two label arrays (n,) in each of K strata, labels sorted."""
    same_length(rows=rows, columns=columns, strata=strata)
    (first, i), (second, j), (third, k) = coded(rows), coded(columns), coded(strata)
    counts = np.zeros((len(third), len(first), len(second)), dtype=np.int64)
    np.add.at(counts, (k, i, j), 1)
    return counts


def expected_counts(counts: Any) -> FloatArray:
    """Return the counts expected if rows and columns are independent, (r, c)."""
    table = floats(counts)
    total = table.sum()
    if total == 0:
        return np.zeros(table.shape)
    return floats(np.outer(table.sum(axis=1), table.sum(axis=0)) / total)


def valid(counts: Any, dimensions: int = 2) -> FloatArray:
    """Return counts as floats.

    Raises
    ------
    ValueError
        If there is another number of dimensions, or a negative, infinite or missing number.
    """
    table = floats(counts)
    if table.ndim != dimensions:
        raise ValueError(f"counts have {dimensions} dimensions here, not shape {table.shape}")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("a table of counts has no negative, infinite or missing number")
    return table


def two_by_two(counts: Any) -> FloatArray:
    """Return a 2x2 table of counts as floats; ValueError for another shape."""
    table = valid(counts)
    if table.shape != (2, 2):
        raise ValueError(f"a table of two rows and two columns is needed, not {table.shape}")
    return table


def filled(counts: Any) -> FloatArray:
    """Return a table of counts as floats without its empty rows and columns."""
    table = valid(counts)
    return floats(table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0])

"""Ordering columns so that neither rounding nor a factor's number of columns decides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radpipe.selection.base import BoolArray, FloatArray, term

IntArray = NDArray[np.intp]


def settled(values: FloatArray) -> FloatArray:
    """Round to 1e-10 of the largest, so that columns equal but for rounding are ordered by name."""
    found = np.asarray(values, dtype=float)
    finite = np.isfinite(found)
    top = float(np.abs(found[finite]).max(initial=0.0))
    if top < 1e-290:
        return found
    return np.where(finite, np.round(np.where(finite, found, 0.0) / top, 10) * top, found)


def variables(names: list[str]) -> IntArray:
    """Return the number of the variable that each (sorted) column codes, shape (p,).

    Variables are numbered in the order in which they first appear; a factor's columns share one.
    """
    known: dict[str, int] = {}
    return np.array([known.setdefault(term(name), len(known)) for name in names], dtype=np.intp)


def top(scores: FloatArray, names: list[str], n: int) -> BoolArray:
    """Return a mask of the ``n`` variables with the highest scores.

    A factor counts once, with the highest score of its columns. Ties go to the first name; NaN is
    never chosen.
    """
    owner = variables(names)
    best = np.full(owner.max(initial=-1) + 1, -np.inf)
    np.maximum.at(best, owner, np.where(np.isnan(scores), -np.inf, settled(scores)))
    order = np.argsort(-best, kind="stable")[:n]
    chosen = order[best[order] > -np.inf]
    return np.isin(owner, chosen)

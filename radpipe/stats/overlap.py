"""Overlap of two segmentations of the same grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN


@dataclass(frozen=True)
class Overlap:
    """Dice and Jaccard coefficients with the counts of voxels in either mask and in both.

    NaN where both masks are empty; ``note`` then says so.
    """

    dice: float
    jaccard: float
    n_a: int
    n_b: int
    n_both: int
    note: str = ""


def overlap(a: Any, b: Any, label: int | None = None) -> Overlap:
    """Return the overlap of two masks.

    Parameters
    ----------
    a, b : array
        Masks of one shape: booleans, or whole numbers where 0 is outside.
    label : int, optional
        Which number of a labelled mask is meant; None: all but 0.

    Raises
    ------
    ValueError
        If shapes differ, or a value is missing or not a whole number.

    Notes
    -----
    Dice, Ecology 1945;26:297: 2 |A and B| / (|A| + |B|). Jaccard: |A and B| / |A or B|.
    """
    first, second = (_inside(mask, label) for mask in (a, b))
    if first.shape != second.shape:
        raise ValueError(f"masks of shapes {first.shape} and {second.shape} are not on one grid")
    n_a, n_b = int(first.sum()), int(second.sum())
    both = int((first & second).sum())
    if n_a + n_b == 0:
        return Overlap(NAN, NAN, 0, 0, 0, note="both masks are empty: no overlap to measure")
    return Overlap(2 * both / (n_a + n_b), both / (n_a + n_b - both), n_a, n_b, both)


def dice(a: Any, b: Any, label: int | None = None) -> float:
    """Return the Dice coefficient of two masks; parameters as :func:`overlap`."""
    return overlap(a, b, label).dice


def _inside(mask: Any, label: int | None) -> Any:
    values = np.asarray(mask)
    if values.dtype.kind not in "biu":
        whole = np.asarray(values, dtype=np.float64)
        if not (np.isfinite(whole) & (whole == np.round(whole))).all():
            raise ValueError("a mask holds booleans or whole numbers")
        values = whole
    return values != 0 if label is None else values == label

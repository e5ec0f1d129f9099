"""Features made of two blocks: how they changed, and their ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def change(later: pd.DataFrame, earlier: pd.DataFrame, relative: bool) -> pd.DataFrame:
    """Return later minus earlier, or that divided by the absolute value of the earlier.

    Parameters
    ----------
    later, earlier : DataFrame of float
        A row a case, with the same columns.
    relative : bool

    Returns
    -------
    DataFrame
        The cases of either; NaN where one has no value, or the earlier is 0 and divides.
    """
    later, earlier = _aligned(later, earlier)
    difference = later - earlier
    return _divided(difference, earlier.abs()) if relative else difference


def ratio(above: pd.DataFrame, below: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return some columns of one table divided by those of another; NaN where that is 0."""
    return _divided(*_aligned(above[list(names)], below[list(names)]))


def _aligned(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    cases = a.index.union(b.index, sort=True)
    return a.reindex(cases), b.reindex(cases)[a.columns]


def _divided(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    quotient = above / below.where(below != 0)
    return quotient.where(np.isfinite(quotient))

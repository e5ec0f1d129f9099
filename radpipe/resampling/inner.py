"""Folds that an estimator makes inside its own training rows (tuning, calibration, lambda)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.resampling.folds import IntArray, groups_per_class, k_folds
from radpipe.resampling.streams import stream


def inner_folds(y: NDArray[Any], groups: Any, folds: int, seed: int, name: str) -> IntArray | None:
    """Return the fold of each row, stratified by outcome and with groups whole.

    There are at most as many folds as an outcome has groups; None where that leaves fewer
    than two, so that nothing can be held out.
    """
    named = np.arange(len(y)) if groups is None else np.asarray(groups)
    k = min(folds, groups_per_class(y, named))
    return k_folds(y, named, k, stream(seed, name)) if k >= 2 else None

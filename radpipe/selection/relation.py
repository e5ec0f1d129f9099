"""How strongly columns are related to the outcome: one number each, for any kind of endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.selection.base import FloatArray


def strength(X: FloatArray, y: NDArray[Any]) -> FloatArray:
    """Return the strength of each column's relation with the outcome, shape (p,).

    Absolute correlation (binary, continuous), Spearman's with ordered levels, the square root of
    the share of variance between classes; for survival the chi-square of a Cox model's score
    test; of several labels the largest. A constant column has 0.
    """
    from radpipe.stats import screening_groups, screening_numbers
    from radpipe.stats.screening import cox_score

    kind = target.kind_of(y)
    if kind == "survival":
        found = cox_score(X, y["time"], y["event"].astype(float)).statistic
    elif kind == "multiclass":
        found = np.sqrt(screening_groups.multinomial_score(X, target.codes(y)).statistic / len(y))
    elif kind == "multilabel":
        return over_labels(lambda label: strength(X, label), y).max(axis=0)
    elif kind == "ordinal":
        found = np.abs(screening_numbers.spearman(X, target.codes(y)).statistic)
    else:
        found = np.abs(screening_numbers.correlations(X, y.astype(float)))
    return np.nan_to_num(found, nan=0.0)


def over_labels(score: Callable[[NDArray[Any]], FloatArray], y: NDArray[Any]) -> FloatArray:
    """Return the scores against each label (a binary target) that varies, shape (labels, p)."""
    present = target.indicators(y)
    found = [score(target.binary(column)) for column in present.T if 0 < column.sum() < len(y)]
    if not found:
        from radpipe.stats.design import DegenerateDataError

        raise DegenerateDataError("no label varies")
    return np.stack(found)


def numbers(y: NDArray[Any]) -> FloatArray:
    """Return the outcome as one number a case: 0/1, the level, or the value."""
    return (y if target.kind_of(y) == "continuous" else target.codes(y)).astype(float)


def standardised(X: FloatArray) -> FloatArray:
    """Return z scores (divisor n - 1) of the columns; a constant column is 0."""
    centred = X - X.mean(axis=0)
    scale = X.std(axis=0, ddof=1)
    return np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)

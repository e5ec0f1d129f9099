"""mRMR on mutual information that is counted on levels, and joint mutual information.

Features are cut into levels (`three_levels`) and every mutual information I is the plug-in
estimate in nats: that of the observed frequencies, without a correction for their number. With S
the columns chosen so far:

=========  ==================================================  ============================
criterion  score of column j                                   elsewhere
=========  ==================================================  ============================
MID        I(j; y) less the mean over s in S of I(j; s)        praznik's MRMR
MIQ        I(j; y) over the mean over s in S of I(j; s)        mRMR's quotient form
JMI        sum over s in S of I((j, s); y)                     praznik's JMI
=========  ==================================================  ============================

The first column is that of the largest I(j; y). `radpipe.stats.mrmr` has the criteria on
correlations.

References
----------
Peng, Long, Ding 2005 (MID, MIQ); Ding, Peng 2005 (three levels); Yang, Moody 1999 (JMI).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, DegenerateDataError, matrix
from radpipe.stats.mrmr import Ranking, difference, greedy, quotient
from radpipe.stats.results import floats

DiscreteCriterion = Literal["MID", "MIQ", "JMI"]
MOST_LEVELS = 50


def three_levels(X: Any, width: float = 0.5) -> NDArray[np.int64]:
    """Cut each column into low, middle and high: 0, 1 and 2.

    Parameters
    ----------
    X : array of shape (n, p)
        Features, finite.
    width : float
        Standard deviations (divisor n - 1) from the mean to either cut, > 0. Low and high lie
        strictly beyond them.

    Returns
    -------
    int array of shape (n, p)
        A constant column is 1 throughout.
    """
    if not width > 0:
        raise ValueError(f"a width of {width:g} standard deviations is not positive")
    rows = matrix(X)
    if len(rows) < 2:
        raise DegenerateDataError("levels by standard deviation need at least two rows")
    mean, reach = rows.mean(axis=0), width * rows.std(axis=0, ddof=1)
    levels = 1 + (rows > mean + reach).astype(np.int64) - (rows < mean - reach)
    return np.where(np.ptp(rows, axis=0) > 0, levels, 1)


def mutual_information(levels: Any, y: Any) -> Array:
    """Return each column's plug-in mutual information with a label, in nats, shape (p,).

    Parameters
    ----------
    levels : int array of shape (n, p)
        Levels, whole numbers from 0 (`three_levels`).
    y : array of shape (n,)
        Labels of any type, at most 50 different ones.
    """
    marks = _indicators(levels)
    return _information(marks, _label_marks(_labels(y, marks.shape[1])))


def mrmr_discrete(levels: Any, y: Any, n: int, criterion: DiscreteCriterion = "MID") -> Ranking:
    """Rank columns of levels for a label.

    Parameters
    ----------
    levels : int array of shape (rows, p)
        Levels, whole numbers from 0 (`three_levels`); a column with one level is never chosen.
    y : array of shape (rows,)
        Labels of any type, at most 50 different ones.
    n : int
        How many to choose at most.
    criterion : "MID", "MIQ" or "JMI"
        See the module.

    Returns
    -------
    Ranking
        ``relevance`` is I(j; y), NaN for a column with one level.

    Raises
    ------
    ValueError
        If the criterion is unknown, or the levels are no whole numbers from 0.
    DegenerateDataError
        If there is one label only.
    """
    if criterion not in get_args(DiscreteCriterion):
        allowed = ", ".join(get_args(DiscreteCriterion))
        raise ValueError(f"no criterion {criterion!r}; there are {allowed}")
    marks = _indicators(levels)
    labels = _labels(y, marks.shape[1])
    label_marks = _label_marks(labels)
    if label_marks.shape[0] < 2:
        raise DegenerateDataError("the outcome has one value only")
    varies = (marks.sum(axis=1) > 0).sum(axis=0) > 1
    worth = np.where(varies, _information(marks, label_marks), np.nan)

    def shared(chosen: int) -> Array:
        own = marks[:, :, chosen]
        if criterion != "JMI":
            return _information(marks, own)
        both = (own[:, None, :] * label_marks[None, :, :]).reshape(-1, own.shape[1])
        return _pair_information(marks, own, both, label_marks)

    joined = {"MID": difference, "MIQ": quotient, "JMI": _sum}[criterion]
    order, scores = greedy(worth, varies, n, shared, joined)
    return Ranking(order, scores, worth, f"{criterion} of levels")


def _sum(worth: Array, total: Array, chosen: int) -> Array:
    return total


def _indicators(levels: Any) -> Array:
    """Return 0/1 marks of every level, shape (levels, n, p)."""
    values = matrix(levels)
    if (values < 0).any() or (values != np.rint(values)).any():
        raise ValueError("levels must be whole numbers from 0; cut the columns with three_levels")
    if values.max(initial=0) >= MOST_LEVELS:
        raise ValueError(f"a column has {int(values.max()) + 1} levels; at most {MOST_LEVELS}")
    grid = np.arange(int(values.max(initial=0)) + 1)
    return floats(values[None, :, :] == grid[:, None, None])


def _labels(y: Any, n: int) -> NDArray[np.int64]:
    found = np.asarray(y)
    if found.shape != (n,):
        raise ValueError(f"the outcome has shape {found.shape}, the levels have {n} rows")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise DegenerateDataError("the outcome holds missing or infinite values")
    names, labels = np.unique(found, return_inverse=True)
    if names.size > MOST_LEVELS:
        raise ValueError(
            f"the outcome has {names.size} different values; at most {MOST_LEVELS} labels"
        )
    return labels.astype(np.int64)


def _label_marks(labels: NDArray[np.int64]) -> Array:
    """Return 0/1 marks of every label, shape (labels, n)."""
    return floats(labels == np.arange(labels.max() + 1)[:, None])


def _entropy(counts: Array, n: int) -> Array:
    """Return the entropy in nats of counts along the first axis, which sum to ``n``."""
    share = counts / n
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    out: Array = -(share * logs).sum(axis=0)
    return out


def _joint(marks: Array, other: Array) -> Array:
    """Return joint counts of each column's levels and ``other`` (m, n), (levels * m, p)."""
    out: Array = (other @ marks).reshape(-1, marks.shape[2])
    return out


def _information(marks: Array, other: Array) -> Array:
    """Return I(j; other) of every column, shape (p,)."""
    n = marks.shape[1]
    alone = _entropy(marks.sum(axis=1), n) + _entropy(other.sum(axis=1), n)
    return np.maximum(alone - _entropy(_joint(marks, other), n), 0.0)


def _pair_information(marks: Array, own: Array, both: Array, label: Array) -> Array:
    """Return I((j, s); y) of every column j: ``own`` marks column s, ``both`` s with y."""
    n = marks.shape[1]
    alone = _entropy(_joint(marks, own), n) + _entropy(label.sum(axis=1), n)
    return np.maximum(alone - _entropy(_joint(marks, both), n), 0.0)

"""Minimum redundancy, maximum relevance: greedy ranking of features by named criteria.

A criterion names relevance, redundancy and how they are joined, difference (D) or quotient (Q):

========  ======================================  =====================
MID, MIQ  mutual information ``-log(1 - r^2)/2``  the same
FCD, FCQ  F statistic                             absolute correlation
ACD, ACQ  absolute correlation                    absolute correlation
========  ======================================  =====================

r is Pearson's correlation. MID is mRMRe's ``mRMR.classic`` for a numeric target; FCQ is what the
package mrmr_selection calls mRMR. Two kinds of outcome have a relevance of their own:

- ordered levels (mRMRe's ordered factors, and its way with two classes): MI from the concordance
  index c, ``-log(1 - (2c - 1)^2) / 2``; see `relevance_ordered`;
- survival: the score test of a one-feature Cox model, chi2 with d events: ``chi2 / (2 d)`` for MI
  (the Gaussian identity MI = LR / 2n), chi2 itself in place of F, and ``sqrt(1 - exp(-chi2 / d))``
  in place of |r|.

Mutual information counted on levels, and JMI, are in `radpipe.stats.mrmr_discrete`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, BoolArray, DegenerateDataError, matrix, vector
from radpipe.stats.screening import cox_score

Criterion = Literal["MID", "MIQ", "FCD", "FCQ", "ACD", "ACQ"]


@dataclass(frozen=True)
class Ranking:
    """Features in the order in which they were chosen.

    Attributes
    ----------
    order : int array of shape (k,)
        Column numbers, k <= n.
    scores : array of shape (k,)
        The criterion when each was chosen; the first is its relevance.
    relevance : array of shape (p,)
        Of every column; NaN where the column is constant (never chosen).
    """

    order: NDArray[np.int64]
    scores: Array
    relevance: Array
    criterion: str


def _standardised(X: Array) -> Array:
    """Return columns of unit norm about 0; NaN for a constant column."""
    centred = X - X.mean(axis=0)
    norm = np.where(np.ptp(X, axis=0) > 0, np.sqrt((centred**2).sum(axis=0)), np.nan)
    out: Array = centred / norm
    return out


def information(r: Array) -> Array:
    """Return the mutual information of Gaussian variables with correlation ``r``, in nats."""
    out: Array = -0.5 * np.log1p(-np.minimum(r * r, 1.0 - 1e-15))
    return out


def relevance(X: Any, y: Any, criterion: Criterion) -> Array:
    """Return the relevance of each column for a 0/1 or numeric outcome, shape (p,)."""
    rows = matrix(X)
    target = vector(y, len(rows), "the outcome")
    if np.ptp(target) == 0:
        raise DegenerateDataError("the outcome has one value only")
    r = _standardised(rows).T @ _standardised(target[:, None])[:, 0]
    if criterion.startswith("MI"):
        return information(r)
    if criterion.startswith("AC"):
        return np.abs(r)
    square = np.minimum(r * r, 1.0 - 1e-15)
    out: Array = (len(rows) - 2) * square / (1.0 - square)
    return out


def relevance_ordered(X: Any, y: Any) -> Array:
    """Return the relevance of each column for an outcome of ordered levels, shape (p,).

    Parameters
    ----------
    X : array of shape (n, p)
        Features, finite.
    y : array of shape (n,)
        0/1, or the numbers of ordered levels (few: each level costs a ranking).

    Returns
    -------
    array of shape (p,)
        ``-log(1 - (2c - 1)^2) / 2`` in nats; NaN where the column is constant. c is the share of
        the pairs of rows with different outcomes in which the higher outcome has the strictly
        higher value: a pair tied in the feature counts as discordant, which is mRMRe's rule for
        mixed pairs of variables (De Jay and others 2013).

    Raises
    ------
    DegenerateDataError
        If values are missing or the outcome has one value only.
    """
    from scipy.stats import rankdata

    rows = matrix(X)
    target = vector(y, len(rows), "the outcome")
    levels = np.unique(target)
    if levels.size < 2:
        raise DegenerateDataError("the outcome has one value only")
    concordant, pairs = np.zeros(rows.shape[1]), 0
    for level in levels[1:]:
        high, below = target == level, target <= level
        # smaller values among all rows up to this level, less those of the level itself
        among = rankdata(rows[below], method="min", axis=0)[target[below] == level]
        own = rankdata(rows[high], method="min", axis=0)
        concordant += (among - own).sum(axis=0)
        pairs += int(high.sum()) * int(below.sum() - high.sum())
    varies = np.ptp(rows, axis=0) > 0
    return np.where(varies, information(2.0 * concordant / pairs - 1.0), np.nan)


def relevance_survival(X: Any, time: Any, event: Any, criterion: Criterion) -> Array:
    """Return the relevance of each column for a survival outcome, shape (p,); see the module."""
    chi2 = cox_score(X, time, event).statistic
    per_event = chi2 / float(np.asarray(event, dtype=np.float64).sum())
    if criterion.startswith("MI"):
        out: Array = per_event / 2.0
    elif criterion.startswith("AC"):
        out = np.sqrt(-np.expm1(-per_event))
    else:
        out = chi2
    return out


def rank(X: Any, relevances: Any, n: int, criterion: Criterion) -> Ranking:
    """Choose up to ``n`` columns greedily, given every column's relevance.

    Each step takes the column with the largest relevance less (or divided by) its mean redundancy
    with those chosen. Ties, to a relative 1e-12, go to the lower column number; constant columns
    are never chosen.

    Raises
    ------
    ValueError
        If the criterion is unknown.
    """
    if criterion not in get_args(Criterion):
        raise ValueError(f"no criterion {criterion!r}; there are {', '.join(get_args(Criterion))}")
    columns = _standardised(matrix(X))
    worth = np.asarray(relevances, dtype=np.float64)

    def redundancy(chosen: int) -> Array:
        r = columns.T @ columns[:, chosen]
        return information(r) if criterion.startswith("MI") else np.abs(r)

    joined = difference if criterion.endswith("D") else quotient
    order, scores = greedy(worth, np.isfinite(columns[0]), n, redundancy, joined)
    return Ranking(order, scores, worth, criterion)


def difference(worth: Array, total: Array, chosen: int) -> Array:
    """Return relevance less mean redundancy with the columns chosen so far."""
    out: Array = worth - total / chosen
    return out


def quotient(worth: Array, total: Array, chosen: int) -> Array:
    """Return relevance over mean redundancy; infinite where nothing is shared."""
    mean = total / chosen
    return np.divide(worth, mean, out=np.full_like(worth, np.inf), where=mean > 0)


def greedy(
    worth: Array,
    allowed: BoolArray,
    n: int,
    shared: Callable[[int], Array],
    joined: Callable[[Array, Array, int], Array],
) -> tuple[NDArray[np.int64], Array]:
    """Choose up to ``n`` columns, one at a time, the first by ``worth`` alone.

    Parameters
    ----------
    worth : array of shape (p,)
        Relevance; a column without one (NaN) is never chosen.
    allowed : bool array of shape (p,)
        Columns that may be chosen.
    n : int
        How many at most.
    shared : function of a column number
        What every column has in common with it, shape (p,); these add up.
    joined : function of worth, that sum, and how many are chosen
        The score of every column, shape (p,).

    Returns
    -------
    order, scores : arrays of shape (k,)
        Ties, to a relative 1e-12, go to the lower column number.
    """
    if n < 1:
        raise ValueError(f"n is {n}: at least one column must be asked for")
    open_ = np.isfinite(worth) & allowed
    total = np.zeros(worth.size)
    order: list[int] = []
    scores: list[float] = []
    for step in range(min(n, int(open_.sum()))):
        score = np.where(open_, joined(worth, total, step) if step else worth, -np.inf)
        top = float(score.max())
        near = score >= top - 1e-12 * abs(top) if np.isfinite(top) else score == top
        chosen = int(np.flatnonzero(near & open_)[0])
        order.append(chosen)
        scores.append(float(score[chosen]))
        open_[chosen] = False
        total = total + shared(chosen)
    return np.array(order, dtype=np.int64), np.array(scores)


def mrmr(X: Any, y: Any, n: int, criterion: Criterion = "MID", *, ordered: bool = False) -> Ranking:
    """Rank columns for an outcome.

    Parameters
    ----------
    X : array of shape (rows, p)
        Features, finite.
    y : array of shape (rows,)
        0/1 or numeric, or a survival target (fields ``event`` and ``time``).
    n : int
        How many to choose at most.
    criterion : "MID", "MIQ", "FCD", "FCQ", "ACD" or "ACQ"
        See the module.
    ordered : bool
        Take the outcome as ordered levels (`relevance_ordered`); for "MID" and "MIQ".
    """
    target = np.asarray(y)
    if ordered:
        if not criterion.startswith("MI") or target.dtype.names:
            raise ValueError("an ordered outcome needs levels, and the criterion MID or MIQ")
        worth = relevance_ordered(X, target)
    elif target.dtype.names:
        worth = relevance_survival(X, target["time"], target["event"], criterion)
    else:
        worth = relevance(X, target, criterion)
    return rank(X, worth, n, criterion)

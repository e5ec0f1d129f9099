"""Minimum redundancy, maximum relevance: greedy ranking of features by named criteria.

A criterion names relevance, redundancy and how they are joined, difference (D) or quotient (Q):

========  ======================================  =====================
MID, MIQ  mutual information ``-log(1 - r^2)/2``  the same
FCD, FCQ  F statistic                             absolute correlation
ACD, ACQ  absolute correlation                    absolute correlation
========  ======================================  =====================

r is Pearson's correlation. MID is mRMRe's ``mRMR.classic`` for a numeric target; FCQ is what the
package mrmr_selection calls mRMR. For survival, relevance comes from the score test of a
one-feature Cox model, chi2 with d events: ``chi2 / (2 d)`` for MI (the Gaussian identity
MI = LR / 2n), chi2 itself in place of F, and ``sqrt(1 - exp(-chi2 / d))`` in place of |r|.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radpipe.stats.design import Array, DegenerateDataError, matrix, vector
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
    rows = matrix(X)
    columns = _standardised(rows)
    worth = np.asarray(relevances, dtype=np.float64)
    open_ = np.isfinite(worth) & np.isfinite(columns[0])
    redundancy = np.zeros(rows.shape[1])
    order: list[int] = []
    scores: list[float] = []
    for step in range(min(n, int(open_.sum()))):
        score = worth
        if step:
            mean = redundancy / step
            if criterion.endswith("D"):
                score = worth - mean
            else:
                score = np.divide(worth, mean, out=np.full_like(worth, np.inf), where=mean > 0)
        score = np.where(open_, score, -np.inf)
        top = float(score.max())
        near = score >= top - 1e-12 * abs(top) if np.isfinite(top) else score == top
        chosen = int(np.flatnonzero(near & open_)[0])
        order.append(chosen)
        scores.append(float(score[chosen]))
        open_[chosen] = False
        r = columns.T @ columns[:, chosen]
        redundancy = redundancy + (information(r) if criterion.startswith("MI") else np.abs(r))
    return Ranking(np.array(order, dtype=np.int64), np.array(scores), worth, criterion)


def mrmr(X: Any, y: Any, n: int, criterion: Criterion = "MID") -> Ranking:
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
    """
    target = np.asarray(y)
    if target.dtype.names:
        worth = relevance_survival(X, target["time"], target["event"], criterion)
    else:
        worth = relevance(X, target, criterion)
    return rank(X, worth, n, criterion)

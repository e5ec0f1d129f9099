"""Placement values and the area under the ROC curve, by mid-ranks: O(n log n), ties count half."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, BoolArray, FloatArray, floats, labels01, same_length


def placements(y: Any, score: Any) -> tuple[FloatArray, FloatArray]:
    """Return the placement values of the cases with and without the event.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        What ranks; a higher score speaks for the event. Finite.

    Returns
    -------
    v10 : array (events,)
        For each case with the event, the share of event-free cases that it outranks.
    v01 : array (n - events,)
        For each event-free case, the share of cases with the event that outrank it.
        A tie counts one half. Both means are the AUC. Empty share (one class) is NaN.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837; by ranks as in Sun and Xu,
    IEEE Signal Process Lett 2014;21:1389.
    """
    positive = labels01(y)
    same_length(y=positive, score=floats(score))
    v = placement_values(positive, floats(score))
    return v[positive], v[~positive]


def placement_values(positive: BoolArray, score: FloatArray) -> FloatArray:
    """Return every case's placement value in the order of the input, shape (n,)."""
    from scipy.stats import rankdata

    n = score.shape[0]
    events = int(positive.sum())
    out = np.full(n, NAN)
    if events == 0 or events == n:
        return out
    overall = rankdata(score)
    out[positive] = (overall[positive] - rankdata(score[positive])) / (n - events)
    out[~positive] = 1 - (overall[~positive] - rankdata(score[~positive])) / events
    return out


def auc(y: Any, score: Any) -> float:
    """Return the area under the ROC curve; NaN with one class. The direction is never flipped."""
    return float(auc_batch(labels01(y), floats(score))[0])


def auto_direction(y: Any, score: Any) -> Literal["<", ">"]:
    """Return the direction that pROC's ``direction="auto"`` takes: ">" where controls score higher.

    It compares the medians of the classes. Nothing in radpipe turns a score round by it: it tells
    whether an AUC from elsewhere was turned round, which makes it 1 minus ours.

    Raises
    ------
    ValueError
        If a class is empty.
    """
    positive, values = labels01(y), floats(score)
    same_length(y=positive, score=values)
    present = np.isfinite(values)
    event, free = values[present & positive], values[present & ~positive]
    if min(event.size, free.size) == 0:
        raise ValueError("all cases belong to one class: no direction")
    return "<" if np.median(free) <= np.median(event) else ">"


def auc_batch(y: Any, score: Any) -> FloatArray:
    """Return many AUCs at once, for permutations and bootstraps.

    Parameters
    ----------
    y : array (n,) or (n, m)
        Outcomes 0/1, one column a replicate.
    score : array (n,) or (n, m)
        Scores, one column a replicate. With one column of scores and many of outcomes the
        scores are ranked once.

    Returns
    -------
    array (m,)
        NaN where a column of ``y`` holds one class only.
    """
    from scipy.stats import rankdata

    positive = labels01(y)
    positive = positive[:, None] if positive.ndim == 1 else positive
    scores = floats(score)
    scores = scores[:, None] if scores.ndim == 1 else scores
    ranks = rankdata(scores, axis=0)
    n = positive.shape[0]
    events = positive.sum(axis=0).astype(np.float64)
    rank_sum = np.sum(np.where(positive, ranks, 0.0), axis=0)
    pairs = events * (n - events)
    u = rank_sum - events * (events + 1) / 2
    return floats(np.divide(u, pairs, out=np.full(u.shape, NAN), where=pairs > 0))

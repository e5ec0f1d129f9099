"""ROC curves and AUCs of cases that count several times, for many rows of counts at once.

With counted cases an AUC is one cumulative sum along the sorted scores: a bootstrap replicate
copies no case and sorts nothing.
"""

from __future__ import annotations

import numpy as np

from radpipe.stats.results import NAN, BoolArray, FloatArray, floats


def counted_auc(counts: FloatArray, positive: BoolArray, score: FloatArray) -> FloatArray:
    """Return the AUC of each row of counts (b, n), NaN for a row with one class only.

    ``positive`` and ``score`` have shape (n,); cases of NaN score are left out.
    """
    event, free = _sorted_counts(counts, positive, score)
    below = np.cumsum(free, axis=1) - free / 2
    pairs = event.sum(axis=1) * free.sum(axis=1)
    won = np.einsum("ij,ij->i", event, below)
    return floats(np.divide(won, pairs, out=np.full(pairs.shape, NAN), where=pairs > 0))


def counted_curves(
    counts: FloatArray, positive: BoolArray, score: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return false and true positive rates (b, k) of each row of counts, NaN for one class."""
    rates = []
    for part in _sorted_counts(counts, positive, score):
        total = np.cumsum(part[:, ::-1], axis=1)
        count = total[:, -1:]
        share = np.divide(total, count, out=np.full(total.shape, NAN), where=count > 0)
        rates.append(np.column_stack([np.where(count > 0, 0.0, NAN), share]))
    return rates[1], rates[0]


def _sorted_counts(
    counts: FloatArray, positive: BoolArray, score: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the counts with and without the event at each distinct score, rising, (b, k)."""
    order = np.argsort(score, kind="stable")[: int(np.isfinite(score).sum())]
    values = score[order]
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[: values.size])
    ordered = counts[:, order]
    event = ordered * positive[order]
    free = ordered - event
    if starts.size < values.size:
        event, free = (np.add.reduceat(part, starts, axis=1) for part in (event, free))
    return event, free

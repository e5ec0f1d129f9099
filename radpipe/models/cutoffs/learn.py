"""Cut-offs of one fit, from what inner folds predicted for its training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.target import events, indicators, kind_of
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import NAN, CutoffSpec, Pair, ScoreAt
from radpipe.models.scores import Cuts


def learn_cuts(
    rule: CutoffSpec, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None
) -> Cuts:
    """Return the cut-offs of each column of scores (n, a).

    NaN where they are undefined, and for endpoints that are not cut: of classes the most likely
    one is predicted. Horizons share one cut-off, each label has its own.
    """
    kind, a = kind_of(y), score.shape[1]
    if kind == "multilabel":
        columns = zip(indicators(y).T, score.T, strict=True)
        pairs = [learn_pair(rule, label.astype(np.int64), own, score_at) for label, own in columns]
    elif kind in ("binary", "survival"):
        pairs = [learn_pair(rule, y, score[:, 0], score_at)] * a
    else:
        pairs = [(NAN, NAN)] * a
    low, high = np.array(pairs, dtype=float).T
    return low, high


def learn_pair(
    rule: CutoffSpec, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None
) -> Pair:
    """Return the cut-offs on scores (n,) of training rows, those without a score left out.

    NaN where no row has one, where a binary target has one outcome only, and where a risk is to
    be cut and there is none.
    """
    known = np.isfinite(score)
    if not known.any() or (rule.by_risk and score_at is None):
        return NAN, NAN
    outcome = y[known]
    if kind_of(y) == "binary" and len(np.unique(events(outcome))) < 2:
        return NAN, NAN
    return rule.learn(outcome, score[known], score_at)

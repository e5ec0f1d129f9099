"""Models against each other on the same cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.continuous import r_squared_influence
from radpipe.evaluation.roc_curves import stack
from radpipe.evaluation.spread import SCHEME, each_split, middles, not_resampled
from radpipe.evaluation.survival import event_codes, outliving
from radpipe.evaluation.table import FloatArray, Slice, horizons_of, slices
from radpipe.stats.competing_scores import auc_competing_paired
from radpipe.stats.concordance import harrell_paired
from radpipe.stats.delong import delong_paired
from radpipe.stats.influence import wald
from radpipe.stats.ipcw import auc_at_paired
from radpipe.stats.results import TestResult, join_notes, normal_p

COMPARISON_COLUMNS = (
    "split",
    "model_a",
    "model_b",
    "metric",
    "class",
    "difference",
    "lower",
    "upper",
    "se",
    "statistic",
    "p",
    "method",
    "n",
    "patients",
    "note",
)

NO_P = (
    "no p value under resampling of models that learn: their training is not accounted for; read "
    "the interval, or hold cases out (cohort.split)"
)


def compare(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    pairs: Sequence[tuple[str, str]] | None = None,
    level: float = 0.95,
    given: Collection[str] = (),
) -> pd.DataFrame:
    """Return differences between pairs of models, split by split.

    Parameters
    ----------
    predictions, outcomes, endpoint
        As for :func:`radpipe.evaluation.metrics.metrics`.
    pairs : sequence of (model_a, model_b), optional
        All pairs by default. A difference is a minus b.
    level : float
        Confidence level, in (0, 1).
    given : collection of str
        Models that learn nothing: all resamples give a case the same score, so that they are
        compared as on cases that were held out.

    Returns
    -------
    DataFrame
        Columns COMPARISON_COLUMNS; metric auc (of each class or label), r2, or c_index and
        auc_at_H. ``p`` is given for held-out splits, and for two models that learn nothing; other
        resampled and apparent rows have a difference with its interval. Of repeated random splits
        a difference is the median over the splits, and the limits those of a spread
        (`radpipe.evaluation.spread`).
    """
    if endpoint.get("resampling") == SCHEME:
        return _over_splits(predictions, outcomes, endpoint, pairs, level)
    found = {(s.split, s.label, s.model): s for s in slices(predictions, outcomes, endpoint)}
    models = list(dict.fromkeys(model for *_, model in found))
    rows = []
    for place in dict.fromkeys((split, label) for split, label, _ in found):
        for a, b in pairs if pairs is not None else combinations(models, 2):
            if (*place, a) in found and (*place, b) in found:
                fixed = a in given and b in given
                rows += _rows(found[*place, a], found[*place, b], endpoint, level, fixed)
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def _over_splits(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    pairs: Sequence[tuple[str, str]] | None,
    level: float,
) -> pd.DataFrame:
    """Return differences with the spread over random splits in place of pooled repeats."""
    plain = {**endpoint, "resampling": ""}
    parts = [compare(part, outcomes, plain, pairs, level) for part in each_split(predictions)]
    rest = compare(not_resampled(predictions), outcomes, plain, pairs, level)
    keys = ["split", "model_a", "model_b", "metric", "class"]
    spread = middles(parts, keys, "difference", level).assign(se=np.nan) if parts else rest[:0]
    return stack([t for t in (spread, rest) if len(t)], list(COMPARISON_COLUMNS))


def _rows(
    a: Slice, b: Slice, endpoint: Mapping[str, Any], level: float, fixed: bool
) -> list[dict[str, Any]]:
    place = {case: i for i, case in enumerate(b.case)}
    both = [i for i, case in enumerate(a.case) if case in place]
    other = [place[a.case[i]] for i in both]
    group = None if a.group is None else a.group[both]
    out = []
    known = np.isfinite(a.score[both]) & np.isfinite(b.score[other])
    # where repeats hold different cases (draws), their mean is not the test of all cases
    whole = bool((known == known[:, :1]).all())
    tested = a.split not in ("resampled", "apparent") or (fixed and a.resampled and whole)

    def add(metric: str, test: TestResult) -> None:
        note = test.note if tested else join_notes(test.note, NO_P if a.resampled else "apparent")
        out.append(
            {
                "split": a.split,
                "model_a": a.model,
                "model_b": b.model,
                "metric": metric,
                "class": a.label,
                "difference": test.estimate,
                "lower": test.lower,
                "upper": test.upper,
                "se": test.se,
                "statistic": test.statistic if tested else np.nan,
                "p": test.p if tested else np.nan,
                "method": test.method,
                "n": test.n,
                "patients": test.n if group is None else int(np.unique(group).size),
                "note": note,
            }
        )

    if endpoint["kind"] == "continuous":
        add("r2", _r_squared(a, b, both, other, level))
        return out
    if endpoint["kind"] != "survival":
        assert a.y is not None
        first, second = _same_repeats(a.pooled[both], b.pooled[other])
        add("auc", delong_paired(a.y[both], first, second, level, group))
        return out
    assert a.time is not None
    assert a.event is not None
    t, d = a.time[both], event_codes(a)[both]
    first, second = _same_repeats(a.score[both], b.score[other])
    add(
        "c_index",
        harrell_paired(outliving(a)[both], a.event[both], first, second, level, group),
    )
    for horizon in horizons_of(endpoint):
        first, second = _same_repeats(a.ranking_at(horizon)[both], b.ranking_at(horizon)[other])
        if a.competing is None:
            test = auc_at_paired(t, d, first, second, horizon, level, group)
        else:
            test = auc_competing_paired(t, d, first, second, horizon, level=level, groups=group)
        add(f"auc_at_{horizon:g}", test)
    return out


def _r_squared(
    a: Slice, b: Slice, both: Sequence[int], other: Sequence[int], level: float
) -> TestResult:
    """Return the difference of R² on the cases that both models predict."""
    first, second = _same_repeats(a.score[both], b.score[other])
    known = np.isfinite(first) & np.isfinite(second)
    assert a.y is not None
    group = None if a.group is None else a.group[both]
    own = [
        r_squared_influence(replace(a, y=a.y[both], score=np.where(known, score, np.nan)))
        for score in (first, second)
    ]
    difference, influence = own[0][0] - own[1][0], own[0][1] - own[1][1]
    e = wald(difference, influence, "paired difference of R², delta method", level, group)
    z = e.estimate / e.se if e.se > 0 else np.nan
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else np.nan,
        method=e.method,
        n=e.n,
        estimate=e.estimate,
        lower=e.lower,
        upper=e.upper,
        se=e.se,
        level=level,
        note=join_notes(own[0][2], e.note),
    )


def _same_repeats(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"models have {a.shape[1]} and {b.shape[1]} repeats")
    return a, b

"""Several correlated AUCs at once: their covariance, the test of all, and of every pair.

Source: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from radpipe.stats.auc_variance import auc_covariance, delong_method, shared_influences
from radpipe.stats.delong import delong_paired
from radpipe.stats.group_tests import Adjustment, p_adjust
from radpipe.stats.results import (
    NAN,
    BoolArray,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    labels01,
)


@dataclass(frozen=True)
class PairTest:
    """The test between columns ``first`` and ``second``, with p adjusted for all pairs."""

    first: int
    second: int
    test: TestResult
    p_adjusted: float


def delong_covariance(y: Any, scores: Any, groups: Any = None) -> FloatArray:
    """Return the covariance (k, k) of the AUCs of k models on the same cases.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    scores : array (n, k) or (n, repeats, k)
        A column per model. A case that is NaN in one model is used in none.
    groups : array (n,), optional
        Patient of each case.
    """
    positive = labels01(y)
    influences = shared_influences(positive, _models(scores, positive))
    return auc_covariance(np.column_stack([i.values for i in influences]), positive, groups)[0]


def delong_global(y: Any, scores: Any, groups: Any = None) -> TestResult:
    """Test that k correlated AUCs are all equal, by chi-square on k - 1 degrees of freedom.

    Parameters
    ----------
    y, scores, groups
        As for :func:`delong_covariance`; at least two models.
    """
    from scipy.stats import chi2

    positive = labels01(y)
    influences = shared_influences(positive, _models(scores, positive))
    k = len(influences)
    if k < 2:
        raise ValueError(f"{k} column of scores: a test of equal AUCs needs at least two")
    values = np.column_stack([i.values for i in influences])
    covariance, note = auc_covariance(values, positive, groups)
    contrast = np.column_stack([np.ones(k - 1), -np.eye(k - 1)])
    middle = contrast @ covariance @ contrast.T
    d = contrast @ np.array([i.auc for i in influences])
    n = int(np.isfinite(values).all(axis=1).sum())
    method = f"{delong_method(influences[0].repeats, groups)}, chi-square test of {k} AUCs"
    note = join_notes(influences[0].note, note)
    if not np.isfinite(middle).all() or np.linalg.matrix_rank(middle) < k - 1:
        note = join_notes(note, "the covariance of the differences is singular: no test")
        return TestResult(NAN, NAN, method, n, df=k - 1, note=note)
    statistic = float(d @ np.linalg.solve(middle, d))
    p = float(chi2.sf(statistic, k - 1))
    return TestResult(statistic, p, method, n, df=k - 1, note=note)


def delong_pairs(
    y: Any,
    scores: Any,
    adjustment: Adjustment = "holm",
    level: float = 0.95,
    groups: Any = None,
) -> tuple[PairTest, ...]:
    """Compare every pair of k correlated AUCs, with p values adjusted for their number.

    Parameters
    ----------
    y, scores, groups
        As for :func:`delong_covariance`. Each pair uses the cases that its two models share.
    adjustment : str
        As for :func:`radpipe.stats.group_tests.p_adjust`.
    """
    positive = labels01(y)
    cube = _models(scores, positive)
    pairs = list(combinations(range(cube.shape[2]), 2))
    tests = [delong_paired(y, cube[:, :, i], cube[:, :, j], level, groups) for i, j in pairs]
    adjusted = p_adjust([t.p for t in tests], adjustment)
    return tuple(
        PairTest(i, j, test, float(p))
        for (i, j), test, p in zip(pairs, tests, adjusted, strict=True)
    )


def _models(scores: Any, positive: BoolArray) -> FloatArray:
    """Return scores as (n, repeats, models)."""
    cube = floats(scores)
    cube = cube[:, None, :] if cube.ndim == 2 else cube
    if cube.ndim != 3 or cube.shape[0] != positive.size:
        raise ValueError(
            f"scores of shape {np.shape(scores)} for {positive.size} outcomes: (n, models) or "
            "(n, repeats, models) is allowed"
        )
    return cube

"""The scores table of one model: what every scope's fit said of every case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.models.base import FloatArray
from radpipe.resampling.folds import IntArray

if TYPE_CHECKING:
    from radpipe.models.crossfit import ScopeFit

Block = tuple[str, str, IntArray, FloatArray, FloatArray, float]
"""Scope, role, rows, scores (m,), risks (m, h), cut-off."""


def scores_table(
    fits: Sequence[ScopeFit],
    apparent: tuple[FloatArray, FloatArray],
    cases: Sequence[str],
    horizons: tuple[float, ...],
) -> pd.DataFrame:
    """Return one row a scope, role, case and horizon.

    Parameters
    ----------
    fits : sequence of ScopeFit
        The first is the final fit.
    apparent : (scores, risks)
        The final model on its own training rows (each once).
    cases : sequence of str
        Ids in table order.
    horizons : tuple of float
        One NaN where there is no horizon.
    """
    ids = np.array(cases, dtype=object)
    blocks = list(_blocks(fits, apparent))
    h = len(horizons)

    def column(values: Iterator[np.ndarray]) -> np.ndarray:
        return np.concatenate(list(values))

    return pd.DataFrame(
        {
            "scope": column(
                np.repeat(np.array([b[0]], dtype=object), h * len(b[2])) for b in blocks
            ),
            "role": column(
                np.repeat(np.array([b[1]], dtype=object), h * len(b[2])) for b in blocks
            ),
            "case": column(np.repeat(ids[b[2]], h) for b in blocks),
            "horizon": column(np.tile(np.array(horizons, dtype=float), len(b[2])) for b in blocks),
            "score": column(np.repeat(b[3], h) for b in blocks),
            "risk": column(b[4].ravel() for b in blocks),
            "cutoff": column(np.full(h * len(b[2]), b[5]) for b in blocks),
        }
    )


def _blocks(fits: Sequence[ScopeFit], apparent: tuple[FloatArray, FloatArray]) -> Iterator[Block]:
    for place, fit in enumerate(fits):
        scope = fit.scope
        rows = np.unique(np.concatenate([test for _, test in scope.inner])) if fit.inner else ()
        if len(rows):
            yield (
                scope.name,
                "inner",
                rows,
                fit.inner_score[rows],
                fit.inner_risk[rows],
                float("nan"),
            )
        yield scope.name, "test", scope.test, fit.test_score, fit.test_risk, fit.cutoff
        if place == 0:
            yield (scope.name, "apparent", np.unique(scope.train), *apparent, fit.cutoff)

"""The scores table of one model: what every scope's fit said of every case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from radpipe.models.base import FloatArray
from radpipe.resampling.folds import IntArray

if TYPE_CHECKING:
    from radpipe.models.crossfit import ScopeFit


@dataclass(frozen=True)
class Layout:
    """What the columns of a model's predictions stand for: horizons, classes, or one column.

    Attributes
    ----------
    horizons : tuple of float
        Times at which risks are given; NaN where there are none.
    classes : tuple of str
        Names of the classes or labels; empty text where there are none.
    """

    horizons: tuple[float, ...]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, horizons: Sequence[float] = (), classes: Sequence[str] = ()) -> Layout:
        """Return the columns of an endpoint with these horizons, or classes, or neither."""
        if classes:
            return cls((float("nan"),) * len(classes), tuple(classes))
        times = tuple(horizons) or (float("nan"),)
        return cls(times, ("",) * len(times))

    @property
    def width(self) -> int:
        """Columns of a prediction."""
        return len(self.horizons)

    @property
    def times(self) -> tuple[float, ...]:
        """The horizons, or none."""
        return tuple(t for t in self.horizons if not np.isnan(t))


Cuts = tuple[FloatArray, FloatArray]
"""Cut-offs of each column, the upper one (of three groups) second; NaN where there is none."""

Block = tuple[str, str, IntArray, FloatArray, FloatArray, Cuts, IntArray]
"""Scope, role, rows, scores (m, a), risks (m, a), cut-offs (a,), draws (m,)."""


def scores_table(
    fits: Sequence[ScopeFit], cases: Sequence[str], layout: Layout, comparable: bool = False
) -> pd.DataFrame:
    """Return one row a scope, role, case, and horizon or class.

    Parameters
    ----------
    fits : sequence of ScopeFit
        The first is the final fit.
    cases : sequence of str
        Ids in table order.
    layout : Layout
        What the columns of a prediction stand for.
    comparable : bool
        Whether a score means the same in every fit (`radpipe.models.base.Model`).

    Returns
    -------
    DataFrame
        scope, role ("inner", "test", "in-bag", "apparent"), case, horizon, class, score, risk,
        cutoff, cutoff_high, draws (how often an in-bag case was drawn; else 1), comparable.
    """
    ids = np.array(cases, dtype=object)
    blocks = list(_blocks(fits))
    a = layout.width

    def column(values: Iterator[np.ndarray]) -> np.ndarray:
        return np.concatenate(list(values))

    def of_rows(place: int) -> np.ndarray:
        return column(np.repeat(np.array([b[place]], dtype=object), a * len(b[2])) for b in blocks)

    return pd.DataFrame(
        {
            "scope": of_rows(0),
            "role": of_rows(1),
            "case": column(np.repeat(ids[b[2]], a) for b in blocks),
            "horizon": column(np.tile(np.array(layout.horizons), len(b[2])) for b in blocks),
            "class": column(
                np.tile(np.array(layout.classes, dtype=object), len(b[2])) for b in blocks
            ),
            "score": column(b[3].ravel() for b in blocks),
            "risk": column(b[4].ravel() for b in blocks),
            "cutoff": column(np.tile(b[5][0], len(b[2])) for b in blocks),
            "cutoff_high": column(np.tile(b[5][1], len(b[2])) for b in blocks),
            "draws": column(np.repeat(b[6], a) for b in blocks),
            "comparable": comparable,
        }
    )


def _blocks(fits: Sequence[ScopeFit]) -> Iterator[Block]:
    for place, fit in enumerate(fits):
        scope = fit.scope
        rows = np.unique(np.concatenate([test for _, test in scope.inner])) if fit.inner else ()
        if len(rows):
            nothing = np.full(fit.inner_score.shape[1], np.nan)
            once = np.ones(len(rows), dtype=np.intp)
            inner = fit.inner_score[rows], fit.inner_risk[rows]
            yield (scope.name, "inner", rows, *inner, (nothing, nothing), once)
        once = np.ones(len(scope.test), dtype=np.intp)
        yield scope.name, "test", scope.test, fit.test_score, fit.test_risk, fit.cuts, once
        if fit.own is not None:
            drawn, draws = np.unique(scope.train, return_counts=True)
            if place == 0:
                yield scope.name, "apparent", drawn, *fit.own, fit.cuts, np.ones_like(draws)
            else:
                yield scope.name, "in-bag", drawn, *fit.own, fit.cuts, draws

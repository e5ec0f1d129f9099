"""What a model is fed: measured columns, and the scores of other models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.models.base import FloatArray
from radpipe.resampling.folds import IntArray
from radpipe.resampling.plan import FINAL, Scope


@dataclass(frozen=True)
class Stacked:
    """Scores of a sub-model, one array of shape (n,) a scope (NaN where it has none).

    Attributes
    ----------
    inner : dict of str to array
        Inner out-of-fold scores of each scope's training rows.
    test : dict of str to array
        Scores of each scope's test rows.
    apparent : array
        The final sub-model on its own training rows.
    """

    inner: dict[str, FloatArray]
    test: dict[str, FloatArray]
    apparent: FloatArray

    @classmethod
    def from_scores(cls, scores: pd.DataFrame, cases: Sequence[str]) -> Stacked:
        """Arrange the sub-model's scores table (one row a horizon: the score is the same)."""
        place = pd.Series(np.arange(len(cases)), index=pd.Index(cases, dtype=object))
        once = scores.drop_duplicates(["scope", "role", "case"])
        found: dict[str, dict[str, FloatArray]] = {"inner": {}, "test": {}, "apparent": {}}
        for (scope, role), part in once.groupby(["scope", "role"], sort=False):
            values = np.full(len(cases), np.nan)
            values[place[part["case"]].to_numpy()] = part["score"].to_numpy(dtype=float)
            found[str(role)][str(scope)] = values
        nothing = np.full(len(cases), np.nan)
        return cls(found["inner"], found["test"], found["apparent"].get(FINAL, nothing))


@dataclass(frozen=True)
class Inputs:
    """The columns of one model, for all cases of a study in table order.

    Attributes
    ----------
    static : DataFrame, shape (n, p)
        Measured columns, indexed by case: floats, and text for clinical factors.
    groups : array of str, shape (n,)
        Patient of each case.
    clinical : mapping
        Clinical dictionary (`radpipe.models.prepare.Prepare`).
    stacked : mapping of str to Stacked
        Sub-models by name; their scores become a column of that name.

    Notes
    -----
    In scope s a training row carries the sub-model's **inner out-of-fold** score of s, and a
    test row the score of the sub-model that was fitted on the training rows of s. The inner
    folds of s use the same inner scores. An inner score was made without its own row but with
    the other inner folds, so inner predictions of a stacked model are not perfectly nested
    (the standard practice of stacking); all of it happens among the training rows of s, so no
    test row ever takes part in what predicts it.
    """

    static: pd.DataFrame
    groups: NDArray[Any]
    clinical: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stacked: Mapping[str, Stacked] = field(default_factory=dict)

    @property
    def cases(self) -> list[str]:
        """Ids of the cases, in table order."""
        return [str(c) for c in self.static.index]

    @property
    def columns(self) -> list[str]:
        """All columns that the model may use, in order of their names."""
        return sorted([*map(str, self.static.columns), *self.stacked])

    def training(self, scope: Scope, rows: IntArray) -> pd.DataFrame:
        """Return training rows of a scope (inner folds included)."""
        return self._rows(rows, {m: s.inner[scope.name] for m, s in self.stacked.items()})

    def test(self, scope: Scope) -> pd.DataFrame:
        """Return the test rows of a scope."""
        if not len(scope.test):
            return self._rows(scope.test, dict.fromkeys(self.stacked, np.empty(0)))
        return self._rows(scope.test, {m: s.test[scope.name] for m, s in self.stacked.items()})

    def apparent(self, scope: Scope) -> pd.DataFrame:
        """Return the training rows of the final scope as the final sub-models see them."""
        rows = np.unique(scope.train)
        return self._rows(rows, {m: s.apparent for m, s in self.stacked.items()})

    def _rows(self, rows: IntArray, scores: Mapping[str, FloatArray]) -> pd.DataFrame:
        table = self.static.iloc[rows]
        if not scores:
            return table
        return table.assign(**{m: v[rows] if len(v) else v for m, v in scores.items()})

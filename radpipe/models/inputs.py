"""What a model is fed: measured columns, and the scores of other models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import ABOUT, CLINICAL, FEATURE
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
    in_bag : dict of str to array
        Scores of each scope's own training rows, where the plan keeps them.
    apparent : array
        The final sub-model on its own training rows.
    risks : Stacked, optional
        The same of its risks, for the models that combine those (binary endpoints and classes).
    """

    inner: dict[str, FloatArray]
    test: dict[str, FloatArray]
    in_bag: dict[str, FloatArray]
    apparent: FloatArray
    risks: Stacked | None = None


def stacked(model: str, scores: pd.DataFrame, cases: Sequence[str]) -> dict[str, Stacked]:
    """Arrange a sub-model's scores table as the columns that it is for other models.

    Returns
    -------
    dict of str to Stacked
        One column, named as the model; where the endpoint has classes, one a class, named
        ``MODEL[CLASS]``.
    """
    place = pd.Series(np.arange(len(cases)), index=pd.Index(cases, dtype=object))
    columns: dict[str, Stacked] = {}
    # There is one row a horizon: the score is the same.
    once = scores.drop_duplicates(["scope", "role", "case", "class"])
    for label, rows in once.groupby("class", sort=False):
        risks = _arranged(rows, "risk", place)
        name = f"{model}[{label}]" if label else model
        columns[name] = replace(_arranged(rows, "score", place), risks=risks)
    return columns


def _arranged(rows: pd.DataFrame, column: str, place: pd.Series) -> Stacked:
    """Return scores or risks of one class, by scope and role."""
    found: dict[str, dict[str, FloatArray]] = {
        role: {} for role in ("inner", "test", "in-bag", "apparent")
    }
    for (scope, role), part in rows.groupby(["scope", "role"], sort=False):
        values = np.full(len(place), np.nan)
        values[place[part["case"]].to_numpy()] = part[column].to_numpy(dtype=float)
        found[str(role)][str(scope)] = values
    nothing = np.full(len(place), np.nan)
    return Stacked(
        found["inner"], found["test"], found["in-bag"], found["apparent"].get(FINAL, nothing)
    )


@dataclass(frozen=True)
class Inputs:
    """The columns of one model, for all cases of a study in table order.

    Attributes
    ----------
    static : DataFrame, shape (n, p)
        Measured columns, indexed by case: floats, text for clinical factors, and columns that
        harmonisation needs and no model may use (`radpipe.core.columns.ABOUT`).
    groups : array of str, shape (n,)
        Patient of each case.
    clinical : mapping
        Clinical dictionary (`radpipe.models.prepare.Prepare`).
    stacked : mapping of str to Stacked
        Sub-models by name; their scores become a column of that name.
    readings : mapping of str to DataFrame
        Other readings of ``static``'s features by reader, indexed by case; NaN where a case was
        not read.

    Notes
    -----
    In scope s a training row carries the sub-model's **inner out-of-fold** score of s, and a
    test row the score of the sub-model that was fitted on the training rows of s. The inner
    folds of s use the same inner scores. An inner score was made without its own row but with
    the other inner folds, so inner predictions of a stacked model are not perfectly nested
    (the standard practice of stacking); all of it happens among the training rows of s, so no
    test row ever takes part in what predicts it.

    A sub-model that selected nothing in any inner fold gives each fold its share of events, which
    is the lower the more events the fold holds itself: as a column it would tell the outcome of
    its own rows. Such a column is made constant (`flat`).
    """

    static: pd.DataFrame
    groups: NDArray[Any]
    clinical: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stacked: Mapping[str, Stacked] = field(default_factory=dict)
    readings: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def cases(self) -> list[str]:
        """Ids of the cases, in table order."""
        return [str(c) for c in self.static.index]

    @property
    def columns(self) -> list[str]:
        """All columns that the model may use, in order of their names."""
        measured = [c for c in map(str, self.static.columns) if not c.startswith(ABOUT)]
        return sorted([*measured, *self.stacked])

    def of(self, names: Sequence[str]) -> list[str]:
        """Return the columns of some inputs: blocks, features, ``clinical`` ones, models."""
        own = set(names)
        return [
            c
            for c in self.columns
            if c in own
            or c.split(FEATURE)[0] in own
            or (c.startswith(CLINICAL) and "clinical" in own)
            or (c in self.stacked and c.split("[")[0] in own)
        ]

    def only(self, columns: Sequence[str]) -> Inputs:
        """Return some of the columns, with all that harmonisation needs."""
        wanted = set(columns)
        kept = [c for c in self.static.columns if c in wanted or str(c).startswith(ABOUT)]
        return replace(
            self,
            static=self.static[kept],
            stacked={name: s for name, s in self.stacked.items() if name in wanted},
            readings={
                reader: table[[c for c in table.columns if c in wanted]]
                for reader, table in self.readings.items()
            },
        )

    def of_risks(self, classes: Sequence[str] = ()) -> Inputs:
        """Return these inputs with the risks of sub-models in place of their scores.

        Columns of classes are named by the place of the class (``MODEL[0]``), so that a model
        knows whose they are.
        """
        number = {f"[{label}]": f"[{i}]" for i, label in enumerate(classes) if label}
        found = {}
        for name, scores in self.stacked.items():
            model, bracket, label = name.partition("[")
            found[model + number.get(bracket + label, bracket + label)] = scores.risks or scores
        return replace(self, stacked=found)

    def flat(self, scope: Scope) -> list[str]:
        """Return the sub-models whose score is the same for every case of each inner fold."""
        tests = [np.unique(test) for _, test in scope.inner]
        return [
            name
            for name, s in self.stacked.items()
            if _one_value_each([s.inner[scope.name][test] for test in tests])
        ]

    def still(self) -> list[str]:
        """Return the sub-models whose final fit gives every case the same score."""
        return [name for name, s in self.stacked.items() if _one_value_each([s.apparent])]

    def training(self, scope: Scope, rows: IntArray) -> pd.DataFrame:
        """Return training rows of a scope (inner folds included)."""
        scores = {m: s.inner[scope.name] for m, s in self.stacked.items()}
        for m in self.flat(scope):
            known = ~np.isnan(scores[m])
            scores[m] = np.where(known, scores[m][known].mean(), np.nan)
        return self._rows(rows, scores)

    def test(self, scope: Scope) -> pd.DataFrame:
        """Return the test rows of a scope."""
        if not len(scope.test):
            return self._rows(scope.test, dict.fromkeys(self.stacked, np.empty(0)))
        return self._rows(scope.test, {m: s.test[scope.name] for m, s in self.stacked.items()})

    def own(self, scope: Scope) -> pd.DataFrame:
        """Return a scope's training rows, each once, as its fitted sub-models see them."""
        if scope.name == FINAL:
            scores = {m: s.apparent for m, s in self.stacked.items()}
        else:
            scores = {m: s.in_bag[scope.name] for m, s in self.stacked.items()}
        return self._rows(np.unique(scope.train), scores)

    def _rows(self, rows: IntArray, scores: Mapping[str, FloatArray]) -> pd.DataFrame:
        table = self.static.iloc[rows]
        if not scores:
            return table
        return table.assign(**{m: v[rows] if len(v) else v for m, v in scores.items()})


def _one_value_each(parts: Sequence[FloatArray]) -> bool:
    """Return whether no part holds two values; False where none holds two cases to tell by."""
    known = [part[~np.isnan(part)] for part in parts]
    return any(part.size > 1 for part in known) and all(
        part.size == 0 or float(np.ptp(part)) == 0.0 for part in known
    )

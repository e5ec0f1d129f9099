"""Missing values are filled in by what the training rows show."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from radpipe.core.columns import MISSING, variable
from radpipe.core.errors import RadpipeError
from radpipe.preparation.base import FloatArray, PreparationSpec, Step
from radpipe.preparation.factors import snap
from radpipe.preparation.order import Ordered, gaps

Method = Literal["median", "most_frequent", "knn", "iterative"]


class ImputeSpec(PreparationSpec):
    """Fill in missing values of features and clinical variables.

    A variable without any training value becomes 0, hence a constant, which is dropped.

    Parameters
    ----------
    method : {'median', 'most_frequent', 'knn', 'iterative'}
        Numbers take the training median or most frequent value (the smallest on a tie), factors
        their most frequent level. `knn`: the mean of the nearest training rows that have the
        value. `iterative`: a Bayesian ridge regression on other columns, in rounds.
    indicator : bool
        Add a 0/1 column `NAME=missing` for each variable with missing training values.
    neighbours : int
        Rows that `knn` takes; columns are compared on z scores.
    predictors : int
        Columns that each regression of `iterative` takes, drawn among the most correlated.
    rounds : int
        Rounds of `iterative`, at most. It takes 100 columns with missing training values, at
        most.
    """

    kind: Literal["impute"] = "impute"
    method: Method = "median"
    indicator: bool = False
    neighbours: int = Field(5, ge=1, le=100)
    predictors: int = Field(10, ge=1, le=100)
    rounds: int = Field(10, ge=1, le=100)

    def build(self, seed: int) -> Step:
        """Return the unfitted step."""
        return Impute(
            self.method, self.indicator, self.neighbours, self.predictors, self.rounds, seed
        )


class Impute(Step):
    """Fill in missing values; every value of the result is known.

    Parameters
    ----------
    method, indicator, neighbours, predictors, rounds :
        As for `ImputeSpec`.
    seed : int
        Draws the predictors of ``iterative``.
    """

    kind: ClassVar[str] = "impute"

    def __init__(
        self,
        method: Method = "median",
        indicator: bool = False,
        neighbours: int = 5,
        predictors: int = 10,
        rounds: int = 10,
        seed: int = 0,
    ) -> None:
        self.method = method
        self.indicator = indicator
        self.neighbours = neighbours
        self.predictors = predictors
        self.rounds = rounds
        self.seed = seed

    @property
    def columnwise(self) -> bool:
        """Whether what becomes of a column depends on no other."""
        return self.method in ("median", "most_frequent")

    def _learn(self, values: FloatArray, about: pd.DataFrame | None) -> None:
        order = Ordered(values)
        fill = order.median()
        if self.method == "most_frequent":
            fill = np.array([_most_frequent(column) for column in values.T])
        self.fill_ = np.where(np.isnan(fill), 0.0, fill)
        for factor in self.factors_:
            self.fill_[factor.places] = _level(values[:, factor.places], factor.ordinal)
        lost = len(values) - order.known
        self.empty_ = np.flatnonzero(lost == len(values))
        self._learn_indicators(lost)
        self.known_levels_ = {
            factor.name: _complete(values[:, factor.places]) for factor in self.factors_
        }
        self.learned_: Any = None
        if self.method == "knn" or (self.method == "iterative" and lost.any()):
            from radpipe.preparation.impute_learned import Iterative, Neighbours

            learner: Any
            if self.method == "knn":
                learner = Neighbours(self.neighbours)
            else:
                learner = Iterative(self.predictors, self.rounds, self.seed)
            self.learned_ = learner.fit(self._without_empty(values), self.fill_)

    def _learn_indicators(self, lost: Any) -> None:
        """Note the variables that get an indicator, and the order of all columns."""
        where: dict[str, int] = {}
        for i in np.flatnonzero(lost) if self.indicator else ():
            where.setdefault(variable(self.names_[i]), int(i))
        columns = [*self.names_, *(name + MISSING for name in where)]
        taken = sorted(set(columns[len(self.names_) :]) & set(self.names_))
        if taken:
            raise RadpipeError(
                f"impute: {taken[0]!r} is a column already (a level called missing); rename the "
                "level, or leave the indicator out"
            )
        self.indicated_ = list(where.values())
        order = np.argsort(np.array(columns, dtype=object), kind="stable")
        self.order_ = order if where else None
        self.columns_ = [columns[i] for i in order]

    def _without_empty(self, values: FloatArray) -> FloatArray:
        if not self.empty_.size:
            return values
        out = values.copy()
        out[:, self.empty_] = 0.0
        return out

    def _apply(
        self, values: FloatArray, about: pd.DataFrame | None
    ) -> tuple[FloatArray, list[str]]:
        out, lost = values, np.flatnonzero(gaps(values))
        if lost.size and self.learned_ is not None:
            empty = np.isnan(values)
            out = np.where(empty, self.learned_.transform(self._without_empty(values)), values)
            self._to_levels(out, empty)
        elif lost.size:
            out = values.copy(order="K")
            part = values[:, lost]
            out[:, lost] = np.where(np.isnan(part), self.fill_[lost], part)
        if self.order_ is not None:
            marks = np.isnan(values[:, self.indicated_]).astype(float)
            out = np.concatenate([out.T, marks.T])[self.order_].T
        return out, self.columns_

    def _to_levels(self, values: FloatArray, empty: Any) -> None:
        """Give factors that were filled in by a mean the nearest level."""
        for factor in self.factors_:
            rows = np.flatnonzero(empty[:, factor.places].any(axis=1))
            if rows.size:
                at = np.ix_(rows, factor.places)
                known = self.known_levels_[factor.name]
                values[at] = snap(values[at], known) if len(known) else self.fill_[factor.places]

    def report(self) -> dict[str, Any]:
        """Return the method and its limits."""
        found: dict[str, Any] = {
            "method": self.method,
            "indicators": [c for c in self.columns_ if c.endswith(MISSING)]
            if self.indicator
            else [],
        }
        return found | (self.learned_.report() if self.learned_ is not None else {})


def _most_frequent(column: FloatArray) -> float:
    """Return the most frequent known value, the smallest on a tie; NaN where there is none."""
    seen, count = np.unique(column[~np.isnan(column)], return_counts=True)
    return float(seen[count.argmax()]) if seen.size else np.nan


def _complete(columns: FloatArray) -> FloatArray:
    """Return the distinct rows without a gap, in order."""
    return np.asarray(np.unique(columns[~np.isnan(columns).any(axis=1)], axis=0))


def _level(columns: FloatArray, ordinal: bool) -> FloatArray:
    """Return the columns (q,) of a factor's most frequent level, the first on a tie; 0 if none."""
    known = columns[~np.isnan(columns).any(axis=1)]
    if not len(known):
        return np.zeros(columns.shape[1])
    if ordinal:
        return np.array([_most_frequent(known[:, 0])])
    # 1 in the column of a level and 0 elsewhere, on whatever scale; the reference has no 1
    is_level = known > known.min(axis=0)
    is_level = np.column_stack([~is_level.any(axis=1), is_level])
    most = int(is_level.sum(axis=0).argmax())
    return np.asarray(known[is_level[:, most]][0])

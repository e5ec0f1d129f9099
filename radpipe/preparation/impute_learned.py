"""Imputation that looks at other columns: nearest rows, and regressions in rounds."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from radpipe.core.errors import RadpipeError
from radpipe.core.estimator import Estimator
from radpipe.preparation.base import FloatArray
from radpipe.preparation.order import moments, varies

MOST_COLUMNS = 100
"""Columns with missing training values that regressions are made for, at most."""


class Neighbours(Estimator):
    """The mean of the nearest training rows with the value (`sklearn.impute.KNNImputer`).

    Distances are Euclidean on z scores over the values that both rows have; without z scores
    the feature with the largest unit would decide alone.

    Parameters
    ----------
    neighbours : int
        Rows that are averaged.
    """

    def __init__(self, neighbours: int = 5) -> None:
        self.neighbours = neighbours

    def fit(self, values: FloatArray, fill: FloatArray) -> Neighbours:
        """Learn from training rows; each column has a value."""
        from sklearn.impute import KNNImputer

        self.mean_, self.sd_ = _standard(values)
        self.imputer_ = KNNImputer(n_neighbors=self.neighbours, keep_empty_features=True)
        self.imputer_.fit((values - self.mean_) / self.sd_)
        return self

    def transform(self, values: FloatArray) -> FloatArray:
        """Return the rows with every value filled in."""
        found = self.imputer_.transform((values - self.mean_) / self.sd_)
        return np.asarray(found * self.sd_ + self.mean_)

    def report(self) -> dict[str, Any]:
        """Return the settings."""
        return {"neighbours": self.neighbours}


class Iterative(Estimator):
    """Bayesian ridge regressions in rounds (`sklearn.impute.IterativeImputer`).

    Only columns with missing training values are regressed, on z scores, and only the columns
    that correlate most with one of them take part. A column that was complete in training and
    is missing later takes its median.

    Parameters
    ----------
    predictors : int
        Columns of each regression.
    rounds : int
        Rounds at most.
    seed : int
        Draws the predictors of each regression, in proportion to their correlation.
    """

    def __init__(self, predictors: int = 10, rounds: int = 10, seed: int = 0) -> None:
        self.predictors = predictors
        self.rounds = rounds
        self.seed = seed

    def fit(self, values: FloatArray, fill: FloatArray) -> Iterative:
        """Learn from training rows; ``fill`` (p,) are the medians.

        Raises
        ------
        RadpipeError
            There are too many columns with missing values.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        lost = np.flatnonzero(np.isnan(values).any(axis=0))
        if lost.size > MOST_COLUMNS:
            raise RadpipeError(
                f"impute: {lost.size} columns miss training values; method iterative takes "
                f"{MOST_COLUMNS} at most; choose knn or median"
            )
        self.fill_ = fill
        self.mean_, self.sd_ = _standard(values)
        scaled = (values - self.mean_) / self.sd_
        self.used_ = self._partners(scaled, lost)
        self.imputer_ = IterativeImputer(
            max_iter=self.rounds,
            n_nearest_features=min(self.predictors, max(1, self.used_.size - 1)),
            initial_strategy="median",
            skip_complete=True,
            keep_empty_features=True,
            random_state=self.seed % 2**32,
        )
        with warnings.catch_warnings():  # the report tells it
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.imputer_.fit(scaled[:, self.used_])
        return self

    def _partners(self, scaled: FloatArray, lost: Any) -> Any:
        """Return the places of the columns with gaps, and of those that correlate with them."""
        filled = np.where(np.isnan(scaled), 0.0, scaled)
        norm = np.sqrt((filled**2).sum(axis=0))
        norm[norm == 0] = np.inf
        unit = filled / norm
        strength = np.abs(unit[:, lost].T @ unit)
        strength[np.arange(lost.size), lost] = -1.0
        nearest = np.argsort(-strength, axis=1, kind="stable")[:, : self.predictors]
        return np.unique(np.concatenate([lost, nearest.ravel()]))

    def transform(self, values: FloatArray) -> FloatArray:
        """Return the rows with every value filled in."""
        out = np.where(np.isnan(values), self.fill_, values)
        part = (values[:, self.used_] - self.mean_[self.used_]) / self.sd_[self.used_]
        found = self.imputer_.transform(part)
        out[:, self.used_] = found * self.sd_[self.used_] + self.mean_[self.used_]
        return np.asarray(out)

    def report(self) -> dict[str, Any]:
        """Return the settings, and whether the rounds came to rest."""
        rounds = int(self.imputer_.n_iter_)
        return {
            "predictors": int(self.imputer_.n_nearest_features),
            "rounds": rounds,
            "converged": rounds < self.rounds,
        }


def _standard(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation, 1 where a column does not vary."""
    mean, sd = moments(values)
    return mean, np.where(varies(mean, sd), sd, 1.0)

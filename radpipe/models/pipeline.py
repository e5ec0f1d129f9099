"""One model's pipeline: chosen columns, preparation, estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.estimator import Estimator
from radpipe.core.target import kind_of
from radpipe.models.base import FloatArray, Model, NoFeatures
from radpipe.models.prepare import Prepare
from radpipe.selection.base import term


class ModelPipeline(Estimator):
    """The columns that selection left, prepared and given to the estimator.

    Parameters
    ----------
    columns : list of str
        Columns of the input table that the model may use; empty where selection left none.
    prepare : Prepare
        Unfitted preparation.
    model : Model
        Unfitted estimator.
    """

    def __init__(self, columns: list[str], prepare: Prepare, model: Model) -> None:
        self.columns = columns
        self.prepare = prepare
        self.model = model

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> ModelPipeline:
        """Fit to training rows; with no usable column, the training rows' risk is predicted."""
        from sklearn.base import clone

        self.prepare_ = clone(self.prepare).fit(X[sorted(self.columns)])
        self.survival_ = kind_of(y) == "survival"
        Z = self.prepare_.transform(X)
        model = clone(self.model) if Z.shape[1] else NoFeatures(self.model.score_scale)
        self.model_ = model.fit(Z, y, groups)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what ranks the rows, shape (n,)."""
        return np.asarray(self.model_.predict_score(self.prepare_.transform(X)), dtype=float)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), or P(event by each horizon), shape (n, len(horizons))."""
        return np.asarray(
            self.model_.predict_risk(self.prepare_.transform(X), horizons), dtype=float
        )

    @property
    def score_is_risk(self) -> bool:
        """Whether what ranks the rows is their risk itself (of a binary endpoint)."""
        return self.model.score_scale == "risk" and not self.survival_

    @property
    def degenerate(self) -> bool:
        """Whether the fitted model uses no column at all."""
        return bool(self.model_.degenerate_)

    @property
    def used(self) -> list[str]:
        """The variables that the fitted model uses (a factor by its variable), by name."""
        return sorted({term(column) for column in self.model_.used()})

    def summary(self) -> dict[str, Any]:
        """Return the model's summary with what preparation learned."""
        return {**self.model_.summary(), "preparation": self.prepare_.report()}

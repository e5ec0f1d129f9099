"""What the families share that wrap a regressor of scikit-learn's protocol."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.importance import importance


class Regressor(Model):
    """A regressor of scikit-learn's protocol, on one thread; the score is the predicted value.

    A subclass returns the unfitted regressor, or has its own `_learn` and `_values`.
    """

    score_scale: ClassVar[ScoreScale] = "value"

    def _estimator(self, n: int, p: int) -> Any:
        """Return the unfitted regressor for n rows and p columns."""
        raise NotImplementedError

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Regressor:
        """Fit to the values of the training rows."""
        self.names_ = [str(c) for c in X.columns]
        self._learn(X.to_numpy(dtype=float), y)
        return self

    def _learn(self, values: FloatArray, y: NDArray[Any]) -> None:
        self.fitted_ = self._estimator(*values.shape)
        self.fitted_.fit(values, y)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the predicted value, shape (n,)."""
        return self._values(X.to_numpy(dtype=float))

    def _values(self, values: FloatArray) -> FloatArray:
        return np.asarray(self.fitted_.predict(values), dtype=float)

    def _settings(self) -> dict[str, Any]:
        """Return what the summary says of the settings."""
        return {name: v for name, v in self.get_params(deep=False).items() if name != "seed"}

    def summary(self) -> dict[str, Any]:
        """Return the settings, and the columns by falling importance where the family has it."""
        found: dict[str, Any] = {"coefficients": [], "params": self._settings(), "notes": []}
        values = getattr(self.fitted_, "feature_importances_", None)
        if values is not None:
            found["importance"] = importance(self.names_, np.asarray(values, dtype=float))
        return found

"""What the regressions share whose score is a linear predictor."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from radpipe.models.base import FloatArray, Model, ScoreScale


class Line(Model):
    """The columns times coefficients, and a constant.

    Fits keep plain numbers only, so that a stored model depends on nothing else.
    """

    coef_: FloatArray
    intercept_: float
    summary_: dict[str, Any]

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the linear predictor, shape (n,)."""
        return np.asarray(X.to_numpy(dtype=float) @ self.coef_ + self.intercept_)

    def summary(self) -> dict[str, Any]:
        """Return coefficients with their intervals, and what was odd."""
        return dict(self.summary_)


class LogOdds(Line):
    """The linear predictor is the log odds of the event."""

    score_scale: ClassVar[ScoreScale] = "log_odds"

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the probability of the event, shape (n,)."""
        from scipy.special import expit

        return np.asarray(expit(self.predict_score(X)))

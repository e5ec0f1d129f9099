"""What is put around a model of any family: balance, tuning, calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from radpipe.models.base import FloatArray, Model, ScoreScale


class Wrapper(Model):
    """A model around another one: what it does not change is the other's.

    A subclass takes the unfitted ``model`` and fits a copy of it, ``model_``.
    """

    model: Model
    model_: Model

    @property
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """What the model's scores are."""
        return self.model.score_scale

    @property
    def sparse(self) -> bool:  # type: ignore[override]
        """Whether the model's fit itself leaves columns out."""
        return self.model.sparse

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the fitted model's scores."""
        return self.model_.predict_score(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the fitted model's risks."""
        return self.model_.predict_risk(X, horizons)

    def used(self) -> list[str]:
        """Return the columns that the fitted model uses."""
        return self.model_.used()

    def nomogram(self, horizons: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """Return the axes of the fitted model's nomogram."""
        return self.model_.nomogram(horizons)

    def summary(self) -> dict[str, Any]:
        """Return the fitted model's summary."""
        return self.model_.summary()


def innermost(model: Model, wrap: Callable[[Model], Model]) -> Model:
    """Return an unfitted model with something more put around the family itself.

    So tuning and calibration, which stay outside, repeat it in each of their fits.
    """
    if isinstance(model, Wrapper):
        model.model = innermost(model.model, wrap)
        return model
    return wrap(model)

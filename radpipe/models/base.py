"""What every model family offers, and the model that is left when no feature is."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.estimator import Estimator

FloatArray = NDArray[np.float64]
ScoreScale = Literal["value", "risk", "log_odds", "log_hazard"]


class Model(Estimator):
    """An estimator of one family, fitted to complete numeric columns of training rows.

    ``predict_score`` ranks: a higher score means that the event is more likely, or earlier.
    Scores of fits on different rows can be pooled: they are risks, log odds, or log hazards
    relative to the mean of the fit's training rows.
    """

    score_scale: ClassVar[ScoreScale] = "risk"
    sparse: ClassVar[bool] = False
    """Whether the fit itself leaves columns out."""
    names_: list[str]
    """Columns of the fit; every family sets it."""
    degenerate_: bool = False
    """True where the fit uses no column at all and predicts what the training rows show."""

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Model:
        """Fit to the training rows.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            Columns in the order of their names.
        y : array, shape (n,)
            Binary or survival target.
        groups : array, shape (n,), optional
            Rows with the same value stay together in every division of the rows made here.
        """
        raise NotImplementedError

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what ranks the rows, shape (n,)."""
        raise NotImplementedError

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), or P(event by each horizon), shape (n, len(horizons))."""
        raise NotImplementedError

    def used(self) -> list[str]:
        """Return the columns that the fit uses; those with a coefficient in a sparse model."""
        return [] if self.degenerate_ else list(self.names_)

    def summary(self) -> dict[str, Any]:
        """Return what the fitted model says, ready for JSON."""
        return {"coefficients": [], "params": {}, "notes": []}

    def nomogram(self, horizons: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """Return the axes of the model's nomogram, ready for JSON; None where it has none."""
        return None


class NoFeatures(Model):
    """Predicts for everyone what the training rows show: prevalence, or the risk by a horizon."""

    degenerate_ = True

    def __init__(self, scale: ScoreScale = "risk") -> None:
        self.scale = scale

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> NoFeatures:
        """Learn the prevalence (binary) or the cumulative hazard (survival)."""
        self.names_ = []
        if y.dtype.names:
            from radpipe.models.hazard import baseline_hazard

            self.baseline_ = baseline_hazard(np.zeros(len(y)), y)
        else:
            self.prevalence_ = float(np.mean(y))
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return one constant, on the scale of the model that this one stands in for."""
        if self.scale == "log_hazard":
            return np.zeros(len(X))
        p = self.prevalence_
        return np.full(len(X), p if self.scale == "risk" else float(np.log(p / (1 - p))))

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the prevalence, or the risk of all training rows by each horizon."""
        if self.scale == "log_hazard":
            from radpipe.models.hazard import risk_at

            return risk_at(self.baseline_, np.zeros(len(X)), horizons)
        return np.full(len(X), self.prevalence_)

    def summary(self) -> dict[str, Any]:
        """Say that no feature is used."""
        return {
            "coefficients": [],
            "params": {},
            "notes": ["no feature was selected: every case gets the training rows' mean risk"],
        }

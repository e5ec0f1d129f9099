"""What every model family offers, and the model that is left when no feature is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.estimator import Estimator

FloatArray = NDArray[np.float64]
ScoreScale = Literal["value", "risk", "log_odds", "log_hazard", "log_subhazard"]


class Model(Estimator):
    """An estimator of one family, fitted to complete numeric columns of training rows.

    ``predict_score`` ranks: a higher score means that the event is more likely, or earlier; of a
    continuous endpoint it is the expected value. Scores of fits on different rows can be pooled:
    they are risks, log odds, or log hazards relative to the mean of the fit's training rows.
    Where the endpoint has classes, there is one column a class, and scores are risks.
    """

    score_scale: ClassVar[ScoreScale] = "risk"
    sparse: ClassVar[bool] = False
    """Whether the fit itself leaves columns out."""
    settles: ClassVar[bool] = False
    """Whether there is something to choose on inner folds (`settle`)."""
    staged: ClassVar[str] = ""
    """A setting whose fit holds the fits of all lower values (`staged_score`); empty for none."""
    comparable: ClassVar[bool] = False
    """Whether a score means the same in every fit: scores of several are then ranked together."""
    names_: list[str]
    """Columns of the fit; every family sets it."""
    degenerate_: bool = False
    """True where the fit uses no column at all and predicts what the training rows show."""
    flat_: str = ""
    """Why the fit predicts the same for everyone though it uses columns; else empty."""

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Model:
        """Fit to the training rows.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            Columns in the order of their names.
        y : array, shape (n,)
            Target (`radpipe.core.target`).
        groups : array, shape (n,), optional
            Rows with the same value stay together in every division of the rows made here.
        """
        raise NotImplementedError

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what ranks the rows, shape (n,), or (n, k) where there are k classes."""
        raise NotImplementedError

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), by each horizon (n, len(horizons)), or of each class (n, k).

        The risks of a row's classes sum to 1, those of its labels need not. A continuous
        endpoint has none.
        """
        raise NotImplementedError

    def staged_score(self, X: pd.DataFrame, stage: int) -> FloatArray:
        """Return the scores of the fit with fewer of what ``staged`` names."""
        raise NotImplementedError

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """Return an unfitted copy with other settings of the family."""
        from sklearn.base import clone

        copy: Self = clone(self)
        return copy.set_params(**settings)

    def settle(self, folds: Sequence[Any]) -> tuple[Model, list[Model]]:
        """Choose on inner folds what is left open, and return the fits that the choice rests on.

        Parameters
        ----------
        folds : sequence of `radpipe.models.inner.Fold`
            At least one.

        Returns
        -------
        model : Model
            Unfitted, with nothing left to choose; of most families the model itself.
        fits : list of Model
            A fitted model a fold, which gives the inner predictions.
        """
        return self, [fold.fit(self) for fold in folds]

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
    """Predicts for everyone what the training rows show.

    The prevalence (of each class), the risk by a horizon, or the mean.
    """

    degenerate_ = True

    def __init__(self, scale: ScoreScale = "risk") -> None:
        self.scale = scale

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> NoFeatures:
        """Learn the share of each class, the mean, or the cumulative hazard (survival)."""
        self.names_ = []
        self.kind_ = target.kind_of(y)
        if self.kind_ == "survival":
            from radpipe.models.hazard import baseline_hazard, incidence_hazard

            whole = self.scale == "log_subhazard"  # competing events are no censoring to it
            self.baseline_ = incidence_hazard(y) if whole else baseline_hazard(np.zeros(len(y)), y)
        else:
            values = target.indicators(y) if self.kind_ in target.CLASSES else y[:, None]
            self.means_ = values.mean(axis=0, dtype=float)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return one constant, on the scale of the model that this one stands in for."""
        if self.kind_ == "survival":
            return np.zeros(len(X))
        if self.kind_ in target.CLASSES:
            return self.predict_risk(X)
        p = float(self.means_[0])
        if self.kind_ == "binary" and self.scale == "log_odds":
            p = float(np.log(p / (1 - p)))
        return np.full(len(X), p)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the prevalence (of each class), or the risk of all training rows by a horizon."""
        if self.kind_ == "survival":
            from radpipe.models.hazard import risk_at

            return risk_at(self.baseline_, np.zeros(len(X)), horizons)
        if self.kind_ in target.CLASSES:
            return np.tile(self.means_, (len(X), 1))
        return np.full(len(X), self.means_[0])

    def summary(self) -> dict[str, Any]:
        """Say that no feature is used."""
        whatever = "mean" if self.kind_ == "continuous" else "mean risk"
        return {
            "coefficients": [],
            "params": {},
            "notes": [f"no feature was selected: every case gets the training rows' {whatever}"],
        }

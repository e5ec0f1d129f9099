"""Gradient-boosted trees (XGBoost)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model
from radpipe.models.importance import importance
from radpipe.models.spec import BINARY, FittedSpec


class XgboostSpec(FittedSpec):
    """Boosted trees with fixed, cautious defaults for small cohorts.

    Parameters
    ----------
    rounds : int
        How many trees are added, one after the other.
    depth : int
        Most divisions from a tree's root to a leaf.
    eta : float
        Share of each tree's step that is taken (learning rate).
    subsample : float
        Share of the training rows that each tree sees.
    colsample : float
        Share of the columns that each tree sees.
    """

    endpoints: ClassVar[frozenset[str]] = BINARY

    kind: Literal["xgboost"] = "xgboost"
    rounds: int = Field(100, ge=1)
    depth: int = Field(2, ge=1)
    eta: float = Field(0.1, gt=0, le=1)
    subsample: float = Field(0.8, gt=0, le=1)
    colsample: float = Field(0.5, gt=0, le=1)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Xgboost(self.rounds, self.depth, self.eta, self.subsample, self.colsample, seed)


class Xgboost(Model):
    """XGBoost on one thread with exact splits."""

    def __init__(
        self,
        rounds: int = 100,
        depth: int = 2,
        eta: float = 0.1,
        subsample: float = 0.8,
        colsample: float = 0.5,
        seed: int = 0,
    ) -> None:
        self.rounds = rounds
        self.depth = depth
        self.eta = eta
        self.subsample = subsample
        self.colsample = colsample
        self.seed = seed

    def _settings(self) -> dict[str, Any]:
        return {
            "n_estimators": self.rounds,
            "max_depth": self.depth,
            "learning_rate": self.eta,
            "subsample": self.subsample,
            "colsample_bytree": self.colsample,
            "tree_method": "exact",
        }

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Xgboost:
        """Boost; the first guess is the training prevalence."""
        from xgboost import XGBClassifier

        self.names_ = [str(c) for c in X.columns]
        target = np.asarray(y)
        self.booster_ = XGBClassifier(
            **self._settings(),
            base_score=float(target.mean()),
            random_state=self.seed,
            n_jobs=1,
            verbosity=0,
        ).fit(X.to_numpy(dtype=float), target)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risk."""
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the probability of the event."""
        return self.booster_.predict_proba(X.to_numpy(dtype=float))[:, 1].astype(float)

    def summary(self) -> dict[str, Any]:
        """Return the settings and the columns by falling gain."""
        return {
            "coefficients": [],
            "importance": importance(self.names_, self.booster_.feature_importances_),
            "params": self._settings(),
            "notes": [],
        }

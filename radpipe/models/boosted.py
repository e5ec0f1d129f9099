"""Boosted trees: their settings, and what XGBoost fits to values and times."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.regressor import Regressor


class Boosting(Model):
    """The settings of XGBoost's families, on one thread with exact splits; as of `XgboostSpec`."""

    staged: ClassVar[str] = "rounds"
    objective: ClassVar[str] = ""

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
        found: dict[str, Any] = {
            "n_estimators": self.rounds,
            "max_depth": self.depth,
            "learning_rate": self.eta,
            "subsample": self.subsample,
            "colsample_bytree": self.colsample,
            "tree_method": "exact",
        }
        return found | ({"objective": self.objective} if self.objective else {})

    def _arguments(self) -> dict[str, Any]:
        """Return the arguments of XGBoost's estimator."""
        return {**self._settings(), "random_state": self.seed, "n_jobs": 1, "verbosity": 0}


class Boosted(Boosting, Regressor):
    """XGBoost's regressor."""

    objective: ClassVar[str] = "reg:squarederror"

    def _estimator(self, n: int, p: int) -> Any:
        from xgboost import XGBRegressor

        return XGBRegressor(**self._arguments())

    def _margin(self, values: FloatArray, stage: int = 0) -> FloatArray:
        """Return the sum of the trees, of the first ones only where a stage is given."""
        found = self.fitted_.predict(values, output_margin=True, iteration_range=(0, stage))
        return np.asarray(found, dtype=float)

    def _values(self, values: FloatArray) -> FloatArray:
        return self._margin(values)

    def staged_score(self, X: pd.DataFrame, stage: int) -> FloatArray:
        """Return the scores of the first trees only."""
        return self._margin(X.to_numpy(dtype=float), stage)


class BoostedValues(Boosted):
    """Boosted trees of squared errors; the first guess is the training rows' mean."""

    def _learn(self, values: FloatArray, y: NDArray[Any]) -> None:
        self.fitted_ = self._estimator(*values.shape).set_params(base_score=float(np.mean(y)))
        self.fitted_.fit(values, y)


class BoostedHazards(Boosted):
    """Boosted trees of Cox's partial likelihood (Breslow's ties).

    The score is the log hazard relative to the training rows' mean; risks come from the hazard
    at that mean (Efron's estimator). Many deep trees fit their own rows too well, and spread
    such risks too far.
    """

    score_scale: ClassVar[ScoreScale] = "log_hazard"
    objective: ClassVar[str] = "survival:cox"

    def _learn(self, values: FloatArray, y: NDArray[Any]) -> None:
        if not y["event"].any():
            raise RadpipeError(
                f"xgboost: none of {len(y)} training cases had the event; ask for fewer folds, "
                "or more cases"
            )
        self.fitted_ = self._estimator(*values.shape)
        self.fitted_.fit(values, np.where(y["event"], y["time"], -y["time"]))
        margin = self._margin(values)
        self.centre_ = float(margin.mean())
        self.baseline_ = baseline_hazard(margin - self.centre_, y)

    def _values(self, values: FloatArray) -> FloatArray:
        return self._margin(values) - self.centre_

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons))."""
        return risk_at(self.baseline_, self.predict_score(X), horizons)

"""Gradient-boosted trees (XGBoost)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.boosted import BoostedHazards, BoostedValues, Boosting
from radpipe.models.classifier import CLASSES_IN_ANY_ORDER, Classifier, ClassifierSpec, weighted
from radpipe.models.spec import CONTINUOUS, SURVIVAL
from radpipe.models.tuning import Candidates


class XgboostSpec(ClassifierSpec):
    """Boosted trees with cautious defaults for small cohorts.

    Of classes (log loss), values (squared error) or times (Cox's partial likelihood).

    Parameters
    ----------
    rounds : int
        How many trees are added, one after the other (for each class, where there are several).
    depth : int
        Most divisions from a tree's root to a leaf.
    eta : float
        Share of each tree's step that is taken (learning rate).
    subsample : float
        Share of the training rows that each tree sees.
    colsample : float
        Share of the columns that each tree sees.
    """

    endpoints: ClassVar[frozenset[str]] = CLASSES_IN_ANY_ORDER | CONTINUOUS | SURVIVAL
    takes_weights: ClassVar[bool] = True

    kind: Literal["xgboost"] = "xgboost"
    rounds: int = Field(100, ge=1)
    depth: int = Field(2, ge=1)
    eta: float = Field(0.1, gt=0, le=1)
    subsample: float = Field(0.8, gt=0, le=1)
    colsample: float = Field(0.5, gt=0, le=1)
    tune: Candidates = Field({"depth": [1, 2], "rounds": [50, 100]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        families = {"continuous": BoostedValues, "survival": BoostedHazards}
        family = families.get(endpoint, Xgboost)
        return self.tuned(
            family(self.rounds, self.depth, self.eta, self.subsample, self.colsample, seed), seed
        )


class Xgboost(Boosting, Classifier):
    """XGBoost on one thread with exact splits."""

    def _estimator(self, n: int, p: int) -> Any:
        from xgboost import XGBClassifier

        return XGBClassifier(**self._arguments())

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        """Boost; the first guess is the training prevalence."""
        self.fitted_ = self._estimator(*values.shape)
        if codes.max() == 1:
            self.fitted_.set_params(base_score=float(np.average(codes, weights=sample_weight)))
        self.fitted_.fit(values, codes, **weighted(sample_weight))

    def staged_score(self, X: pd.DataFrame, stage: int) -> FloatArray:
        """Return the risks of the first trees only."""
        if self.degenerate_:
            return self.predict_score(X)
        values = X.to_numpy(dtype=float)
        found = self.fitted_.predict_proba(values, iteration_range=(0, stage))
        return self._placed(np.asarray(found, dtype=float))

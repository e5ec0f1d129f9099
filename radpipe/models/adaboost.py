"""AdaBoost."""

from __future__ import annotations

from itertools import islice
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.tuning import Candidates


class AdaboostSpec(ClassifierSpec):
    """Small trees, each on rows weighted by what the trees before it got wrong (SAMME).

    Its risks are votes, pushed towards 0.5 or away from it: they rank, and are frequencies only
    once calibrated.

    Parameters
    ----------
    rounds : int
        How many trees.
    depth : int
        Most divisions from a tree's root to a leaf.
    eta : float
        Share of each tree's vote that counts (learning rate).
    """

    takes_weights: ClassVar[bool] = True
    calibrated_risk: ClassVar[bool] = False

    kind: Literal["adaboost"] = "adaboost"
    rounds: int = Field(50, ge=1)
    depth: int = Field(1, ge=1)
    eta: float = Field(0.5, gt=0)
    tune: Candidates = Field({"rounds": [10, 25, 50]})

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(Adaboost(self.rounds, self.depth, self.eta, seed), seed)


class Adaboost(Classifier):
    """scikit-learn's AdaBoost of classification trees."""

    staged: ClassVar[str] = "rounds"

    def __init__(self, rounds: int = 50, depth: int = 1, eta: float = 0.5, seed: int = 0) -> None:
        self.rounds = rounds
        self.depth = depth
        self.eta = eta
        self.seed = seed

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.ensemble import AdaBoostClassifier
        from sklearn.tree import DecisionTreeClassifier

        return AdaBoostClassifier(
            DecisionTreeClassifier(max_depth=self.depth),
            n_estimators=self.rounds,
            learning_rate=self.eta,
            random_state=self.seed,
        )

    def _learn(self, values: FloatArray, codes: NDArray[Any], sample_weight: Any) -> None:
        with np.errstate(divide="ignore"):  # the logarithm of weights that have come down to 0
            super()._learn(values, codes, sample_weight)

    def staged_score(self, X: pd.DataFrame, stage: int) -> FloatArray:
        """Return the risks by the first trees only; by all where boosting ended before."""
        if self.degenerate_:
            return self.predict_score(X)
        steps = self.fitted_.staged_predict_proba(X.to_numpy(dtype=float))
        return self._placed(np.asarray(list(islice(steps, stage))[-1]))

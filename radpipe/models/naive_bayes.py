"""Naive Bayes with normal densities."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.classifier import Classifier, ClassifierSpec
from radpipe.models.spec import Scaling


class NaiveBayesSpec(ClassifierSpec):
    """Bayes' rule with a normal density for each column and class, the columns independent.

    Where columns are correlated its risks lie too near 0 and 1: they are frequencies only once
    calibrated.

    Parameters
    ----------
    smoothing : float
        Added to every variance, as a share of the largest one.
    """

    scaling: ClassVar[Scaling] = "all"
    takes_weights: ClassVar[bool] = True
    calibrated_risk: ClassVar[bool] = False

    kind: Literal["naive_bayes"] = "naive_bayes"
    smoothing: float = Field(1e-3, gt=0)

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return self.tuned(NaiveBayes(self.smoothing), seed)


class NaiveBayes(Classifier):
    """scikit-learn's Gaussian naive Bayes."""

    score_scale: ClassVar[ScoreScale] = "log_odds"

    def __init__(self, smoothing: float = 1e-3) -> None:
        self.smoothing = smoothing

    def _estimator(self, n: int, p: int) -> Any:
        from sklearn.naive_bayes import GaussianNB

        return GaussianNB(var_smoothing=self.smoothing)

    def _log_odds(self, values: FloatArray) -> FloatArray:
        # of the joint densities: probabilities near 1 would round to ties
        joint = self.fitted_.predict_joint_log_proba(values)
        return np.asarray(joint[:, 1] - joint[:, 0])

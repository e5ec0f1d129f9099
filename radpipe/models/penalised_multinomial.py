"""The radscores of an endpoint with several classes: a LASSO multinomial model, as glmnet's."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.models.base import FloatArray, Model
from radpipe.models.coefficients import number, ratio
from radpipe.models.out_of_fold import training_folds
from radpipe.models.penalised import penalty
from radpipe.stats.design import DegenerateDataError


class PenalisedMultinomial(Model):
    """A multinomial LASSO path with its penalty at lambda.min or lambda.1se.

    Every class has its own coefficients, against the mean of all classes. Classes with fewer than
    two training rows outside a fold cannot be told apart: where there is one, where the rows allow
    fewer than three folds, or where the penalty leaves no column, the model predicts the classes'
    shares of the training rows, and counts as degenerate.
    """

    sparse: ClassVar[bool] = True

    def __init__(
        self, choose: str = "min", folds: int = 10, seed: int = 0, alpha: float = 1.0
    ) -> None:
        self.choose = choose
        self.folds = folds
        self.seed = seed
        self.alpha = alpha

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> PenalisedMultinomial:
        """Fit the path, cross-validate it, and take the coefficients at the chosen penalty."""
        self.names_ = [str(c) for c in X.columns]
        values, codes = X.to_numpy(dtype=float), target.codes(y)
        k = target.n_classes(y)
        self.coef_, self.intercepts_ = np.zeros((k, values.shape[1])), np.zeros(k)
        self.shares_ = np.bincount(codes, minlength=k) / len(codes)
        self.present_ = np.flatnonzero(self.shares_)
        self.reason_, self.path_, self.n_folds_ = "", {}, 0
        part = training_folds(y, groups, self.folds, self.seed, "lasso")
        if part is None or len(np.unique(part)) < 3:
            self.reason_ = "too few cases of a class for three folds: no penalty can be chosen"
        else:
            self._choose(values, codes, part)
        self.degenerate_ = not self.coef_.any()
        return self

    def _choose(self, values: FloatArray, codes: NDArray[Any], part: NDArray[Any]) -> None:
        from radpipe.stats.lasso import cv_multinomial

        try:
            cv = cv_multinomial(values, codes, part, alpha=self.alpha)
        except DegenerateDataError as error:
            self.reason_ = str(error)
            return
        at = cv.index_min if self.choose == "min" else cv.index_1se
        self.n_folds_ = int(cv.folds)
        self.coef_[self.present_] = cv.path.coefs[at]
        self.intercepts_[self.present_] = cv.path.intercepts[at]
        if not self.coef_.any():
            self.reason_ = f"lambda.{self.choose} leaves no column"
        ever = np.flatnonzero(cv.path.coefs.any(axis=(0, 1)))
        sizes = np.sqrt((cv.path.coefs**2).sum(axis=1))  # of a column over the classes
        self.path_ = {
            "log_lambda": np.log(cv.path.lambdas).tolist(),
            "coefs": {self.names_[j]: sizes[:, j].tolist() for j in ever},
            "coefs_are": "the root of the sum of squares over classes",
            "cv_mean": cv.cv_mean.tolist(),
            "cv_se": cv.cv_se.tolist(),
            "nonzero": cv.path.nonzero.tolist(),
            "lambda_min": float(cv.lambda_min),
            "lambda_1se": float(cv.lambda_1se),
            "measure": cv.measure,
        }

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risks, shape (n, k)."""
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the probability of each class, shape (n, k); 0 of one without training rows."""
        from scipy.special import softmax

        if self.degenerate_:
            return np.tile(self.shares_, (len(X), 1))
        risk = np.zeros((len(X), len(self.shares_)))
        lines = X.to_numpy(dtype=float) @ self.coef_.T + self.intercepts_
        risk[:, self.present_] = softmax(lines[:, self.present_], axis=1)
        return risk

    def used(self) -> list[str]:
        """Return the columns with a coefficient in any class."""
        return [n for n, b in zip(self.names_, self.coef_.T, strict=True) if b.any()]

    def summary(self) -> dict[str, Any]:
        """Return each class's formula (``class`` counts from 0), the path and the choice."""
        found: dict[str, Any] = {
            "coefficients": [
                {"name": n, "class": int(c), "coef": number(b), "or": ratio(b)}
                for c in self.present_
                for n, b in zip(self.names_, self.coef_[c], strict=True)
                if b
            ],
            "intercepts": [
                {"class": int(c), "coef": number(self.intercepts_[c])} for c in self.present_
            ],
            "params": {
                "choose": self.choose,
                "folds": self.n_folds_,
                "penalty": penalty(self.alpha),
            },
            "notes": [self.reason_] if self.reason_ else [],
        }
        if self.path_:
            found["path"] = dict(self.path_)
        return found

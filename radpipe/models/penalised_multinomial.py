"""The radscores of an endpoint with several classes: a LASSO multinomial model, as glmnet's."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.numbers import number
from radpipe.models.base import FloatArray
from radpipe.models.coefficients import ratio
from radpipe.models.inner import Fold, training_folds
from radpipe.models.penalised import Penalised
from radpipe.resampling.folds import IntArray


class PenalisedMultinomial(Penalised):
    """A multinomial LASSO path with its penalty at lambda.min or lambda.1se.

    Every class has its own coefficients, against the mean of all classes. Classes with fewer than
    two training rows outside a fold cannot be told apart: where there is one, where the rows allow
    fewer than three folds, or where the penalty leaves no column, the model predicts the classes'
    shares of the training rows, and counts as degenerate.
    """

    measure: ClassVar[str] = "multinomial deviance"
    too_few: ClassVar[str] = "too few cases of a class for three folds: no penalty can be chosen"
    sizes_are: ClassVar[str] = "the root of the sum of squares over classes"

    def _folds(self, y: NDArray[Any], groups: Any) -> IntArray | None:
        return training_folds(y, groups, self.folds, self.seed, "lasso")

    def _start(self, p: int, y: NDArray[Any]) -> None:
        k = target.n_classes(y)
        self.coef_, self.intercepts_ = np.zeros((k, p)), np.zeros(k)
        self.shares_ = np.bincount(target.codes(y), minlength=k) / len(y)
        self.present_ = np.flatnonzero(self.shares_)

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        from radpipe.stats.lasso import cv_multinomial

        return cv_multinomial(X, target.codes(y), folds, alpha=self.alpha)

    def _path(self, X: FloatArray, y: NDArray[Any], lambdas: Any = None) -> Any:
        from radpipe.stats.lasso import path_multinomial

        return path_multinomial(X, target.codes(y), lambdas, alpha=self.alpha)

    def _losses(self, fold: Fold, path: Any, lambdas: FloatArray) -> FloatArray:
        from radpipe.stats.lasso_multinomial import losses

        return losses(path, fold.new, target.codes(fold.truth), lambdas)

    def _take(self, coef: FloatArray, intercept: Any) -> None:
        self.coef_[self.present_], self.intercepts_[self.present_] = coef, intercept

    def _sizes(self, coefs: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt((coefs**2).sum(axis=1)))

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

    def _formula(self) -> dict[str, Any]:
        """Return each class's coefficients and intercept; ``class`` counts from 0."""
        rows = [
            {"name": n, "class": int(c), "coef": number(b), "or": ratio(b)}
            for c in self.present_
            for n, b in zip(self.names_, self.coef_[c], strict=True)
            if b
        ]
        intercepts = [{"class": int(c), "coef": number(self.intercepts_[c])} for c in self.present_]
        return {"coefficients": rows, "intercepts": intercepts}

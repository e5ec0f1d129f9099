"""What the penalised models share: the cross-validated path and the penalty chosen on it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.models.base import FloatArray, Model
from radpipe.models.coefficients import number, ratio
from radpipe.resampling.folds import IntArray
from radpipe.resampling.inner import inner_folds
from radpipe.selection.lasso_choice import LassoChoice
from radpipe.stats.design import DegenerateDataError


class PenaltyChoice(LassoChoice):
    """The settings that the penalised models share.

    Parameters
    ----------
    alpha : float
        Share of the LASSO in the penalty (glmnet's ``alpha``): 1 is the LASSO, 0 ridge
        regression, which keeps every column, between them the elastic net.
    """

    alpha: float = Field(1.0, ge=0, le=1)


def penalty(alpha: float) -> str:
    """Return the name of a penalty with this share of the LASSO."""
    if alpha in (0.0, 1.0):
        return "LASSO" if alpha else "ridge"
    return f"elastic net, alpha {alpha:g}"


class Penalised(Model):
    """A path of penalties, and the one at lambda.min or lambda.1se of its own cross-validation.

    The folds are stratified by outcome and keep groups whole. Where the chosen penalty leaves
    no column, the model predicts what the training rows show, and counts as degenerate: the
    penalty is never moved until something enters. The same holds where the training rows do
    not allow three folds.
    """

    sparse: ClassVar[bool] = True
    effect: ClassVar[str] = "or"
    """What the exponentiated coefficient is called; empty where it means nothing."""

    def __init__(
        self, choose: str = "min", folds: int = 10, seed: int = 0, alpha: float = 1.0
    ) -> None:
        self.choose = choose
        self.folds = folds
        self.seed = seed
        self.alpha = alpha

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: IntArray) -> Any:
        """Return the `radpipe.stats.lasso.CvPath` of the family."""
        raise NotImplementedError

    def _folds(self, y: NDArray[Any], groups: Any) -> IntArray | None:
        return inner_folds(y, groups, self.folds, self.seed, "lasso")

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Penalised:
        """Fit the path, cross-validate it, and take the coefficients at the chosen penalty."""
        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        self.coef_ = np.zeros(values.shape[1])
        self.intercept_ = 0.0
        self.reason_, self.path_ = "", {}
        self.n_folds_ = 0
        folds = self._folds(y, groups)
        if folds is None or len(np.unique(folds)) < 3:
            self.reason_ = "too few events for three folds: no penalty can be chosen"
        else:
            self._choose(values, y, folds)
        self.degenerate_ = not self.coef_.any()
        self._finish(values, y)
        return self

    def _choose(self, values: FloatArray, y: NDArray[Any], folds: IntArray) -> None:
        try:
            cv = self._cross_validated(values, y, folds)
        except DegenerateDataError as error:
            self.reason_ = str(error)
            return
        at = cv.index_min if self.choose == "min" else cv.index_1se
        self.n_folds_ = int(cv.folds)
        self.coef_ = cv.path.coefs[at].copy()
        self.intercept_ = float(cv.path.intercepts[at])
        if not self.coef_.any():
            self.reason_ = f"lambda.{self.choose} leaves no column"
        ever = np.flatnonzero(cv.path.coefs.any(axis=0))
        self.path_ = {
            "log_lambda": np.log(cv.path.lambdas),
            "coefs": {self.names_[j]: cv.path.coefs[:, j].copy() for j in ever},
            "cv_mean": cv.cv_mean,
            "cv_se": cv.cv_se,
            "nonzero": cv.path.nonzero,
            "lambda_min": float(cv.lambda_min),
            "lambda_1se": float(cv.lambda_1se),
            "measure": cv.measure,
        }

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        """Learn what prediction needs beyond the coefficients."""

    def used(self) -> list[str]:
        """Return the columns with a coefficient."""
        return [n for n, b in zip(self.names_, self.coef_, strict=True) if b]

    def summary(self) -> dict[str, Any]:
        """Return the formula, the path and its cross-validation."""
        found: dict[str, Any] = {
            "coefficients": [
                {
                    "name": n,
                    "coef": number(b),
                    **({self.effect: ratio(b)} if self.effect else {}),
                }
                for n, b in zip(self.names_, self.coef_, strict=True)
                if b
            ],
            "intercept": self.intercept_,
            "params": {
                "choose": self.choose,
                "folds": self.n_folds_,
                "penalty": penalty(self.alpha),
            },
            "notes": [self.reason_] if self.reason_ else [],
        }
        if self.path_:
            found["path"] = {
                key: {name: column.tolist() for name, column in value.items()}
                if isinstance(value, dict)
                else (value.tolist() if isinstance(value, np.ndarray) else value)
                for key, value in self.path_.items()
            }
        return found

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
    too_few: ClassVar[str] = "too few events for three folds: no penalty can be chosen"
    sizes_are: ClassVar[str] = ""
    """What the path tells of each column, where it is not the coefficient."""

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
        self.reason_, self.path_, self.n_folds_ = "", {}, 0
        self._start(values.shape[1], y)
        folds = self._folds(y, groups)
        if folds is None or len(np.unique(folds)) < 3:
            self.reason_ = self.too_few
        else:
            self._choose(values, y, folds)
        self.degenerate_ = not self.coef_.any()
        self._finish(values, y)
        return self

    def _start(self, p: int, y: NDArray[Any]) -> None:
        """Begin without an effect of any of the p columns."""
        self.coef_, self.intercept_ = np.zeros(p), 0.0

    def _choose(self, values: FloatArray, y: NDArray[Any], folds: IntArray) -> None:
        try:
            cv = self._cross_validated(values, y, folds)
        except DegenerateDataError as error:
            self.reason_ = str(error)
            return
        at = cv.index_min if self.choose == "min" else cv.index_1se
        self.n_folds_ = int(cv.folds)
        self._take(cv.path.coefs[at], cv.path.intercepts[at])
        if not self.coef_.any():
            self.reason_ = f"lambda.{self.choose} leaves no column"
        sizes = self._sizes(cv.path.coefs)
        told = {"coefs_are": self.sizes_are} if self.sizes_are else {}
        self.path_ = {
            "log_lambda": np.log(cv.path.lambdas),
            "coefs": {
                self.names_[j]: sizes[:, j].copy() for j in np.flatnonzero(sizes.any(axis=0))
            },
            **told,
            "cv_mean": cv.cv_mean,
            "cv_se": cv.cv_se,
            "nonzero": cv.path.nonzero,
            "lambda_min": float(cv.lambda_min),
            "lambda_1se": float(cv.lambda_1se),
            "measure": cv.measure,
        }

    def _take(self, coef: FloatArray, intercept: Any) -> None:
        """Take the coefficients at the chosen penalty."""
        self.coef_, self.intercept_ = coef.copy(), float(intercept)

    def _sizes(self, coefs: FloatArray) -> FloatArray:
        """Return what the path tells of each column, shape (penalties, p)."""
        return coefs

    def _finish(self, values: FloatArray, y: NDArray[Any]) -> None:
        """Learn what prediction needs beyond the coefficients."""

    def used(self) -> list[str]:
        """Return the columns with a coefficient."""
        return [n for n, b in zip(self.names_, self.coef_, strict=True) if b]

    def _formula(self) -> dict[str, Any]:
        """Return the coefficients other than 0, and the intercept."""
        rows = [
            {"name": n, "coef": number(b), **({self.effect: ratio(b)} if self.effect else {})}
            for n, b in zip(self.names_, self.coef_, strict=True)
            if b
        ]
        return {"coefficients": rows, "intercept": self.intercept_}

    def summary(self) -> dict[str, Any]:
        """Return the formula, the path and its cross-validation."""
        found: dict[str, Any] = {
            **self._formula(),
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

"""Keep the columns to which a LASSO gives a coefficient."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.resampling.inner import inner_folds
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.lasso_choice import LassoChoice


class LassoSpec(LassoChoice, SelectorSpec):
    """Keep columns with a nonzero coefficient at lambda.min or lambda.1se (glmnet)."""

    kind: Literal["lasso"] = "lasso"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return LassoSelector(self.choose, self.folds, seed)


class LassoSelector(Selector):
    """Logistic or Cox LASSO by the endpoint, cross-validated inside the rows it is given.

    Folds are stratified by outcome and keep groups whole. Where fewer than three folds can be
    made, or nothing varies with the outcome, nothing is kept.
    """

    def __init__(self, choose: str = "min", folds: int = 10, seed: int = 0) -> None:
        self.choose = choose
        self.folds = folds
        self.seed = seed

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        from radpipe.stats.design import DegenerateDataError
        from radpipe.stats.lasso import cv_binomial, cv_cox

        folds = inner_folds(y, groups, self.folds, self.seed, "lasso")
        nothing = np.zeros(X.shape[1], dtype=bool)
        if folds is None or len(np.unique(folds)) < 3:
            return nothing
        try:
            if y.dtype.names:
                cv = cv_cox(X, y["time"], y["event"].astype(float), folds)
            else:
                cv = cv_binomial(X, y, folds)
        except DegenerateDataError:  # no column varies with the outcome
            return nothing
        at = cv.index_min if self.choose == "min" else cv.index_1se
        return np.asarray(cv.path.coefs[at] != 0)

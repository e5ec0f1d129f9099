"""Keep the columns to which a LASSO gives a coefficient."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.resampling.inner import inner_folds
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.lasso_choice import LassoChoice


class LassoSpec(LassoChoice, SelectorSpec):
    """Keep columns with a nonzero coefficient at lambda.min or lambda.1se (glmnet).

    The model is logistic, multinomial (several classes, ordered ones too), linear or Cox by the
    endpoint. A column is kept where any class, or any label's own model, needs it.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["lasso"] = "lasso"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return LassoSelector(self.choose, self.folds, seed)


class LassoSelector(Selector):
    """LASSO or elastic net, cross-validated inside the rows it is given.

    Folds are stratified by outcome and keep groups whole. Where fewer than three folds can be
    made, or nothing varies with the outcome, nothing is kept.
    """

    def __init__(
        self, choose: str = "min", folds: int = 10, seed: int = 0, alpha: float = 1.0
    ) -> None:
        self.choose = choose
        self.folds = folds
        self.seed = seed
        self.alpha = alpha

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        if target.kind_of(y) == "multilabel":
            found = [
                self._keep(X, names, target.binary(label), groups)
                for label in target.indicators(y).T
            ]
            return np.any(found, axis=0)
        from radpipe.stats.design import DegenerateDataError

        folds = inner_folds(y, groups, self.folds, self.seed, "lasso")
        nothing = np.zeros(X.shape[1], dtype=bool)
        if folds is None or len(np.unique(folds)) < 3:
            return nothing
        try:
            cv = self._cross_validated(X, y, folds)
        except DegenerateDataError:  # no column varies with the outcome
            return nothing
        at = cv.index_min if self.choose == "min" else cv.index_1se
        coefs = cv.path.coefs[at]
        return np.asarray(coefs.reshape(-1, X.shape[1]).any(axis=0))

    def _cross_validated(self, X: FloatArray, y: NDArray[Any], folds: NDArray[Any]) -> Any:
        from radpipe.stats import lasso

        kind = target.kind_of(y)
        # glmnet's own tolerance: what counts is which coefficients are 0
        settings: dict[str, Any] = {"alpha": self.alpha, "tolerance": 1e-7}
        if kind == "survival":
            return lasso.cv_cox(X, y["time"], y["event"].astype(float), folds, **settings)
        if kind == "continuous":
            return lasso.cv_gaussian(X, y, folds, **settings)
        if kind == "binary":
            return lasso.cv_binomial(X, y, folds, **settings)
        return lasso.cv_multinomial(X, target.codes(y), folds, **settings)

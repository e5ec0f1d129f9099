"""Drop the columns with the smallest weights in a linear model, and fit again."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import settled, variables
from radpipe.selection.relation import numbers, standardised
from radpipe.selection.ridge import cox_ridge, rotated

_CLASSES = frozenset({"auto", "svm", "logistic"})

FITS: dict[str, frozenset[str]] = {
    "binary": _CLASSES,
    "multiclass": _CLASSES,
    "multilabel": _CLASSES,
    "ordinal": _CLASSES | {"ridge"},
    "continuous": frozenset({"auto", "svm", "ridge"}),
    "survival": frozenset({"auto", "cox"}),
}


class RfeSpec(SelectorSpec):
    """Recursive feature elimination: fit a linear model, drop the smallest weights, repeat.

    Weights are those of z scores, squared and summed over classes or labels, and over the columns
    of a factor, which goes as a whole.

    Parameters
    ----------
    n : int
        How many columns are left.
    model : {'auto', 'svm', 'logistic', 'ridge', 'cox'}
        Whose weights: a linear support vector machine (classes, continuous), or logistic, linear
        or Cox regression with a ridge penalty. `auto` is the machine for classes, ridge
        regression for ordered levels (their numbers) and a continuous endpoint, Cox for survival.
    cost : float
        Cost of a misplaced case, or weight of the likelihood against the ridge penalty.
    step : float
        Share of the columns that each round drops, at least one.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["rfe"] = "rfe"
    n: int = Field(20, ge=1)
    model: Literal["auto", "svm", "logistic", "ridge", "cox"] = "auto"
    cost: float = Field(1.0, gt=0)
    step: float = Field(0.2, gt=0, lt=1)

    def takes(self, endpoint: str) -> bool:
        """Return whether the model fits this kind of endpoint."""
        return self.model in FITS[endpoint]

    def misfit(self, endpoint: str) -> tuple[str, str]:
        """Return which setting does not fit an endpoint that the kind takes, and what would."""
        return f"the model {self.model!r}", ", ".join(sorted(FITS[endpoint]))

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return RfeSelector(self.n, self.model, self.cost, self.step)


class RfeSelector(Selector):
    """Guyon's elimination by squared weights; on a tie the last by name goes.

    Columns are put on z scores (divisor n - 1) once, before the first round.

    References
    ----------
    Guyon, Weston, Barnhill, Vapnik 2002, Machine Learning 46:389-422.
    """

    def __init__(
        self, n: int = 20, model: str = "auto", cost: float = 1.0, step: float = 0.2
    ) -> None:
        self.n = n
        self.model = model
        self.cost = cost
        self.step = step

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        kind = target.kind_of(y)
        if self.model not in FITS[kind]:
            raise RadpipeError(f"rfe: model {self.model!r} does not fit a {kind} endpoint")
        Z, owner = standardised(X), variables(names)
        left = np.arange(int(owner.max()) + 1)
        while len(left) > self.n:
            columns = np.isin(owner, left)
            found = self._weights(Z[:, columns], y)
            worth = np.bincount(owner[columns], weights=found, minlength=owner.max() + 1)[left]
            stay = max(self.n, len(left) - max(1, int(len(left) * self.step)))
            left = np.sort(left[np.argsort(-settled(worth), kind="stable")[:stay]])
        return np.isin(owner, left)

    def _weights(self, Z: FloatArray, y: NDArray[Any]) -> FloatArray:
        """Return the squared weight of each column, shape (p,)."""
        kind = target.kind_of(y)
        if kind == "survival":
            return cox_ridge(Z, y, self.cost) ** 2
        if kind == "multilabel":
            labels = [column for column in target.indicators(y).T if 0 < column.sum() < len(y)]
            return np.sum([self._weights(Z, target.binary(label)) for label in labels], axis=0)
        model = self.model
        if model == "auto":
            model = "ridge" if kind in ("continuous", "ordinal") else "svm"
        if model == "ridge":
            from sklearn.linear_model import Ridge

            values = numbers(y)
            scale = values.std(ddof=1) or 1.0
            fit = Ridge(alpha=1.0 / self.cost).fit(Z, values / scale)
        elif model == "logistic":
            from sklearn.linear_model import LogisticRegression

            # Columns beyond the rows' span get no weight: solved among the rows' own directions.
            fit = LogisticRegression(C=self.cost, max_iter=5000)
            directions, basis = rotated(Z)
            coef = np.atleast_2d(fit.fit(directions, target.codes(y)).coef_) @ basis
            return (coef**2).sum(axis=0)
        else:
            from sklearn.svm import SVC, SVR

            if kind == "continuous":
                scale = y.std(ddof=1) or 1.0
                fit = SVR(kernel="linear", C=self.cost).fit(Z, y / scale)
            else:
                fit = SVC(kernel="linear", C=self.cost).fit(Z, target.codes(y))
        return (np.atleast_2d(fit.coef_) ** 2).sum(axis=0)

"""The clinical habit: univariable tests, then one model of all that passed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.numbers import number
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec, term
from radpipe.selection.candidates import candidate_rows, test_words
from radpipe.selection.regressions import REGRESSED, term_p, terms_of

_TEST = {"binary": "logistic", "continuous": "pearson", "survival": "cox"}


class UnivariableMultivariableSpec(SelectorSpec):
    """Keep what has a low p value alone, and then beside all others that have.

    The regression is logistic, linear or Cox by the endpoint: the score test of each column
    alone (the t test of the slope in a linear model), then the Wald test of each in the one model
    of all that passed. A factor is tested as a whole both times. Where those that passed separate
    the classes, or are as many as the rows, none has a p value and nothing is kept.

    Parameters
    ----------
    p : float
        Columns with a univariable p value below this go on. Both rounds take cases as independent:
        where a patient has several, p values are too small, and chance passes.
    p_multivariable : float
        Of those, columns with a p value below this in the model of them all are kept.
    """

    endpoints: ClassVar[frozenset[str]] = REGRESSED

    kind: Literal["univariable_multivariable"] = "univariable_multivariable"
    p: float = Field(0.1, gt=0, le=1)
    p_multivariable: float = Field(0.05, gt=0, le=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return UnivariableMultivariableSelector(self.p, self.p_multivariable)


class UnivariableMultivariableSelector(Selector):
    """Two rounds of p values.

    Attributes
    ----------
    passed_ : list of str
        The variables that passed the first round, in order of their names.
    p_multivariable_ : dict of str to float
        Their p values in the second; empty where that model has none.
    p_values_ : array, shape (p,)
        Those of the first round, in order of the columns' names.
    """

    def __init__(self, p: float = 0.1, p_multivariable: float = 0.05) -> None:
        self.p = p
        self.p_multivariable = p_multivariable

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        from radpipe.selection.univariable_tests import p_values

        self.tested_ = names, target.kind_of(y)
        self.p_values_ = p_values(X, names, y, _TEST[target.kind_of(y)])
        passed = self.p_values_ < self.p
        own = [name for name, stays in zip(names, passed, strict=True) if stays]
        terms = terms_of(X[:, passed], own)
        self.passed_ = list(terms)
        estimable = 0 < len(own) < len(y) - 1
        self.p_multivariable_ = term_p(terms, y) if estimable else {}
        low = {t for t, p in self.p_multivariable_.items() if p < self.p_multivariable}
        return np.array([term(name) in low for name in names], dtype=bool)

    def candidates(self) -> dict[str, Any]:
        """Return the p values of each variable in both rounds, and the first one's test."""
        names, kind = self.tested_
        rows = candidate_rows(names, self.p_values_)
        for row in rows:
            second = self.p_multivariable_.get(term(row["variable"]), np.nan)
            row["p_multivariable"] = number(second)
        return {"test": test_words(_TEST[kind], kind), "rows": rows}

"""Keep the columns that are related to the endpoint one at a time."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.target import kind_of
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec, best, term

UnivariableTest = Literal["auto", "t", "mann_whitney", "logistic", "cox"]

TESTS = {
    "binary": frozenset({"auto", "t", "mann_whitney", "logistic"}),
    "survival": frozenset({"auto", "cox"}),
}


class UnivariableSpec(SelectorSpec):
    """Keep columns with a p value below ``p``, or the ``n`` with the smallest p values.

    Parameters
    ----------
    p : float, optional
        Columns with a p value below this are kept; give it or `n`.
    n : int, optional
        How many columns are kept, those with the smallest p values; give it or `p`.
    test : str
        Whose p value: `auto` is Cox (survival), else t where both groups look normal
        (Shapiro-Wilk p > 0.05) and Mann-Whitney where not; or one named test for all.
    """

    kind: Literal["univariable"] = "univariable"
    p: float | None = Field(None, gt=0, le=1)
    n: int | None = Field(None, ge=1)
    test: UnivariableTest = "auto"

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.p is None) == (self.n is None):
            raise ValueError("give either p (a threshold) or n (how many to keep)")
        return self

    def takes(self, endpoint: str) -> bool:
        """Return whether the test fits this kind of endpoint."""
        return self.test in TESTS[endpoint]

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return UnivariableSelector(self.p, self.n, self.test)


class UnivariableSelector(Selector):
    """One test a column, each with its conventional method.

    - ``auto``: for a binary outcome t or Mann-Whitney by the normality rule of
      `radpipe.stats.screening.automatic`, for survival Cox;
    - ``t``: Welch's; ``mann_whitney``: by the rule of R's ``wilcox.test``;
    - ``logistic`` and ``cox``: the score test of a model of one variable;
    - a factor is tested as a whole whatever the test: Pearson's chi-square without correction
      (the logistic score test), or the score test of a Cox model of its levels.

    An undefined p value (NaN) is never kept.
    """

    def __init__(self, p: float | None = None, n: int | None = None, test: str = "auto") -> None:
        self.p = p
        self.n = n
        self.test = test

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        if self.test not in TESTS[kind_of(y)]:
            raise RadpipeError(
                f"univariable: test {self.test!r} does not fit a {kind_of(y)} endpoint"
            )
        variables = np.array([term(name) for name in names], dtype=object)
        factor = np.array(["=" in name for name in names]) & (variables != np.array(names, object))
        self.p_values_ = np.full(len(names), np.nan)
        if not factor.all():
            self.p_values_[~factor] = self._test(X[:, ~factor], y)
        for name in sorted(set(variables[factor])):
            levels = factor & (variables == name)
            self.p_values_[levels] = factor_p(X[:, levels], y)
        if self.p is not None:
            return np.asarray(self.p_values_ < self.p)
        # A factor counts once among the n, by its first column.
        first = ~factor | np.r_[True, variables[1:] != variables[:-1]]
        chosen = set(variables[best(np.where(first, self.p_values_, np.nan), int(self.n or 0))])
        return np.array([name in chosen for name in variables])

    def _test(self, X: FloatArray, y: NDArray[Any]) -> FloatArray:
        from radpipe.stats import screening

        if y.dtype.names:
            return screening.cox_score(X, y["time"], y["event"].astype(float)).p
        tests = {
            "auto": screening.automatic,
            "t": screening.t_test,
            "mann_whitney": screening.mann_whitney,
            "logistic": screening.logistic_score,
        }
        return tests[self.test](X, y).p


def factor_p(levels: FloatArray, y: NDArray[Any]) -> float:
    """Return the p value of a factor, given its 0/1 columns without the reference."""
    if y.dtype.names:
        from radpipe.stats.cox import fit_cox

        return float(fit_cox(levels, y["time"], y["event"].astype(float)).score_test.p)
    from radpipe.stats.contingency import chi_square, cross_table

    place = np.where(levels.any(axis=1), levels.argmax(axis=1) + 1, 0)
    return chi_square(cross_table(place, y.astype(int))[0], correction=False).p

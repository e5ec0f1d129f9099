"""Keep the columns that are related to the endpoint one at a time."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.spec import only_one
from radpipe.core.target import kind_of
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec, best
from radpipe.selection.candidates import candidate_rows, test_words
from radpipe.selection.ranking import IntArray, variables

UnivariableTest = Literal[
    "auto",
    "t",
    "mann_whitney",
    "anova",
    "kruskal",
    "chi_square",
    "logistic",
    "cox",
    "pearson",
    "spearman",
]

_GROUPS = frozenset({"auto", "anova", "kruskal", "chi_square", "logistic"})

TESTS: dict[str, frozenset[str]] = {
    "binary": _GROUPS | {"t", "mann_whitney"},
    "multilabel": _GROUPS | {"t", "mann_whitney"},
    "multiclass": _GROUPS,
    "ordinal": _GROUPS | {"spearman"},
    "continuous": frozenset({"auto", "pearson", "spearman"}),
    "survival": frozenset({"auto", "cox"}),
}


class UnivariableSpec(SelectorSpec):
    """Keep columns by the p value of a test of each with the endpoint.

    Give one of `p`, `fdr` and `n`.

    Parameters
    ----------
    p : float, optional
        Columns with a p value below this are kept.
    fdr : float, optional
        Share of false ones among the kept that is accepted: columns whose p value, adjusted by
        Benjamini and Hochberg, is at most this are kept.
    n : int, optional
        How many columns are kept, those with the smallest p values.
    test : str
        Whose p value: `auto`, or one named test for all. `auto` is Cox for survival; with two
        groups Student's t where both look normal (Shapiro-Wilk p > 0.05), Welch's where Levene's
        test finds unequal variances too, and Mann-Whitney where they do not; with more, Welch's
        analysis of variance or Kruskal-Wallis by the same rule; Spearman for ordered levels; for a
        continuous endpoint Pearson where both look normal, else Spearman.
        `chi_square` takes up to 10 different values as categories and cuts other columns at
        their quartiles. `logistic` is multinomial for several classes and the proportional-odds
        model for ordered ones. Of several labels the smallest p value counts, times their number.
        All take cases as independent: where a patient has several, p values are too small, and
        `p` and `fdr` let chance through; `n` only ranks.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["univariable"] = "univariable"
    p: float | None = Field(None, gt=0, le=1)
    fdr: float | None = Field(None, gt=0, lt=1)
    n: int | None = Field(None, ge=1)
    test: UnivariableTest = "auto"

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        only_one(self, p="a threshold", fdr="a false discovery rate", n="how many to keep")
        return self

    def takes(self, endpoint: str) -> bool:
        """Return whether the test fits this kind of endpoint."""
        return self.test in TESTS[endpoint]

    def misfit(self, endpoint: str) -> tuple[str, str]:
        """Return which setting does not fit an endpoint that the kind takes, and what would."""
        return f"the test {self.test!r}", ", ".join(sorted(TESTS[endpoint]))

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return UnivariableSelector(self.p, self.n, self.test, self.fdr)


class UnivariableSelector(Selector):
    """One test a column, each with its conventional method (`radpipe.selection.univariable_tests`).

    A factor is tested as a whole whatever the test, and counts once. An undefined p value (NaN)
    is never kept.

    Attributes
    ----------
    p_values_ : array, shape (p,)
        In order of the columns' names.
    """

    def __init__(
        self,
        p: float | None = None,
        n: int | None = None,
        test: str = "auto",
        fdr: float | None = None,
    ) -> None:
        self.p = p
        self.n = n
        self.test = test
        self.fdr = fdr

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        if self.test not in TESTS[kind_of(y)]:
            raise RadpipeError(
                f"univariable: test {self.test!r} does not fit a {kind_of(y)} endpoint"
            )
        from radpipe.selection.univariable_tests import p_values

        self.tested_ = names, kind_of(y)
        self.p_values_, owner = p_values(X, names, y, self.test), variables(names)
        if self.p is not None:
            return np.asarray(self.p_values_ < self.p)
        own = self.p_values_[_first_columns(owner)]
        if self.fdr is not None:
            from radpipe.stats.p_values import p_adjust

            return np.asarray(p_adjust(own, "BH") <= self.fdr)[owner]
        return best(own, int(self.n or 0))[owner]

    def candidates(self) -> dict[str, Any]:
        """Return the p value of each variable (``rows``), and the ``test`` in words."""
        names, kind = self.tested_
        return {"test": test_words(self.test, kind), "rows": candidate_rows(names, self.p_values_)}


def _first_columns(owner: IntArray) -> IntArray:
    """Return the place of each variable's first column; a factor's columns share a p value."""
    return np.unique(owner, return_index=True)[1]

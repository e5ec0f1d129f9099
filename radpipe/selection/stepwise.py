"""Stepwise regression: terms that enter and leave a model one at a time."""

from __future__ import annotations

from math import log
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec, term
from radpipe.selection.regressions import REGRESSED, fitter, terms_of


class StepwiseSpec(SelectorSpec):
    """Keep the terms of a stepwise logistic, linear or Cox regression, by the endpoint.

    Factors enter and leave whole. There must be fewer columns than rows, and it takes its time
    with more than some dozens: a selector before it thins them out.

    Parameters
    ----------
    criterion : {'aic', 'bic', 'p'}
        What a step must improve: Akaike's or Bayes' information criterion (as R's `stepAIC`; for
        Cox the number of events stands in BIC's logarithm), or the p value of a likelihood-ratio
        test (F test in a linear model). All take cases as independent: where a patient has
        several, chance passes.
    direction : {'forward', 'backward', 'both'}
        Whether terms may enter, leave, or both.
    start : {'none', 'all'}, optional
        Terms of the first model; by default all for `backward`, else none.
    enter : float
        With `p`: a term enters with a p value below this.
    leave : float
        With `p`: a term leaves with a p value of this or more.
    """

    endpoints: ClassVar[frozenset[str]] = REGRESSED
    wide: ClassVar[bool] = False

    kind: Literal["stepwise"] = "stepwise"
    criterion: Literal["aic", "bic", "p"] = "aic"
    direction: Literal["forward", "backward", "both"] = "both"
    start: Literal["none", "all"] | None = None
    enter: float = Field(0.05, gt=0, lt=1)
    leave: float = Field(0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _a_way(self) -> Self:
        if self.direction == "both" and self.enter > self.leave:
            raise ValueError(
                f"enter {self.enter:g} exceeds leave {self.leave:g}: a term could come and go"
            )
        idle = {"forward": "all", "backward": "none"}.get(self.direction)
        if idle and self.start == idle:
            raise ValueError(f"direction {self.direction} from a start of {idle} leads nowhere")
        return self

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        start = self.start or ("all" if self.direction == "backward" else "none")
        return StepwiseSelector(self.criterion, self.direction, start, self.enter, self.leave)


class StepwiseSelector(Selector):
    """`radpipe.stats.stepwise` and `stepwise_p` on the endpoint's regression.

    Attributes
    ----------
    changes_ : tuple of str
        The steps taken ("+ clinical.age", "- clinical.sex").
    """

    def __init__(
        self,
        criterion: str = "aic",
        direction: str = "both",
        start: str = "none",
        enter: float = 0.05,
        leave: float = 0.1,
    ) -> None:
        self.criterion = criterion
        self.direction = direction
        self.start = start
        self.enter = enter
        self.leave = leave

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        n, p = X.shape
        if p >= n:
            raise RadpipeError(
                f"selection: stepwise found {p} columns on {n} training rows; allowed are fewer "
                "columns than rows; put a selector before it (correlation, univariable, mrmr)"
            )
        from radpipe.stats.stepwise import stepwise
        from radpipe.stats.stepwise_p import by_f, by_likelihood, stepwise_by_p

        terms = terms_of(X, names)
        fit, scope = fitter(terms, y), list(terms)
        start = scope if self.start == "all" else []
        way: Any = self.direction
        if self.criterion == "p":
            compare = by_f(n) if target.kind_of(y) == "continuous" else by_likelihood(n)
            found = stepwise_by_p(fit, compare, scope, start, way, self.enter, self.leave)
            self.changes_ = tuple(change for change, _ in found.changes)
            selected = found.selected
        else:
            seen = float(y["event"].sum()) if target.kind_of(y) == "survival" else float(n)
            penalty = 2.0 if self.criterion == "aic" else log(seen)
            steps = stepwise(fit, scope, start, way, penalty)
            self.changes_ = tuple(step.change for step in steps.path[1:])
            selected = steps.selected
        return np.array([term(name) in selected for name in names], dtype=bool)

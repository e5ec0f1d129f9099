"""Keep the columns that are related to the endpoint one at a time."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from radpipe.selection.base import Selector, SelectorSpec

UnivariableTest = Literal["auto", "t", "mann_whitney", "logistic", "cox"]


class UnivariableSpec(SelectorSpec):
    """Keep columns with a p value below ``p``, or the ``n`` with the smallest p values."""

    kind: Literal["univariable"] = "univariable"
    p: float | None = Field(None, gt=0, le=1)
    n: int | None = Field(None, ge=1)
    test: UnivariableTest = "auto"

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.p is None) == (self.n is None):
            raise ValueError("give either p (a threshold) or n (how many to keep)")
        return self

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return UnivariableSelector(self.p, self.n, self.test)

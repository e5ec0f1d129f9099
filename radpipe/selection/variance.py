"""Keep the columns that vary."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec


class VarianceSpec(SelectorSpec):
    """Keep columns whose variance, in their own units squared, exceeds a threshold.

    Parameters
    ----------
    threshold : float
        Variance that a column must exceed; 0 drops the constant ones alone.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["variance"] = "variance"
    threshold: float = Field(0.0, ge=0)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return VarianceSelector(self.threshold)


class VarianceSelector(Selector):
    """Keep columns with variance (divisor n - 1, training rows, unscaled) above ``threshold``."""

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        return np.asarray(X.var(axis=0, ddof=1) > self.threshold)

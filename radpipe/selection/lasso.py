"""Keep the columns to which a LASSO gives a coefficient."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radpipe.selection.base import Selector, SelectorSpec


class LassoSpec(SelectorSpec):
    """Keep columns with a nonzero coefficient at lambda.min or lambda.1se (glmnet)."""

    kind: Literal["lasso"] = "lasso"
    choose: Literal["min", "1se"] = "min"
    folds: int = Field(10, ge=3)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return LassoSelector(self.choose, self.folds, seed)

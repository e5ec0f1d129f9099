"""Keep the columns to which an elastic net gives a coefficient."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from radpipe.selection.base import ANY, Selector, SelectorSpec
from radpipe.selection.lasso import LassoSelector
from radpipe.selection.lasso_choice import LassoChoice


class ElasticNetSpec(LassoChoice, SelectorSpec):
    """Keep columns with a nonzero coefficient in an elastic net, as `lasso` with a ridge part.

    The ridge part lets columns that go together stay together, where the LASSO takes one.

    Parameters
    ----------
    alpha : float
        Share of the LASSO in the penalty (glmnet's ``alpha``): 1 is the LASSO; near 0, ridge
        regression, nearly every column is kept.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["elastic_net"] = "elastic_net"
    alpha: float = Field(0.5, gt=0, le=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return LassoSelector(self.choose, self.folds, seed, self.alpha)

"""Maximum relevance, minimum redundancy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radpipe.selection.base import Selector, SelectorSpec


class MrmrSpec(SelectorSpec):
    """Keep the first ``n`` columns of the mRMR ranking.

    ``MID`` and ``MIQ`` are the difference and quotient forms on mutual information of
    correlations (MID is mRMRe's), ``FCD`` and ``FCQ`` those on the F statistic.
    """

    kind: Literal["mrmr"] = "mrmr"
    n: int = Field(20, ge=1)
    criterion: Literal["MID", "MIQ", "FCD", "FCQ"] = "MID"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return MrmrSelector(self.n, self.criterion)

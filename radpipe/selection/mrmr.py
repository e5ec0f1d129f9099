"""Maximum relevance, minimum redundancy."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.selection.base import BoolArray, FloatArray, Selector, SelectorSpec


class MrmrSpec(SelectorSpec):
    """Keep the first ``n`` columns of the mRMR ranking.

    ``MID`` and ``MIQ`` are the difference and quotient forms on mutual information of
    correlations (MID is mRMRe's), ``FCD`` and ``FCQ`` those on the F statistic.

    Parameters
    ----------
    n : int
        How many columns are kept.
    criterion : {'MID', 'MIQ', 'FCD', 'FCQ'}
        Relevance minus (`MID`) or over (`MIQ`) redundancy in mutual information, or so in the
        F statistic and the correlation (`FCD`, `FCQ`).
    """

    kind: Literal["mrmr"] = "mrmr"
    n: int = Field(20, ge=1)
    criterion: Literal["MID", "MIQ", "FCD", "FCQ"] = "MID"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return MrmrSelector(self.n, self.criterion)


class MrmrSelector(Selector):
    """Greedy mRMR (`radpipe.stats.mrmr`); a column that varies is always ranked."""

    def __init__(self, n: int = 20, criterion: str = "MID") -> None:
        self.n = n
        self.criterion = criterion

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        from radpipe.stats.mrmr import mrmr

        order = mrmr(X, y, self.n, self.criterion).order  # type: ignore[arg-type]
        self.ranking_ = [names[i] for i in order]
        mask = np.zeros(len(names), dtype=bool)
        mask[order] = True
        return mask

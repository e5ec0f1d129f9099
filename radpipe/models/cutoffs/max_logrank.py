"""The cut-off with the largest log-rank statistic."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import NAN, TIME, CutoffSpec, Pair, ScoreAt

PERMUTATIONS = 9999
"""Draws of the p value."""


class MaxLogrankSpec(CutoffSpec):
    """The score that parts survival best in two (maximally selected log-rank statistic).

    Parameters
    ----------
    min_share : float
        Each group holds at least this share of the training rows, above 0, below 1/2.
    """

    endpoints: ClassVar[frozenset[str]] = TIME
    optimised: ClassVar[bool] = True

    kind: Literal["max_logrank"] = "max_logrank"
    min_share: float = Field(0.1, gt=0, lt=0.5)

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off: the smallest score of the upper group."""
        found = self._test(y, score, "none").cutpoint
        above = score[score > found]
        return (float(above.min()) if np.isfinite(found) and above.size else NAN), NAN

    def corrected_p(
        self, y: NDArray[Any], score: FloatArray, seed: int
    ) -> tuple[float, str] | None:
        """Return the p value over permutations: formulas are upper bounds, of 1 far too often."""
        found = self._test(y, score, "condMC", seed)
        return found.p, f"{found.method} of the scores ({PERMUTATIONS})"

    def _test(
        self, y: NDArray[Any], score: FloatArray, p: Literal["none", "condMC"], seed: int = 0
    ) -> Any:
        from radpipe.stats.maxstat import maxstat_test

        share, draws = self.min_share, PERMUTATIONS
        return maxstat_test(
            y["time"], y["event"], score, p, share, 1 - share, permutations=draws, seed=seed
        )

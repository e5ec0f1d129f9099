"""The two cut-offs with the largest log-rank statistic of three groups."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import TIME, CutoffSpec, Pair, ScoreAt


class XTileSpec(CutoffSpec):
    """The two scores that part survival best in three, as X-tile searches them.

    Parameters
    ----------
    min_share : float
        Each group holds at least this share of the training rows, above 0, below 1/3.
    candidates : int
        Of more scores than these so many are tried, evenly spaced in their order.
    permutations : int
        Permuted outcomes behind the corrected p value.
    """

    endpoints: ClassVar[frozenset[str]] = TIME
    optimised: ClassVar[bool] = True

    kind: Literal["x_tile"] = "x_tile"
    min_share: float = Field(0.1, gt=0, lt=1 / 3)
    candidates: int = Field(100, ge=2)
    permutations: int = Field(999, ge=99)

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-offs: the smallest scores of the middle and of the upper group."""
        from radpipe.stats.logrank_pairs import best_pair

        found = best_pair(score, y["time"], y["event"], self.min_share, self.candidates)
        return found.low, found.high

    def corrected_p(
        self, y: NDArray[Any], score: FloatArray, seed: int
    ) -> tuple[float, str] | None:
        """Return the p value over permuted outcomes."""
        from radpipe.stats.logrank_pairs import best_pair_p

        p = best_pair_p(
            score, y["time"], y["event"], self.min_share, self.candidates, self.permutations, seed
        )
        return p, f"permutation of the outcomes ({self.permutations}), the search repeated in each"

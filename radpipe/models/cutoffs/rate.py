"""What the cut-offs share that keep a rate: a sensitivity, or a specificity."""

from __future__ import annotations

from typing import Any, ClassVar

from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import events
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import EVENT, NAN, CutoffSpec, Pair, ScoreAt


class RateSpec(CutoffSpec):
    """A cut-off at which the inner out-of-fold scores have at least a given rate."""

    endpoints: ClassVar[frozenset[str]] = EVENT

    at: float = Field(0.9, gt=0, le=1)

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        from radpipe.stats.cutoffs import fixed_sensitivity_cutoff, fixed_specificity_cutoff

        found = {"sensitivity": fixed_sensitivity_cutoff, "specificity": fixed_specificity_cutoff}
        return found[self.kind](events(y), score, self.at).threshold, NAN

"""The cut-off that keeps a sensitivity."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.target import events
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import EVENT, NAN, CutoffSpec, Pair, ScoreAt


class SensitivitySpec(CutoffSpec):
    """The highest score with at least this sensitivity, which has the best specificity.

    Parameters
    ----------
    at : float
        The sensitivity on inner out-of-fold scores, above 0 and at most 1.
    """

    endpoints: ClassVar[frozenset[str]] = EVENT

    kind: Literal["sensitivity"] = "sensitivity"
    at: float = Field(0.9, gt=0, le=1)

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        from radpipe.stats.cutoffs import fixed_sensitivity_cutoff

        return fixed_sensitivity_cutoff(events(y), score, self.at).threshold, NAN

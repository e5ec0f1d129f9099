"""The cut-off with the largest Youden index."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from radpipe.core.target import events
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import EVENT, NAN, CutoffSpec, Pair, ScoreAt


class YoudenSpec(CutoffSpec):
    """The score with the largest sum of sensitivity and specificity; of ties the lowest."""

    endpoints: ClassVar[frozenset[str]] = EVENT

    kind: Literal["youden"] = "youden"

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        from radpipe.stats.cutoffs import youden_cutoff

        return youden_cutoff(events(y), score).threshold, NAN

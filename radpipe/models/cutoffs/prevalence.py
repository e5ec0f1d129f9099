"""The training rows' share of events as the cut-off of the risk."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from radpipe.core.target import events
from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import EVENT, NAN, CutoffSpec, Pair, ScoreAt


class PrevalenceSpec(CutoffSpec):
    """The risk that equals the training rows' share of events."""

    endpoints: ClassVar[frozenset[str]] = EVENT

    kind: Literal["prevalence"] = "prevalence"

    @property
    def by_risk(self) -> bool:
        """The cut-off is a risk."""
        return True

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        share = float(events(y).mean())
        return (share if score_at is None else score_at(share)), NAN

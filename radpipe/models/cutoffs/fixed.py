"""A cut-off that is given, and not learned."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from numpy.typing import NDArray
from pydantic import model_validator

from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import NAN, CutoffSpec, Pair, ScoreAt


class FixedSpec(CutoffSpec):
    """A given risk, or a given score.

    Parameters
    ----------
    at : float
        The cut-off.
    on : {'risk', 'score'}
        What it is a value of; of a marker and of survival it is the score.
    """

    learns: ClassVar[bool] = False

    kind: Literal["fixed"] = "fixed"
    at: float
    on: Literal["risk", "score"] = "risk"

    @model_validator(mode="after")
    def _a_risk(self) -> Self:
        if self.on == "risk" and not 0 < self.at < 1:
            raise ValueError(f"a risk of {self.at:g}, not between 0 and 1; or set on: score")
        return self

    @property
    def by_risk(self) -> bool:
        """Whether the cut-off is a risk."""
        return self.on == "risk"

    def takes(self, endpoint: str) -> bool:
        """Return whether this kind of endpoint is cut so; survival has a risk a horizon."""
        return endpoint in self.endpoints and not (endpoint == "survival" and self.by_risk)

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        return (score_at(self.at) if self.by_risk and score_at is not None else self.at), NAN

"""What the models share that only tell two sides: risks that are the share of events on each."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind, events, kind_of
from radpipe.models.base import FloatArray, Model, NoFeatures, ScoreScale
from radpipe.models.cutoffs.fixed import FixedSpec
from radpipe.models.spec import ModelSpec

Missing = Literal["unknown", "holds", "fails"]
"""What a case without a value counts as."""


HALF = FixedSpec(at=0.5, on="score")
"""Between the two sides."""


class SidesSpec(ModelSpec):
    """Settings of a model that tells two sides; values stay in their own unit, gaps are gaps."""

    imputes: ClassVar[bool] = False
    lifts: ClassVar[bool] = False  # a class has no side

    missing: Missing = "unknown"

    @property
    def selection(self) -> None:
        """Nothing is selected."""
        return None

    def cutoff_for(self, endpoint: EndpointKind) -> Any:
        """Return the cut-off between the sides, where no other is asked for."""
        return self.cutoff or HALF


class Sides(Model):
    """Cases on the event's side score 1, others 0; the risk is that of the side's training rows.

    A case whose side is unknown has neither score nor risk. By survival the risk of a side comes
    from its cumulative hazard. A side without training rows has the risk of all of them.
    """

    score_scale: ClassVar[ScoreScale] = "value"
    comparable: ClassVar[bool] = True

    def _learn(self, X: pd.DataFrame, y: NDArray[Any]) -> None:
        """Learn what tells the sides, if anything is learned."""

    def _side(self, X: pd.DataFrame) -> FloatArray:
        """Return 1 on the event's side, 0 on the other, NaN where it is unknown, shape (n,)."""
        raise NotImplementedError

    def _said(self) -> dict[str, Any]:
        """Return what tells the sides, for the summary."""
        raise NotImplementedError

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Sides:
        """Learn the risk of each side."""
        self.names_ = [str(c) for c in X.columns]
        self.notes_: list[str] = []
        self._learn(X, y)
        side = self._side(X)
        self.sides_, self.risks_ = [], []
        for place, name in enumerate(("fails", "holds")):
            own = y[side == place]
            self.sides_.append({"side": name, "n": len(own), "events": int(events(own).sum())})
            if not len(own):
                self.notes_.append(f"{name}: of no training case, so the risk is that of all")
            self.risks_.append(NoFeatures("value").fit(X, own if len(own) else y))
        lost = int(np.isnan(side).sum())
        if lost:
            self.notes_.append(
                f"{lost} of {len(side)} training cases lack a value that decides: no side, no risk"
            )
        self.kind_ = kind_of(y)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the side, shape (n,)."""
        return self._side(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the risk of the case's side, shape (n,), or by each horizon (n, h)."""
        side = self._side(X)
        fails, holds = (m.predict_risk(X, horizons).reshape(len(X), -1) for m in self.risks_)
        found = np.where(side[:, None] == 1, holds, fails)
        found[np.isnan(side)] = np.nan
        return found if self.kind_ == "survival" else found[:, 0]

    def summary(self) -> dict[str, Any]:
        """Return what tells the sides, and what the training rows show of each."""
        return {
            "coefficients": [],
            "params": {**self._said(), "sides": list(self.sides_)},
            "notes": list(self.notes_),
        }

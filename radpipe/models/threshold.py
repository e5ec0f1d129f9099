"""One variable and one cut-off: given, or learned on the training rows."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import RadpipeError
from radpipe.core.numbers import number
from radpipe.core.target import EndpointKind, kind_of
from radpipe.models.base import FloatArray
from radpipe.models.sides import Missing, Sides, SidesSpec

Learned = Literal["youden", "median", "log_rank"]


class ThresholdSpec(SidesSpec):
    """One variable in its own unit, cut in two: a T-score of -2.5 or lower.

    The risk is the share of events on the case's side, in the training rows (survival: their
    risk by the horizon). Of an ordinal variable the values are the places of its levels, from 0.

    Parameters
    ----------
    input : str
        One feature (`suv__original_firstorder_Maximum`), clinical variable (`clinical.t_score`),
        or model.
    direction : {'higher', 'lower'}
        On which side the event is more likely; the cut-off itself belongs to that side. Never
        turned by the data.
    at : float, {'youden', 'median', 'log_rank'}, optional
        The cut-off, or how it is learned: the largest Youden index (binary endpoints), the
        median, or the largest log-rank statistic (survival; each side holds at least a tenth).
    sensitivity : float, optional
        In place of `at`: the cut-off of the highest specificity that has this sensitivity in the
        training rows (binary endpoints).
    specificity : float, optional
        In place of `at`, likewise.
    missing : {'unknown', 'holds', 'fails'}
        A case without a value has no prediction, or stands on the event's side, or on the other.
    """

    kind: Literal["threshold"] = "threshold"
    input: str
    direction: Literal["higher", "lower"]
    at: float | Learned | None = None
    sensitivity: float | None = Field(None, gt=0, le=1)
    specificity: float | None = Field(None, gt=0, le=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        given = [k for k in ("at", "sensitivity", "specificity") if getattr(self, k) is not None]
        if len(given) != 1:
            said = " beside ".join(given) or "no cut-off"
            raise ValueError(f"{said}; give one of at, sensitivity, specificity")
        return self

    @property
    def inputs(self) -> list[str]:
        """The one column, under the name that other models use."""
        return [self.input]

    @property
    def learns(self) -> bool:
        """Whether the cut-off is learned."""
        return not isinstance(self.at, float)

    def takes(self, endpoint: str) -> bool:
        """Return whether this kind of endpoint tells where the cut-off is."""
        if self.sensitivity or self.specificity or self.at == "youden":
            return endpoint == "binary"
        return endpoint == "survival" if self.at == "log_rank" else super().takes(endpoint)

    @property
    def misfit(self) -> tuple[str, str, str]:
        """What an endpoint does not fit that the kind takes: the key, what it says, a cure."""
        if self.at == "log_rank":
            return "at", "a cut-off by log_rank", "give a number, median or youden"
        key = next(k for k in ("at", "sensitivity", "specificity") if getattr(self, k) is not None)
        said = self.at if key == "at" else key
        return key, f"a cut-off by {said}", "set at: a number, median or log_rank"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        rule = "sensitivity" if self.sensitivity is not None else "specificity"
        at = self.at if self.at is not None else rule
        return Threshold(
            at, self.direction, self.sensitivity or self.specificity or 0.0, self.missing
        )


class Threshold(Sides):
    """Whether a value reaches a cut-off, from below or (``lower``) from above.

    Parameters
    ----------
    at : float or str
        The cut-off, or how it is learned.
    direction : {'higher', 'lower'}
    share : float
        The sensitivity or specificity that is asked for.
    missing : {'unknown', 'holds', 'fails'}
    """

    def __init__(
        self,
        at: float | str = 0.0,
        direction: str = "higher",
        share: float = 0.0,
        missing: Missing = "unknown",
    ) -> None:
        self.at = at
        self.direction = direction
        self.share = share
        self.missing = missing

    def _learn(self, X: pd.DataFrame, y: NDArray[Any]) -> None:
        if X.shape[1] != 1:
            raise RadpipeError(
                f"threshold: its input gives {X.shape[1]} columns "
                f"({', '.join(map(str, X.columns))}) and a cut-off is of one; name a variable "
                "with an order that varies"
            )
        self.method_ = "given"
        if not isinstance(self.at, str):
            self.cutoff_ = float(self.at)
            return
        values = self._values(X)
        known = ~np.isnan(values)
        self.cutoff_ = self._sign * self._learned(values[known], y[known])
        self.degenerate_ = bool(np.isnan(self.cutoff_))
        if self.degenerate_:
            self.notes_.append(
                f"{self.method_}: undefined in the training cases, so that none is on the "
                "event's side"
            )

    @property
    def _sign(self) -> float:
        return 1.0 if self.direction == "higher" else -1.0

    def _values(self, X: pd.DataFrame) -> FloatArray:
        """Return the values, turned so that high ones go with the event."""
        return self._sign * X[self.names_[0]].to_numpy(dtype=float)

    def _learned(self, values: FloatArray, y: NDArray[Any]) -> float:
        """Return the lowest (turned) value on the event's side; NaN where it is undefined."""
        from radpipe.stats import cutoffs

        if self.at == "median":
            self.method_ = "median of the training cases"
            return float(np.median(values)) if len(values) else float("nan")
        if self.at == "log_rank":
            return self._maximally_selected(values, y)
        if kind_of(y) != "binary":
            raise RadpipeError(
                f"threshold: a cut-off by {self.at} needs a binary endpoint; give a number, "
                "median or log_rank"
            )
        if self.at == "youden":
            found = cutoffs.youden_cutoff(y, values)
        elif self.at == "sensitivity":
            found = cutoffs.fixed_sensitivity_cutoff(y, values, self.share)
        else:
            found = cutoffs.fixed_specificity_cutoff(y, values, self.share)
        self.method_ = found.method
        return float(found.threshold)

    def _maximally_selected(self, values: FloatArray, y: NDArray[Any]) -> float:
        from radpipe.stats.maxstat import maxstat_test

        self.method_ = "maximally selected log-rank statistic"
        if kind_of(y) != "survival":
            raise RadpipeError(
                "threshold: a cut-off by log_rank needs a survival endpoint; give a number, "
                "median or youden"
            )
        if len(values) < 2 or np.ptp(values) == 0 or not y["event"].any():
            return float("nan")
        found = maxstat_test(y["time"], y["event"].astype(int), values)
        above = values[values > found.cutpoint]
        return float(above.min()) if above.size else float("nan")

    def _side(self, X: pd.DataFrame) -> FloatArray:
        values = self._values(X)
        if self.degenerate_:
            side = np.zeros(len(values))
        else:
            side = (values >= self._sign * self.cutoff_).astype(float)
        unknown = {"unknown": np.nan, "holds": 1.0, "fails": 0.0}[self.missing]
        return np.where(np.isnan(values), unknown, side)

    def _said(self) -> dict[str, Any]:
        return {
            "input": self.names_[0],
            "direction": self.direction,
            "threshold": number(self.cutoff_),
            "method": self.method_,
        }

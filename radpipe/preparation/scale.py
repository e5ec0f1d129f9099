"""Columns on a common scale."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.preparation.base import BoolArray, FloatArray, PreparationSpec, Step
from radpipe.preparation.order import Ordered, moments, varies

Method = Literal["z", "min_max", "robust"]


class ScaleSpec(PreparationSpec):
    """Put columns on a common scale, learned on the training rows.

    Parameters
    ----------
    method : {'z', 'min_max', 'robust'}
        Mean 0 and standard deviation 1 (divisor n - 1); the training rows' range as 0 to 1; or
        median 0 and interquartile range 1, where a column without such a range takes its
        standard deviation.
    columns : {'features', 'all'}
        Radiomic features only, or every column, coded factors among them. A family that needs z
        scores makes them of the columns that are left.
    """

    kind: Literal["scale"] = "scale"
    method: Method = "z"
    columns: Literal["features", "all"] = "features"

    def build(self, seed: int) -> Step:
        """Return the unfitted step."""
        return Scale(self.method, self.columns)


class Scale(Step):
    """(x - centre) / scale; a column that is constant in training becomes 0 everywhere.

    Parameters
    ----------
    method : {'z', 'min_max', 'robust'}
    columns : {'features', 'all'}
    """

    kind: ClassVar[str] = "scale"

    def __init__(self, method: Method = "z", columns: str = "features") -> None:
        self.method = method
        self.columns = columns

    @classmethod
    def z_scores_of(
        cls, names: list[str], mean: FloatArray, sd: FloatArray, scaled: BoolArray
    ) -> Scale:
        """Return a fitted step of columns, sorted, of known moments; those to scale vary."""
        step = cls("z", "all")
        step.names_, step.levels_, step.without_range_, step.scaled_ = names, {}, [], scaled
        step.centre_, step.scale_ = np.where(scaled, mean, 0.0), np.where(scaled, sd, 1.0)
        return step

    @property
    def scaled(self) -> list[str]:
        """The columns that the fitted step puts on its scale."""
        return [name for name, own in zip(self.names_, self.scaled_, strict=True) if own]

    def _learn(self, values: FloatArray, about: pd.DataFrame | None) -> None:
        every = np.ones(len(self.names_), dtype=bool)
        scaled = every if self.columns == "all" else self._chosen("features")
        self.scaled_ = scaled
        mean, sd = moments(values)
        some = varies(mean, sd)
        centre, scale = mean, sd
        self.without_range_: list[str] = []
        if self.method != "z":
            order = Ordered(values)
            if self.method == "min_max":
                centre, top = order.quantile(0.0), order.quantile(1.0)
                scale = top - centre
            else:
                centre = order.median()
                scale = order.quantile(0.75) - order.quantile(0.25)
                # a count that is 0 in most cases has no interquartile range, but it varies
                flat = some & ~varies(mean, scale)
                scale = np.where(flat, sd, scale)
                self.without_range_ = [self.names_[i] for i in np.flatnonzero(flat & scaled)]
        centre = np.where(np.isnan(centre), 0.0, centre)
        self.centre_ = np.where(scaled, centre, 0.0)
        self.scale_ = np.where(scaled, np.where(some, scale, np.inf), 1.0)

    def _apply(
        self, values: FloatArray, about: pd.DataFrame | None
    ) -> tuple[FloatArray, list[str]]:
        out = values - self.centre_
        out /= self.scale_
        return out, self.names_

    def z_scores(self) -> dict[str, dict[str, float]]:
        """Return mean and standard deviation of the columns that were put on z scores."""
        if self.method != "z":
            return {}
        return {
            name: {"mean": float(m), "sd": float(s)}
            for name, m, s, scaled in zip(
                self.names_, self.centre_, self.scale_, self.scaled_, strict=True
            )
            if scaled and np.isfinite(s)
        }

    def report(self) -> dict[str, Any]:
        """Return how columns were scaled."""
        found: dict[str, Any] = {"method": self.method, "columns": self.columns}
        if self.without_range_:
            found["scaled_by_sd"] = self.without_range_
        return found

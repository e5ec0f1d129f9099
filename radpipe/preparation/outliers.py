"""Outliers: to the training median, or back to the training quantiles."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from radpipe.preparation.base import FloatArray, PreparationSpec, Step
from radpipe.preparation.order import Ordered, moments

_MAD = 1.4826  # makes the median absolute deviation that of a normal variable, as R's mad


class OutliersSpec(PreparationSpec):
    """Replace values far from the others, by limits learned on the training rows.

    Factors and columns of a model's scores 0 to 1 keep theirs. A column without spread by
    the rule (most of its values are the same) is left as it is, and counted.

    Parameters
    ----------
    method : {'median', 'winsorise'}
        Values beyond the limits become the training median, or the limit itself.
    rule : {'iqr', 'mad', 'sd', 'quantiles'}
        Limits: `k` interquartile ranges beyond the quartiles, `k` median absolute deviations
        (times 1.4826) from the median, `k` standard deviations from the mean, or the
        `quantiles`. Default `iqr` for the median, `quantiles` to winsorise.
    k : float
        How far from the middle a value may lie.
    quantiles : list of float
        Lower and upper quantile of the training rows (type 7).
    columns : {'features', 'all'}
        Radiomic features only, or continuous clinical variables and scores of models too.
    """

    kind: Literal["outliers"] = "outliers"
    method: Literal["median", "winsorise"] = "median"
    rule: Literal["iqr", "mad", "sd", "quantiles"] | None = None
    k: float = Field(3.0, gt=0, allow_inf_nan=False)
    quantiles: tuple[float, float] = (0.01, 0.99)
    columns: Literal["features", "all"] = "features"

    @model_validator(mode="after")
    def _ordered(self) -> OutliersSpec:
        low, high = self.quantiles
        if not 0 <= low < high <= 1:
            raise ValueError("quantiles that do not rise from 0 to 1, such as [0.01, 0.99]")
        return self

    def build(self, seed: int) -> Step:
        """Return the unfitted step."""
        rule = self.rule or ("iqr" if self.method == "median" else "quantiles")
        return Outliers(self.method, rule, self.k, self.quantiles, self.columns)


class Outliers(Step):
    """Limits of each column, and what stands for a value beyond them.

    Parameters
    ----------
    method, rule, k, quantiles, columns :
        As for `OutliersSpec`.
    """

    kind: ClassVar[str] = "outliers"

    def __init__(
        self,
        method: str = "median",
        rule: str = "iqr",
        k: float = 3.0,
        quantiles: tuple[float, float] = (0.01, 0.99),
        columns: str = "features",
    ) -> None:
        self.method = method
        self.rule = rule
        self.k = k
        self.quantiles = quantiles
        self.columns = columns

    def _learn(self, values: FloatArray, about: pd.DataFrame | None) -> None:
        self.places_ = np.flatnonzero(self._chosen(self.columns))
        chosen = values[:, self.places_]
        order = Ordered(chosen)
        self.low_, self.high_ = self._limits(chosen, order)
        flat = ~(self.high_ > self.low_)  # a column without any value as well
        self.low_[flat], self.high_[flat] = -np.inf, np.inf
        self.flat_ = int(flat.sum())
        self.median_ = np.where(order.known > 0, order.median(), 0.0)
        beyond = ((chosen < self.low_) | (chosen > self.high_)).sum(axis=0)
        self.replaced_ = {
            self.names_[self.places_[i]]: int(beyond[i]) for i in np.flatnonzero(beyond)
        }

    def _limits(self, chosen: FloatArray, order: Ordered) -> tuple[FloatArray, FloatArray]:
        if self.rule == "quantiles":
            low, high = self.quantiles
            return order.quantile(low), order.quantile(high)
        if self.rule == "iqr":
            low_q, high_q = order.quantile(0.25), order.quantile(0.75)
            reach = self.k * (high_q - low_q)
            reach[reach == 0] = np.nan
            return low_q - reach, high_q + reach
        if self.rule == "mad":
            middle = order.median()
            spread = _MAD * Ordered(np.abs(chosen - middle)).median()
        else:
            middle, spread = moments(chosen)
        return middle - self.k * spread, middle + self.k * spread

    def _apply(
        self, values: FloatArray, about: pd.DataFrame | None
    ) -> tuple[FloatArray, list[str]]:
        chosen = values[:, self.places_]
        if self.method == "median":
            beyond = (chosen < self.low_) | (chosen > self.high_)
            chosen = np.where(beyond, self.median_, chosen)
        else:
            chosen = np.clip(chosen, self.low_, self.high_)
        out = values.copy(order="K")
        out[:, self.places_] = chosen
        return out, self.names_

    def report(self) -> dict[str, Any]:
        """Return the rule, and how many training values of each column it replaced."""
        limit = list(self.quantiles) if self.rule == "quantiles" else self.k
        return {
            "method": self.method,
            "rule": self.rule,
            "limit": limit,
            "replaced": self.replaced_,
            "values_replaced": sum(self.replaced_.values()),
            "columns_without_spread": self.flat_,
        }

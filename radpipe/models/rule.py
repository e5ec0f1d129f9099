"""Thresholds combined: all of them, any of them, or at least so many."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.columns import variable
from radpipe.core.errors import RadpipeError
from radpipe.core.spec import Spec
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray
from radpipe.models.sides import Missing, Sides, SidesSpec

BOUNDS: Mapping[str, tuple[str, Any]] = {
    "above": (">", operator.gt),
    "at_least": (">=", operator.ge),
    "below": ("<", operator.lt),
    "at_most": ("<=", operator.le),
}


class Condition(Spec):
    """One variable within bounds, in its own unit.

    Parameters
    ----------
    input : str
        A feature, a clinical variable (`clinical.bmd`) or a model; a rule is a model too, whose
        value is 1 where it holds, so that rules can be made of rules.
    above : float, optional
        The value is higher than this.
    at_least : float, optional
        The value is this or higher.
    below : float, optional
        The value is lower than this.
    at_most : float, optional
        The value is this or lower.
    """

    input: str
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not self.bounds:
            raise ValueError(f"no bound of {self.input}; give one of {', '.join(BOUNDS)}")
        return self

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds that are given, by name."""
        return {name: v for name in BOUNDS if (v := getattr(self, name)) is not None}


class RuleSpec(SidesSpec):
    """A rule that is given and not learned; the event is expected where it holds.

    `all_of`, `any_of`, or `at_least` a number `of` conditions. The risk is the share of events
    among the training rows for which the rule holds, or fails (survival: their risk by the
    horizon).

    Parameters
    ----------
    all_of : list of conditions
        All must hold.
    any_of : list of conditions
        One must hold.
    at_least : int, optional
        How many of the conditions under `of` must hold.
    of : list of conditions
        The conditions that `at_least` counts.
    missing : {'unknown', 'holds', 'fails'}
        What a condition is where its variable has no value. Where the others do not decide the
        rule, a case with an unknown condition has no prediction.
    """

    kind: Literal["rule"] = "rule"
    all_of: list[Condition] = Field([])
    any_of: list[Condition] = Field([])
    at_least: int | None = Field(None, ge=1)
    of: list[Condition] = Field([])

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = [name for name in ("all_of", "any_of", "of") if getattr(self, name)]
        if len(given) != 1:
            said = " beside ".join(given) or "no conditions"
            raise ValueError(f"{said}; give one of all_of, any_of, or at_least with of")
        if bool(self.of) != (self.at_least is not None):
            raise ValueError("at_least and of, one without the other; give both or neither")
        if self.at_least is not None and self.at_least > len(self.conditions):
            raise ValueError(
                f"at_least {self.at_least} of {len(self.conditions)} conditions; ask for fewer"
            )
        return self

    @property
    def key(self) -> str:
        """The key that holds the conditions."""
        return "all_of" if self.all_of else "any_of" if self.any_of else "of"

    @property
    def conditions(self) -> list[Condition]:
        """The conditions, whatever their key."""
        conditions: list[Condition] = getattr(self, self.key)
        return conditions

    @property
    def needed(self) -> int:
        """How many of them must hold."""
        if self.at_least is not None:
            return self.at_least
        return 1 if self.any_of else len(self.conditions)

    @property
    def inputs(self) -> list[str]:
        """The variables of the conditions, each once, under the names that other models use."""
        return list(dict.fromkeys(condition.input for condition in self.conditions))

    @property
    def learns(self) -> bool:
        """A rule is given."""
        return False

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        conditions = [(c.input, c.bounds) for c in self.conditions]
        return Rule(conditions, self.needed, self.missing)


class Rule(Sides):
    """Whether at least so many conditions hold.

    Parameters
    ----------
    conditions : sequence of (input, bounds)
        Bounds by name.
    needed : int
        How many must hold.
    missing : {'unknown', 'holds', 'fails'}
    """

    def __init__(
        self,
        conditions: Sequence[tuple[str, Mapping[str, float]]],
        needed: int = 1,
        missing: Missing = "unknown",
    ) -> None:
        self.conditions = conditions
        self.needed = needed
        self.missing = missing

    def _learn(self, X: pd.DataFrame, y: NDArray[Any]) -> None:
        self.columns_: list[str] = []
        for name, _ in self.conditions:
            own = [column for column in self.names_ if variable(column) == name]
            if len(own) != 1:
                raise RadpipeError(
                    f"rule: {name} gives {len(own)} columns and a bound is of one; name a "
                    "variable with an order"
                )
            self.columns_ += own

    def _side(self, X: pd.DataFrame) -> FloatArray:
        table = np.column_stack([self._condition(X, i) for i in range(len(self.conditions))])
        unknown = np.isnan(table).sum(axis=1)
        holding = np.nansum(table, axis=1)
        undecided = np.where(holding + unknown < self.needed, 0.0, np.nan)
        return np.where(holding >= self.needed, 1.0, undecided)

    def _condition(self, X: pd.DataFrame, i: int) -> FloatArray:
        """Return 1 where a condition holds, 0 where it fails, NaN where that is unknown."""
        values = X[self.columns_[i]].to_numpy(dtype=float)
        holds = np.ones(len(values), dtype=bool)
        for name, bound in self.conditions[i][1].items():
            holds &= BOUNDS[name][1](values, bound)
        gap = {"unknown": np.nan, "holds": 1.0, "fails": 0.0}[self.missing]
        return np.where(np.isnan(values), gap, holds)

    def _said(self) -> dict[str, Any]:
        said = [
            " and ".join(f"{name} {BOUNDS[b][0]} {value:g}" for b, value in bounds.items())
            for name, bounds in self.conditions
        ]
        return {"conditions": said, "needed": self.needed, "of": len(said)}

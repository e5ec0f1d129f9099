"""A model fitted to balanced training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.models.base import FloatArray, Model, NoFeatures
from radpipe.models.inner import Fold
from radpipe.models.wrapper import Wrapper
from radpipe.preparation.balance import BalanceSpec


class Balanced(Wrapper):
    """Weigh, copy, leave out or make up training rows, then fit; predictions are the model's.

    It stands around the family itself: were it around tuning or calibration, these would judge a
    fit by copies of its own rows. Risks are those of the balanced rows, not of the cohort: they
    have to be recalibrated.

    Parameters
    ----------
    model : Model
        Unfitted model; its ``fit`` takes ``sample_weight`` where the balance weighs rows.
    balance : BalanceSpec
        What is done to the rows.
    seed : int
        For what it draws.
    """

    def __init__(self, model: Model, balance: BalanceSpec, seed: int = 0) -> None:
        self.model = model
        self.balance = balance
        self.seed = seed

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether the model has something to choose on inner folds."""
        return self.model.settles

    @property
    def staged(self) -> str:  # type: ignore[override]
        """The model's setting whose fit holds the fits of all lower values."""
        return self.model.staged

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """Return an unfitted copy with other settings of the model."""
        copy = super().with_settings({})
        return copy.set_params(model=self.model.with_settings(settings))

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Balanced:
        """Balance the training rows and fit a copy of the model to them."""
        from sklearn.base import clone

        rows, outcome, members, weights = self._balance(X, y, groups)
        extra = {} if weights is None else {"sample_weight": weights}
        return self._take(clone(self.model).fit(rows, outcome, members, **extra), y, outcome)

    def settle(self, folds: Sequence[Fold]) -> tuple[Model, list[Model]]:
        """Let the model choose on folds whose rows to fit to are balanced, each by themselves."""
        if not self.settles:
            return super().settle(folds)
        even = []
        for fold in folds:
            X, y, groups, _ = self._balance(fold.X, fold.y, fold.groups)
            even.append(replace(fold, X=X, y=y, groups=groups))
        model, fits = self.model.settle(even)
        around = Balanced(model, self.balance, self.seed)
        return around, [
            fit if isinstance(fit, NoFeatures) else around.with_settings({})._take(fit, f.y, e.y)
            for fit, f, e in zip(fits, folds, even, strict=True)
        ]

    def _balance(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Any:
        return self.balance.build(self.seed).resample(X, y, groups)

    def _take(self, fitted: Model, before: NDArray[Any], after: NDArray[Any]) -> Balanced:
        """Take over a fitted model, and count its rows before and after."""
        self.model_, self.names_ = fitted, list(fitted.names_)
        self.degenerate_ = fitted.degenerate_
        self.before_, self.after_ = _sizes(before), _sizes(after)
        return self

    def staged_score(self, X: pd.DataFrame, stage: int) -> FloatArray:
        """Return the scores of the model's fit with fewer of what ``staged`` names."""
        return self.model_.staged_score(X, stage)

    def summary(self) -> dict[str, Any]:
        """Return the model's summary, with the rows of each class before and after."""
        found = super().summary()
        done = {
            **self.balance.model_dump(mode="json"),
            "rows_before": self.before_,
            "rows_after": self.after_,
        }
        notes = [*found.get("notes", []), _said(self.balance.kind)]
        return {**found, "balance": done, "notes": notes}


def _sizes(y: NDArray[Any]) -> list[int]:
    """Return the number of rows of each class."""
    least = 2 if target.kind_of(y) == "binary" else target.n_classes(y)
    return [int(n) for n in np.bincount(target.codes(y), minlength=least)]


def _said(kind: str) -> str:
    return (
        f"fitted to balanced training rows ({kind.replace('_', ' ')}): p values and intervals of "
        "coefficients are not those of the cohort"
    )

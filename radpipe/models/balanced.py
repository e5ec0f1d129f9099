"""A model fitted to balanced training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.preparation.balance import BalanceSpec


class Balanced(Model):
    """Weigh, copy, leave out or make up training rows, then fit; predictions are the model's.

    Risks are those of the balanced rows, not of the cohort: they have to be recalibrated.

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
    def score_scale(self) -> ScoreScale:  # type: ignore[override]
        """What the model's scores are."""
        return self.model.score_scale

    @property
    def sparse(self) -> bool:  # type: ignore[override]
        """Whether the model's fit leaves columns out."""
        return self.model.sparse

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Balanced:
        """Balance the training rows and fit a copy of the model to them."""
        from sklearn.base import clone

        rows, outcome, members, weights = self.balance.build(self.seed).resample(X, y, groups)
        extra = {} if weights is None else {"sample_weight": weights}
        self.model_ = clone(self.model).fit(rows, outcome, members, **extra)
        self.names_ = [str(c) for c in X.columns]
        self.degenerate_ = self.model_.degenerate_
        self.before_, self.after_ = _sizes(y), _sizes(outcome)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the model's scores."""
        return self.model_.predict_score(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the model's risks, of the balanced rows."""
        return self.model_.predict_risk(X, horizons)

    def used(self) -> list[str]:
        """Return the columns that the model uses."""
        return self.model_.used()

    def nomogram(self, horizons: tuple[float, ...] = ()) -> dict[str, Any] | None:
        """Return the axes of the model's nomogram."""
        return self.model_.nomogram(horizons)

    def summary(self) -> dict[str, Any]:
        """Return the model's summary, with the rows of each class before and after."""
        found = self.model_.summary()
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

"""A model of a binary endpoint, fitted once for each class or label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models.base import FloatArray, Model, NoFeatures
from radpipe.models.inner import Fold


class OneVsRest(Model):
    """One fit a class, each against all other rows; one fit a label where labels may coincide.

    The risks of classes are divided by their sum. A class that all training rows are of, or
    none, is predicted by its share of them.

    Parameters
    ----------
    model : Model
        Unfitted model of a binary endpoint, with risks.
    models : sequence of Model, optional
        The same for each class, where each has settings of its own (`settle`).
    """

    def __init__(self, model: Model, models: Sequence[Model] | None = None) -> None:
        self.model = model
        self.models = models

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether the model of a class has something to choose."""
        return self.model.settles

    def settle(self, folds: Sequence[Fold]) -> tuple[Model, list[Model]]:
        """Choose for each class by itself, on the folds that tell it from the rest.

        The fit of a fold is made of its classes' own ones, whose estimates know nothing of the
        rows that it leaves out; what was chosen rests on all folds, as elsewhere.
        """
        if not self.settles:
            return super().settle(folds)
        models: list[Model] = []
        fits: list[list[Model]] = [[] for _ in folds]
        for place in range(target.n_classes(folds[0].y)):
            own = [fold.against_rest(place) for fold in folds]
            told = [fold for fold in own if fold is not None]
            model, found = self.model.settle(told) if told else (self.model, [])
            models.append(model)
            left = iter(found)
            for fold, mine, each in zip(folds, own, fits, strict=True):
                each.append(_share(fold.X, fold.y, place) if mine is None else next(left))
        whole = OneVsRest(self.model, models)
        return whole, [
            # Without a column there is one model of all classes, as elsewhere.
            OneVsRest(self.model, models)._take(each, fold.X, fold.y)
            if fold.X.shape[1]
            else fold.fit(self)
            for fold, each in zip(folds, fits, strict=True)
        ]

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> OneVsRest:
        """Fit one copy of the model a class."""
        from sklearn.base import clone

        kind = target.kind_of(y)
        if kind not in ("multiclass", "multilabel"):
            raise RadpipeError(f"one-vs-rest: a {kind} endpoint has no unordered classes")
        fits: list[Model] = []
        for place, present in enumerate(target.indicators(y).T):
            model = self.models[place] if self.models is not None else self.model
            if present.any() and not present.all():
                fits.append(clone(model).fit(X, target.binary(present), groups))
            else:
                fits.append(_share(X, y, place))
        return self._take(fits, X, y)

    def _take(self, fits: list[Model], X: pd.DataFrame, y: NDArray[Any]) -> OneVsRest:
        """Take over the fits of all classes to these rows."""
        self.kind_ = target.kind_of(y)
        self.names_ = [str(c) for c in X.columns]
        self.models_ = fits
        self.degenerate_ = all(model.degenerate_ for model in fits)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the risks, shape (n, k)."""
        return self.predict_risk(X)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the risk of each class or label, shape (n, k)."""
        risk = np.column_stack([model.predict_risk(X) for model in self.models_])
        if self.kind_ == "multilabel":
            return risk
        total = risk.sum(axis=1, keepdims=True)
        even = np.full_like(risk, 1 / risk.shape[1])
        return np.divide(risk, total, out=even, where=total > 0)

    def used(self) -> list[str]:
        """Return the columns that any of the fits uses."""
        return sorted({column for model in self.models_ for column in model.used()})

    def summary(self) -> dict[str, Any]:
        """Return each class's summary, in the order of the classes."""
        parts = [model.summary() for model in self.models_]
        notes = dict.fromkeys(note for part in parts for note in part.get("notes", []))
        return {
            "coefficients": [],
            "by_class": parts,
            "params": {"scheme": "one-vs-rest", **parts[0].get("params", {})},
            "notes": list(notes),
        }


def _share(X: pd.DataFrame, y: NDArray[Any], place: int) -> Model:
    """Return the fit of a class that the rows cannot tell from the rest."""
    return NoFeatures().fit(X, target.binary(target.indicators(y)[:, place]))

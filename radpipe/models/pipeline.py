"""One model's pipeline: chosen columns, preparation, estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import variable
from radpipe.core.estimator import Estimator
from radpipe.core.target import EndpointKind, kind_of
from radpipe.models.base import FloatArray, Model, NoFeatures, ScoreScale
from radpipe.models.prepare import Prepare
from radpipe.models.univariable import judged_as
from radpipe.preparation.base import together
from radpipe.selection.projection import Projection


class ModelPipeline(Estimator):
    """The columns that selection left, prepared and given to the estimator.

    Parameters
    ----------
    columns : list of str
        Columns of the input table that the model may use; empty where selection left none.
    prepare : Prepare
        Unfitted preparation.
    model : Model
        Unfitted estimator.
    projections : sequence of Projection
        New columns that stand for prepared ones, learned by selection on the same rows.
    free : sequence of str
        Variables that stay beside the new columns that are made of them.
    """

    def __init__(
        self,
        columns: list[str],
        prepare: Prepare,
        model: Model,
        projections: Sequence[Projection] = (),
        free: Sequence[str] = (),
    ) -> None:
        self.columns = columns
        self.prepare = prepare
        self.model = model
        self.projections = projections
        self.free = free

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> ModelPipeline:
        """Fit to training rows; with no usable column, the training rows' risk is predicted."""
        from sklearn.base import clone

        prepared = self.prepared_training(X, y, groups)
        model = clone(self.model) if prepared.shape[1] else NoFeatures(self.model.score_scale)
        self.model_ = model.fit(prepared, y, groups)
        return self

    def prepared_training(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None
    ) -> pd.DataFrame:
        """Learn the preparation, and return the training rows as the estimator gets them."""
        from sklearn.base import clone

        prepare = clone(self.prepare)
        prepare.keep = self.columns
        scaling = prepare.scaling
        if self.projections:  # they were learned on columns without the family's scaling
            prepare.scaling = "none"
        prepared = prepare.fit_transform(X, groups)
        self.prepare_ = prepare
        self.kind_: EndpointKind = kind_of(y)
        if self.projections:
            prepared = projected(prepared, self.projections, self.free)
            columns = [str(c) for c in prepared.columns]
            new = {name for p in self.projections for name in p.names if scaling != "none"}
            left = prepare.to_scale(columns, scaling)
            self.rescaled_ = [c for c, own in zip(columns, left, strict=True) if own or c in new]
            self.rescale_ = Prepare(None, "all").fit(prepared[self.rescaled_])
            prepared = self._rescaled(prepared)
        return prepared

    def prepared(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return rows as the estimator gets them."""
        Z = self.prepare_.transform(X)
        if not self.projections:
            return Z
        return self._rescaled(projected(Z, self.projections, self.free))

    def _rescaled(self, Z: pd.DataFrame) -> pd.DataFrame:
        if not self.rescaled_:
            return Z
        rest = Z.drop(columns=self.rescaled_)
        return together([rest, self.rescale_.transform(Z[self.rescaled_])], Z)

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what ranks the rows, shape (n,), or (n, k) where there are classes."""
        return np.asarray(self.model_.predict_score(self.prepared(X)), dtype=float)

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), by each horizon (n, h), or of each class (n, k)."""
        return np.asarray(self.model_.predict_risk(self.prepared(X), horizons), dtype=float)

    @property
    def score_is_risk(self) -> bool:
        """Whether what ranks the rows is their risk itself."""
        return score_is_risk(self.kind_, self.model.score_scale)

    @property
    def degenerate(self) -> bool:
        """Whether the fitted model uses no column at all."""
        return bool(self.model_.degenerate_)

    @property
    def used(self) -> list[str]:
        """The variables that the fitted model uses (a factor by its variable), by name."""
        return sorted({variable(column) for column in self.model_.used()})

    def summary(self) -> dict[str, Any]:
        """Return the model's summary with what preparation learned."""
        return {**self.model_.summary(), "preparation": self.prepare_.report()}


def score_is_risk(kind: EndpointKind, scale: ScoreScale) -> bool:
    """Return whether scores on this scale are the risks of this kind of endpoint."""
    if kind in ("survival", "continuous"):
        return False
    return kind != "binary" or scale == "risk"


def projected(
    Z: pd.DataFrame, projections: Sequence[Projection], free: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the new columns, and those of ``Z`` that are free or that none is made of, by name."""
    taken, stays = {column for p in projections for column in p.columns}, set(free)
    rest = Z[[c for c in Z.columns if c not in taken or judged_as(str(c)) in stays]]
    return together([rest, *(p.transform(Z) for p in projections)], Z)

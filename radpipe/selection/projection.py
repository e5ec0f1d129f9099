"""New columns that are weighted sums of standardised ones, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Projection:
    """Weighted sums of columns: ``((X - centre) / scale) @ loadings``.

    Attributes
    ----------
    columns : list of str
        The columns that enter, p of them.
    centre, scale : list of float
        What is taken from each, and what it is divided by (> 0).
    names : list of str
        The new columns, k of them.
    loadings : list of list of float, p x k
        The weights.
    """

    columns: list[str]
    centre: list[float]
    scale: list[float]
    names: list[str]
    loadings: list[list[float]]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Projection:
        """Return the projection that a dict of its attributes stands for."""
        return cls(**{key: list(found[key]) for key in cls.__dataclass_fields__})

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the new columns of each row."""
        values = (X[self.columns].to_numpy(dtype=float) - self.centre) / self.scale
        weights = np.asarray(self.loadings).reshape(len(self.columns), len(self.names))
        return pd.DataFrame(values @ weights, index=X.index, columns=self.names)

    def only(self, names: Sequence[str]) -> Projection:
        """Return the projection onto some of its new columns."""
        at = [self.names.index(name) for name in names]
        return Projection(
            self.columns,
            self.centre,
            self.scale,
            list(names),
            [[row[i] for i in at] for row in self.loadings],
        )

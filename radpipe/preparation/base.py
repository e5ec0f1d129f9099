"""What every step of the preparation shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import is_feature, variable
from radpipe.core.estimator import Estimator
from radpipe.core.spec import KindSpec
from radpipe.preparation.factors import FactorColumns, factor_columns

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


class PreparationSpec(KindSpec):
    """Settings of one step."""

    def build(self, seed: int) -> Step:
        """Return the unfitted step; ``seed`` feeds whatever it draws."""
        raise NotImplementedError

    def batch_columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table whose ``batch.NAME`` the step needs."""
        return ()

    def covariate_names(self) -> tuple[str, ...]:
        """Return the clinical variables whose ``covariate.NAME`` the step needs."""
        return ()


class Step(Estimator):
    """A transformer of coded columns: floats, NaN where missing.

    Columns are put in order of their names before a subclass sees them, so that the order of
    the table's columns decides nothing. ``attrs["levels"]`` of the table tells which columns
    code a factor (`radpipe.preparation.coding`).
    """

    kind: ClassVar[str]
    sees: Sequence[str] | None = None
    """Variables that are looked at; None for all."""
    changes: Sequence[str] | None = None
    """Variables that are changed, and the others left as they are; None for all."""

    @property
    def columnwise(self) -> bool:
        """Whether what becomes of a column depends on no other."""
        return True

    @property
    def applied_columnwise(self) -> bool:
        """Whether, once fitted, what becomes of a column of any rows depends on no other."""
        return self.columnwise

    def fit(self, Z: pd.DataFrame, about: pd.DataFrame | None = None, groups: Any = None) -> Step:
        """Learn from training rows.

        Parameters
        ----------
        Z : DataFrame, shape (n, p)
            Coded columns.
        about : DataFrame, shape (n, q), optional
            What is known of the rows and is no predictor: text columns ``batch.NAME``, and
            covariates, coded and complete.
        groups : array, shape (n,), optional
            Patient of each row.
        """
        self._learn(self._settle(self._seen(Z)), about)
        return self

    def fit_transform(
        self, Z: pd.DataFrame, about: pd.DataFrame | None = None, groups: Any = None
    ) -> pd.DataFrame:
        """Learn from training rows, and return them transformed."""
        own = self._seen(Z)
        values = self._settle(own)
        self._learn(values, about)
        return self._changed(self._table(values, own, about), Z)

    def transform(self, Z: pd.DataFrame, about: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the columns of any rows as the fit has them, in order of their names."""
        own = self._seen(Z)
        return self._changed(self._table(self._values(own), own, about), Z)

    def report(self) -> dict[str, Any]:
        """Return what was learned and done, ready for JSON."""
        return {}

    @property
    def flags(self) -> list[str]:
        """What every caption of a result has to say."""
        return []

    def _learn(self, values: FloatArray, about: pd.DataFrame | None) -> None:
        """Learn from ``values`` (n, p), the columns ``names_``, without changing them."""
        raise NotImplementedError

    def _apply(
        self, values: FloatArray, about: pd.DataFrame | None
    ) -> tuple[FloatArray, list[str]]:
        """Return the new values and their columns in order, without changing ``values``."""
        raise NotImplementedError

    @property
    def factors_(self) -> list[FactorColumns]:
        """The factors among the columns."""
        return factor_columns(self.names_, self.levels_)

    def _chosen(self, columns: str) -> BoolArray:
        """Return a mask of ``names_``: features, or all numbers (neither factors nor 0/1)."""
        if columns == "features":
            return np.array([is_feature(c) for c in self.names_], dtype=bool)
        mask = np.array(["=" not in c or is_feature(c) for c in self.names_], dtype=bool)
        for factor in self.factors_:
            mask[factor.places] = False
        return mask

    def _seen(self, Z: pd.DataFrame) -> pd.DataFrame:
        return Z if self.sees is None else Z[_of(Z, set(self.sees))[0]]

    def _changed(self, own: pd.DataFrame, Z: pd.DataFrame) -> pd.DataFrame:
        """Return the step's columns of the variables that it changes, and ``Z``'s of the others."""
        if self.changes is None:
            return own
        wanted = set(self.changes)
        return together([own[_of(own, wanted)[0]], Z[_of(Z, wanted)[1]]], Z)

    def _settle(self, Z: pd.DataFrame) -> FloatArray:
        """Note the columns and factors of a fit, and return its values."""
        self.names_ = sorted(map(str, Z.columns))
        self.levels_ = dict(Z.attrs.get("levels", {}))
        return self._values(Z)

    def _values(self, Z: pd.DataFrame) -> FloatArray:
        # Picking every one of thousands of columns by name would cost more than the rest.
        same = len(self.names_) == Z.shape[1] and self.names_ == list(Z.columns)
        return (Z if same else Z[self.names_]).to_numpy(dtype=float)

    def _table(
        self, values: FloatArray, Z: pd.DataFrame, about: pd.DataFrame | None
    ) -> pd.DataFrame:
        values, names = self._apply(values, about)
        columns = Z.columns if names == list(Z.columns) else names
        out = pd.DataFrame(values, index=Z.index, columns=columns)
        out.attrs["levels"] = self.levels_
        return out


def _of(Z: pd.DataFrame, variables: set[str]) -> tuple[list[str], list[str]]:
    """Return the columns of some variables, and the others."""
    inside: list[str] = []
    outside: list[str] = []
    for name in map(str, Z.columns):
        (inside if variable(name) in variables else outside).append(name)
    return inside, outside


def together(parts: Sequence[pd.DataFrame], Z: pd.DataFrame) -> pd.DataFrame:
    """Return columns that were made of ``Z``, by name, with the levels of its factors."""
    both = pd.concat(parts, axis=1)
    both = both[sorted(both.columns)]
    both.attrs["levels"] = Z.attrs.get("levels", {})
    return both

"""What every selector shares: names in a fixed order, whole factors, a mask of what is kept."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import variable as term
from radpipe.core.estimator import Estimator
from radpipe.core.spec import KindSpec
from radpipe.core.target import KINDS

BOTH: frozenset[str] = frozenset({"binary", "survival"})
ANY: frozenset[str] = KINDS
COUNTED: frozenset[str] = KINDS - {"survival"}
"""Kinds whose outcome is known for every case, no time being cut short."""

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


class SelectorSpec(KindSpec):
    """Settings of one selector."""

    endpoints: ClassVar[frozenset[str]] = BOTH
    """Kinds of endpoint that the selector takes."""
    needs_readings: ClassVar[bool] = False
    """Whether the estimator's ``fit`` takes ``readings``: reader -> DataFrame like ``X``."""
    makes_columns: ClassVar[bool] = False
    """Whether it puts new columns in place of those that enter."""
    wide: ClassVar[bool] = True
    """Whether there may be more columns than rows."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version its choice depends on, beside those of every installation."""

    def takes(self, endpoint: str) -> bool:
        """Return whether the selector, with these settings, takes this kind of endpoint."""
        return endpoint in self.endpoints

    def misfit(self, endpoint: str) -> tuple[str, str]:
        """Return which setting does not fit an endpoint that the kind takes, and what would."""
        return f"{self.kind}, so set,", "other settings"

    def parts(self) -> tuple[SelectorSpec, ...]:
        """Return this selector and those that it runs itself."""
        return (self,)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector; ``seed`` feeds whatever it draws."""
        raise NotImplementedError


class Selector(Estimator):
    """A selector of columns of a complete numeric DataFrame.

    Columns are put in order of their names before a subclass sees them, so that the order of
    the table's columns decides nothing. A factor (several columns of one variable) stays
    whole: where one of its columns is kept, all are.
    """

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Selector:
        """Learn which columns to keep.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            Complete numeric columns; training rows only.
        y : array, shape (n,)
            Target (`radpipe.core.target`).
        groups : array, shape (n,), optional
            Rows with the same value (a patient, or the copies of a bootstrap draw) stay
            together wherever the selector divides the rows.
        """
        names = np.array([str(c) for c in X.columns], dtype=object)
        order = np.argsort(names, kind="stable")
        values = X.to_numpy(dtype=float)[:, order]
        kept = self._keep(values, names[order].tolist(), np.asarray(y), groups)
        mask = np.zeros(len(names), dtype=bool)
        mask[order] = kept
        whole = {term(name) for name in names[mask] if "=" in name}
        if whole:
            mask |= np.array([term(name) in whole for name in names])
        self.feature_names_in_ = names
        self.n_features_in_ = len(names)
        self.mask_ = mask
        return self

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        """Return a mask over ``names`` (sorted); ties go to the first name."""
        raise NotImplementedError

    def get_support(self) -> BoolArray:
        """Return whether each column is kept, in the order at fitting, shape (p,)."""
        return self.mask_

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the kept columns, in the order in which they stood at fitting."""
        return self.feature_names_in_[self.mask_]

    def fit_transform(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> pd.DataFrame:
        """Learn which columns to keep, and return them."""
        return self.fit(X, y, groups).transform(X)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the kept columns, in the order in which they stood at fitting."""
        return X[self.feature_names_in_[self.mask_].tolist()]


def best(scores: FloatArray, n: int) -> BoolArray:
    """Return a mask of the ``n`` lowest scores; ties go to the first, NaN is never chosen."""
    order = np.argsort(scores, kind="stable")[:n]
    mask = np.zeros(len(scores), dtype=bool)
    mask[order] = ~np.isnan(scores[order])
    return mask

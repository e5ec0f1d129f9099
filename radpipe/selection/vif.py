"""Drop columns until none is a combination of the others."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import settled, variables
from radpipe.selection.relation import standardised

_LARGEST = 1e9
"""A VIF beyond this is infinite but for rounding."""


class VifSpec(SelectorSpec):
    """Drop the variable with the largest variance inflation factor, until all are low enough.

    A factor is judged and dropped as a whole (its generalised VIF, brought to the scale of one
    column's). Where columns determine one another exactly, as always where there are as many as
    rows, their VIF is infinite: the variable with the highest mean absolute correlation goes
    then. On a tie the last by name goes.

    Parameters
    ----------
    threshold : float
        Largest VIF that a kept column may have.
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["vif"] = "vif"
    threshold: float = Field(10.0, gt=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return VifSelector(self.threshold)


class VifSelector(Selector):
    """Backward elimination by VIF (`radpipe.stats.vif`), from one correlation matrix.

    The VIF of a term of the linear model of all columns is ``det(R_tt) det((R^-1)_tt)``, R being
    the columns' correlations: Jacobi's identity spares the determinant of the other terms.
    Constant columns are dropped.
    """

    def __init__(self, threshold: float = 10.0) -> None:
        self.threshold = threshold

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        n = len(X)
        Z = standardised(X)
        left = Z.any(axis=0)
        r = Z.T @ Z / (n - 1)
        owner = variables(names)
        # With as many columns as degrees of freedom each VIF is infinite: no need to look.
        total = np.where(left, np.abs(r[left]).sum(axis=0), -np.inf)
        while left.sum() > max(n - 1, 1):
            gone = _last_of_largest(total, owner, left)
            total = total - np.abs(r[gone & left]).sum(axis=0)
            left &= ~gone
        while left.any():
            worth = self._inflation(r[np.ix_(left, left)], owner[left])
            values = np.full(len(names), -np.inf)
            values[left] = worth
            gone = _last_of_largest(values, owner, left)
            if worth.max() <= self.threshold:
                break
            left &= ~gone
        return left

    def _inflation(self, r: FloatArray, owner: NDArray[np.intp]) -> FloatArray:
        """Return the VIF of each column's variable; beyond all others where it is infinite."""
        try:
            inverse = np.linalg.inv(r)
        except np.linalg.LinAlgError:
            return _infinite(r)
        found = np.diag(inverse).copy()
        if not (found < _LARGEST).all() or not (found > 0.99).all():
            return _infinite(r)
        size = np.bincount(owner)
        for variable in np.flatnonzero(size > 1):
            own = np.ix_(owner == variable, owner == variable)
            gvif = np.linalg.det(r[own]) * np.linalg.det(inverse[own])
            found[owner == variable] = gvif ** (1.0 / size[variable])
        return found


def _infinite(r: FloatArray) -> FloatArray:
    """Return values beyond any VIF for the columns that others determine, 0 for the rest."""
    weights, vectors = np.linalg.eigh(r)
    null = weights < len(r) / _LARGEST
    null[0] = True
    tied = (vectors[:, null] ** 2).sum(axis=1) > 1e-8
    return np.where(tied, _LARGEST * (1.0 + np.abs(r).mean(axis=0)), 0.0)


def _last_of_largest(values: FloatArray, owner: NDArray[np.intp], left: BoolArray) -> BoolArray:
    """Return a mask of the columns of the variable with the largest value, the last on a tie."""
    found = settled(np.where(left, values, -np.inf))
    column = len(found) - 1 - int(np.argmax(found[::-1]))
    return owner == owner[column]

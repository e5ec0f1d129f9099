"""Keep the columns that tell near cases of different outcomes apart."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.selection.base import COUNTED, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import top
from radpipe.selection.relation import numbers, over_labels

_CELLS = 20_000_000
"""Differences held at once."""


class RelieffSpec(SelectorSpec):
    """Keep the columns with the largest ReliefF weight.

    A column gains where the nearest cases of another class differ in it, and loses where the
    nearest of the same class do (ReliefF); ordered levels and continuous endpoints have
    RReliefF, of several labels the largest weight counts, and a factor counts once. It is not
    offered for survival.

    Parameters
    ----------
    n : int
        How many columns are kept.
    neighbours : int
        Nearest cases of each class that are compared with a case (RReliefF: of all cases).
    """

    endpoints: ClassVar[frozenset[str]] = COUNTED

    kind: Literal["relieff"] = "relieff"
    n: int = Field(20, ge=1)
    neighbours: int = Field(10, ge=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return RelieffSelector(self.n, self.neighbours)


class RelieffSelector(Selector):
    """ReliefF and RReliefF over every case, nothing drawn at random.

    Columns are scaled to a range of 1, and the distance of two cases is the sum of their
    differences. Cases of the same group (of one patient, copies of a bootstrap draw) are never
    neighbours.

    Attributes
    ----------
    scores_ : array, shape (p,)
        Weights in [-1, 1], in order of the columns' names.

    References
    ----------
    Kononenko 1994, ECML, 171-182; Robnik-Sikonja, Kononenko 2003, Machine Learning 53:23-69.
    """

    def __init__(self, n: int = 20, neighbours: int = 10) -> None:
        self.n = n
        self.neighbours = neighbours

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        from scipy.spatial.distance import cdist

        reach = np.ptp(X, axis=0)
        scaled = np.divide(X - X.min(axis=0), reach, out=np.zeros_like(X), where=reach > 0)
        # Rounded, so that cases as far but for rounding are taken in the order of the table.
        apart = cdist(scaled, scaled, "cityblock").round(9)
        own = np.arange(len(X)) if groups is None else np.unique(groups, return_inverse=True)[1]
        apart[own[:, None] == own] = np.inf
        kind = target.kind_of(y)
        if kind == "multilabel":
            weights = over_labels(lambda label: relieff(scaled, apart, label, self.neighbours), y)
            self.scores_ = weights.max(axis=0)
        elif kind in ("continuous", "ordinal"):
            self.scores_ = rrelieff(scaled, apart, numbers(y), self.neighbours)
        else:
            self.scores_ = relieff(scaled, apart, target.codes(y), self.neighbours)
        return top(np.where(reach > 0, self.scores_, np.nan), names, self.n)


def relieff(scaled: FloatArray, apart: FloatArray, labels: NDArray[Any], k: int) -> FloatArray:
    """Return each column's weight for classes, shape (p,).

    Parameters
    ----------
    scaled : array, shape (n, p)
        Columns with values from 0 to 1.
    apart : array, shape (n, n)
        Distances of the cases; infinite where two may not be compared.
    labels : array, shape (n,)
        Classes.
    k : int
        Nearest cases of each class.
    """
    weights = np.zeros(scaled.shape[1])
    share = {c: float(np.mean(labels == c)) for c in np.unique(labels)}
    for c in share:
        members = np.flatnonzero(labels == c)
        near = np.argsort(apart[:, members], axis=1, kind="stable")[:, :k]
        known = np.isfinite(np.take_along_axis(apart[:, members], near, axis=1))
        found = _mean_difference(scaled, members[near], _even(known))
        same = labels == c
        other = np.array([share[c] / (1.0 - share[own]) if own != c else 0.0 for own in labels])
        weights += other @ found - found[same].sum(axis=0)
    return weights / len(labels)


def rrelieff(scaled: FloatArray, apart: FloatArray, values: FloatArray, k: int) -> FloatArray:
    """Return each column's weight for numbers, shape (p,); parameters as of `relieff`.

    Nearer cases count more: the weight of the r-th nearest falls as ``exp(-(r / sigma)^2)``, with
    sigma 20 as in the paper's own setting.
    """
    near = np.argsort(apart, axis=1, kind="stable")[:, :k]
    known = np.isfinite(np.take_along_axis(apart, near, axis=1))
    rank = np.arange(1, near.shape[1] + 1)
    share = np.where(known, np.exp(-((rank / 20.0) ** 2)), 0.0)
    total = share.sum(axis=1, keepdims=True)
    share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    differ = np.abs(values[near] - values[:, None]) / np.ptp(values)
    m = float((total > 0).sum())
    outcome = float((share * differ).sum())
    column = _mean_difference(scaled, near, share).sum(axis=0)
    both = _mean_difference(scaled, near, share * differ).sum(axis=0)
    if not 0 < outcome < m:  # neighbours never differ, or always by the whole range
        return np.zeros(scaled.shape[1])
    return both / outcome - (column - both) / (m - outcome)


def _even(known: BoolArray) -> FloatArray:
    """Return equal shares of each row's known neighbours; 0 where there are none."""
    count = known.sum(axis=1, keepdims=True)
    return np.divide(known, count, out=np.zeros(known.shape), where=count > 0)


def _mean_difference(scaled: FloatArray, near: NDArray[Any], share: FloatArray) -> FloatArray:
    """Return each case's weighted mean difference from its neighbours in each column, (n, p)."""
    n, p = scaled.shape
    out = np.empty((n, p))
    step = max(1, _CELLS // max(1, near.shape[1] * p))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        differ = np.abs(scaled[near[rows]] - scaled[rows, None, :])
        out[rows] = np.einsum("ik,ikp->ip", share[rows], differ)
    return out

"""Classes of unequal size: training rows are weighted, copied or left out."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.core.estimator import Estimator
from radpipe.core.spec import KindSpec

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Rows = tuple[pd.DataFrame, NDArray[Any], Any, FloatArray | None]
"""Columns, target, groups (or None) and weights (or None) of the rows to fit to."""


class BalanceSpec(KindSpec):
    """Settings of what is done about classes of unequal size.

    It is done to training rows only, just before the fit; the model then sees other shares of
    the classes than there are, and its risks have to be recalibrated.
    """

    endpoints: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass", "ordinal"})
    weighs: ClassVar[bool] = False
    """Whether rows get weights, which not every model takes."""
    makes_rows: ClassVar[bool] = False
    """Whether rows are made up from several cases, whose folds they would belong to."""

    def takes(self, endpoint: str) -> bool:
        """Return whether this kind of endpoint has classes to balance."""
        return endpoint in self.endpoints

    def build(self, seed: int) -> Balance:
        """Return what changes the rows; ``seed`` feeds whatever it draws."""
        raise NotImplementedError


class ClassWeightSpec(BalanceSpec):
    """Weigh rows so that each class has the same total weight, and all rows together n."""

    weighs: ClassVar[bool] = True

    kind: Literal["class_weight"] = "class_weight"

    def build(self, seed: int) -> Balance:
        """Return what weighs the rows."""
        return ClassWeight()


class OversampleSpec(BalanceSpec):
    """Copy random rows of the smaller classes.

    Parameters
    ----------
    ratio : float
        Size that a smaller class is brought to, as a part of the largest.
    """

    kind: Literal["oversample"] = "oversample"
    ratio: float = Field(1.0, gt=0, le=1)

    def build(self, seed: int) -> Balance:
        """Return what copies rows."""
        return Oversample(self.ratio, seed)


class UndersampleSpec(BalanceSpec):
    """Leave out random rows of the larger classes.

    Parameters
    ----------
    ratio : float
        Size of the smallest class, as a part of what a larger one is brought to.
    """

    kind: Literal["undersample"] = "undersample"
    ratio: float = Field(1.0, gt=0, le=1)

    def build(self, seed: int) -> Balance:
        """Return what leaves rows out."""
        return Undersample(self.ratio, seed)


class Balance(Estimator):
    """What changes the training rows just before a fit."""

    def resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Rows:
        """Return the rows to fit to.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
            Complete numeric columns of training rows.
        y : array, shape (n,)
            Target with classes (binary, multiclass or ordinal).
        groups : array, shape (n,), optional
            Patient of each row; a copy keeps its row's.

        Raises
        ------
        RadpipeError
            The target has no classes that exclude each other.
        """
        kind = target.kind_of(y)
        if kind not in BalanceSpec.endpoints:
            raise RadpipeError(f"balance: a {kind} endpoint has no classes to balance")
        return self._resample(X, y, groups)

    def _resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Rows:
        raise NotImplementedError


class ClassWeight(Balance):
    """Weights n / (classes * rows of the class), as ``class_weight="balanced"``."""

    def _resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Rows:
        from sklearn.utils.class_weight import compute_sample_weight

        return X, y, groups, compute_sample_weight("balanced", target.codes(y))


class Oversample(Balance):
    """Random copies (`imblearn.over_sampling.RandomOverSampler`).

    Parameters
    ----------
    ratio : float
        As for `OversampleSpec`.
    seed : int
    """

    def __init__(self, ratio: float = 1.0, seed: int = 0) -> None:
        self.ratio = ratio
        self.seed = seed

    def _resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Rows:
        from imblearn.over_sampling import RandomOverSampler

        sizes = grown(target.codes(y), self.ratio)
        return _drawn(RandomOverSampler, sizes, self.seed, X, y, groups)


class Undersample(Balance):
    """A random part of the larger classes (`imblearn.under_sampling.RandomUnderSampler`).

    Parameters
    ----------
    ratio : float
        As for `UndersampleSpec`.
    seed : int
    """

    def __init__(self, ratio: float = 1.0, seed: int = 0) -> None:
        self.ratio = ratio
        self.seed = seed

    def _resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Rows:
        from imblearn.under_sampling import RandomUnderSampler

        codes, counts = np.unique(target.codes(y), return_counts=True)
        most = round(float(counts.min()) / self.ratio)
        sizes = {int(c): min(int(n), most) for c, n in zip(codes, counts, strict=True)}
        return _drawn(RandomUnderSampler, sizes, self.seed, X, y, groups)


def grown(codes: IntArray, ratio: float) -> dict[int, int]:
    """Return the size that each class is brought to; none becomes smaller."""
    seen, counts = np.unique(codes, return_counts=True)
    least = round(float(counts.max()) * ratio)
    return {int(c): max(int(n), least) for c, n in zip(seen, counts, strict=True)}


def _drawn(
    sampler: Any, sizes: dict[int, int], seed: int, X: pd.DataFrame, y: NDArray[Any], groups: Any
) -> Rows:
    """Return the rows that a sampler draws, in table order."""
    codes = target.codes(y)
    if len(sizes) < 2:  # one class has none to be balanced with
        return X, y, groups, None
    draw = sampler(sampling_strategy=sizes, random_state=seed % 2**32)
    draw.fit_resample(np.arange(len(y))[:, None], codes)
    rows = np.sort(draw.sample_indices_)
    return X.iloc[rows], y[rows], None if groups is None else np.asarray(groups)[rows], None

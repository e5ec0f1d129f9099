"""How the training cases are resampled: by folds, by centre, or by many random splits.

Every scheme is nested: the plan gives each training part inner folds of its own, in which
selection, tuning, cut-offs and stacking are learned, so that what tests a fit taught it nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError
from radpipe.core.spec import KindSpec, Text
from radpipe.core.target import strata
from radpipe.resampling.folds import IntArray, deal, groups_per_class, k_folds, left_to_train
from radpipe.resampling.streams import stream

Resample = tuple[int, int, IntArray, IntArray]
"""Repeat, fold, training rows and test rows."""


class Scheme(KindSpec):
    """What every scheme says of itself.

    Parameters
    ----------
    inner_folds : int
        Folds inside the training rows (nested cross-validation), whose predictions serve
        tuning, stacked models and cut-offs.
    """

    inner_folds: int = Field(5, ge=2)

    keeps_in_bag: ClassVar[bool] = False
    """Whether each fit's predictions of its own training rows are kept too."""

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the cohort table that the scheme reads; one at most."""
        return ()

    def resamples(
        self,
        y: NDArray[Any],
        groups: NDArray[Any],
        seed: int,
        centres: NDArray[Any] | None = None,
    ) -> Iterator[Resample]:
        """Yield repeat, fold, training and test positions; one random stream a repeat.

        Parameters
        ----------
        y : array, shape (n,)
            Target of the training cases (`radpipe.core.target`).
        groups : array, shape (n,)
            Patient of each case; a patient's cases stay together.
        seed : int
            The study's seed.
        centres : array of str, shape (n,), optional
            What the column of `columns` holds.
        """
        raise NotImplementedError

    def left(
        self, y: NDArray[Any], groups: NDArray[Any], centres: NDArray[Any] | None = None
    ) -> int:
        """Return how many groups of the rarest outcome the smallest training part is left with.

        The inner folds are dealt from them. Parameters as for `resamples`.
        """
        raise NotImplementedError

    def words(self) -> str:
        """Return the scheme as a caption says it."""
        raise NotImplementedError


class _Folds(Scheme):
    """Cases divided into stratified folds, a number of times.

    Parameters
    ----------
    folds : int
        How many parts; each is predicted by a fit to the others.
    """

    folds: int = Field(5, ge=2)

    @property
    def times(self) -> int:
        """Return how often the cases are divided."""
        return 1

    def resamples(
        self,
        y: NDArray[Any],
        groups: NDArray[Any],
        seed: int,
        centres: NDArray[Any] | None = None,
    ) -> Iterator[Resample]:
        """Yield repeat, fold, training and test positions; one random stream a repeat."""
        for repeat in range(self.times):
            part = k_folds(y, groups, self.folds, stream(seed, "resampling", f"{repeat}"))
            for fold in range(self.folds):
                yield repeat, fold, np.flatnonzero(part != fold), np.flatnonzero(part == fold)

    def left(
        self, y: NDArray[Any], groups: NDArray[Any], centres: NDArray[Any] | None = None
    ) -> int:
        """Return what is left of the rarest outcome when the largest fold is held out."""
        return left_to_train(groups_per_class(y, groups), self.folds)

    def words(self) -> str:
        """Return the scheme as a caption says it."""
        times = "once" if self.times == 1 else f"repeated {self.times} times"
        return f"{self.folds}-fold cross-validation {times}"


class RepeatedCvSpec(_Folds):
    """Repeated stratified cross-validation; each case is predicted once a repeat.

    Parameters
    ----------
    repeats : int
        How often the cases are divided anew.
    """

    kind: Literal["repeated_cv"] = "repeated_cv"
    repeats: int = Field(20, ge=1)

    @property
    def times(self) -> int:
        """Return how often the cases are divided."""
        return self.repeats


class KFoldSpec(_Folds):
    """Stratified cross-validation, once; each case is predicted once."""

    kind: Literal["k_fold"] = "k_fold"


class LeaveOneCentreOutSpec(Scheme):
    """Each centre's cases are predicted by a fit to all other centres.

    Parameters
    ----------
    column : str
        Column of the cohort table that names the centre.
    """

    kind: Literal["leave_one_centre_out"] = "leave_one_centre_out"
    column: Text

    def columns(self) -> tuple[str, ...]:
        """Return the column of the centres."""
        return (self.column,)

    def resamples(
        self,
        y: NDArray[Any],
        groups: NDArray[Any],
        seed: int,
        centres: NDArray[Any] | None = None,
    ) -> Iterator[Resample]:
        """Yield 0, the place of the centre by name, training and test positions."""
        for fold, centre in enumerate(_centres(groups, centres)):
            out = np.asarray(centres) == centre
            yield 0, fold, np.flatnonzero(~out), np.flatnonzero(out)

    def left(
        self, y: NDArray[Any], groups: NDArray[Any], centres: NDArray[Any] | None = None
    ) -> int:
        """Return what is left of the rarest outcome when the worst centre is held out."""
        kept = [np.asarray(centres) != centre for centre in _centres(groups, centres)]
        return min(groups_per_class(y[rows], groups[rows]) for rows in kept)

    def words(self) -> str:
        """Return the scheme as a caption says it."""
        return f"leave-one-centre-out cross-validation ({self.column})"


class RepeatedSplitsSpec(Scheme):
    """Many random splits, stratified by outcome: the distribution over splits, not a lucky one.

    Its tables give the median over splits and the central range, never an interval.

    Parameters
    ----------
    repeats : int
        How many splits.
    test_fraction : float
        Share of the cases that each split holds out.
    """

    kind: Literal["repeated_splits"] = "repeated_splits"
    repeats: int = Field(100, ge=2)
    test_fraction: float = Field(0.3, gt=0, lt=1)

    def resamples(
        self,
        y: NDArray[Any],
        groups: NDArray[Any],
        seed: int,
        centres: NDArray[Any] | None = None,
    ) -> Iterator[Resample]:
        """Yield the split's number, 0, training and test positions."""
        shares = np.array([1 - self.test_fraction, self.test_fraction])
        layers = strata(y)
        for repeat in range(self.repeats):
            part = deal(layers, groups, shares, stream(seed, "resampling", f"{repeat}"))
            if not part.any() or part.all():
                raise RadpipeError(
                    f"resampling: a test fraction of {self.test_fraction:g} leaves one side of "
                    f"the {len(y)} cases empty; change test_fraction"
                )
            yield repeat, 0, np.flatnonzero(part == 0), np.flatnonzero(part == 1)

    def left(
        self, y: NDArray[Any], groups: NDArray[Any], centres: NDArray[Any] | None = None
    ) -> int:
        """Return what is left of the rarest outcome when its share is held out."""
        have = groups_per_class(y, groups)
        return have - int(np.ceil(have * self.test_fraction))

    def words(self) -> str:
        """Return the scheme as a caption says it."""
        return f"{self.repeats} random splits with {self.test_fraction:.0%} of the cases held out"


def _centres(groups: NDArray[Any], centres: NDArray[Any] | None) -> list[str]:
    """Return the centres by name; refuse fewer than two, and a patient who stands in two."""
    if centres is None:
        raise RadpipeError("resampling: leave_one_centre_out needs the column of the centres")
    named = [str(centre) for centre in centres]
    found = sorted(set(named))
    if len(found) < 2:
        raise RadpipeError(
            f"resampling: leave_one_centre_out needs two centres, but the training cases are all "
            f"of {found[0]!r}; name another column, or choose another resampling"
        )
    of: dict[str, str] = {}
    for group, centre in zip(np.asarray(groups).astype(str), named, strict=True):
        if of.setdefault(group, centre) != centre:
            raise RadpipeError(
                f"resampling: the cases of group {group!r} stand in both centre {of[group]} and "
                f"{centre}, and a patient's cases must stay together; exclude those of one "
                "centre, or name a column that gives each patient one centre"
            )
    return found

"""How the training cases are resampled: repeated cross-validation or the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError
from radpipe.core.spec import KindSpec
from radpipe.resampling.folds import IntArray, groups_per_class, k_folds
from radpipe.resampling.streams import stream

Resample = tuple[int, int, IntArray, IntArray]
"""Repeat, fold, training rows and test rows."""


class RepeatedCvSpec(KindSpec):
    """Repeated stratified cross-validation; each case is predicted once a repeat.

    Parameters
    ----------
    folds : int
        How many parts; each is predicted by a fit to the others.
    repeats : int
        How often the cases are divided anew.
    inner_folds : int
        Folds inside the training rows, whose predictions serve stacked models and cut-offs.
    """

    kind: Literal["repeated_cv"] = "repeated_cv"
    folds: int = Field(5, ge=2)
    repeats: int = Field(20, ge=1)
    inner_folds: int = Field(5, ge=2)

    def resamples(self, y: NDArray[Any], groups: NDArray[Any], seed: int) -> Iterator[Resample]:
        """Yield repeat, fold, training and test positions; one random stream a repeat."""
        for repeat in range(self.repeats):
            part = k_folds(y, groups, self.folds, stream(seed, "resampling", f"{repeat}"))
            for fold in range(self.folds):
                yield repeat, fold, np.flatnonzero(part != fold), np.flatnonzero(part == fold)


class BootstrapSpec(KindSpec):
    """Groups drawn with replacement; the cases never drawn are predicted (out of bag).

    A draw that holds fewer than two groups of either outcome cannot be fitted and is drawn
    again. Inner folds become fewer where a draw holds fewer distinct groups of an outcome.

    Parameters
    ----------
    repeats : int
        How many draws.
    inner_folds : int
        Folds inside the training rows, whose predictions serve stacked models and cut-offs.
    """

    kind: Literal["bootstrap"] = "bootstrap"
    repeats: int = Field(200, ge=1)
    inner_folds: int = Field(5, ge=2)

    def resamples(self, y: NDArray[Any], groups: NDArray[Any], seed: int) -> Iterator[Resample]:
        """Yield repeat, 0, drawn positions (with repeats, in order) and out-of-bag positions."""
        if groups_per_class(y, groups) < 2:
            raise RadpipeError(
                "resampling: the bootstrap needs at least two cases (or groups) of each outcome; "
                "the training cases have too few events or non-events"
            )
        _, first, member = np.unique(groups, return_index=True, return_inverse=True)
        rows = [np.flatnonzero(member == g) for g in np.argsort(first)]
        for repeat in range(self.repeats):
            rng = stream(seed, "resampling", f"{repeat}")
            while True:
                drawn = rng.integers(0, len(rows), len(rows))
                train = np.sort(np.concatenate([rows[g] for g in drawn]))
                test = np.setdiff1d(np.arange(len(y)), train)
                if len(test) and groups_per_class(y[train], groups[train]) >= 2:
                    break
            yield repeat, 0, train, test

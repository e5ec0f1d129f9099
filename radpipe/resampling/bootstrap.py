"""Resampling by the bootstrap: out of bag, Harrell's optimism, and .632+.

Nested as every scheme is: a draw has inner folds of its own, each case's copies on one side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError
from radpipe.resampling.folds import groups_per_class
from radpipe.resampling.schemes import Resample, Scheme
from radpipe.resampling.streams import stream

_TRIES = 1000
"""Draws before a cohort is said to have too few cases of an outcome."""


class _Bootstrap(Scheme):
    """Groups drawn with replacement; the cases never drawn are predicted (out of bag).

    A draw that holds fewer than two groups of an outcome cannot be fitted and is drawn again.
    Inner folds become fewer where a draw holds fewer distinct groups of an outcome.

    Parameters
    ----------
    repeats : int
        How many draws.
    """

    repeats: int = Field(200, ge=1)

    def resamples(
        self,
        y: NDArray[Any],
        groups: NDArray[Any],
        seed: int,
        centres: NDArray[Any] | None = None,
    ) -> Iterator[Resample]:
        """Yield repeat, 0, drawn positions (with repeats, in order) and out-of-bag positions."""
        if groups_per_class(y, groups) < 2:
            raise RadpipeError(
                "resampling: the bootstrap needs at least two cases (or groups) of each outcome; "
                "the training cases have too few of one"
            )
        _, first, member = np.unique(groups, return_index=True, return_inverse=True)
        rows = [np.flatnonzero(member == g) for g in np.argsort(first)]
        for repeat in range(self.repeats):
            rng = stream(seed, "resampling", f"{repeat}")
            for _ in range(_TRIES):
                drawn = rng.integers(0, len(rows), len(rows))
                train = np.sort(np.concatenate([rows[g] for g in drawn]))
                test = np.setdiff1d(np.arange(len(y)), train)
                if len(test) and groups_per_class(y[train], groups[train]) >= 2:
                    break
            else:
                raise RadpipeError(
                    f"resampling: none of {_TRIES} bootstrap draws holds two cases (or groups) of "
                    "each outcome; choose repeated_cv with few folds"
                )
            yield repeat, 0, train, test

    def left(
        self, y: NDArray[Any], groups: NDArray[Any], centres: NDArray[Any] | None = None
    ) -> int:
        """Return the groups of the rarest outcome: the final fit's inner folds need them."""
        return groups_per_class(y, groups)

    def words(self) -> str:
        """Return the scheme as a caption says it."""
        return f"{self.repeats} bootstrap resamples, out-of-bag predictions"


class BootstrapSpec(_Bootstrap):
    """The cases that a bootstrap draw leaves out are predicted by a fit to those drawn.

    Whole groups are drawn, with replacement.
    """

    kind: Literal["bootstrap"] = "bootstrap"


class BootstrapOptimismSpec(_Bootstrap):
    """Harrell's bootstrap: apparent performance less its mean optimism over resamples.

    The optimism of a resample's fit is its performance on the cases drawn, as often as they were
    drawn, less that on all training cases (Harrell, Lee and Mark 1996). The cases never drawn
    give out-of-bag performance besides.
    """

    kind: Literal["bootstrap_optimism"] = "bootstrap_optimism"
    keeps_in_bag: ClassVar[bool] = True


class Bootstrap632Spec(_Bootstrap):
    """The .632+ bootstrap: apparent and out-of-bag performance, weighted by the overfitting.

    The more apparent and out-of-bag performance differ, relative to a model without information,
    the more the latter counts (Efron and Tibshirani 1997).
    """

    kind: Literal["bootstrap_632"] = "bootstrap_632"

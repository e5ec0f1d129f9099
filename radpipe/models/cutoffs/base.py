"""What every rule for a cut-off offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from radpipe.core.spec import KindSpec
from radpipe.models.base import FloatArray

NAN = float("nan")

EVENT: frozenset[str] = frozenset({"binary", "multilabel"})
"""Kinds of endpoint whose event is there or not; each label has its own cut-off."""
TIME: frozenset[str] = frozenset({"survival"})

Pair = tuple[float, float]
"""A cut-off and, of three groups, the upper one (else NaN); ``score >= cut-off`` is above it."""

ScoreAt = Callable[[float], float]
"""From a risk to the least score that has it."""


class CutoffSpec(KindSpec):
    """Settings of how a cut-off is learned.

    A rule sees scores that inner folds predicted for the training rows of one fit, and their
    outcomes, and nothing else.
    """

    endpoints: ClassVar[frozenset[str]] = EVENT | TIME
    optimised: ClassVar[bool] = False
    """Whether the cut-off is the best of many, so that a p value at it has to be corrected."""
    learns: ClassVar[bool] = True
    """Whether other training rows would give another cut-off."""

    @property
    def by_risk(self) -> bool:
        """Whether the cut-off is a risk, which is then put on the scale of the score."""
        return False

    def takes(self, endpoint: str) -> bool:
        """Return whether this kind of endpoint is cut so."""
        return endpoint in self.endpoints

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-offs.

        Parameters
        ----------
        y : array, shape (n,)
            Binary or survival target of training rows, both outcomes of a binary one among them.
        score : array, shape (n,)
            Their inner out-of-fold scores, none of them missing; n is at least 1.
        score_at : callable, optional
            From a risk to the score of the fit; given where the rule is `by_risk`.
        """
        raise NotImplementedError

    def corrected_p(
        self, y: NDArray[Any], score: FloatArray, seed: int
    ) -> tuple[float, str] | None:
        """Return the p value that knows of the search, and its method; None without a search."""
        return None


def score_at(score: FloatArray, risk: FloatArray) -> ScoreAt:
    """Return the function from a risk to the least score that has it.

    Parameters
    ----------
    score, risk : array of one shape
        One fit's predictions for its own training rows; risks rise with scores. Exact where
        scores are risks or log odds; else it lies between the neighbouring rows' scores. Beyond
        all risks it is just above the highest score; NaN where there is no risk.
    """
    known = np.isfinite(score) & np.isfinite(risk)
    order = np.argsort(score[known], kind="stable")
    s, r = score[known][order], np.maximum.accumulate(risk[known][order])
    inner = (r > 0) & (r < 1)
    odds = np.log(r[inner] / (1 - r[inner]))
    if not s.size:
        return lambda at: NAN
    if np.array_equal(s, r):
        return float
    if inner.any() and np.allclose(s[inner], odds, rtol=1e-9, atol=1e-9):
        return lambda at: float(np.log(at / (1 - at)))

    def found(at: float) -> float:
        i = int(np.searchsorted(r, at, side="left"))
        if i == 0:
            return float(s[0])
        if i == s.size:
            return float(np.nextafter(s[-1], np.inf))
        return float(np.interp(at, r[i - 1 : i + 1], s[i - 1 : i + 1]))

    return found

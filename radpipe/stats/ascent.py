"""Newton's ascent to the maximum of a likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from radpipe.stats.design import Array

Objective = Callable[[Array], tuple[float, Array, Array]]
"""From coefficients to the log-likelihood, its score and its information; -inf where undefined."""


def ascend(objective: Objective, start: Array, limit: int = 200) -> tuple[Array, bool]:
    """Return the coefficients at the maximum, and whether the ascent converged.

    Newton steps, none longer than 5 in any coefficient (columns are scaled by the caller), halved
    while the likelihood falls; done when the Newton decrement is below 1e-13.
    """
    beta = start
    value, score, information = objective(beta)
    for _ in range(limit):
        if not beta.size:
            return beta, True
        step = np.linalg.pinv(information, hermitian=True) @ score
        largest = float(np.abs(step).max())
        if float(score @ step) < 1e-13:
            return beta, True
        step *= min(1.0, 5.0 / largest)
        for _ in range(30):
            trial = beta + step
            reached = objective(trial)
            if reached[0] >= value - 1e-13 * abs(value):
                break
            step /= 2.0
        else:
            return beta, False
        beta, (value, score, information) = trial, reached
    return beta, False

"""Stepwise choice of terms by p values, forward, backward or both.

Generic over the model as `radpipe.stats.stepwise`, whose caution holds here too. The p values are
those of the test between the models with and without a term: the likelihood ratio, or F for a
linear model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy import special

from radpipe.stats.model_tests import likelihood_ratio
from radpipe.stats.stepwise import Direction
from radpipe.stats.terms import Fitter

Compare = Callable[[tuple[float, int], tuple[float, int]], float]
"""From deviance and number of coefficients of a model and of a larger one to the p value."""


@dataclass(frozen=True)
class StepwiseByP:
    """The chosen terms in the order of the model, and each change with its p value."""

    selected: tuple[str, ...]
    changes: tuple[tuple[str, float], ...]
    enter: float
    leave: float
    method: str


def by_likelihood(n: int) -> Compare:
    """Return the likelihood-ratio test, for ``logistic_terms`` and ``cox_terms`` of ``n`` cases."""

    def p(smaller: tuple[float, int], larger: tuple[float, int]) -> float:
        return likelihood_ratio(*smaller, *larger, n).p

    return p


def by_f(n: int) -> Compare:
    """Return the F test, for ``linear_terms`` of ``n`` cases (its deviance is n log(RSS / n))."""

    def p(smaller: tuple[float, int], larger: tuple[float, int]) -> float:
        gained, left = larger[1] - smaller[1], n - larger[1]
        if gained <= 0 or left <= 0:
            return math.nan
        if math.isinf(larger[0]):
            return math.nan if math.isinf(smaller[0]) else 0.0
        f = math.expm1(max(smaller[0] - larger[0], 0.0) / n) * left / gained
        return float(special.fdtrc(gained, left, f))

    return p


def stepwise_by_p(
    fit: Fitter,
    compare: Compare,
    scope: Sequence[str],
    start: Sequence[str] = (),
    direction: Direction = "both",
    enter: float = 0.05,
    leave: float = 0.1,
) -> StepwiseByP:
    """Add the term with the smallest p value, drop the one with the largest, until none may.

    Before a term is added, every term that may leave does, one at a time.

    Parameters
    ----------
    fit : Fitter
        As `radpipe.stats.terms` makes them.
    compare : Compare
        `by_likelihood` or `by_f`.
    scope : sequence of str
        Terms that may be in the model. Of equal p values the first in this order counts.
    start : sequence of str
        Terms of the first model.
    direction : "backward", "forward" or "both"
    enter, leave : float
        A term enters with p below ``enter`` and leaves with p of ``leave`` or more; one without p
        (it adds no coefficient) leaves. With "both" ``enter`` may not exceed ``leave``: a term
        could come and go for ever.

    Raises
    ------
    ValueError
        If ``enter`` exceeds ``leave`` with "both".
    """
    if direction == "both" and enter > leave:
        raise ValueError(f"enter {enter:g} exceeds leave {leave:g}: a term could come and go")
    model, changes = tuple(start), []
    now = fit(model)
    while True:
        if direction != "forward" and model:
            drops = {t: tuple(other for other in model if other != t) for t in model}
            fits = {t: fit(rest) for t, rest in drops.items()}
            p = {t: compare(less, now) for t, less in fits.items()}
            worst = max(model, key=lambda t: math.inf if math.isnan(p[t]) else p[t])
            if not p[worst] < leave:
                model, now = drops[worst], fits[worst]
                changes.append((f"- {worst}", p[worst]))
                continue
        if direction == "backward":
            break
        fits = {t: fit((*model, t)) for t in scope if t not in model}
        p = {t: compare(now, more) for t, more in fits.items()}
        known = [t for t in fits if not math.isnan(p[t])]
        if not known:
            break
        best = min(known, key=lambda t: p[t])
        if not p[best] < enter:
            break
        model, now = (*model, best), fits[best]
        changes.append((f"+ {best}", p[best]))
    method = f"stepwise by p, {direction}"
    return StepwiseByP(model, tuple(changes), enter, leave, method)

"""Stepwise choice of terms by AIC or BIC in both directions, and backward by p values.

Generic over the model: a `radpipe.stats.terms.Fitter` gives the deviance of any set of terms.
The p values and intervals of a model chosen so are too optimistic; what is to be believed is
the whole procedure repeated in resampling.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from radpipe.stats.model_tests import likelihood_ratio
from radpipe.stats.results import TestResult
from radpipe.stats.terms import Fitter, PValues

Direction = Literal["backward", "forward", "both"]
Margins = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Step:
    """A model on the way: the change that led to it ("- age", "+ age"; "" at the start)."""

    change: str
    criterion: float
    deviance: float
    df: int


@dataclass(frozen=True)
class Stepwise:
    """The chosen terms, in the order of the model, and the way there.

    ``criterion`` is ``deviance + penalty df`` of the chosen model.
    """

    selected: tuple[str, ...]
    criterion: float
    path: tuple[Step, ...]
    penalty: float
    method: str
    note: str = ""


def stepwise(
    fit: Fitter,
    scope: Sequence[str],
    start: Sequence[str] | None = None,
    direction: Direction = "both",
    penalty: float = 2.0,
    forced: Sequence[str] = (),
    margins: Margins | None = None,
) -> Stepwise:
    """Add or drop the term that lowers ``deviance + penalty df`` most, until none does.

    As MASS's ``stepAIC``: factors enter and leave whole, a term that adds no coefficient to the
    others leaves first, an added term comes last in the model.

    Parameters
    ----------
    fit : Fitter
        Gives deviance and number of coefficients of a set of terms, as `logistic_terms`,
        `linear_terms` and `cox_terms` of `radpipe.stats.terms` do.
    scope : sequence of str
        Terms that may be in the model.
    start : sequence of str, optional
        Terms of the first model; all of the scope without it, none for "forward".
    direction : "backward", "forward" or "both"
    penalty : float
        Of each coefficient: 2 for AIC, ``log(n)`` for BIC (Cox: n is the number of events).
    forced : sequence of str
        Terms that never leave; they are in the first model in any case.
    margins : mapping, optional
        For each interaction the terms it needs: it enters after them, they leave after it.
    """
    if start is None:
        start = () if direction == "forward" else scope
    model = tuple(dict.fromkeys([*forced, *start]) if forced else start)
    _known(model, [*scope, *forced])
    needs = margins or {}
    seen: dict[frozenset[str], tuple[float, int]] = {}

    def step(change: str, names: tuple[str, ...]) -> Step:
        key = frozenset(names)
        if key not in seen:
            seen[key] = fit(names)
        deviance, df = seen[key]
        return Step(change, deviance + penalty * df, deviance, df)

    now = step("", model)
    path = [now]
    while math.isfinite(now.criterion):
        drops: dict[str, tuple[str, ...]] = {}
        adds: dict[str, tuple[str, ...]] = {}
        if direction != "forward":
            drops = {
                f"- {t}": tuple(other for other in model if other != t)
                for t in model
                if t not in forced and not any(t in needs.get(other, ()) for other in model)
            }
        if direction != "backward":
            adds = {
                f"+ {t}": (*model, t)
                for t in scope
                if t not in model and set(needs.get(t, ())) <= set(model)
            }
        found = [step(change, names) for change, names in drops.items()]
        idle = [s for s in found if s.df == now.df]
        if idle:
            best = idle[-1]
        else:
            found += [s for c, names in adds.items() if (s := step(c, names)).df != now.df]
            found = [s for s in found if not math.isnan(s.criterion)]
            if not found:
                break
            best = min(found, key=lambda s: s.criterion)
            if best.criterion >= now.criterion - 1e-9:  # rounding is no improvement
                break
        now, model = best, {**drops, **adds}[best.change]
        path.append(now)
    note = (
        "" if math.isfinite(now.criterion) else "a model without finite deviance ended the search"
    )
    return Stepwise(model, now.criterion, tuple(path), penalty, f"stepwise, {direction}", note)


@dataclass(frozen=True)
class BackwardByP:
    """Backward elimination: what is left, what went (in order) with its p value at that step."""

    selected: tuple[str, ...]
    removed: tuple[str, ...]
    p_removed: tuple[float, ...]
    alpha: float
    method: str


def backward_by_p(
    p_values: PValues, terms: Sequence[str], alpha: float = 0.05, forced: Sequence[str] = ()
) -> BackwardByP:
    """Drop the term with the largest p value and refit, until none is above ``alpha``.

    Parameters
    ----------
    p_values : callable
        Gives each term's p value in the model of a set of terms, as
        `radpipe.stats.terms.logistic_wald`. A term without one (NaN) goes first.
    terms : sequence of str
        Terms of the first model.
    alpha : float
        In (0, 1).
    forced : sequence of str
        Terms that never leave.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}; it lies between 0 and 1")
    _known(forced, terms)
    model, removed, at = tuple(terms), [], []
    while open_terms := [t for t in model if t not in forced]:
        p = p_values(model)
        worst = max(open_terms, key=lambda t: math.inf if math.isnan(p[t]) else p[t])
        if p[worst] <= alpha:
            break
        removed.append(worst)
        at.append(p[worst])
        model = tuple(t for t in model if t != worst)
    method = f"backward elimination, p > {alpha:g} leaves"
    return BackwardByP(model, tuple(removed), tuple(at), alpha, method)


def term_tests(
    fit: Fitter, terms: Sequence[str], n: int, margins: Margins | None = None
) -> dict[str, TestResult]:
    """Test each term by the likelihood ratio against the model without it, as ``drop1``.

    Parameters
    ----------
    fit : Fitter
        Its deviance must be -2 log-likelihood (so not that of `linear_terms`' small samples,
        where an F test is meant).
    terms : sequence of str
        Terms of the model. One that a margin of another needs is not tested.
    n : int
        Cases used.
    """
    whole, needs = fit(tuple(terms)), margins or {}
    out = {}
    for term in terms:
        if not any(term in needs.get(other, ()) for other in terms):
            less = fit(tuple(other for other in terms if other != term))
            out[term] = likelihood_ratio(*less, *whole, n)
    return out


def _known(names: Sequence[str], allowed: Sequence[str]) -> None:
    unknown = [name for name in names if name not in allowed]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of the terms {list(allowed)}")

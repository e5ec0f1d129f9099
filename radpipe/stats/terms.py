"""Model terms: a variable, or the columns of a factor, that enter and leave a model together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from radpipe.stats.cox_likelihood import Ties
from radpipe.stats.design import Array, matrix, vector
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.model_tests import wald_test

Fitter = Callable[[tuple[str, ...]], tuple[float, int]]
"""From the names of terms to the model's deviance (-2 log-likelihood, up to a constant) and its
number of coefficients."""

PValues = Callable[[tuple[str, ...]], Mapping[str, float]]
"""From the names of terms to the p value of each in the model of them all."""


def contrasts(values: Any, levels: Sequence[Any]) -> Array:
    """Return a factor's treatment contrasts: an indicator of every level but the first.

    Parameters
    ----------
    values : array of shape (n,)
        Labels.
    levels : sequence of k labels, k >= 2
        The first is the reference.

    Returns
    -------
    array of shape (n, k - 1)

    Raises
    ------
    ValueError
        If a level stands twice, there are fewer than two, or a value is none of them.
    """
    known = list(levels)
    if len(known) < 2 or len(set(known)) < len(known):
        raise ValueError(f"a factor needs two or more distinct levels, not {known}")
    labels = np.asarray(values, dtype=object)
    strange = [v for v in labels if v not in known]
    if strange:
        raise ValueError(f"{strange[0]!r} is none of the levels {known}")
    return np.column_stack([labels == level for level in known[1:]]).astype(np.float64)


def stack(terms: Mapping[str, Any], n: int) -> tuple[Array, dict[str, Array]]:
    """Put the terms' columns side by side.

    Parameters
    ----------
    terms : mapping of name to array of shape (n,) or (n, k)
    n : int
        Rows; needed where there is no term.

    Returns
    -------
    columns : array of shape (n, p)
    places : dict of name to the term's column numbers, from 0
    """
    parts, places, first = [np.empty((n, 0))], {}, 0
    for name, values in terms.items():
        part = matrix(values)
        if part.shape[0] != n:
            raise ValueError(f"{name} has {part.shape[0]} rows, not {n}")
        places[name] = np.arange(first, first + part.shape[1])
        first += part.shape[1]
        parts.append(part)
    return np.column_stack(parts), places


def _pick(terms: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    unknown = [name for name in names if name not in terms]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of the terms {list(terms)}")
    return {name: terms[name] for name in names}


def logistic_terms(terms: Mapping[str, Any], y: Any) -> Fitter:
    """Return the fitter of logistic models of ``y`` (0/1) by sets of terms."""
    n = len(y)

    def fit(names: tuple[str, ...]) -> tuple[float, int]:
        found = fit_logistic(stack(_pick(terms, names), n)[0], y)
        return found.deviance, int(np.isfinite(found.coef).sum())

    return fit


def logistic_wald(terms: Mapping[str, Any], y: Any) -> PValues:
    """Return the Wald p value of each term in the logistic model of a set of terms."""
    n = len(y)

    def p_values(names: tuple[str, ...]) -> dict[str, float]:
        X, places = stack(_pick(terms, names), n)
        found = fit_logistic(X, y)
        return {
            name: wald_test(found.coef, found.vcov, places[name] + 1, found.n).p for name in names
        }

    return p_values


def linear_terms(terms: Mapping[str, Any], y: Any) -> Fitter:
    """Return the fitter of linear models by sets of terms; the deviance is ``n log(RSS / n)``.

    So AIC as R's ``extractAIC`` gives it, which leaves out a constant of ``AIC``.
    """
    outcome = vector(y, len(y), "the outcome")
    n = outcome.size

    def fit(names: tuple[str, ...]) -> tuple[float, int]:
        X = np.column_stack([np.ones(n), stack(_pick(terms, names), n)[0]])
        beta, _, rank, _ = np.linalg.lstsq(X, outcome, rcond=1e-10)
        rss = float(((outcome - X @ beta) ** 2).sum())
        return n * float(np.log(rss / n)) if rss > 0.0 else -np.inf, int(rank)

    return fit


def cox_terms(
    terms: Mapping[str, Any], time: Any, event: Any, ties: Ties = "efron", strata: Any = None
) -> Fitter:
    """Return the fitter of Cox models by sets of terms; the deviance is -2 partial loglik."""
    from radpipe.stats.cox import fit_cox

    n = len(time)

    def fit(names: tuple[str, ...]) -> tuple[float, int]:
        found = fit_cox(stack(_pick(terms, names), n)[0], time, event, ties, strata)
        return -2.0 * found.loglik, int(np.isfinite(found.coef).sum())

    return fit

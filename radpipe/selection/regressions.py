"""The regression of each kind of endpoint, on terms that are columns or whole factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.selection.base import FloatArray, term

REGRESSED = frozenset({"binary", "continuous", "survival"})
"""Kinds of endpoint with a model here: logistic, linear, Cox."""


def terms_of(X: FloatArray, names: list[str]) -> dict[str, FloatArray]:
    """Return the columns of each variable, standardised, in order of the names.

    The scale changes no p value and no likelihood; it keeps the fits away from rounding.
    """
    from radpipe.selection.relation import standardised

    columns: dict[str, list[FloatArray]] = {}
    for name, column in zip(names, standardised(X).T, strict=True):
        columns.setdefault(term(name), []).append(column)
    return {name: np.column_stack(parts) for name, parts in columns.items()}


def fitter(terms: dict[str, FloatArray], y: NDArray[Any]) -> Any:
    """Return what fits the endpoint's model to a set of terms (`radpipe.stats.terms.Fitter`)."""
    from radpipe.stats import terms as regressions

    kind = target.kind_of(y)
    if kind == "continuous":
        return regressions.linear_terms(terms, y)
    if kind == "binary":
        return regressions.logistic_terms(terms, y)
    return regressions.cox_terms(terms, y["time"], y["event"].astype(float))


def term_p(terms: dict[str, FloatArray], y: NDArray[Any]) -> dict[str, float]:
    """Return each term's Wald p value in the model of all of them; NaN where it has none.

    A model that separates the classes, or whose coefficients run to infinity, has none at all.
    """
    from radpipe.stats.linear import fit_linear
    from radpipe.stats.logistic import fit_logistic
    from radpipe.stats.model_tests import wald_test
    from radpipe.stats.terms import stack

    X, places = stack(terms, len(y))
    kind = target.kind_of(y)
    if kind == "survival":
        from radpipe.stats.cox import fit_cox

        cox = fit_cox(X, y["time"], y["event"].astype(float))
        known = {} if cox.monotone else places
        return {t: wald_test(cox.coef, cox.vcov, at, cox.n).p for t, at in known.items()}
    if kind == "continuous":
        linear = fit_linear(X, y)
        if not linear.sigma > 0:
            return {}
        df = float(linear.df_residual)
        return {
            t: wald_test(linear.coef, linear.vcov, at + 1, linear.n, df).p
            for t, at in places.items()
        }
    logistic = fit_logistic(X, y)
    known = {} if logistic.separated else places
    coef, vcov = logistic.coef, logistic.vcov
    return {t: wald_test(coef, vcov, at + 1, logistic.n).p for t, at in known.items()}

"""Variances from each case's influence, with cases of one patient (group) taken together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats, z_value

Fit = TypeVar("Fit")


def codes(groups: Any, n: int) -> IntArray:
    """Return each case's group number, shape (n,); every case is its own group for None.

    Raises
    ------
    ValueError
        If there is not one group per case.
    """
    if groups is None:
        return np.arange(n, dtype=np.int64)
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"{labels.shape} groups for {n} cases")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def clustered(groups: Any) -> bool:
    """Return whether any group holds several cases."""
    if groups is None:
        return False
    labels = np.asarray(groups)
    return bool(np.unique(labels).size < labels.size)


def sums(values: FloatArray, group: IntArray) -> FloatArray:
    """Return the sum of ``values`` (n,) within each group number, shape (number of groups,)."""
    return floats(np.bincount(group, weights=values, minlength=int(group.max(initial=-1)) + 1))


def influence_variance(influence: FloatArray, groups: Any = None) -> float:
    """Return the infinitesimal-jackknife variance: squared group sums of influence, added up.

    ``influence`` (n,) is each case's influence on the estimate itself (it sums to about zero).
    """
    total = sums(influence, codes(groups, influence.size))
    return float(np.sum(total**2))


def totals(rows: FloatArray, group: IntArray) -> FloatArray:
    """Return the sums of ``rows`` (n, k) within each group number, (number of groups, k)."""
    out = np.zeros((int(group.max(initial=-1)) + 1, rows.shape[1]))
    np.add.at(out, group, rows)
    return out


def sandwich(scores: FloatArray, bread: FloatArray, groups: Any = None) -> FloatArray:
    """Return the sandwich covariance of coefficients, the scores of one patient added up first.

    Without any factor for small samples, as ``rms::robcov``, ``survival::coxph(cluster = )`` and
    ``sandwich::vcovCL(type = "HC0", cadjust = FALSE)``: a patient's cases entered twice change
    nothing.

    Parameters
    ----------
    scores : array of shape (n, k)
        Each case's part of the derivative of the log-likelihood.
    bread : array of shape (k, k)
        Inverse information; NaN for a coefficient that the fit has not.
    groups : array of shape (n,), optional
        Patient of each case; every case is its own patient for None.

    Returns
    -------
    array of shape (k, k)
        NaN throughout where there are no more patients than coefficients: their scores, which add
        up to 0, span too little to tell the covariance.
    """
    keep = np.isfinite(np.diag(bread))
    own = scores[:, keep]
    if groups is not None:
        own = totals(own, codes(groups, len(own)))
    out = np.full(bread.shape, np.nan)
    if groups is None or own.shape[0] > own.shape[1]:
        change = own @ bread[np.ix_(keep, keep)]
        out[np.ix_(keep, keep)] = change.T @ change
    return out


def with_vcov(fit: Fit, vcov: FloatArray) -> Fit:
    """Return a fit with another covariance, and the Wald statistics that follow from it.

    Parameters
    ----------
    fit : LogisticFit, CoxFit, MultinomialFit or OrdinalFit
        Anything with coef, se, z, p, lower, upper, vcov and level.
    vcov : array of shape (k, k)
        Of the coefficients in their order, and of what else the fit's own holds; NaN where there
        is none.
    """
    from scipy.special import ndtr

    found: Any = fit
    size, shape = found.coef.size, found.coef.shape
    se = np.sqrt(np.diag(vcov))[:size].reshape(shape)
    z = np.divide(found.coef, se, out=np.full(shape, np.nan), where=se > 0)
    half = z_value(found.level) * se
    more = {"se": se, "z": z, "p": 2.0 * ndtr(-np.abs(z)), "vcov": vcov}
    out: Fit = replace(found, lower=found.coef - half, upper=found.coef + half, **more)
    return out

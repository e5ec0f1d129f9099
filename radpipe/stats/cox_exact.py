"""Cox's model with the exact treatment of ties: the times are truly discrete.

The likelihood of the d events of one time is conditional on their number: their joint hazard over
the sum of the joint hazards of all sets of d rows at risk (Cox 1972), an elementary symmetric
polynomial [1]_.

References
----------
.. [1] Gail MH, Lubin JH, Rubinstein LV. Likelihood calculations for matched case-control studies
   and survival studies with tied death times. Biometrika 1981;68:703-707.
"""

from __future__ import annotations

import numpy as np

from radpipe.stats.cox_likelihood import Moments, RiskSets, exposure, relative_hazard, risk_sums
from radpipe.stats.design import Array


def exact_moments(X: Array, eta: Array, sets: RiskSets) -> Moments:
    """Return the exact partial likelihood with its derivatives at ``eta``.

    As :func:`radpipe.stats.cox_likelihood.moments`; the hazards are Breslow's at these
    coefficients, as in R's survfit.
    """
    w, shift = relative_hazard(eta, sets)
    p = X.shape[1]
    loglik, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    starts = np.flatnonzero(np.r_[True, sets.tied[1:] != sets.tied[:-1]])
    for slot in starts:
        last, count = int(sets.last[slot]), int(sets.count[slot])
        first = int(sets.bounds[np.searchsorted(sets.bounds, last, side="right") - 1])
        at_risk, own = slice(first, last + 1), slice(last - count + 1, last + 1)
        total, gradient, hessian = _symmetric(w[at_risk], X[at_risk], count)
        mean = gradient / total
        loglik += float((eta - shift)[own].sum() - np.log(total))
        score += X[own].sum(axis=0) - mean
        information += hessian / total - np.outer(mean, mean)
    inverse = 1.0 / risk_sums(w[:, None], sets)[:, 0]
    expected = w * exposure(inverse[:, None], sets)[:, 0]
    return Moments(loglik, score, information, inverse * np.exp(-shift[sets.slots]), expected)


def _symmetric(w: Array, X: Array, d: int) -> tuple[float, Array, Array]:
    """Return the elementary symmetric polynomial of degree ``d`` in exp(x beta) and derivatives."""
    p = X.shape[1]
    value = np.zeros(d + 1)
    first = np.zeros((d + 1, p))
    second = np.zeros((d + 1, p, p))
    value[0] = 1.0
    for weight, x in zip(w, X, strict=True):
        # with this row (weight times the sets one smaller) or without it
        cross = x[:, None] * first[:-1, None, :]
        second[1:] += weight * (
            second[:-1] + cross + cross.transpose(0, 2, 1) + np.outer(x, x) * value[:-1, None, None]
        )
        first[1:] += weight * (first[:-1] + x * value[:-1, None])
        value[1:] += weight * value[:-1]
    return float(value[d]), first[d], second[d]

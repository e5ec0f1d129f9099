"""The R2 that a logistic model has by its C statistic, for sample sizes.

Riley, Van Calster and Collins, Stat Med 2021;40:859.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from radpipe.stats.expected_shrinkage import check_share
from radpipe.stats.recalibration import recalibrate


def r2_from_c(c: float, prevalence: float, simulate: int = 0, seed: int = 0) -> float:
    """Return the Cox-Snell R2 of a logistic model with a C statistic.

    The linear predictor is taken as normal, with one variance, in cases with and without the
    event.

    Parameters
    ----------
    c : float
        C statistic, in (0.5, 1).
    prevalence : float
        Share with the event, in (0, 1).
    simulate : int
        Draw so many cases and fit the model, as pmsampsize does with a million; 0: by
        integration, without error from drawing.
    seed : int
        Of the draws.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    check_share("prevalence", prevalence)
    if not 0.5 < c < 1:
        raise ValueError(f"a C statistic of {c} is not in (0.5, 1)")
    apart = math.sqrt(2) * float(special.ndtri(c))
    null = float(special.entr(prevalence) + special.entr(1 - prevalence))
    if simulate:
        events = round(simulate * prevalence)
        if not 0 < events < simulate:
            raise ValueError(f"{simulate} cases at a prevalence of {prevalence} have one class")
        y = np.arange(simulate) < events
        x = np.random.default_rng(seed).normal(size=simulate) + apart * y
        line = recalibrate(y.astype(float), x[:, None], np.ones((simulate, 1)))
        eta = line.intercept + line.slope * x
        return float(-np.expm1(-2 * (null + np.mean(y * eta - np.logaddexp(0, eta)))))
    node, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()
    start = float(special.logit(prevalence))
    with_event = start + apart * (node + apart) - apart**2 / 2
    without = start + apart * node - apart**2 / 2
    loss = prevalence * (weight @ np.logaddexp(0, -with_event))
    loss += (1 - prevalence) * (weight @ np.logaddexp(0, without))
    return float(-np.expm1(-2 * (null - loss)))

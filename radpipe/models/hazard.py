"""From a linear predictor to the risk by a horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.models.base import FloatArray
from radpipe.stats.cox import Baseline
from radpipe.stats.cox_likelihood import moments, risk_sets


def baseline_hazard(lp: FloatArray, y: NDArray[Any]) -> Baseline:
    """Return the cumulative hazard at linear predictor 0, given each row's (Efron's estimator).

    Parameters
    ----------
    lp : array, shape (n,)
        Linear predictors (log relative hazards), taken as known.
    y : structured array, shape (n,)
        Survival target.
    """
    sets = risk_sets(y["time"], y["event"], "efron", np.zeros(len(y)))
    steps = moments(np.empty((len(y), 0)), np.asarray(lp, dtype=float)[sets.order], sets).hazard
    times, place = np.unique(sets.time[sets.slots], return_inverse=True)
    return Baseline(0.0, times, np.cumsum(np.bincount(place, weights=steps)))


def risk_at(baseline: Baseline, lp: FloatArray, horizons: tuple[float, ...]) -> FloatArray:
    """Return 1 - exp(-H0(t) exp(lp)), shape (n, len(horizons)), in [0, 1]."""
    hazard = baseline.at(np.asarray(horizons, dtype=float))
    relative = np.exp(np.minimum(lp, 700.0))
    return np.asarray(-np.expm1(-np.outer(relative, hazard)))

"""From a linear predictor to the risk by a horizon."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.models.base import FloatArray, ScoreScale
from radpipe.models.line import Line
from radpipe.stats.cox import Baseline
from radpipe.stats.cox_likelihood import moments, risk_sets

LIMIT = 100.0  # of a log hazard: beyond it a risk is 0 or 1 whatever the baseline

Hazard = tuple[FloatArray, FloatArray]
"""Event times, ascending, and the cumulative hazard from each of them on. Plain arrays, since
they are stored with the model."""


def baseline_hazard(lp: FloatArray, y: NDArray[Any]) -> Hazard:
    """Return the cumulative hazard at linear predictor 0, given each row's (Efron's estimator).

    Parameters
    ----------
    lp : array, shape (n,)
        Linear predictors (log relative hazards), taken as known.
    y : structured array, shape (n,)
        Survival target.
    """
    sets = risk_sets(y["time"], y["event"], "efron", np.zeros(len(y)))
    steps = moments(np.empty((len(y), 0)), np.clip(lp, -LIMIT, LIMIT)[sets.order], sets).hazard
    times, place = np.unique(sets.time[sets.slots], return_inverse=True)
    return times, np.cumsum(np.bincount(place, weights=steps))


def hazard_at(baseline: Hazard, horizons: tuple[float, ...]) -> FloatArray:
    """Return the cumulative hazard at each horizon; flat after the last event."""
    return Baseline(0.0, *baseline).at(np.asarray(horizons, dtype=float))


def risk_at(baseline: Hazard, lp: FloatArray, horizons: tuple[float, ...]) -> FloatArray:
    """Return 1 - exp(-H0(t) exp(lp)), shape (n, len(horizons)), in [0, 1]."""
    hazard = hazard_at(baseline, horizons)
    relative = np.exp(np.clip(lp, -LIMIT, LIMIT))
    return np.asarray(-np.expm1(-np.outer(relative, hazard)))


def causes(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return what ended each time: 0 censoring, 1 the event, 2 a competing event, shape (n,)."""
    return np.where(y["event"], 1, np.where(y["competing"], 2, 0)).astype(np.int64)


def incidence_hazard(y: NDArray[Any]) -> Hazard:
    """Return the cumulative hazard whose risk is the cumulative incidence of the event."""
    from radpipe.stats.cumulative_incidence import cumulative_incidence

    curve = cumulative_incidence(y["time"], causes(y))
    return curve.times, -np.log1p(-np.minimum(curve.incidence, 1 - 1e-15))


class LogHazard(Line):
    """The linear predictor is the log hazard relative to the training rows' mean."""

    score_scale: ClassVar[ScoreScale] = "log_hazard"
    baseline_: Hazard

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons)); flat after the last event."""
        return risk_at(self.baseline_, self.predict_score(X), horizons)

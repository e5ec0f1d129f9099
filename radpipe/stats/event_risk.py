"""The probability of an event by one horizon, without the rest of the curve."""

from __future__ import annotations

import numpy as np

from radpipe.stats.cumulative_incidence import count
from radpipe.stats.results import NAN, FloatArray, IntArray


def risk_at(t: FloatArray, code: IntArray, horizon: float) -> float:
    """Return P(event 1 by the horizon), by Aalen and Johansen; 1 - Kaplan-Meier without rivals.

    Parameters
    ----------
    t : array (n,)
        Times, ties by rounding made equal.
    code : array (n,)
        0 for censored, 1 for the event, 2 for a competing one.
    horizon : float
        In the unit of ``t``. Beyond the last time the curve is flat.

    Returns
    -------
    float
        NaN without cases.
    """
    if t.size == 0:
        return NAN
    return float(count(t, code, np.unique(t[t <= horizon])).incidence[-1:].sum())

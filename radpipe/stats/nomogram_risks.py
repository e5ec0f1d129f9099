"""The risk axes that a nomogram is read by: as long as its variables reach, and as fine as needed.

rms leaves the choice of the risks to its user. The usual round ones do for risks that span a wide
range; a narrow range holds few of them or none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from radpipe.stats.nomogram import (
    Nomogram,
    Scale,
    Term,
    cox_risk_axis,
    linear_predictor,
    pretty,
    risk_axis,
)

USUAL = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_LOW = tuple(
    round(digit * 10.0**-power, power + 1)
    for power in (4, 3, 2)
    for digit in (1, 1.5, 2, 3, 5, 7)
)  # fmt: skip
_MIDDLE = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
FINER = (*_LOW, *_MIDDLE, *(round(1 - p, 5) for p in reversed(_LOW)))
"""Risks for axes that end among small or large ones, where steps of a tenth are coarse."""
INTERVALS = 8
LEAST = 4
BARE = 0.1
"""What share of the line may lie beyond the outermost tick."""
CONSTANT = 1e-4
"""Risks that differ by less than this share of themselves are one in print."""


def reachable(terms: Sequence[Term], intercept: float) -> tuple[float, float]:
    """Return the lowest and the highest linear predictor that the variables' axes can give."""
    low, high = (intercept + sum(end(t.effects) for t in terms) for end in (min, max))
    return low, high


def read_risks(nomogram: Nomogram, cumulative_hazard: float | None = None) -> tuple[Scale, Scale]:
    """Return the ticks of a risk axis and the two ends of its line.

    Parameters
    ----------
    nomogram : Nomogram
    cumulative_hazard : float, optional
        Of a Cox model's baseline (linear predictor 0) at the horizon; None for a logistic model.

    Returns
    -------
    ticks : Scale
        `USUAL` risks where at least `LEAST` of them cover the line, else `FINER` ones, else
        evenly spaced ones; empty where the risk is the same at every total.
    ends : Scale
        From 0 points to the highest total that the variables can give; where the risks go beyond
        those that have a tick at all (1% to 99%), to the outermost tick.
    """
    top = sum(max(axis.points) for axis in nomogram.axes)
    lp = linear_predictor(nomogram, [0.0, top])
    low, high = (float(risk) for risk in _risks(lp, cumulative_hazard))
    if not high - low > CONSTANT * high:
        return Scale("Risk", (), ()), Scale("Risk", (low, high), (0.0, top))
    found = [
        _ticks(nomogram, cumulative_hazard, risks, (low, high), top)
        for risks in (USUAL, FINER, pretty(low, high, INTERVALS))
    ]
    fine = [(ticks, ends) for ticks, ends in found if len(ticks.points) >= LEAST] or found[-1:]
    return next((one for one in fine if _bare(*one) <= BARE), min(fine, key=lambda f: _bare(*f)))


def _ticks(
    nomogram: Nomogram,
    cumulative_hazard: float | None,
    risks: Sequence[float],
    reach: tuple[float, float],
    top: float,
) -> tuple[Scale, Scale]:
    """Return those of the risks that lie within reach, and the ends of their line."""
    low, high = reach
    near = 1e-9 * (high - low)
    inside = [r for r in risks if low - near <= r <= high + near and 0.0 < r < 1.0]
    if cumulative_hazard is None:
        ticks = risk_axis(nomogram, inside)
    else:
        ticks = cox_risk_axis(nomogram, inside, cumulative_hazard)
    left, right = (low, 0.0), (high, top)
    if inside and risks[0] > low + near:
        left = (ticks.values[0], ticks.points[0])
    if inside and risks[-1] < high - near:
        right = (ticks.values[-1], ticks.points[-1])
    return ticks, Scale("Risk", *zip(left, right, strict=True))


def _bare(ticks: Scale, ends: Scale) -> float:
    """Return the larger share of the line that lies beyond the outermost tick of a side."""
    (left, right), at = ends.points, ticks.points
    return max(at[0] - left, right - at[-1]) / (right - left)


def _risks(lp: np.ndarray, cumulative_hazard: float | None) -> np.ndarray:
    if cumulative_hazard is None:
        return np.asarray(special.expit(lp))
    if not cumulative_hazard > 0.0:
        return np.zeros(lp.shape)
    # beyond exp(50) the risk is 1 whatever the hazard
    return np.asarray(-np.expm1(-np.exp(np.minimum(lp + np.log(cumulative_hazard), 50.0))))

"""A batch that ComBat was not fitted on, brought to the others by its own features.

No outcome takes part, but the cases to be predicted do: what is said of one of them depends on
which others of its batch are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpipe.preparation.base import BoolArray, FloatArray
from radpipe.preparation.order import moments, varies
from radpipe.stats.combat import ComBat

LEAST_CASES = 10
_CONVERGENCE = 1e-4


@dataclass(frozen=True)
class Frame:
    """What training rows expect of a feature: mean (p,), covariates' effects (c, p), sd (p,)."""

    mean: FloatArray
    coefficients: FloatArray
    sd: FloatArray
    adjusted: BoolArray


def frame_of(fitted: ComBat, values: FloatArray, extra: FloatArray | None) -> Frame:
    """Return the frame of a fitted adjustment.

    With a single training batch there was nothing to adjust for, and the frame is that batch:
    a least-squares fit on the covariates, with divisor n, as ComBat pools variances.
    """
    if len(fitted.batches) > 1:
        return Frame(fitted.grand_mean, fitted.coefficients, fitted.sd, fitted.adjusted)
    n, p = values.shape
    known = ~np.isnan(values)
    adjusted = known.all(axis=0) & varies(*moments(values))
    design = np.column_stack([np.ones(n), *([] if extra is None else [extra])])
    found = np.zeros((design.shape[1], p))
    found[:, adjusted] = np.linalg.lstsq(design, values[:, adjusted], rcond=None)[0]
    sd = np.ones(p)
    rest = values[:, adjusted] - design @ found[:, adjusted]
    sd[adjusted] = np.sqrt((rest**2).mean(axis=0))
    adjusted &= sd > 1e-13 * np.abs(found[0])
    return Frame(found[0], found[1:], np.where(adjusted, sd, 1.0), adjusted)


def harmonise(
    frame: Frame, values: FloatArray, extra: FloatArray, prior: str, mean_only: bool
) -> FloatArray:
    """Return the rows of one unseen batch on the scale of the training rows.

    Location and scale of the batch are ComBat's: shrunken over its features, after training's
    mean, covariate effects and standard deviation. A feature that training did not adjust, or
    that is constant or nowhere known in the batch, stays as it is.

    Parameters
    ----------
    frame : Frame
    values : array (m, p)
        Features of the batch.
    extra : array (m, c)
        Covariates of its cases.
    prior : {'parametric', 'nonparametric'}
    mean_only : bool
        Leave the batch's variances.
    """
    from radpipe.stats.combat_prior import nonparametric, parametric, shrunken_means

    shown = frame.adjusted & varies(*moments(values))
    expected = frame.mean + extra @ frame.coefficients
    scaled = (values - expected) / frame.sd
    location, spread = moments(scaled)
    at = np.flatnonzero(shown & (spread > 0))
    if at.size < 2:  # nothing to learn the spread of batch effects from
        return values
    part, centre = scaled[:, at], location[at]
    variance = np.ones(at.size) if mean_only else spread[at] ** 2
    if prior == "nonparametric":
        shift, variance = nonparametric(part, centre, variance)
    elif mean_only:
        shift = shrunken_means(centre)
    else:
        shift, variance = parametric(part, centre, variance, _CONVERGENCE)
    if mean_only:
        variance = np.ones(at.size)
    out = values.copy()
    out[:, at] = (part - shift) / np.sqrt(variance) * frame.sd[at] + expected[:, at]
    return out

"""Tests of a Cox fit for proportional hazards.

The data given here are those of the fit, as for `radpipe.stats.cox_residuals`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.cox import ChiSquared, CoxFit, chi_squared
from radpipe.stats.cox_likelihood import RiskSets, exposure
from radpipe.stats.cox_residuals import FittedData, beyond_expected, fitted_data
from radpipe.stats.design import Array, DegenerateDataError

TimeScale = Literal["km", "rank", "identity", "log"]


@dataclass(frozen=True)
class HazardTest:
    """Tests that hazards are proportional: one for each term, and one for all."""

    terms: tuple[ChiSquared, ...]
    overall: ChiSquared
    scale: TimeScale
    method: str


def hazard_test(
    fit: CoxFit,
    X: Any,
    time: Any,
    event: Any,
    scale: TimeScale = "km",
    strata: Any = None,
    terms: Any = None,
) -> HazardTest:
    """Test proportional hazards by the score test, as R's ``cox.zph`` since survival 3.0.

    The model is enlarged by covariate times g(time) for the columns of a term, and the score of
    those is tested at the fitted coefficients.

    Parameters
    ----------
    scale : "km", "rank", "identity" or "log"
        g: 1 - Kaplan-Meier just before the time, rank of the event time, the time, its logarithm.
    terms : sequence of sequences of int, optional
        Columns of each term; each column by itself without.

    Raises
    ------
    DegenerateDataError
        With fewer than two event times.
    """
    found = fitted_data(fit, X, time, event, strata)
    g = _scaled_times(found.sets, scale, among=found.sets.time)
    rows = found.X[found.sets.slots] - found.mean
    score = g @ rows
    plain, mixed, square = _weighted_information(found, g)
    keep = np.isfinite(fit.coef)
    inner = square - mixed @ _inverse(plain, keep) @ mixed

    def test(columns: list[int]) -> ChiSquared:
        used = [j for j in columns if keep[j]]
        block = np.linalg.pinv(inner[np.ix_(used, used)], hermitian=True)
        return chi_squared(float(score[used] @ block @ score[used]), len(used))

    p = rows.shape[1]
    parts = [list(t) for t in terms] if terms is not None else [[j] for j in range(p)]
    return HazardTest(
        tuple(test(part) for part in parts),
        test(list(range(p))),
        scale,
        f"score test of proportional hazards, time as {scale}",
    )


def hazard_test_correlation(
    fit: CoxFit, X: Any, time: Any, event: Any, scale: TimeScale = "km", strata: Any = None
) -> tuple[ChiSquared, ...]:
    """Return Grambsch and Therneau's approximate test for each column (Biometrika 1994;81:515).

    The form of R's ``cox.zph`` before survival 3.0, of lifelines and of SAS; the score test is
    preferred.
    """
    found = fitted_data(fit, X, time, event, strata)
    g = _scaled_times(found.sets, scale, among=found.sets.time[found.sets.slots])
    covariance = np.nan_to_num(fit.vcov)
    scaled = beyond_expected(found) @ covariance * g.size
    spread = np.diag(covariance) * g.size * float(np.sum((g - g.mean()) ** 2))
    top = ((g - g.mean()) @ scaled) ** 2
    chi2 = np.divide(top, spread, out=np.full_like(top, np.nan), where=spread > 0)
    return tuple(chi_squared(float(c), 1) for c in chi2)


def _weighted_information(found: FittedData, g: Array) -> tuple[Array, Array, Array]:
    """Return the slots' covariance matrices summed with weights 1, g and g squared."""
    weights = np.stack([np.ones_like(g), g, g * g], axis=1)
    # Sum over slots of weight * E[xx'] is a sum over rows, each with its exposure.
    held = exposure(weights * found.hazard[:, None], found.sets) * found.w[:, None]
    first = np.einsum("nk,ni,nj->kij", held, found.X, found.X, optimize=True)
    second = np.einsum("sk,si,sj->kij", weights, found.mean, found.mean, optimize=True)
    plain, mixed, square = first - second
    return plain, mixed, square


def _inverse(information: Array, keep: Any) -> Array:
    out = np.zeros_like(information)
    out[np.ix_(keep, keep)] = np.linalg.pinv(information[np.ix_(keep, keep)], hermitian=True)
    return out


def _scaled_times(sets: RiskSets, scale: TimeScale, among: Array) -> Array:
    """Return g at each slot's time, centred (the score of the coefficients themselves is 0).

    Ranks are those ``among`` all times for the score test, as cox.zph has them, and among the
    events' for the older form.
    """
    t = sets.time[sets.slots]
    if np.unique(t).size < 2:
        raise DegenerateDataError("one event time only: no change over time can be seen")
    if scale == "identity":
        g = t
    elif scale == "log":
        if t.min() <= 0:
            raise ValueError(f"scale 'log' needs times above 0, not {t.min():g}")
        g = np.log(t)
    elif scale == "rank":
        g = _ranks(among, t)
    elif scale == "km":
        g = 1.0 - _km_before(sets.time, sets.event, t)
    else:
        raise ValueError(f"scale {scale!r} is not known; allowed: km, rank, identity, log")
    out: Array = g - g.mean()
    return out


def _ranks(among: Array, at: Array) -> Array:
    """Return the mean ranks of times that stand ``among`` others."""
    known = np.sort(among)
    first, last = (np.searchsorted(known, at, side=side) for side in ("left", "right"))
    out: Array = (first + 1 + last) / 2.0
    return out


def _km_before(time: Array, event: Any, at: Array) -> Array:
    """Return the Kaplan-Meier estimate of all cases just before ``at``."""
    from radpipe.stats.survival import kaplan_meier

    curve = kaplan_meier(time, event)
    steps = np.concatenate([[1.0], curve.survival])
    out: Array = steps[np.searchsorted(curve.times, at, side="left")]
    return out

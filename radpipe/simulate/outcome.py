"""The endpoint's columns: what happens to cases of a given latent risk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radpipe.simulate.spec import SimulateSpec

FloatArray = NDArray[np.float64]
Columns = dict[str, list[str]]


def outcome(rng: np.random.Generator, spec: SimulateSpec, risk: FloatArray) -> Columns:
    """Return the endpoint's columns as text, with exactly the shares that were asked for.

    Parameters
    ----------
    rng : Generator
        Source of all chance.
    spec : SimulateSpec
        Says which endpoint.
    risk : array, shape (n,)
        Log odds or log hazard, up to a constant.
    """
    if spec.endpoint == "survival":
        return _survival(rng, spec, risk)
    if spec.endpoint == "continuous":
        value = 50 + 10 * (risk + rng.normal(size=len(risk)))
        return {"value": [f"{v:.2f}" for v in value]}
    # A threshold model: the risk plus logistic noise, cut where the shares say.
    liability = risk + rng.logistic(size=len(risk))
    if spec.endpoint == "binary":
        events = round(spec.cases * spec.prevalence)
        cut = np.sort(liability)[-events]
        return {"event": (liability >= cut).astype(int).astype(str).tolist()}
    shares = spec.shares or [1 / len(spec.classes)] * len(spec.classes)
    rank = np.argsort(np.argsort(liability))
    steps = np.rint(np.cumsum(shares)[:-1] * spec.cases)
    return {"class": [spec.classes[i] for i in np.digitize(rank, steps)]}


def _survival(rng: np.random.Generator, spec: SimulateSpec, risk: FloatArray) -> Columns:
    """Return Weibull times of shape 1.2, and what was seen at them."""
    events = round(spec.cases * spec.prevalence)
    # The scale is what makes `events` of the times precede censoring.
    time = (rng.exponential(size=spec.cases) / np.exp(risk)) ** (1 / 1.2)
    censored = rng.uniform(0.4, 1.0, size=spec.cases) * spec.follow_up_days
    ratio = np.sort(censored / time)[::-1]
    time = time * (ratio[events - 1] + ratio[events]) / 2
    seen = time <= censored
    last, code = np.where(seen, time, censored), seen.astype(int)
    if spec.competing:
        early = _competing(rng, spec, np.flatnonzero(~seen))
        last[early] *= rng.uniform(0.1, 1.0, size=len(early))
        code[early] = 2
    days = np.maximum(np.ceil(last), 1).astype(int)
    return {"time": days.astype(str).tolist(), "event": code.astype(str).tolist()}


def _competing(
    rng: np.random.Generator, spec: SimulateSpec, censored: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the cases with a competing event: it strikes at random, whatever the risk."""
    count = min(round(spec.cases * spec.competing), len(censored))
    return rng.choice(censored, size=count, replace=False)

"""What the calibration of binary risks is measured by, set by set of risks, with influences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import codes, influence_variance
from radpipe.stats.recalibration import recalibrate
from radpipe.stats.results import NAN, BoolArray, FloatArray, counted, floats, join_notes, labels01

_EDGE = 1e-10


@dataclass(frozen=True)
class Measure:
    """One measure of R sets of risks: values and model-based standard errors (R,), influences.

    Influences are (n, R) and NaN where a set lacks the case.
    """

    value: FloatArray
    se: FloatArray
    influence: FloatArray
    reason: tuple[str, ...]


def known_cases(y: Any, risk: Any) -> tuple[FloatArray, FloatArray, str]:
    """Return outcome and risk of the cases that have a risk, and a note on the others.

    Raises
    ------
    ValueError
        If the two are not of one length, the outcome is not 0/1, or a risk lies outside [0, 1].
    """
    outcome, p = np.asarray(y), floats(risk)
    if p.ndim != 1 or outcome.shape != p.shape:
        raise ValueError(f"risks of shape {p.shape} for an outcome of shape {outcome.shape}")
    known = ~np.isnan(p)
    event, p = labels01(outcome[known]).astype(np.float64), p[known]
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a risk lies outside [0, 1]")
    missing = int((~known).sum())
    return event, p, f"{counted(missing, 'case')} without a risk left out" if missing else ""


def measures(event: BoolArray, p: FloatArray) -> dict[str, Measure]:
    known = np.isfinite(p)
    y = event.astype(float)
    outcome = np.where(known, y[:, None], NAN)
    size = known.sum(axis=0)
    nothing = np.full(size.shape, NAN)
    events = np.where(known, y[:, None], 0.0).sum(axis=0)
    expected = np.where(known, p, 0.0).sum(axis=0)
    squares = (outcome - p) ** 2
    brier = _divide(np.where(known, squares, 0.0).sum(axis=0), size)
    prevalence = _divide(events, size)
    worst = prevalence * (1 - prevalence)
    fits = recalibrate(y, logit(p), known)
    one_class = tuple("all cases belong to one class" if not w > 0 else "" for w in worst)
    no_events = tuple("no events" if not e > 0 else "" for e in events)
    fine = ("",) * size.size
    seen = np.where(known, 1.0, NAN)
    return {
        "brier": Measure(brier, nothing, _divide(squares - brier, size), fine),
        "scaled_brier": Measure(1 - _divide(brier, worst), nothing, nothing * seen, one_class),
        # Influences on the log of O/E.
        "oe": Measure(
            np.where(events > 0, _divide(events, expected), NAN),
            np.sqrt(_divide(1 - prevalence, events)),
            _divide(outcome - prevalence, events) - _divide(p - _divide(expected, size), expected),
            no_events,
        ),
        "in_the_large": Measure(fits.shift, fits.shift_se, fits.shift_influence * seen, one_class),
        "intercept": Measure(
            fits.intercept, fits.intercept_se, fits.intercept_influence * seen, fits.reason
        ),
        "slope": Measure(fits.slope, fits.slope_se, fits.slope_influence * seen, fits.reason),
    }


def logit(p: FloatArray) -> FloatArray:
    """Return log odds, with risks held 1e-10 away from 0 and 1."""
    q = np.clip(p, _EDGE, 1 - _EDGE)
    return floats(np.log(q / (1 - q)))


def _divide(top: Any, bottom: Any) -> FloatArray:
    top, bottom = np.broadcast_arrays(floats(top), floats(bottom))
    return floats(np.divide(top, bottom, out=np.full(top.shape, NAN), where=bottom > 0))


def average(m: Measure) -> tuple[float, FloatArray, str]:
    """Return a measure's mean over repeats, the cases' averaged influences, and a note."""
    defined = np.isfinite(m.value)
    n = m.influence.shape[0]
    if not defined.any():
        return NAN, np.full(n, NAN), join_notes(*m.reason) or "undefined"
    influence = m.influence[:, defined]
    known = np.isfinite(influence)
    # Rescaled so that a case seen in some repeats only counts as one case of the whole.
    scaled = np.where(known, influence * (known.sum(axis=0) / n), 0.0)
    skipped = int((~defined).sum())
    note = f"{counted(skipped, 'repeat')} in which it is undefined left out" if skipped else ""
    return float(m.value[defined].mean()), _divide(scaled.sum(axis=1), known.sum(axis=1)), note


def influence_se(influence: FloatArray, groups: Any) -> float:
    known = np.isfinite(influence)
    group = codes(None if groups is None else np.asarray(groups)[known], int(known.sum()))
    units = np.unique(group).size
    if units < 2:
        return NAN
    return float(np.sqrt(influence_variance(influence[known], group) * units / (units - 1)))

"""Calibration of binary risks: intercept, slope, observed/expected, Brier score, smooth curve.

Over repeats of cross-validation each measure is the mean over repeats, and its standard error
comes from each case's influence averaged over repeats (a sandwich), conditional on the fitted
models. For one set of predictions the model-based Wald intervals are R's (glm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, influence_variance
from radpipe.stats.recalibration import recalibrate
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    labels01,
    normal_p,
    z_value,
)
from radpipe.stats.smooth import lowess

_EDGE = 1e-10


@dataclass(frozen=True)
class Calibration:
    """How predicted risks agree with what happened.

    Parameters
    ----------
    intercept, slope : Estimate
        Of the logistic recalibration ``y ~ logit(risk)``, fitted together; ideal 0 and 1.
    in_the_large : Estimate
        Intercept with the slope held at 1; ideal 0.
    oe : Estimate
        Observed over expected events; ideal 1.
    brier : Estimate
        Mean squared error of the risks.
    scaled_brier : Estimate
        1 - Brier / Brier of the prevalence; 1 is perfect, 0 useless. No interval.
    n, events : int
        Cases and events.
    """

    intercept: Estimate
    slope: Estimate
    in_the_large: Estimate
    oe: Estimate
    brier: Estimate
    scaled_brier: Estimate
    n: int
    events: int


@dataclass(frozen=True)
class CalibrationCurve:
    """The lowess curve of outcome on risk (iter = 0) and its distance from the diagonal.

    ``risk`` and ``observed`` are (n,), sorted by risk. ``ici``, ``e50``, ``e90``, ``emax`` are
    mean, median, 90th percentile and maximum of |observed - risk| (Austin and Steyerberg,
    Stat Med 2019;38:4051, with lowess as smoother).
    """

    risk: FloatArray
    observed: FloatArray
    ici: float
    e50: float
    e90: float
    emax: float
    method: str
    n: int
    note: str = ""


def calibration_binary(y: Any, risk: Any, level: float = 0.95, groups: Any = None) -> Calibration:
    """Return the calibration measures of risks.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    risk : array (n,) or (n, repeats)
        Predicted probability of the event, in [0, 1]; NaN where not predicted. Risks of 0 and 1
        are moved to 1e-10 from the edge on the logit scale.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case; where a patient has several, sandwich errors by patient.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1].
    """
    event, matrix = labels01(y), floats(risk)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if np.nanmin(matrix, initial=0.0) < 0 or np.nanmax(matrix, initial=1.0) > 1:
        raise ValueError("a risk lies outside [0, 1]")
    used = np.isfinite(matrix).any(axis=1)
    event, matrix = event[used], matrix[used]
    part = None if groups is None else np.asarray(groups)[used]
    measured = _measures(event, matrix)
    single = matrix.shape[1] == 1 and not clustered(part)
    where = "" if matrix.shape[1] == 1 else f" averaged over {matrix.shape[1]} repeats"
    who = ", clustered by patient" if clustered(part) else ""
    sandwich = f"sandwich on influences{where}{who}"
    n, events = event.size, int(event.sum())

    def estimate(name: str, wald: str, log: bool = False) -> Estimate:
        value, influence, note = _average(measured[name])
        model_based = single and name != "brier"
        se = float(measured[name].se[0]) if model_based else _se(influence, part)
        half = z_value(level) * se
        low, high = value - half, value + half
        if log:
            low, high = value * float(np.exp(-half)), value * float(np.exp(half))
        method = wald if single else sandwich
        return Estimate(value, low, high, method, n, se, level, events=events, note=note)

    scaled, _, note = _average(measured["scaled_brier"])
    scaled_method = "1 - Brier / Brier of the prevalence"
    return Calibration(
        intercept=estimate("intercept", "Wald (logistic fit)"),
        slope=estimate("slope", "Wald (logistic fit)"),
        in_the_large=estimate("in_the_large", "Wald (logistic fit, slope 1)"),
        oe=estimate("oe", "log method", log=True),
        brier=estimate("brier", "Wald, case by case"),
        scaled_brier=Estimate(scaled, NAN, NAN, scaled_method, n, events=events, note=note),
        n=n,
        events=events,
    )


def calibration_curve(y: Any, risk: Any, span: float = 2 / 3) -> CalibrationCurve:
    """Return the lowess calibration curve; NaN cases are left out.

    ``y`` and ``risk`` are (n,), or for risks pooled over repeats the outcome repeated to match.
    """
    values = floats(risk)
    known = np.isfinite(values)
    event, values = labels01(y)[known], values[known]
    method = f"lowess, span {span:.3g}, no robustness iterations"
    if values.size < 3 or np.ptp(values) == 0:
        nothing = np.full(values.size, NAN)
        note = "fewer than three cases, or all risks equal: no curve"
        return CalibrationCurve(
            np.sort(values), nothing, NAN, NAN, NAN, NAN, method, values.size, note
        )
    x, smooth = lowess(values, event.astype(float), span)
    distance = np.abs(smooth - x)
    return CalibrationCurve(
        risk=x,
        observed=smooth,
        ici=float(distance.mean()),
        e50=float(np.median(distance)),
        e90=float(np.quantile(distance, 0.9)),
        emax=float(distance.max()),
        method=method,
        n=values.size,
    )


def spiegelhalter(y: Any, risk: Any) -> TestResult:
    """Test calibration by Spiegelhalter's z (Stat Med 1986;5:421)."""
    event, p = labels01(y).astype(float), floats(risk)
    variance = float(np.sum((1 - 2 * p) ** 2 * p * (1 - p)))
    if variance == 0:
        return TestResult(NAN, NAN, "Spiegelhalter's z", p.size, note="the variance is zero")
    z = float(np.sum((event - p) * (1 - 2 * p)) / np.sqrt(variance))
    return TestResult(z, normal_p(z), "Spiegelhalter's z", p.size)


@dataclass(frozen=True)
class _Measure:
    """One measure of R sets of risks: values and model-based standard errors (R,), influences.

    Influences are (n, R) and NaN where a set lacks the case.
    """

    value: FloatArray
    se: FloatArray
    influence: FloatArray
    reason: tuple[str, ...]


def _measures(event: BoolArray, p: FloatArray) -> dict[str, _Measure]:
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
        "brier": _Measure(brier, nothing, _divide(squares - brier, size), fine),
        "scaled_brier": _Measure(1 - _divide(brier, worst), nothing, nothing * seen, one_class),
        # Influences on the log of O/E.
        "oe": _Measure(
            np.where(events > 0, _divide(events, expected), NAN),
            np.sqrt(_divide(1 - prevalence, events)),
            _divide(outcome - prevalence, events) - _divide(p - _divide(expected, size), expected),
            no_events,
        ),
        "in_the_large": _Measure(fits.shift, fits.shift_se, fits.shift_influence * seen, one_class),
        "intercept": _Measure(
            fits.intercept, fits.intercept_se, fits.intercept_influence * seen, fits.reason
        ),
        "slope": _Measure(fits.slope, fits.slope_se, fits.slope_influence * seen, fits.reason),
    }


def logit(p: FloatArray) -> FloatArray:
    """Return log odds, with risks held 1e-10 away from 0 and 1."""
    q = np.clip(p, _EDGE, 1 - _EDGE)
    return floats(np.log(q / (1 - q)))


def _divide(top: Any, bottom: Any) -> FloatArray:
    top, bottom = np.broadcast_arrays(floats(top), floats(bottom))
    return floats(np.divide(top, bottom, out=np.full(top.shape, NAN), where=bottom > 0))


def _average(m: _Measure) -> tuple[float, FloatArray, str]:
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
    note = f"{skipped} repeats in which it is undefined left out" if skipped else ""
    return float(m.value[defined].mean()), _divide(scaled.sum(axis=1), known.sum(axis=1)), note


def _se(influence: FloatArray, groups: Any) -> float:
    known = np.isfinite(influence)
    group = codes(None if groups is None else np.asarray(groups)[known], int(known.sum()))
    units = np.unique(group).size
    if units < 2:
        return NAN
    return float(np.sqrt(influence_variance(influence[known], group) * units / (units - 1)))

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
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.logistic import fit_logistic
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


def calibration_binary(
    y: Any, risk: Any, level: float = 0.95, groups: Any = None
) -> Calibration:
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
    parts = [_one(event, column) for column in matrix.T]
    single = matrix.shape[1] == 1 and not clustered(part)
    where = "" if matrix.shape[1] == 1 else f" averaged over {matrix.shape[1]} repeats"
    who = ", clustered by patient" if clustered(part) else ""
    sandwich = f"sandwich on influences{where}{who}"
    n, events = event.size, int(event.sum())

    def estimate(name: str, model_se: float, wald: str, log: bool = False) -> Estimate:
        value, influence, note = _average(parts, name, n)
        se = model_se if single else _se(influence, part)
        half = z_value(level) * se
        low, high = value - half, value + half
        if log:
            low, high = value * np.exp(-half), value * np.exp(half)
        method = wald if single else sandwich
        return Estimate(
            value, float(low), float(high), method, n, se, level, events=events, note=note
        )

    first = parts[0] if parts else _Part({}, {}, {}, "no predictions")
    brier = estimate("brier", _se(_average(parts, "brier", n)[1], part), "Wald, case by case")
    scaled, _, note = _average(parts, "scaled_brier", n)
    return Calibration(
        intercept=estimate("intercept", first.se.get("intercept", NAN), "Wald (logistic fit)"),
        slope=estimate("slope", first.se.get("slope", NAN), "Wald (logistic fit)"),
        in_the_large=estimate(
            "in_the_large", first.se.get("in_the_large", NAN), "Wald (logistic fit, slope 1)"
        ),
        oe=estimate("oe", first.se.get("oe", NAN), "log method", log=True),
        brier=brier,
        scaled_brier=Estimate(
            scaled, NAN, NAN, "1 - Brier / Brier of the prevalence", n, events=events, note=note
        ),
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
class _Part:
    """One repeat: values, model-based standard errors, and influences of its cases by measure."""

    value: dict[str, float]
    se: dict[str, float]
    influence: dict[str, FloatArray]
    note: str = ""


def _one(event: BoolArray, column: FloatArray) -> _Part:
    known = np.isfinite(column)
    y, p = event[known].astype(float), column[known]
    n = y.size
    out = _Part({}, {}, {})

    def add(name: str, value: float, se: float, influence: FloatArray) -> None:
        full = np.full(event.size, NAN)
        full[known] = influence
        out.value[name], out.se[name], out.influence[name] = value, se, full

    if n == 0:
        return out
    error = (y - p) ** 2
    brier = float(error.mean())
    add("brier", brier, NAN, (error - brier) / n)
    prevalence = float(y.mean())
    worst = prevalence * (1 - prevalence)
    expected = float(p.sum())
    if y.sum() > 0 and expected > 0:
        # Influences on the log of O/E.
        influence = (y - prevalence) / y.sum() - (p - p.mean()) / expected
        se = float(np.sqrt((1 - prevalence) / y.sum()))
        add("oe", float(y.sum()) / expected, se, influence)
    if worst == 0:
        return _Part(out.value, out.se, out.influence, "all cases belong to one class")
    add("scaled_brier", 1 - brier / worst, NAN, np.full(n, NAN))
    lp = np.clip(p, _EDGE, 1 - _EDGE)
    lp = np.log(lp / (1 - lp))
    note = ""
    try:
        fixed = fit_logistic(np.empty((n, 0)), y, offset=lp)
        shift = float(fixed.coef[0])
        add("in_the_large", shift, float(fixed.se[0]), fixed.vcov[0, 0] * (y - _risk(lp + shift)))
        free = fit_logistic(lp[:, None], y)
    except DegenerateDataError as error_:
        return _Part(out.value, out.se, out.influence, str(error_))
    if np.isnan(free.coef).any():
        note = "all risks are equal: the slope is undefined"
    elif free.separated or not free.converged:
        note = "the risks separate the classes: the slope is infinite"
    else:
        design = np.column_stack([np.ones(n), lp])
        influence = (design * (y - _risk(design @ free.coef))[:, None]) @ free.vcov
        add("intercept", float(free.coef[0]), float(free.se[0]), influence[:, 0])
        add("slope", float(free.coef[1]), float(free.se[1]), influence[:, 1])
    return _Part(out.value, out.se, out.influence, note)


def _risk(lp: FloatArray) -> FloatArray:
    from scipy.special import expit

    return floats(expit(lp))


def _average(parts: list[_Part], name: str, n: int) -> tuple[float, FloatArray, str]:
    """Return a measure's mean over repeats, the cases' averaged influences, and a note."""
    have = [p for p in parts if name in p.value]
    if not have:
        note = join_notes(*[p.note for p in parts]) or "undefined"
        return NAN, np.full(n, NAN), note
    total, count = np.zeros(n), np.zeros(n)
    for p in have:
        values = p.influence[name]
        known = np.isfinite(values)
        # Rescaled so that a case seen in some repeats only counts as one case of the whole.
        total[known] += values[known] * known.sum() / n
        count[known] += 1
    influence = np.divide(total, count, out=np.full(n, NAN), where=count > 0)
    skipped = len(parts) - len(have)
    note = f"{skipped} repeats in which it is undefined left out" if skipped else ""
    return float(np.mean([p.value[name] for p in have])), influence, note


def _se(influence: FloatArray, groups: Any) -> float:
    known = np.isfinite(influence)
    group = codes(None if groups is None else np.asarray(groups)[known], int(known.sum()))
    units = np.unique(group).size
    if units < 2:
        return NAN
    return float(np.sqrt(influence_variance(influence[known], group) * units / (units - 1)))

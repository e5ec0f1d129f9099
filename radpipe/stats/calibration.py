"""Calibration of binary risks: intercept, slope, observed/expected, Brier score, smooth curve.

Over repeats of cross-validation each measure is the mean over repeats, and its standard error
comes from each case's influence averaged over repeats (a sandwich), conditional on the fitted
models. For one set of predictions the model-based Wald intervals are R's (glm).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from radpipe.stats.calibration_measures import average, influence_se, known_cases, logit, measures
from radpipe.stats.clusters import clustered
from radpipe.stats.loess import loess
from radpipe.stats.profile import profile_intervals
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
    """The smooth curve of outcome on risk and its distance from the diagonal.

    ``risk`` and ``observed`` are (n,), sorted by risk. ``ici``, ``e50``, ``e90``, ``emax`` are
    mean, median, 90th percentile and maximum of |observed - risk| (Austin and Steyerberg,
    Stat Med 2019;38:4051).
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
    y: Any,
    risk: Any,
    level: float = 0.95,
    groups: Any = None,
    interval: Literal["wald", "profile"] = "wald",
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
    interval : "wald" or "profile"
        Of intercept, slope and calibration-in-the-large. Profile likelihood (R's confint of a
        glm) is for one set of risks, one case a patient.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1], or there is no interval of the kind.
    """
    event, matrix = labels01(y), floats(risk)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.shape[:1] != event.shape:
        raise ValueError(f"risks of {matrix.shape[0]} cases for an outcome of {event.size}")
    if np.nanmin(matrix, initial=0.0) < 0 or np.nanmax(matrix, initial=1.0) > 1:
        raise ValueError("a risk lies outside [0, 1]")
    used = np.isfinite(matrix).any(axis=1)
    event, matrix = event[used], matrix[used]
    part = None if groups is None else np.asarray(groups)[used]
    measured = measures(event, matrix)
    single = matrix.shape[1] == 1 and not clustered(part)
    where = "" if matrix.shape[1] == 1 else f" averaged over {matrix.shape[1]} repeats"
    if interval not in ("wald", "profile"):
        raise ValueError(f"no interval {interval!r}: wald, profile")
    if interval == "profile" and not single:
        raise ValueError("profile likelihood has no form for repeats or several cases of a patient")
    who = ", clustered by patient" if clustered(part) else ""
    sandwich = f"sandwich on influences{where}{who}"
    n, events = event.size, int(event.sum())

    def estimate(name: str, wald: str, log: bool = False) -> Estimate:
        value, influence, note = average(measured[name])
        model_based = single and name != "brier"
        se = float(measured[name].se[0]) if model_based else influence_se(influence, part)
        half = z_value(level) * se
        low, high = value - half, value + half
        if log:
            low, high = value * float(np.exp(-half)), value * float(np.exp(half))
        method = wald if single else sandwich
        return Estimate(value, low, high, method, n, se, level, events=events, note=note)

    scaled, _, note = average(measured["scaled_brier"])
    scaled_method = "1 - Brier / Brier of the prevalence"
    line = (
        estimate("intercept", "Wald (logistic fit)"),
        estimate("slope", "Wald (logistic fit)"),
        estimate("in_the_large", "Wald (logistic fit, slope 1)"),
    )
    if interval == "profile":
        line = _profiled(event, logit(matrix[:, 0]), line)
    return Calibration(
        intercept=line[0],
        slope=line[1],
        in_the_large=line[2],
        oe=estimate("oe", "log method", log=True),
        brier=estimate("brier", "Wald, case by case"),
        scaled_brier=Estimate(scaled, NAN, NAN, scaled_method, n, events=events, note=note),
        n=n,
        events=events,
    )


def wald_test(estimate: Estimate, ideal: float) -> TestResult:
    """Test that a measure equals its ideal value (slope 1, the others of the line 0), by Wald's z.

    ``estimate`` must have a standard error on its own scale, which O/E has not.
    """
    method, se = f"Wald test against {ideal:g}", estimate.se
    if not se > 0:
        note = estimate.note or "no standard error"
        return TestResult(NAN, NAN, method, estimate.n, note=note)
    z = (estimate.estimate - ideal) / se
    return TestResult(z, normal_p(z), method, estimate.n, estimate=estimate.estimate, se=se)


def calibration_curve(
    y: Any,
    risk: Any,
    span: float | None = None,
    smoother: Literal["lowess", "loess"] = "lowess",
) -> CalibrationCurve:
    """Return the smooth calibration curve; NaN cases are left out.

    Parameters
    ----------
    y, risk : array (n,)
        Outcome 0/1 and predicted probability in [0, 1]; for risks pooled over repeats the outcome
        repeated to match.
    span : float, optional
        Share of the cases near a risk that the curve there is fitted to; 2/3 for lowess, 0.75 for
        loess.
    smoother : "lowess" or "loess"
        Local lines (as rms), or local quadratics (as in Austin and Steyerberg's appendix), which
        can leave [0, 1] at the ends.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1], or there is no such smoother or span.
    """
    if smoother not in ("lowess", "loess"):
        raise ValueError(f"no smoother {smoother!r}: lowess, loess")
    share = span if span is not None else (2 / 3 if smoother == "lowess" else 0.75)
    if not 0 < share <= 1:
        raise ValueError(f"a span of {share:g} is not in (0, 1]")
    event, values, left_out = known_cases(y, risk)
    kind = "local quadratics" if smoother == "loess" else "no robustness iterations"
    method = f"{smoother}, span {share:.3g}, {kind}"
    order = np.argsort(values, kind="stable")
    x = values[order]
    if values.size < 3 or np.ptp(values) == 0:
        smooth, note = np.full(values.size, NAN), "fewer than three cases, or all risks equal"
    elif smoother == "loess":
        smooth, note = loess(x, event[order], share), "too few different risks for the span"
    else:
        smooth, note = lowess(values, event, share)[1], ""
    if np.isnan(smooth).any() or not smooth.size:
        return CalibrationCurve(
            x,
            smooth,
            NAN,
            NAN,
            NAN,
            NAN,
            method,
            values.size,
            join_notes(f"{note}: no curve", left_out),
        )
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
        note=left_out,
    )


def spiegelhalter(y: Any, risk: Any) -> TestResult:
    """Test calibration by Spiegelhalter's z (Stat Med 1986;5:421); cases with NaN are left out."""
    event, p, note = known_cases(y, risk)
    variance = float(np.sum((1 - 2 * p) ** 2 * p * (1 - p)))
    if variance == 0:
        return TestResult(
            NAN, NAN, "Spiegelhalter's z", p.size, note=join_notes("the variance is zero", note)
        )
    z = float(np.sum((event - p) * (1 - 2 * p)) / np.sqrt(variance))
    return TestResult(z, normal_p(z), "Spiegelhalter's z", p.size, note=note)


def _profiled(
    event: BoolArray, lp: FloatArray, line: tuple[Estimate, Estimate, Estimate]
) -> tuple[Estimate, Estimate, Estimate]:
    """Return intercept, slope and calibration-in-the-large with profile-likelihood limits."""
    out = list(line)
    if np.isfinite(line[1].estimate):
        both = profile_intervals(lp, event, level=line[1].level)
        method = "profile likelihood (logistic fit)"
        for i in (0, 1):
            low, high = float(both.lower[i]), float(both.upper[i])
            out[i] = replace(line[i], lower=low, upper=high, method=method)
    if np.isfinite(line[2].estimate):
        one = profile_intervals(np.empty((lp.size, 0)), event, offset=lp, level=line[2].level)
        low, high = float(one.lower[0]), float(one.upper[0])
        method = "profile likelihood (logistic fit, slope 1)"
        out[2] = replace(line[2], lower=low, upper=high, method=method)
    return out[0], out[1], out[2]

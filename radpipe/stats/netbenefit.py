"""Decision curves: the net benefit of treating those whose risk reaches a threshold.

Vickers and Elkin, Med Decis Making 2006;26:565; survival: Vickers et al., BMC Med Inform Decis Mak
2008;8:53, with the cumulative incidence where events compete. A case is treated where
``risk >= threshold``, as dcurves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.censoring import event_codes, follow_up_times
from radpipe.stats.event_risk import risk_at
from radpipe.stats.results import (
    NAN,
    BoolArray,
    FloatArray,
    IntArray,
    counted,
    floats,
    join_notes,
    labels01,
    same_length,
)
from radpipe.stats.survival import tie_times

# At a threshold of 0 a risk of exactly 0 is not treated, as in dcurves.
_TINY = float(np.finfo(float).eps)


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit by threshold, all arrays (m,).

    ``net_benefit = tp_rate - fp_rate * threshold / (1 - threshold)``, rates being shares of all
    cases; ``avoided`` is the net number of treatments avoided per case against treating all,
    undefined at threshold 0; ``standardised`` is net benefit over prevalence.
    """

    thresholds: FloatArray
    net_benefit: FloatArray
    tp_rate: FloatArray
    fp_rate: FloatArray
    avoided: FloatArray
    standardised: FloatArray
    prevalence: float
    method: str
    n: int
    note: str = ""


def net_benefit(y: Any, risk: Any, thresholds: Any, prevalence: float | None = None) -> NetBenefit:
    """Return the decision curve of a binary risk.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    risk : array (n,)
        Predicted probability, in [0, 1]; cases with NaN are left out.
    thresholds : array (m,)
        In [0, 1).
    prevalence : float, optional
        Of the population, where the cases were sampled by outcome (case-control); in (0, 1).
    """
    p, t, known, note = _arrays(risk, thresholds)
    event = labels01(y)
    if event.shape != known.shape:
        raise ValueError(f"{event.shape} outcomes for {known.shape} risks")
    event = event[known]
    if prevalence is not None and not 0 < prevalence < 1:
        raise ValueError(f"the prevalence is {prevalence:g}, not in (0, 1)")
    treated = p[:, None] >= np.maximum(t, _TINY)
    method = "net benefit" if prevalence is None else f"net benefit at prevalence {prevalence:g}"
    undefined = np.full(t.shape, NAN)
    if event.size == 0:
        return _assemble(t, undefined, undefined, NAN, method, 0, join_notes("no cases", note))
    if prevalence is None:
        tp = np.mean(treated & event[:, None], axis=0)
        fp = np.mean(treated & ~event[:, None], axis=0)
    elif event.any() and not event.all():
        tp = treated[event].mean(axis=0) * prevalence
        fp = treated[~event].mean(axis=0) * (1 - prevalence)
    else:
        tp = fp = undefined
        note = join_notes("one class only: rates cannot be put at another prevalence", note)
    share = float(event.mean()) if prevalence is None else prevalence
    return _assemble(t, floats(tp), floats(fp), share, method, event.size, note)


def net_benefit_survival(
    time: Any, event: Any, risk: Any, horizon: float, thresholds: Any
) -> NetBenefit:
    """Return the decision curve for an event by the horizon.

    Among those at or above the threshold the event probability is 1 - Kaplan-Meier at the horizon.
    Where nobody above a threshold is followed up to the horizon the curve's last value is taken.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 1 where the event was seen.
    risk : array (n,)
        P(event by the horizon), in [0, 1]; cases with NaN are left out.
    horizon : float
        In the unit of ``time``.
    thresholds : array (m,)
        In [0, 1).
    """
    code = labels01(event).astype(np.int64)
    method = f"net benefit at {horizon:g} (Kaplan-Meier of those at or above the threshold)"
    return _at_horizon(time, code, risk, horizon, thresholds, method)


def net_benefit_competing(
    time: Any, event: Any, risk: Any, horizon: float, thresholds: Any, cause: int = 1
) -> NetBenefit:
    """Return the decision curve for an event of one cause by the horizon.

    Among those at or above the threshold the event probability is the cumulative incidence
    (Aalen-Johansen) at the horizon.

    Parameters
    ----------
    time, event : array (n,)
        Times, and 0 (censored) or the number of the cause.
    risk : array (n,)
        P(event of the cause by the horizon), in [0, 1]; cases with NaN are left out.
    horizon, thresholds
        As in :func:`net_benefit_survival`.
    cause : int
        The event of interest.
    """
    code = event_codes(event, floats(event).size, cause)
    method = (
        f"net benefit at {horizon:g} (cumulative incidence, Aalen-Johansen, of those at or above "
        "the threshold)"
    )
    return _at_horizon(time, code, risk, horizon, thresholds, method)


def treat_all(prevalence: float, thresholds: Any, n: int) -> NetBenefit:
    """Return the decision curve of treating everybody, at an event probability."""
    t = _thresholds(thresholds)
    tp, fp = np.full(t.shape, prevalence), np.full(t.shape, 1 - prevalence)
    return _assemble(t, tp, fp, prevalence, "treat all", n, "")


def treat_none(prevalence: float, thresholds: Any, n: int) -> NetBenefit:
    """Return the decision curve of treating nobody: zero everywhere."""
    t = _thresholds(thresholds)
    zero = np.zeros(t.shape)
    return _assemble(t, zero, zero, prevalence, "treat none", n, "")


def risk_of_marker(y: Any, marker: Any) -> FloatArray:
    """Return a marker's logistic risk on the same cases, (n,), as dcurves' ``as_probability``.

    It is fitted on the cases that it is judged on, so its net benefit is apparent.
    """
    from radpipe.stats.logistic import fit_logistic, predict

    same_length(y=y, marker=marker)
    x, out = floats(marker), np.full(floats(marker).shape, NAN)
    known = np.isfinite(x)
    out[known] = predict(fit_logistic(x[known, None], labels01(y)[known]), x[known, None])
    return out


def risk_of_marker_survival(time: Any, event: Any, marker: Any, horizon: float) -> FloatArray:
    """Return a marker's risk at the horizon by Cox's model on the same cases, (n,); apparent."""
    from radpipe.stats.cox import fit_cox, survival_at

    same_length(time=time, event=event, marker=marker)
    x, out = floats(marker), np.full(floats(marker).shape, NAN)
    known = np.isfinite(x)
    fit = fit_cox(x[known, None], follow_up_times(time)[known], labels01(event)[known])
    out[known] = 1 - survival_at(fit, x[known, None], horizon)[:, 0]
    return out


def _at_horizon(
    time: Any, code: IntArray, risk: Any, horizon: float, thresholds: Any, method: str
) -> NetBenefit:
    p, t, known, note = _arrays(risk, thresholds)
    times = tie_times(follow_up_times(time))
    if not times.shape == code.shape == known.shape:
        raise ValueError(f"{times.shape} times, {code.shape} events, {known.shape} risks")
    times, code = times[known], code[known]
    tp, fp = np.zeros(t.size), np.zeros(t.size)
    seen: dict[int, float] = {}
    for i, threshold in enumerate(t):
        treated = p >= max(threshold, _TINY)
        count = int(treated.sum())
        if count == 0:
            continue
        # The treated shrink as the threshold rises, so their number names their set.
        if count not in seen:
            seen[count] = risk_at(times[treated], code[treated], horizon)
        tp[i] = seen[count] * count / p.size
        fp[i] = (1 - seen[count]) * count / p.size
    if p.size == 0:
        tp, fp, note = np.full(t.size, NAN), np.full(t.size, NAN), join_notes("no cases", note)
    return _assemble(t, tp, fp, risk_at(times, code, horizon), method, p.size, note)


def _arrays(risk: Any, thresholds: Any) -> tuple[FloatArray, FloatArray, BoolArray, str]:
    p = floats(risk)
    known = np.isfinite(p)
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise ValueError("a risk lies outside [0, 1]")
    note = "" if known.all() else f"{counted(int((~known).sum()), 'case')} without a risk left out"
    return p[known], _thresholds(thresholds), known, note


def _thresholds(thresholds: Any) -> FloatArray:
    t = np.atleast_1d(floats(thresholds))
    if not ((t >= 0) & (t < 1)).all():
        raise ValueError("a threshold lies outside [0, 1)")
    return t


def _assemble(
    t: FloatArray,
    tp: FloatArray,
    fp: FloatArray,
    prevalence: float,
    method: str,
    n: int,
    note: str,
) -> NetBenefit:
    odds = t / (1 - t)
    benefit = tp - fp * odds
    everybody = prevalence - (1 - prevalence) * odds
    avoided = np.full(t.shape, NAN)
    np.divide(benefit - everybody, odds, out=avoided, where=odds > 0)
    standardised = benefit / prevalence if prevalence > 0 else np.full(t.shape, NAN)
    return NetBenefit(t, benefit, tp, fp, avoided, standardised, prevalence, method, n, note)

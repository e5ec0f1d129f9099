"""Decision curves: the net benefit of treating those whose risk reaches a threshold.

Vickers and Elkin, Med Decis Making 2006;26:565; survival: Vickers et al., BMC Med Inform Decis Mak
2008;8:53. A case is treated where ``risk >= threshold``, as dcurves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import NAN, FloatArray, floats, labels01
from radpipe.stats.survival import survival_at

# At a threshold of 0 a risk of exactly 0 is not treated, as in dcurves.
_TINY = float(np.finfo(float).eps)


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit by threshold, all arrays (m,).

    ``net_benefit = tp_rate - fp_rate * threshold / (1 - threshold)``, rates being shares of all
    cases; ``avoided`` is the net number of treatments avoided per case against treating all.
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
        Of the population, where the cases were sampled by outcome (case-control).
    """
    event, p, t, note = _arrays(y, risk, thresholds)
    share = float(event.mean()) if prevalence is None and event.size else prevalence or 0.0
    treated = p[:, None] >= np.maximum(t, _TINY)
    method = "net benefit" if prevalence is None else f"net benefit at prevalence {prevalence:g}"
    if prevalence is None:
        tp = np.mean(treated & event[:, None], axis=0)
        fp = np.mean(treated & ~event[:, None], axis=0)
    elif event.any() and not event.all():
        tp = treated[event].mean(axis=0) * share
        fp = treated[~event].mean(axis=0) * (1 - share)
    else:
        tp = fp = np.full(t.shape, NAN)
        note = "one class only: rates cannot be put at another prevalence"
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
    d, p, t, note = _arrays(event, risk, thresholds)
    times = floats(time)[np.isfinite(floats(risk))]
    tp, fp = np.zeros(t.size), np.zeros(t.size)
    known: dict[int, float] = {}
    for i, threshold in enumerate(t):
        treated = p >= max(threshold, _TINY)
        count = int(treated.sum())
        if count == 0:
            continue
        # The treated shrink as the threshold rises, so their number names their set.
        if count not in known:
            known[count] = 1 - survival_at(times[treated], d[treated], horizon)
        tp[i] = known[count] * count / p.size
        fp[i] = (1 - known[count]) * count / p.size
    prevalence = 1 - survival_at(times, d, horizon) if times.size else NAN
    method = f"net benefit at {horizon:g} (Kaplan-Meier among those treated)"
    return _assemble(t, tp, fp, prevalence, method, p.size, note)


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


def _arrays(y: Any, risk: Any, thresholds: Any) -> tuple[Any, FloatArray, FloatArray, str]:
    p = floats(risk)
    known = np.isfinite(p)
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise ValueError("a risk lies outside [0, 1]")
    note = "" if known.all() else f"{int((~known).sum())} cases without a risk left out"
    return labels01(y)[known], p[known], _thresholds(thresholds), note


def _thresholds(thresholds: Any) -> FloatArray:
    t = floats(thresholds)
    if ((t < 0) | (t >= 1)).any():
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

"""Diagnostic accuracy from the four counts of a 2x2 table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.proportions import clopper_pearson, wilson
from radpipe.stats.results import NAN, Estimate, labels01, z_value


@dataclass(frozen=True)
class TwoByTwo:
    """What a test says (rows of counts) against what is true.

    Proportions are :class:`Estimate`; ratios of two zeros are NaN and a positive number over zero
    is infinite, with the reason in ``note``. ``called`` is the share of positive tests (apparent
    prevalence), ``youden_index`` is ``youden`` with an interval and ``number_needed`` its
    reciprocal (number needed to diagnose).
    """

    tp: float
    fp: float
    fn: float
    tn: float
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    accuracy: Estimate
    prevalence: Estimate
    called: Estimate
    lr_pos: Estimate
    lr_neg: Estimate
    dor: Estimate
    youden_index: Estimate
    number_needed: Estimate
    youden: float
    f1: float
    mcc: float
    balanced_accuracy: float
    kappa: float
    n: int
    note: str = ""


def two_by_two(
    tp: float,
    fp: float,
    fn: float,
    tn: float,
    level: float = 0.95,
    interval: Literal["wilson", "clopper-pearson"] = "wilson",
) -> TwoByTwo:
    """Return the measures of a 2x2 table, with log-method intervals for the ratios.

    Parameters
    ----------
    tp, fp, fn, tn : float
        Counts, not negative; counts averaged over repeats need not be whole.
    level : float
        Confidence level, in (0, 1).
    interval : {"wilson", "clopper-pearson"}
        Of the proportions.

    Raises
    ------
    ValueError
        If a count is negative or not finite.

    Notes
    -----
    Likelihood ratios: Simel, Samsa and Matchar, J Clin Epidemiol 1991;44:763. Odds ratio: Woolf.
    A ratio of infinity has the upper limit infinity, one of zero the lower limit zero; the other
    limit is undefined. The limits of Youden's index add up those of sensitivity and specificity,
    which is conservative, as R's epiR.
    """
    if not all(np.isfinite(v) and v >= 0 for v in (tp, fp, fn, tn)):
        raise ValueError(f"counts {tp:g}, {fp:g}, {fn:g}, {tn:g}: none is negative or missing")
    share: Callable[[float, float, float], Estimate]
    share = wilson if interval == "wilson" else clopper_pearson
    cases, free = tp + fn, fp + tn
    called, passed = tp + fp, fn + tn
    n = cases + free
    sensitivity, specificity = share(tp, cases, level), share(tn, free, level)
    se, sp = sensitivity.estimate, specificity.estimate
    youden = _youden(sensitivity, specificity, round(n))
    expected = _ratio(cases * called + free * passed, n * n)
    observed = _ratio(tp + tn, n)
    spread = float(np.sqrt(cases) * np.sqrt(free) * np.sqrt(called) * np.sqrt(passed))
    zero = min(tp, fp, fn, tn) == 0
    return TwoByTwo(
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=share(tp, called, level),
        npv=share(tn, passed, level),
        accuracy=share(tp + tn, n, level),
        prevalence=share(cases, n, level),
        called=share(called, n, level),
        lr_pos=_risk_ratio(tp, cases, fp, free, level),
        lr_neg=_risk_ratio(fn, cases, tn, free, level),
        dor=_odds_ratio(tp, fp, fn, tn, level),
        youden_index=youden,
        number_needed=_number_needed(youden),
        youden=se + sp - 1,
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
        mcc=_ratio(tp * tn - fp * fn, spread),
        balanced_accuracy=(se + sp) / 2,
        kappa=_ratio(observed - expected, 1 - expected),
        n=round(n),
        note="a cell is zero: some ratios or their intervals are undefined" if zero else "",
    )


def counted(
    y: Any,
    call: Any,
    level: float = 0.95,
    interval: Literal["wilson", "clopper-pearson"] = "wilson",
) -> TwoByTwo:
    """Return the measures of the 2x2 table of outcomes and calls.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    call : array (n,)
        1 (or True) where the test is positive, else 0.
    level, interval
        As for :func:`two_by_two`.
    """
    truth, positive = labels01(y), labels01(call)
    if truth.shape != positive.shape:
        raise ValueError(f"calls of shape {positive.shape} for outcomes of shape {truth.shape}")
    tp, fp = int(np.sum(positive & truth)), int(np.sum(positive & ~truth))
    fn, tn = int(np.sum(~positive & truth)), int(np.sum(~positive & ~truth))
    return two_by_two(tp, fp, fn, tn, level, interval)


def _youden(sensitivity: Estimate, specificity: Estimate, n: int) -> Estimate:
    return Estimate(
        sensitivity.estimate + specificity.estimate - 1,
        sensitivity.lower + specificity.lower - 1,
        sensitivity.upper + specificity.upper - 1,
        f"sum of the limits of sensitivity and specificity ({sensitivity.method})",
        n,
        level=sensitivity.level,
    )


def _number_needed(youden: Estimate) -> Estimate:
    method = "reciprocal of the Youden index and its limits"
    if not youden.estimate > 0:
        note = "the Youden index is not above zero: no number needed to diagnose"
        return Estimate(NAN, NAN, NAN, method, youden.n, level=youden.level, note=note)
    lower = 1 / youden.upper
    upper = 1 / youden.lower if youden.lower > 0 else float("inf")
    return Estimate(1 / youden.estimate, lower, upper, method, youden.n, level=youden.level)


def _ratio(top: float, bottom: float) -> float:
    if bottom == 0:
        return float("inf") if top > 0 else NAN
    return top / bottom


def _risk_ratio(a: float, m: float, b: float, n: float, level: float) -> Estimate:
    method = "log method (Simel)"
    total = round(m + n)
    value = NAN if min(m, n) == 0 else _ratio(a / m, b / n)
    if min(a, b, m, n) == 0:
        return _one_sided(value, method, total, level)
    se = float(np.sqrt(1 / a - 1 / m + 1 / b - 1 / n))
    return _log_interval(value, se, method, total, level)


def _odds_ratio(tp: float, fp: float, fn: float, tn: float, level: float) -> Estimate:
    method = "log method (Woolf)"
    total = round(tp + fp + fn + tn)
    value = _ratio(tp * tn, fp * fn)
    if min(tp, fp, fn, tn) == 0:
        return _one_sided(value, method, total, level)
    se = float(np.sqrt(1 / tp + 1 / fp + 1 / fn + 1 / tn))
    return _log_interval(value, se, method, total, level)


def _one_sided(value: float, method: str, n: int, level: float) -> Estimate:
    """Return a ratio with a zero count: zero or infinity bounds it on its own side only."""
    lower, upper = 0.0 if value == 0 else NAN, value if value == np.inf else NAN
    return Estimate(value, lower, upper, method, n, level=level, note="a count is zero")


def _log_interval(value: float, se: float, method: str, n: int, level: float) -> Estimate:
    factor = float(np.exp(z_value(level) * se))
    return Estimate(value, value / factor, value * factor, method, n, se=se, level=level)

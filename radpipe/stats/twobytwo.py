"""Diagnostic accuracy from the four counts of a 2x2 table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpipe.stats.proportions import wilson
from radpipe.stats.results import NAN, Estimate, z_value


@dataclass(frozen=True)
class TwoByTwo:
    """What a test says (rows of counts) against what is true.

    Proportions are :class:`Estimate`; ratios of two zeros are NaN and a positive number over zero
    is infinite, with the reason in ``note``.
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
    lr_pos: Estimate
    lr_neg: Estimate
    dor: Estimate
    youden: float
    f1: float
    mcc: float
    balanced_accuracy: float
    kappa: float
    n: int
    note: str = ""


def two_by_two(tp: float, fp: float, fn: float, tn: float, level: float = 0.95) -> TwoByTwo:
    """Return the measures of a 2x2 table: Wilson's intervals, log-method intervals for ratios.

    Parameters
    ----------
    tp, fp, fn, tn : float
        Counts, not negative; counts averaged over repeats need not be whole.
    level : float
        Confidence level, in (0, 1).

    Notes
    -----
    Likelihood ratios: Simel, Samsa and Matchar, J Clin Epidemiol 1991;44:763. Odds ratio: Woolf.
    """
    cases, free = tp + fn, fp + tn
    called, passed = tp + fp, fn + tn
    n = cases + free
    sensitivity, specificity = wilson(tp, cases, level), wilson(tn, free, level)
    se, sp = sensitivity.estimate, specificity.estimate
    expected = _ratio(cases * called + free * passed, n * n)
    observed = _ratio(tp + tn, n)
    spread = float(np.sqrt(cases * free * called * passed))
    zero = min(tp, fp, fn, tn) == 0
    return TwoByTwo(
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=wilson(tp, called, level),
        npv=wilson(tn, passed, level),
        accuracy=wilson(tp + tn, n, level),
        prevalence=wilson(cases, n, level),
        lr_pos=_risk_ratio(tp, cases, fp, free, level),
        lr_neg=_risk_ratio(fn, cases, tn, free, level),
        dor=_odds_ratio(tp, fp, fn, tn, level),
        youden=se + sp - 1,
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
        mcc=_ratio(tp * tn - fp * fn, spread),
        balanced_accuracy=(se + sp) / 2,
        kappa=_ratio(observed - expected, 1 - expected),
        n=round(n),
        note="a cell is zero: some ratios or their intervals are undefined" if zero else "",
    )


def _ratio(top: float, bottom: float) -> float:
    if bottom == 0:
        return float("inf") if top > 0 else NAN
    return top / bottom


def _risk_ratio(a: float, m: float, b: float, n: float, level: float) -> Estimate:
    method = "log method (Simel)"
    total = round(m + n)
    value = NAN if min(m, n) == 0 else _ratio(a / m, b / n)
    if min(a, b, m, n) == 0:
        return Estimate(value, NAN, NAN, method, total, level=level, note="a count is zero")
    se = float(np.sqrt(1 / a - 1 / m + 1 / b - 1 / n))
    return _log_interval(value, se, method, total, level)


def _odds_ratio(tp: float, fp: float, fn: float, tn: float, level: float) -> Estimate:
    method = "log method (Woolf)"
    total = round(tp + fp + fn + tn)
    value = _ratio(tp * tn, fp * fn)
    if min(tp, fp, fn, tn) == 0:
        return Estimate(value, NAN, NAN, method, total, level=level, note="a count is zero")
    se = float(np.sqrt(1 / tp + 1 / fp + 1 / fn + 1 / tn))
    return _log_interval(value, se, method, total, level)


def _log_interval(value: float, se: float, method: str, n: int, level: float) -> Estimate:
    factor = float(np.exp(z_value(level) * se))
    return Estimate(value, value / factor, value * factor, method, n, se=se, level=level)

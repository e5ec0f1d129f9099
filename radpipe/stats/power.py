"""Sample sizes and power of single comparisons: an AUC, two means, two shares, two survivals."""

from __future__ import annotations

import math

from scipy import optimize, special

_MOST = 1e9


def roc_size(
    auc: float, power: float = 0.9, ratio: float = 1.0, alpha: float = 0.05
) -> tuple[float, float]:
    """Return the cases with and without the event that show an AUC to differ from 0.5.

    Parameters
    ----------
    auc : float
        In (0, 1), not 0.5.
    power : float
        In (0, 1).
    ratio : float
        Cases without the event for each with it, above 0.
    alpha : float
        Two-sided, in (0, 1).

    Raises
    ------
    ValueError
        If a value is out of range.

    Notes
    -----
    Obuchowski and McClish, Stat Med 1997;16:1529, binormal with equal variances; as
    pROC::power.roc.test. Not rounded up.
    """
    _check(power=power, alpha=alpha)
    under_null, real = _roc_spreads(auc, ratio)
    z = float(special.ndtri(1 - alpha / 2)) * under_null + float(special.ndtri(power)) * real
    with_event = (z / abs(auc - 0.5)) ** 2
    return with_event, with_event * ratio


def roc_power(auc: float, events: int, others: int, alpha: float = 0.05) -> float:
    """Return the power to show an AUC to differ from 0.5, given the cases of each class.

    ``events`` and ``others`` are at least 1; the rest as for `roc_size`.
    """
    _check(alpha=alpha)
    if min(events, others) < 1:
        raise ValueError(f"{events} and {others} cases: at least one of each class")
    under_null, real = _roc_spreads(auc, others / events)
    z = math.sqrt(events) * abs(auc - 0.5) - float(special.ndtri(1 - alpha / 2)) * under_null
    return float(special.ndtr(z / real))


def t_test_size(delta: float, sd: float = 1.0, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the cases of each group that a two-sided, two-sample t test needs.

    Parameters
    ----------
    delta, sd : float
        Difference of the means, not 0, and common standard deviation, above 0.
    power, alpha : float
        In (0, 1).

    Notes
    -----
    By the non-central t distribution, without the other tail, as stats::power.t.test. Not
    rounded up; at least 2.
    """
    _check(power=power, alpha=alpha)
    if not sd > 0 or delta == 0 or not math.isfinite(delta):
        raise ValueError(f"a difference of {delta} with sd {sd}: not 0, and above 0")
    effect = abs(delta) / sd

    def excess(n: float) -> float:
        df = 2 * (n - 1)
        return t_power(n, effect, df, alpha) - power

    if excess(2.0) >= 0:
        return 2.0
    top = 4.0
    while excess(top) < 0 and top < _MOST:
        top *= 2
    return float(optimize.brentq(excess, 2.0, top, xtol=1e-10))


def t_power(n: float, effect: float, df: float, alpha: float) -> float:
    """Return the power of a two-sample t test of a standardised difference, n in each group."""
    from scipy import stats

    critical = float(stats.t.isf(alpha / 2, df))
    return float(stats.nct.sf(critical, df, math.sqrt(n / 2) * effect))


def proportions_size(p1: float, p2: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the cases of each group that tell two shares apart, two-sided.

    ``p1`` and ``p2`` differ and lie in [0, 1]. As stats::power.prop.test: without continuity
    correction and not rounded up.
    """
    _check(power=power, alpha=alpha)
    if not (0 <= p1 <= 1 and 0 <= p2 <= 1) or p1 == p2:
        raise ValueError(f"shares of {p1} and {p2}: different, and within [0, 1]")
    pooled = math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    own = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    z = float(special.ndtri(1 - alpha / 2)) * pooled + float(special.ndtri(power)) * own
    return (z / (p1 - p2)) ** 2


def schoenfeld_events(
    hazard_ratio: float, power: float = 0.8, share: float = 0.5, alpha: float = 0.05
) -> float:
    """Return the events that a two-sided log-rank test needs (Schoenfeld, Biometrics 1983;39:499).

    Parameters
    ----------
    hazard_ratio : float
        Above 0, not 1.
    share : float
        Of the cases in one of the two groups, in (0, 1).
    power, alpha : float
        In (0, 1).
    """
    _check(power=power, alpha=alpha, share=share)
    if not 0 < hazard_ratio < math.inf or hazard_ratio == 1:
        raise ValueError(f"a hazard ratio of {hazard_ratio}: above 0, and not 1")
    z = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return z**2 / (share * (1 - share) * math.log(hazard_ratio) ** 2)


def _roc_spreads(auc: float, ratio: float) -> tuple[float, float]:
    """Return the square root of the AUC's variance times cases with the event: at 0.5, at auc."""
    _check(auc=auc)
    if auc == 0.5 or not ratio > 0:
        raise ValueError(f"an AUC of {auc} and {ratio} cases for one: not 0.5, and above 0")
    a = 1.414 * float(special.ndtri(auc))  # the paper's digits
    real = 0.0099 * math.exp(-(a**2) / 2) * ((5 * a**2 + 8) + (a**2 + 8) / ratio)
    return math.sqrt(0.0792 * (1 + 1 / ratio)), math.sqrt(real)


def _check(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} {value} is not in (0, 1)")

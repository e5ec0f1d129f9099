"""Restricted mean survival time: one arm, and the contrasts of two, as survRM2::rmst2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    TestResult,
    join_notes,
    labels01,
    normal_p,
    z_value,
)
from radpipe.stats.survival import KaplanMeier, kaplan_meier, times_and_events


@dataclass(frozen=True)
class RmstComparison:
    """Two arms up to ``tau``, and arm 1 against arm 0.

    Parameters
    ----------
    rmst, rmtl : tuple of Estimate
        Restricted mean survival time and restricted mean time lost (``tau`` less the former), arm
        0 first.
    difference : TestResult
        RMST of arm 1 less that of arm 0, in the unit of time; the test that it is 0.
    ratio, rmtl_ratio : TestResult
        Arm 1 over arm 0; the test that it is 1. ``se`` is that of the logarithm.
    """

    tau: float
    rmst: tuple[Estimate, Estimate]
    rmtl: tuple[Estimate, Estimate]
    difference: TestResult
    ratio: TestResult
    rmtl_ratio: TestResult


def rmst(time: Any, event: Any, tau: float, level: float = 0.95) -> Estimate:
    """Return the restricted mean survival time with its standard error and Wald interval.

    Parameters
    ----------
    time, event : array (n,)
        Time of event or censoring, any unit; 1 where the event was seen.
    tau : float
        The horizon, above 0, in the unit of ``time``; NaN is returned where the curve ends above
        0 before it.
    level : float
        Confidence level, in (0, 1).
    """
    return restricted_mean(kaplan_meier(time, event, level=level), tau)


def restricted_mean(curve: KaplanMeier, tau: float) -> Estimate:
    """Return the mean survival time up to ``tau`` with its Greenwood-type standard error.

    NaN where the curve ends above 0 before ``tau``: nobody knows what lies under it from there.

    Notes
    -----
    The area under the curve up to ``tau``. Its variance sums over the event times d / (n (n - d))
    times the squared area that is left from there on (Klein and Moeschberger, Survival Analysis,
    2nd ed., section 4.5). An event of all at risk leaves no area, and adds nothing.
    """
    if not tau > 0:
        raise ValueError(f"tau is a time above 0, not {tau:g}")
    if tau > curve.times[-1] and curve.survival[-1] > 0:
        note = f"undefined: nobody was followed up to {tau:g}"
        return Estimate(
            NAN,
            NAN,
            NAN,
            f"restricted mean up to {tau:g}",
            curve.n,
            level=curve.level,
            events=curve.n_events,
            note=note,
        )
    inside = curve.times < tau
    edges = np.concatenate([[0.0], curve.times[inside], [tau]])
    height = np.append(1.0, curve.survival[inside])
    area = height * np.diff(edges)
    after = np.cumsum(area[::-1])[::-1][1:]
    alive = curve.at_risk[inside] - curve.events[inside]
    weight = np.divide(
        curve.events[inside],
        curve.at_risk[inside] * alive,
        out=np.zeros(alive.shape),
        where=alive > 0,
    )
    mean, se = float(area.sum()), float(np.sqrt(np.sum(after**2 * weight)))
    half = z_value(curve.level) * se
    return Estimate(
        mean,
        mean - half,
        mean + half,
        f"restricted mean up to {tau:g}",
        curve.n,
        se=se,
        level=curve.level,
        events=curve.n_events,
    )


def largest_common_time(time: Any, arm: Any) -> float:
    """Return the largest ``tau`` for which both arms were followed: the smaller of their ends."""
    t, one = _arms(time, np.zeros(np.shape(time)), arm)[::2]
    return float(min(t[one].max(), t[~one].max()))


def compare_rmst(
    time: Any, event: Any, arm: Any, tau: float | None = None, level: float = 0.95
) -> RmstComparison:
    """Compare the restricted mean survival times of two arms.

    Parameters
    ----------
    time, event, arm : array (n,)
        Times, 1 where the event was seen, and 0 or 1.
    tau : float, optional
        The horizon, above 0; the largest common time by default.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If times, events or arms are none, or an arm is empty.

    Notes
    -----
    The difference has a Wald interval, the ratios one on the logarithmic scale by the delta method
    (Royston and Parmar, BMC Med Res Methodol 2013;13:152; Uno et al., J Clin Oncol 2014;32:2380).
    """
    t, d, one = _arms(time, event, arm)
    horizon = largest_common_time(t, one) if tau is None else float(tau)
    zero, first = (rmst(t[part], d[part], horizon, level) for part in (~one, one))
    lost0, lost1 = _lost(zero, horizon), _lost(first, horizon)
    n = t.size
    name = f"RMST up to {horizon:g}"
    note = join_notes(zero.note, first.note)
    se = float(np.hypot(zero.se, first.se))
    difference = _contrast(
        first.estimate - zero.estimate, se, f"difference in {name}", n, level, note
    )
    return RmstComparison(
        tau=horizon,
        rmst=(zero, first),
        rmtl=(lost0, lost1),
        difference=difference,
        ratio=_ratio(first, zero, f"ratio of {name}", n, note),
        rmtl_ratio=_ratio(lost1, lost0, f"ratio of time lost up to {horizon:g}", n, note),
    )


def _arms(time: Any, event: Any, arm: Any) -> tuple[FloatArray, BoolArray, BoolArray]:
    t, d = times_and_events(time, event)
    one = labels01(arm)
    if one.shape != t.shape:
        raise ValueError(f"{one.size} arms for {t.size} times")
    if one.all() or not one.any():
        raise ValueError("a comparison needs cases in arm 0 and in arm 1")
    return t, d, one


def _lost(mean: Estimate, tau: float) -> Estimate:
    return replace(
        mean,
        estimate=tau - mean.estimate,
        lower=tau - mean.upper,
        upper=tau - mean.lower,
        method=f"restricted mean time lost up to {tau:g}",
    )


def _ratio(top: Estimate, bottom: Estimate, name: str, n: int, note: str) -> TestResult:
    if not (top.estimate > 0 and bottom.estimate > 0):
        why = note or "a mean is zero: the ratio is undefined"
        return _contrast(NAN, NAN, name, n, top.level, why)
    se = float(np.hypot(top.se / top.estimate, bottom.se / bottom.estimate))
    log = _contrast(float(np.log(top.estimate / bottom.estimate)), se, name, n, top.level, note)
    limits = np.exp([log.estimate, log.lower, log.upper])
    return replace(log, estimate=float(limits[0]), lower=float(limits[1]), upper=float(limits[2]))


def _contrast(estimate: float, se: float, name: str, n: int, level: float, note: str) -> TestResult:
    known = se > 0
    z = estimate / se if known else NAN
    half = z_value(level) * se
    return TestResult(
        statistic=z,
        p=normal_p(z) if known else NAN,
        method=f"Wald test of the {name}",
        n=n,
        estimate=estimate,
        lower=estimate - half if known else NAN,
        upper=estimate + half if known else NAN,
        se=se,
        level=level,
        note=note or ("" if known else "the standard error is zero: no test"),
    )

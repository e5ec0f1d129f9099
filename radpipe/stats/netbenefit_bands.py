"""Pointwise bootstrap bands of decision curves, and of the difference of two of them.

Cases are drawn with replacement (whole patients where groups are given); limits are percentiles.
The bands are conditional on the fitted models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes
from radpipe.stats.netbenefit import (
    NetBenefit,
    net_benefit,
    net_benefit_competing,
    net_benefit_survival,
)
from radpipe.stats.results import NAN, FloatArray, IntArray, counted, floats, join_notes


@dataclass(frozen=True)
class Band:
    """Pointwise limits, (m,) each; NaN where the quantity is undefined."""

    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class NetBenefitBands:
    """A decision curve with its bootstrap bands, all arrays (m,).

    With a second model every quantity is a difference: the first minus the second.
    """

    thresholds: FloatArray
    net_benefit: FloatArray
    avoided: FloatArray
    standardised: FloatArray
    net_benefit_band: Band
    avoided_band: Band
    standardised_band: Band
    level: float
    repeats: int
    method: str
    n: int
    note: str = ""


def net_benefit_bands(
    y: Any,
    risk: Any,
    thresholds: Any,
    seed: int | np.random.Generator,
    versus: Any = None,
    prevalence: float | None = None,
    repeats: int = 1000,
    level: float = 0.95,
    groups: Any = None,
) -> NetBenefitBands:
    """Return the decision curve of a binary risk with bootstrap bands.

    Parameters
    ----------
    y, risk, thresholds, prevalence
        As in :func:`radpipe.stats.netbenefit.net_benefit`. With a prevalence, cases with and
        without the event are drawn separately, as they were sampled.
    seed : int or Generator
        Same seed, same bands.
    versus : array (n,), optional
        Risks of another model: bands of the difference, on cases that have both risks.
    repeats : int
        Bootstrap samples, at least 2.
    level : float
        Of the bands, in (0, 1).
    groups : array (n,), optional
        Patient of each case: whole patients are drawn.
    """
    outcome = floats(y)
    strata = None if prevalence is None else outcome

    def curve(rows: IntArray, p: FloatArray) -> NetBenefit:
        return net_benefit(outcome[rows], p[rows], thresholds, prevalence)

    return _bands(curve, risk, versus, seed, repeats, level, groups, strata)


def net_benefit_survival_bands(
    time: Any,
    event: Any,
    risk: Any,
    horizon: float,
    thresholds: Any,
    seed: int | np.random.Generator,
    versus: Any = None,
    repeats: int = 1000,
    level: float = 0.95,
    groups: Any = None,
) -> NetBenefitBands:
    """Return the decision curve at a horizon with bootstrap bands; see net_benefit_bands."""
    t, d = floats(time), floats(event)

    def curve(rows: IntArray, p: FloatArray) -> NetBenefit:
        return net_benefit_survival(t[rows], d[rows], p[rows], horizon, thresholds)

    return _bands(curve, risk, versus, seed, repeats, level, groups, None)


def net_benefit_competing_bands(
    time: Any,
    event: Any,
    risk: Any,
    horizon: float,
    thresholds: Any,
    seed: int | np.random.Generator,
    cause: int = 1,
    versus: Any = None,
    repeats: int = 1000,
    level: float = 0.95,
    groups: Any = None,
) -> NetBenefitBands:
    """Return the decision curve for one cause with bootstrap bands; see net_benefit_bands."""
    t, d = floats(time), floats(event)

    def curve(rows: IntArray, p: FloatArray) -> NetBenefit:
        return net_benefit_competing(t[rows], d[rows], p[rows], horizon, thresholds, cause)

    return _bands(curve, risk, versus, seed, repeats, level, groups, None)


def _bands(
    curve: Callable[[IntArray, FloatArray], NetBenefit],
    risk: Any,
    versus: Any,
    seed: int | np.random.Generator,
    repeats: int,
    level: float,
    groups: Any,
    strata: FloatArray | None,
) -> NetBenefitBands:
    if repeats < 2:
        raise ValueError(f"{repeats} bootstrap samples: at least 2 are needed")
    if not 0 < level < 1:
        raise ValueError(f"the level is {level:g}, not in (0, 1)")
    first = floats(risk)
    second = None if versus is None else floats(versus)
    if second is not None and second.shape != first.shape:
        raise ValueError(f"{second.shape} risks of the other model for {first.shape} of this")
    known = np.isfinite(first) if second is None else np.isfinite(first) & np.isfinite(second)

    def quantities(rows: IntArray) -> tuple[FloatArray, NetBenefit]:
        one = curve(rows, first)
        table = np.array([one.net_benefit, one.avoided, one.standardised])
        if second is not None:
            two = curve(rows, second)
            table = table - [two.net_benefit, two.avoided, two.standardised]
        return floats(table), one

    everyone = np.flatnonzero(known).astype(np.int64)
    found, one = quantities(everyone)
    limits = np.full((2, *found.shape), NAN)
    note = ""
    if everyone.size:
        draw = _sampler(everyone, groups, strata)
        rng = np.random.default_rng(seed)
        drawn = np.array([quantities(draw(rng))[0] for _ in range(repeats)])
        limits, note = _percentiles(drawn, found, level)
    lower, upper = limits
    missing = int((~known).sum())
    method = one.method + (" of a difference" if second is not None else "")
    kind = "bootstrap of patients" if clustered(groups) else "bootstrap"
    lost = f"{counted(missing, 'case')} without a risk left out" if missing else ""
    benefit, avoided, standardised = (
        Band(low, high) for low, high in zip(lower, upper, strict=True)
    )
    return NetBenefitBands(
        thresholds=one.thresholds,
        net_benefit=found[0],
        avoided=found[1],
        standardised=found[2],
        net_benefit_band=benefit,
        avoided_band=avoided,
        standardised_band=standardised,
        level=level,
        repeats=repeats,
        method=f"{method}, percentile {kind}, {repeats} samples",
        n=everyone.size,
        note=join_notes(one.note, note, lost),
    )


def _percentiles(drawn: FloatArray, found: FloatArray, level: float) -> tuple[FloatArray, str]:
    """Return limits (2, ...) over the samples; one in which a quantity is undefined is left out."""
    limits = np.full((2, *found.shape), NAN)
    defined = np.isfinite(found) & np.isfinite(drawn).any(axis=0)
    if defined.any():
        tails = [(1 - level) / 2, (1 + level) / 2]
        limits[:, defined] = np.nanquantile(drawn[:, defined], tails, axis=0)
    lost = bool((~np.isfinite(drawn[:, defined])).any())
    return limits, "samples in which a quantity is undefined are left out" if lost else ""


def _sampler(
    rows: IntArray, groups: Any, strata: FloatArray | None
) -> Callable[[np.random.Generator], IntArray]:
    """Return what draws as many cases (patients) as there are, within strata where given."""
    if groups is None:
        parts = [rows] if strata is None else [rows[strata[rows] == v] for v in (0.0, 1.0)]
        return lambda rng: np.concatenate([rng.choice(p, p.size) for p in parts if p.size])
    if strata is not None:
        raise ValueError("patients with several cases cannot be drawn by outcome")
    member = codes(np.asarray(groups)[rows], rows.size)
    patients = [rows[member == g] for g in range(int(member.max()) + 1)]
    return lambda rng: np.concatenate(
        [patients[g] for g in rng.integers(len(patients), size=len(patients))]
    )

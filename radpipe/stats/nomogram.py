"""Nomogram arithmetic as rms::nomogram makes it: points, total points, and the axes below.

The variable whose effect spans most over its axis gets 0-100 points; every other axis is on the
same scale, with 0 points at its lowest effect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import special

from radpipe.stats.design import Array, DegenerateDataError


@dataclass(frozen=True)
class Term:
    """A variable with its contribution to the linear predictor at each tick or level.

    Attributes
    ----------
    name : str
    kind : "continuous" or "categorical"
    labels : tuple of str
        What stands at each tick.
    values : tuple of float
        The ticks; for a categorical variable the position of each level.
    effects : tuple of float
        Contribution to the linear predictor at each.
    """

    name: str
    kind: Literal["continuous", "categorical"]
    labels: tuple[str, ...]
    values: tuple[float, ...]
    effects: tuple[float, ...]


@dataclass(frozen=True)
class Axis:
    """A term with its points."""

    term: Term
    points: tuple[float, ...]


@dataclass(frozen=True)
class Scale:
    """An axis below the total points: values and the total points at which they stand."""

    label: str
    values: tuple[float, ...]
    points: tuple[float, ...]


@dataclass(frozen=True)
class Nomogram:
    """The axes of a nomogram.

    Attributes
    ----------
    axes : tuple of Axis
    points_per_unit : float
        Points for one unit of linear predictor.
    lp_at_zero : float
        Linear predictor at 0 total points.
    total : tuple of float
        Ticks of the total points axis, from 0 past the total of ``lp_range``'s upper end.
    lp_axis : Scale
        The linear predictor over ``lp_range``.
    """

    axes: tuple[Axis, ...]
    points_per_unit: float
    lp_at_zero: float
    total: tuple[float, ...]
    lp_axis: Scale


def pretty(low: float, high: float, n: int = 5) -> tuple[float, ...]:
    """Return about ``n`` + 1 round numbers that cover [low, high], as R's ``pretty``.

    The algorithm of R's ``R_pretty`` with its default biases towards units of 1, 2 and 5.
    """
    bias, bias5, least, eps = 1.5, 0.5 + 1.5 * 1.5, n // 3, 1e-10
    span, cell = high - low, max(abs(low), abs(high))
    if span == 0.0 and high == 0.0:
        cell, tiny = 1.0, True
    else:
        room = 1.0 + (1.0 / (1.0 + bias) if bias5 >= 1.5 * bias + 0.5 else 1.5 / (1.0 + bias5))
        tiny = bool(span < cell * room * max(1, n) * np.finfo(float).eps * 3.0)
    if tiny:
        cell = (9.0 + cell / 10.0 if cell > 10.0 else cell) * 0.75 / max(least, 1)
    else:
        cell = span / max(n, 1)
    base = 10.0 ** math.floor(math.log10(cell))
    unit = base
    for factor, weight in ((2.0, bias), (5.0, bias5), (10.0, bias)):
        if factor * base - cell >= weight * (cell - unit):
            break
        unit = factor * base
    first, last = math.floor(low / unit + eps), math.ceil(high / unit - eps)
    while first * unit > low + eps * unit:
        first -= 1
    while last * unit < high - eps * unit:
        last += 1
    short = least - (last - first)
    if short > 0:
        if low == 0.0 and first == 0 and high != 0.0:
            last += short
        elif first >= 0:
            last += short // 2
            first -= short // 2 + short % 2
        else:
            first -= short // 2
            last += short // 2 + short % 2
    digits = max(0, 1 - math.floor(math.log10(unit)))
    return tuple(round(i * unit, digits) for i in range(first, last + 1))


def continuous(
    name: str, coef: float, observed: Any, ticks: int = 10, discrete_up_to: int = 10
) -> Term:
    """Return the term of a variable with a linear effect.

    Parameters
    ----------
    coef : float
        Change of the linear predictor for one unit.
    observed : array
        The training values. With at most ``discrete_up_to`` distinct ones these are the ticks
        (rms's datadist), else round numbers over their range.

    Raises
    ------
    DegenerateDataError
        If no finite value was observed.
    """
    seen = np.unique(np.asarray(observed, dtype=np.float64))
    seen = seen[np.isfinite(seen)]
    if not seen.size:
        raise DegenerateDataError(f"{name} has no observed value")
    if seen.size <= discrete_up_to:
        values = tuple(float(v) for v in seen)
    else:
        values = pretty(float(seen[0]), float(seen[-1]), ticks)
    return Term(
        name,
        "continuous",
        tuple(f"{v:.10g}" for v in values),
        values,
        tuple(coef * v for v in values),
    )


def categorical(name: str, effects: Mapping[str, float]) -> Term:
    """Return the term of a categorical variable from its levels' effects (reference: 0)."""
    return Term(
        name,
        "categorical",
        tuple(effects),
        tuple(float(i) for i in range(len(effects))),
        tuple(float(v) for v in effects.values()),
    )


def build(
    terms: Sequence[Term],
    intercept: float,
    lp_range: tuple[float, float],
    widest: float = 100.0,
    ticks: int = 10,
) -> Nomogram:
    """Return the nomogram of a linear predictor ``intercept + sum of the terms' effects``.

    Parameters
    ----------
    terms : sequence of Term
    intercept : float
        For a Cox model whose linear predictor is centred: minus the centre.
    lp_range : (float, float)
        Lowest and highest linear predictor that the axes below are to cover.
    widest : float
        Points of the variable whose effect spans most.

    Raises
    ------
    DegenerateDataError
        If no term has an effect.
    """
    spans = [max(t.effects) - min(t.effects) for t in terms]
    if not spans or not max(spans) > 0.0:
        raise DegenerateDataError("no variable of the nomogram has an effect")
    per_unit = widest / max(spans)
    zero = intercept + sum(min(t.effects) for t in terms)
    axes = tuple(Axis(t, tuple(per_unit * (e - min(t.effects)) for e in t.effects)) for t in terms)
    top = max((lp_range[1] - zero) * per_unit, 0.0)
    lps = pretty(lp_range[0], lp_range[1], ticks)
    scale = Scale("Linear predictor", lps, tuple((v - zero) * per_unit for v in lps))
    return Nomogram(axes, per_unit, zero, pretty(0.0, top, ticks), scale)


def points(axis: Axis, value: float | str) -> float:
    """Return the points of a value; ticks are joined linearly and the end segments extended.

    Raises
    ------
    ValueError
        If a level is unknown.
    """
    term = axis.term
    if term.kind == "categorical":
        if str(value) not in term.labels:
            raise ValueError(f"{term.name} has no level {value!r}: {', '.join(term.labels)}")
        return axis.points[term.labels.index(str(value))]
    x, given = np.array(term.values), float(value)
    if x.size == 1:
        return axis.points[0]
    right = int(np.clip(np.searchsorted(x, given), 1, x.size - 1))
    share = (given - x[right - 1]) / (x[right] - x[right - 1])
    return float(axis.points[right - 1] + share * (axis.points[right] - axis.points[right - 1]))


def total_points(nomogram: Nomogram, case: Mapping[str, float | str]) -> float:
    """Return the total points of a case, given as variable name to value."""
    return sum(points(axis, case[axis.term.name]) for axis in nomogram.axes)


def linear_predictor(nomogram: Nomogram, total: Any) -> Array:
    """Return the linear predictor at total points."""
    out: Array = np.asarray(total, dtype=np.float64) / nomogram.points_per_unit
    out = out + nomogram.lp_at_zero
    return out


def _scale(nomogram: Nomogram, label: str, values: Any, lp: Array) -> Scale:
    """Keep the values that lie on the axes of linear predictor and total points, in their order.

    The variables' axes give no linear predictor beyond.
    """
    at = (lp - nomogram.lp_at_zero) * nomogram.points_per_unit
    low = max(nomogram.total[0], nomogram.lp_axis.points[0])
    high = min(nomogram.total[-1], nomogram.lp_axis.points[-1])
    kept = np.isfinite(at) & (at >= low - 1e-9) & (at <= high + 1e-9)
    return Scale(
        label, tuple(float(v) for v in np.asarray(values)[kept]), tuple(float(v) for v in at[kept])
    )


def risk_axis(nomogram: Nomogram, risks: Any, label: str = "Risk") -> Scale:
    """Return the axis of a logistic model's risks, each in (0, 1); unreachable ones left out."""
    values = np.asarray(risks, dtype=np.float64)
    return _scale(nomogram, label, values, np.asarray(special.logit(values)))


def cox_risk_axis(
    nomogram: Nomogram, risks: Any, cumulative_hazard: float, label: str = "Risk"
) -> Scale:
    """Return the axis of P(event by t) for a Cox model; unreachable ones left out.

    Parameters
    ----------
    risks : array
        Each in (0, 1).
    cumulative_hazard : float
        Of the baseline (linear predictor 0) at t; 0 leaves the axis empty.
    """
    values = np.asarray(risks, dtype=np.float64)
    if not cumulative_hazard > 0.0:
        return Scale(label, (), ())
    lp = np.log(-np.log1p(-values) / cumulative_hazard)
    return _scale(nomogram, label, values, lp)


def median_axis(
    nomogram: Nomogram, times: Any, cumulative_hazards: Any, label: str = "Median survival"
) -> Scale:
    """Return the axis of median survival times, given the baseline hazard at each time.

    A time is the median where the linear predictor makes ``H0(t) exp(lp) = log 2``.
    """
    values = np.asarray(times, dtype=np.float64)
    hazards = np.asarray(cumulative_hazards, dtype=np.float64)
    some = hazards > 0
    lp = np.full(values.shape, np.nan)
    lp[some] = math.log(math.log(2.0)) - np.log(hazards[some])
    return _scale(nomogram, label, values, lp)

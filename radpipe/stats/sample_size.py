"""The sample size that developing a prediction model takes: Riley's criteria, as pmsampsize.

Riley and others, Stat Med 2019;38:1276 (binary and survival) and 2019;38:1262 (continuous).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from radpipe.stats.expected_shrinkage import (
    cases_for,
    check_share,
    expected_shrinkage_continuous,
)
from radpipe.stats.results import NAN

_MARGIN = 0.05
_Z = 1.96  # as printed in the papers


@dataclass(frozen=True)
class Criterion:
    """A number of cases, and what it rests on.

    Attributes
    ----------
    n : int
        Cases.
    shrinkage : float
        Expected uniform shrinkage that the calculation asks for; for a continuous outcome the
        one at ``n``.
    parameters : int
        Candidate predictor parameters.
    r2 : float
        Cox-Snell's R2 anticipated (continuous outcome: adjusted R2).
    max_r2, nagelkerke : float
        Largest R2 that the outcome allows, and ``r2 / max_r2``; NaN for a continuous outcome.
    per_parameter : float
        Events for each parameter (continuous outcome: cases).
    """

    n: int
    shrinkage: float
    parameters: int
    r2: float
    max_r2: float
    nagelkerke: float
    per_parameter: float


@dataclass(frozen=True)
class SampleSize:
    """Riley's criteria in the papers' order, and the largest number of cases among them."""

    criteria: tuple[Criterion, ...]
    final: Criterion
    method: str


def riley_binary(
    r2: float, parameters: int, prevalence: float, shrinkage: float = 0.9
) -> SampleSize:
    """Return the sample size for a logistic model.

    Criteria: expected shrinkage; apparent and adjusted Nagelkerke R2 within 0.05; the overall
    risk to within 0.05.

    Parameters
    ----------
    r2 : float
        Cox-Snell's R2 anticipated in new cases, above 0 and below its maximum; for a C statistic
        see `radpipe.stats.anticipated_r2`.
    parameters : int
        Candidate predictor parameters.
    prevalence : float
        Share with the event, in (0, 1).
    shrinkage : float
        In (0, 1).

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    check_share("prevalence", prevalence)
    max_r2 = 1 - math.exp(-2 * float(special.entr(prevalence) + special.entr(1 - prevalence)))
    first, second, shrunk = _two_criteria(r2, max_r2, parameters, shrinkage)
    third = _up((_Z / _MARGIN) ** 2 * prevalence * (1 - prevalence))
    per_case = prevalence / parameters
    rows = (
        _criterion(first, shrinkage, parameters, r2, max_r2, per_case),
        _criterion(second, shrunk, parameters, r2, max_r2, per_case),
        _criterion(third, max(shrinkage, shrunk), parameters, r2, max_r2, per_case),
    )
    largest = max(row.n for row in rows)
    final = _criterion(largest, max(shrinkage, shrunk), parameters, r2, max_r2, per_case)
    return SampleSize(rows, final, "Riley's criteria for a binary outcome")


def riley_survival(
    r2: float,
    parameters: int,
    rate: float,
    horizon: float,
    mean_followup: float,
    shrinkage: float = 0.9,
) -> SampleSize:
    """Return the sample size for a survival model.

    Criteria: expected shrinkage; apparent and adjusted Nagelkerke R2 within 0.05; the overall
    risk at the horizon to within 0.05 (the third starts from the larger of the first two).

    Parameters
    ----------
    r2, parameters, shrinkage
        As for `riley_binary`.
    rate : float
        Events per unit of time and case, above 0.
    horizon, mean_followup : float
        In the same unit of time, above 0.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    for name, value in (("rate", rate), ("horizon", horizon), ("mean follow-up", mean_followup)):
        if not 0 < value < math.inf:
            raise ValueError(f"a {name} of {value} is not above 0")
    events = rate * mean_followup
    max_r2 = 1 - math.exp(2 * (events * math.log(events) - events))
    first, second, shrunk = _two_criteria(r2, max_r2, parameters, shrinkage)

    def precise(n: int) -> bool:
        half = _Z * math.sqrt(rate / (mean_followup * n))
        risk, low, high = (
            -math.expm1(-max(r, 0.0) * horizon) for r in (rate, rate - half, rate + half)
        )
        return max(high - risk, risk - low) <= _MARGIN

    third = _smallest(precise, max(first, second))
    per_case = events / parameters
    top = max(shrinkage, shrunk)
    rows = (
        _criterion(first, shrinkage, parameters, r2, max_r2, per_case),
        _criterion(second, shrunk, parameters, r2, max_r2, per_case),
        _criterion(third, top, parameters, r2, max_r2, per_case),
    )
    return SampleSize(rows, rows[2], "Riley's criteria for a survival outcome")


def riley_continuous(
    r2: float, parameters: int, mean: float, sd: float, shrinkage: float = 0.9
) -> SampleSize:
    """Return the sample size for a linear model.

    Criteria: expected shrinkage; apparent and adjusted R2 within 0.05; the residual standard
    deviation, and the mean outcome, to within 10% (the fourth starts from the largest before).

    Parameters
    ----------
    r2 : float
        Adjusted R2 anticipated, in (0, 1).
    parameters : int
        Candidate predictor parameters, at least 3.
    mean, sd : float
        Of the outcome; the mean not 0, the sd above 0.
    shrinkage : float
        In (0, 1).

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    from scipy import stats

    check_share("R2", r2)
    check_share("shrinkage", shrinkage)
    if parameters < 3:
        raise ValueError(f"{parameters} parameters: the criterion needs at least 3")
    if not (sd > 0 and mean != 0):
        raise ValueError(f"mean {mean} and sd {sd}: the mean must not be 0, the sd above 0")

    def shrinks(n: int) -> float:
        return expected_shrinkage_continuous(r2, parameters, n)

    def precise(n: int) -> bool:
        error = math.sqrt(sd**2 * (1 - r2) / n)
        return float(stats.t.ppf(0.975, n - parameters - 1)) * error <= 0.1 * abs(mean)

    least = parameters + 2
    first = _smallest(lambda n: shrinks(n) >= shrinkage, least)
    second = max(_up(1 + parameters * (1 - r2) / _MARGIN), least)
    third = 234 + parameters
    fourth = _smallest(precise, max(first, second, third))
    rows = tuple(
        Criterion(n, shrinks(n), parameters, r2, NAN, NAN, n / parameters)
        for n in (first, second, third, fourth)
    )
    return SampleSize(rows, rows[3], "Riley's criteria for a continuous outcome")


def _two_criteria(
    r2: float, max_r2: float, parameters: int, shrinkage: float
) -> tuple[int, int, float]:
    """Return the cases by the first two criteria, and the shrinkage of the second."""
    check_share("shrinkage", shrinkage)
    if parameters < 1:
        raise ValueError(f"{parameters} parameters: at least 1")
    if not 0 < r2 < min(max_r2, shrinkage):
        limit = min(max_r2, shrinkage)
        raise ValueError(f"an R2 of {r2} is not between 0 and {limit:.4g}")
    shrunk = r2 / (r2 + _MARGIN * max_r2)
    first, second = (_up(cases_for(s, r2, parameters)) for s in (shrinkage, shrunk))
    return first, second, shrunk


def _criterion(
    n: int, shrinkage: float, parameters: int, r2: float, max_r2: float, per_case: float
) -> Criterion:
    return Criterion(n, shrinkage, parameters, r2, max_r2, r2 / max_r2, n * per_case)


def _smallest(holds: Callable[[int], bool], start: int) -> int:
    """Return the smallest n from ``start`` for which ``holds``, which stays true once it is."""
    low, high = start, start
    while not holds(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _up(value: float) -> int:
    return math.ceil(round(value, 9))

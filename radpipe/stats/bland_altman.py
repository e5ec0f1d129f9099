"""Limits of agreement between two methods of measurement (Bland and Altman)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import NAN, Estimate, FloatArray, TestResult, floats, join_notes, z_value
from radpipe.stats.samples import check_level, pairs

Interval = Literal["approximate", "approximate 1986", "blandr", "exact"]


@dataclass(frozen=True)
class BlandAltman:
    """Bias and limits of agreement of x - y.

    ``sd`` is that of the differences (divisor n - 1) and ``repeatability`` the multiplier times
    ``sd``. ``bias_test`` is the paired t test, ``trend`` the regression of the difference on the
    mean of the two methods (``estimate`` is its slope). ``unit`` says whether differences are
    absolute, in percent of the mean, or ratios x / y; for ratios bias, limits and intervals
    are ratios too (``bias`` is the geometric mean), ``sd`` and ``trend`` are of the logarithms and
    ``repeatability`` is the factor.
    """

    bias: Estimate
    sd: float
    lower_limit: Estimate
    upper_limit: Estimate
    repeatability: float
    bias_test: TestResult
    trend: TestResult
    unit: str
    n: int
    note: str = ""


def bland_altman(
    x: Any,
    y: Any,
    unit: Literal["absolute", "percent", "ratio"] = "absolute",
    interval: Interval = "approximate",
    coverage: float = 0.95,
    multiplier: float | None = 1.96,
    level: float = 0.95,
) -> BlandAltman:
    """Return bias and limits of agreement of x - y, with intervals.

    Parameters
    ----------
    x, y : array (n,)
        Paired measurements; a pair with a missing value (NaN) is left out.
    unit : str
        ``absolute``: x - y. ``percent``: 100 (x - y) / mean of both, whose means must not be zero.
        ``ratio``: x / y through logarithms, positive values only.
    interval : str
        Of the limits, all from the t distribution with n - 1 degrees of freedom but the last.
        ``approximate``: standard error sd sqrt(1/n + m^2 / (2 (n - 1))), m the multiplier (Bland
        and Altman, Stat Methods Med Res 1999;8:135). ``approximate 1986``: sd sqrt(3/n) (Lancet
        1986;1:307). ``blandr``: the first one with the unrounded normal quantile in place of m.
        ``exact``: from the noncentral t (Carkeet, Optom Vis Sci 2015;92:e71); it is for the
        percentiles that enclose ``coverage`` of the differences.
    coverage : float
        Share of differences between the limits, in (0, 1).
    multiplier : float, optional
        Of the sd; None: the normal quantile of ``coverage``. 1.96 is what papers print for 0.95.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If lengths differ, a choice is not known, or values do not suit the unit.
    """
    if interval not in ("approximate", "approximate 1986", "blandr", "exact"):
        raise ValueError(
            f"the interval is approximate, approximate 1986, blandr or exact, not {interval!r}"
        )
    check_level(level)
    if not 0 < coverage < 1:
        raise ValueError(f"the coverage is in (0, 1), not {coverage:g}")
    a, b, note = pairs(x, y)
    difference, mean = _difference(a, b, unit)
    n = difference.size
    centre, sd, constant = _moments(difference, mean)
    if constant:
        note = join_notes(note, constant)
    factor = z_value(coverage) if multiplier is None else multiplier
    half = factor * sd
    label = f"limits of agreement ({factor:.4g} sd), {interval} interval"
    spread = _spread(n, sd, interval, coverage, factor, level)
    bias_half = _t_quantile(n, level) * sd / np.sqrt(n) if n else NAN

    def estimate(value: float, down: float, up: float, method: str) -> Estimate:
        numbers = floats([value, value - down, value + up])
        middle, low, high = (np.exp(numbers) if unit == "ratio" else numbers).tolist()
        return Estimate(middle, low, high, method, n, level=level, note=note)

    return BlandAltman(
        bias=estimate(centre, bias_half, bias_half, "bias, t interval"),
        sd=sd,
        lower_limit=estimate(centre - half, spread[1], spread[0], label),
        upper_limit=estimate(centre + half, spread[0], spread[1], label),
        repeatability=float(np.exp(half)) if unit == "ratio" else half,
        bias_test=_bias_test(centre, sd, n, note),
        trend=_trend(difference, mean, level),
        unit=unit,
        n=n,
        note=note,
    )


def _difference(a: FloatArray, b: FloatArray, unit: str) -> tuple[FloatArray, FloatArray]:
    if unit == "absolute":
        return a - b, (a + b) / 2
    if unit == "percent":
        mean = (a + b) / 2
        if (mean == 0).any():
            raise ValueError("a pair has the mean 0: percent of it is undefined")
        return 100 * (a - b) / mean, mean
    if unit == "ratio":
        if min(a.min(initial=1), b.min(initial=1)) <= 0:
            raise ValueError("ratios need positive values")
        first, second = np.log(a), np.log(b)
        return first - second, (first + second) / 2
    raise ValueError(f"the unit is absolute, percent or ratio, not {unit!r}")


def _moments(difference: FloatArray, mean: FloatArray) -> tuple[float, float, str]:
    """Return mean and sd of the differences, and what makes intervals or tests undefined."""
    n = difference.size
    if n < 2:
        centre = float(difference[0]) if n else NAN
        return centre, NAN, "fewer than two pairs: no limits of agreement"
    sd = float(np.std(difference, ddof=1))
    # Rounding of the values themselves is no variation.
    rounding = 8 * np.finfo(float).eps * float(np.abs([difference, mean]).max())
    if sd <= rounding:
        return float(difference.mean()), 0.0, "the methods differ by a constant: no tests"
    return float(difference.mean()), sd, ""


def _t_quantile(n: int, level: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2, n - 1)) if n > 1 else NAN


def _spread(
    n: int, sd: float, interval: str, coverage: float, factor: float, level: float
) -> tuple[float, float]:
    """Return how far the interval of the upper limit reaches down and up from it."""
    if n < 2 or not sd > 0:
        return (sd, sd)
    if interval == "exact":
        from scipy.stats import nct

        shift = z_value(coverage) * np.sqrt(n)
        low, high = nct.ppf([0.5 - level / 2, 0.5 + level / 2], n - 1, shift) / np.sqrt(n)
        return float((factor - low) * sd), float((high - factor) * sd)
    if interval == "approximate 1986":
        variance = 3 / n
    else:
        m = z_value(coverage) if interval == "blandr" else factor
        variance = 1 / n + m**2 / (2 * (n - 1))
    half = _t_quantile(n, level) * float(np.sqrt(variance)) * sd
    return half, half


def _bias_test(centre: float, sd: float, n: int, note: str) -> TestResult:
    from scipy.stats import t

    if not sd > 0:
        return TestResult(NAN, NAN, "paired t test", n, estimate=centre, note=note)
    statistic = centre / (sd / float(np.sqrt(n)))
    p = float(2 * t.sf(abs(statistic), n - 1))
    return TestResult(statistic, p, "paired t test", n, n - 1, estimate=centre, note=note)


def _trend(difference: FloatArray, mean: FloatArray, level: float) -> TestResult:
    from scipy.stats import t

    method = "linear regression of the difference on the mean"
    n = difference.size
    x = mean - mean.mean() if n else mean
    square = float(x @ x)
    if n < 3 or square <= n * (8 * np.finfo(float).eps * float(np.abs(mean).max())) ** 2:
        note = "fewer than three pairs, or all of one mean: no trend"
        return TestResult(NAN, NAN, method, n, level=level, note=note)
    slope = float(x @ difference) / square
    rest = difference - difference.mean() - slope * x
    se = float(np.sqrt(rest @ rest / (n - 2) / square))
    if se * np.sqrt(square) <= 8 * np.finfo(float).eps * float(np.abs(mean).max()):
        note = "the differences lie on a line: no test"
        return TestResult(NAN, NAN, method, n, n - 2, slope, level=level, note=note)
    half = float(t.ppf(0.5 + level / 2, n - 2)) * se
    return TestResult(
        slope / se,
        float(2 * t.sf(abs(slope / se), n - 2)),
        method,
        n,
        n - 2,
        slope,
        slope - half,
        slope + half,
        se,
        level,
    )

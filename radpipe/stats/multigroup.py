"""Several groups: one-way analysis of variance with effect sizes, Bartlett's test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes


@dataclass(frozen=True)
class OneWay:
    """One-way analysis of variance.

    Parameters
    ----------
    statistic, p : float
        F and its p value; NaN where undefined, ``note`` then says why.
    df, df_error : float
        Degrees of freedom between and within groups.
    sum_squares, sum_squares_error : float
        Between and within groups.
    mean_square_error : float
        The pooled variance.
    eta_squared, omega_squared : float
        Share of the variance between groups: of the sample, and corrected for its bias (it may be
        negative).
    method : str
        Name of the test.
    n : int
        Cases used.
    note : str
        Why something is undefined, or what was left out.
    """

    statistic: float
    p: float
    df: float
    df_error: float
    sum_squares: float
    sum_squares_error: float
    mean_square_error: float
    eta_squared: float
    omega_squared: float
    method: str
    n: int
    note: str = ""


def anova(groups: Sequence[Any]) -> OneWay:
    """Compare several means under equal variances, as aov.

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out, and so is a group without values.

    References
    ----------
    Omega squared: Hays, Statistics, 5th edition 1994, section 11.
    """
    from scipy.stats import f

    parts, note = samples.many(groups)
    n, k = sum(p.size for p in parts), len(parts)
    method = "one-way analysis of variance"
    df, df_error = float(max(k - 1, 0)), float(n - k)
    if k < 2 or df_error < 1:
        note = join_notes(note, "fewer than two groups, or no group of two cases: no test")
        return OneWay(NAN, NAN, df, df_error, NAN, NAN, NAN, NAN, NAN, method, n, note)
    centre = float(np.concatenate(parts).mean())
    between = float(sum(p.size * (p.mean() - centre) ** 2 for p in parts))
    within = float(sum(np.sum((p - p.mean()) ** 2) for p in parts))
    if samples.constant(*parts):
        note = join_notes(note, "every group is constant: no test")
        return OneWay(NAN, NAN, df, df_error, between, 0.0, 0.0, NAN, NAN, method, n, note)
    mse = within / df_error
    statistic = between / df / mse
    return OneWay(
        statistic=statistic,
        p=float(f.sf(statistic, df, df_error)),
        df=df,
        df_error=df_error,
        sum_squares=between,
        sum_squares_error=within,
        mean_square_error=mse,
        eta_squared=between / (between + within),
        omega_squared=(between - df * mse) / (between + within + mse),
        method=method,
        n=n,
        note=note,
    )


def epsilon_squared(test: TestResult) -> float:
    """Return the effect size H / (n - 1) of a Kruskal-Wallis test (Kelley, PNAS 1935;21:554)."""
    return test.statistic / (test.n - 1) if test.n > 1 else NAN


def bartlett(groups: Sequence[Any]) -> TestResult:
    """Test for equal variances of normal data (Bartlett, Proc R Soc A 1937;160:268).

    Parameters
    ----------
    groups : sequence of array
        The values of each group; NaN is left out, and so is a group without values.
    """
    from scipy.stats import chi2

    parts, note = samples.many(groups)
    n, k = sum(p.size for p in parts), len(parts)
    method = "Bartlett's test"
    if k < 2 or min(p.size for p in parts) < 2 or any(samples.constant(p) for p in parts):
        note = join_notes(note, "a group is constant or below two cases, or is alone: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    free = floats([p.size - 1 for p in parts])
    variance = floats([np.var(p, ddof=1) for p in parts])
    pooled = float(free @ variance / free.sum())
    scale = 1 + (float(np.sum(1 / free)) - 1 / float(free.sum())) / (3 * (k - 1))
    statistic = max(0.0, -float(free @ np.log(variance / pooled)) / scale)
    return TestResult(statistic, float(chi2.sf(statistic, k - 1)), method, n, k - 1, note=note)


def pooled_variance(parts: Sequence[FloatArray]) -> tuple[float, float]:
    """Return the variance within groups and its degrees of freedom; NaN where there is none."""
    df = float(sum(p.size for p in parts) - sum(1 for p in parts if p.size))
    if df < 1:
        return NAN, df
    return float(sum(np.sum((p - p.mean()) ** 2) for p in parts if p.size)) / df, df

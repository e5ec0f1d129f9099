"""Tests for a normal distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats import samples
from radpipe.stats.results import NAN, TestResult, join_notes

# Stephens' modified statistic, for p above 0.1 (JASA 1974;69:730; Stephens 1986, table 4.9): up to
# each bound, p is a polynomial of it, coefficients from the constant on.
_STEPHENS = (
    (0.302, (1.0,)),
    (0.5, (2.76773, -19.828315, 80.709644, -138.55152, 81.218052)),
    (0.9, (-4.901232, 40.662806, -97.490286, 94.029866, -32.355711)),
    (1.31, (6.198765, -19.558097, 23.186922, -12.234627, 2.423045)),
)


def shapiro_wilk(x: Any) -> TestResult:
    """Test for a normal distribution (Royston's AS R94); 3 to 5000 values, not all equal."""
    from scipy.stats import shapiro

    values, note = samples.one(x)
    method = "Shapiro-Wilk test"
    if not 3 <= values.size <= 5000 or samples.constant(values):
        why = "fewer than 3 or more than 5000 values, or all equal: no test"
        return TestResult(NAN, NAN, method, values.size, note=join_notes(note, why))
    # W has no unit; a small range would be taken for none
    result = shapiro((values - np.median(values)) / np.ptp(values))
    return TestResult(float(result.statistic), float(result.pvalue), method, values.size, note=note)


def lilliefors(x: Any) -> TestResult:
    """Kolmogorov-Smirnov test against the normal with the sample's own mean and SD.

    The statistic is D. p by Dallal and Wilkinson (Am Stat 1986;40:294), above 0.1 by Stephens'
    modified statistic, as lillie.test of nortest and LillieTest of DescTools; at least 5 values.
    """
    from scipy.special import ndtr

    values, note = samples.one(x)
    n, method = values.size, "Lilliefors test"
    if n < 5 or samples.constant(values):
        why = join_notes(note, "fewer than 5 values, or all equal: no test")
        return TestResult(NAN, NAN, method, n, note=why)
    share = ndtr(np.sort((values - values.mean()) / values.std(ddof=1)))
    i = np.arange(1, n + 1)
    d = float(max((i / n - share).max(), (share - (i - 1) / n).max()))
    return TestResult(d, _lilliefors_p(d, n), method, n, note=note)


def _lilliefors_p(d: float, n: int) -> float:
    size = min(n, 100)
    scaled = d * max(1.0, n / 100) ** 0.49
    exponent = (
        -7.01256 * scaled**2 * (size + 2.78019)
        + 2.99587 * scaled * np.sqrt(size + 2.78019)
        - 0.122119
        + 0.974598 / np.sqrt(size)
        + 1.67997 / size
    )
    p = float(np.exp(min(0.0, exponent)))
    if p <= 0.1:
        return p
    modified = (np.sqrt(n) - 0.01 + 0.85 / np.sqrt(n)) * d
    for bound, coefficients in _STEPHENS:
        if modified <= bound:
            return min(1.0, max(0.0, float(np.polynomial.Polynomial(coefficients)(modified))))
    return 0.0

"""Correlation with intervals: Pearson, Spearman, Kendall, as cor.test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats import samples
from radpipe.stats.exact_spearman import spearman_p
from radpipe.stats.results import (
    NAN,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    normal_p,
    z_value,
)

SpearmanInterval = Literal["bonett-wright", "fisher", "fieller"]
_SPEARMAN = {
    "bonett-wright": "Bonett-Wright interval",
    "fisher": "Fisher z interval",
    "fieller": "Fieller-Hartley-Pearson interval",
}
_EXACT_SPEARMAN = 1290
_EXACT_KENDALL = 50
_BLOCK = 512
_NO_PAIRS = "fewer than three pairs, or a constant variable"


def pearson(x: Any, y: Any, level: float = 0.95) -> TestResult:
    """Return Pearson's r with Fisher's z interval and the t test.

    Parameters
    ----------
    x, y : array (n,)
        Paired values; a pair with NaN is left out.
    level : float
        Confidence level, in (0, 1).
    """
    samples.check_level(level)
    a, b, note = samples.pairs(x, y)
    method = "Pearson correlation, Fisher z interval"
    r, reason = _r(a, b)
    if reason:
        return _undefined(method, a.size, level, join_notes(note, reason))
    return from_r(r, a.size, method, level, note)


def spearman(
    x: Any,
    y: Any,
    level: float = 0.95,
    exact: bool | None = False,
    interval: SpearmanInterval = "bonett-wright",
) -> TestResult:
    """Return Spearman's rho (mid-ranks).

    Parameters
    ----------
    x, y : array (n,)
        Paired values; a pair with NaN is left out.
    level : float
        Confidence level, in (0, 1).
    exact : bool, optional
        False: p by the t approximation. True: by the law of the sum of squared rank differences
        (:func:`radpipe.stats.exact_spearman.spearman_chance`), for data without ties. None: the
        rule of cor.test, the latter up to 1290 pairs without ties.
    interval : str
        Variance of Fisher's z: ``bonett-wright`` (1 + rho^2 / 2) / (n - 3) (Psychometrika
        2000;65:23); ``fieller`` 1.06 / (n - 3) (Biometrika 1957;44:470); ``fisher`` 1 / (n - 3),
        as DescTools::SpearmanRho.

    Returns
    -------
    TestResult
        ``statistic`` is t, or the sum of squared rank differences for the exact test.

    Raises
    ------
    ValueError
        If an exact test is asked for and there are ties.
    """
    from scipy.stats import rankdata

    samples.check_level(level)
    if interval not in get_args(SpearmanInterval):
        raise ValueError(f"the interval is one of {get_args(SpearmanInterval)}, not {interval!r}")
    a, b, note = samples.pairs(x, y)
    ties = _tied(a, b)
    if exact is None:
        exact = a.size <= _EXACT_SPEARMAN and not ties
    kind = "exact" if exact else "t approximation"
    method = f"Spearman correlation ({kind}), {_SPEARMAN[interval]}"
    first, second = floats(rankdata(a)), floats(rankdata(b))
    r, reason = _r(first, second)
    if reason:
        return _undefined(method, a.size, level, join_notes(note, reason))
    if exact and ties:
        raise ValueError("the exact Spearman test needs data without ties")
    factor = {"bonett-wright": 1 + r**2 / 2, "fisher": 1.0, "fieller": 1.06}[interval]
    result = from_r(r, a.size, method, level, note, factor)
    if not exact:
        return result
    squares = float(np.sum((first - second) ** 2))
    return replace(result, statistic=squares, df=NAN, p=spearman_p(squares, a.size))


def kendall(x: Any, y: Any, exact: bool | None = None, level: float = 0.95) -> TestResult:
    """Return Kendall's tau-b with Wald's interval.

    Parameters
    ----------
    x, y : array (n,)
        Paired values; a pair with NaN is left out.
    exact : bool, optional
        None: the rule of cor.test, exact below 50 pairs without ties, else the normal
        approximation with the variance corrected for ties.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    TestResult
        ``statistic`` is z, or the number of concordant pairs for the exact test. ``se`` and the
        interval hold away from independence too (Brown and Benedetti, JASA 1977;72:309, as
        DescTools::KendallTauB).

    Raises
    ------
    ValueError
        If an exact test is asked for and there are ties.
    """
    from scipy.stats import kendalltau

    samples.check_level(level)
    a, b, note = samples.pairs(x, y)
    n, ties = a.size, _tied(a, b)
    if exact is None:
        exact = n < _EXACT_KENDALL and not ties
    method = "Kendall's tau-b, " + ("exact" if exact else "normal approximation")
    if n < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return _undefined(method, n, level, join_notes(note, _NO_PAIRS))
    if exact and ties:
        raise ValueError("the exact Kendall test needs data without ties")
    concordance = _concordance(a, b)
    score = float(concordance.sum()) / 2
    sizes = [np.unique(v, return_inverse=True, return_counts=True)[1:] for v in (a, b)]
    own_a, own_b = (count[place].astype(float) for place, count in sizes)
    free_a, free_b = n**2 - float(own_a.sum()), n**2 - float(own_b.sum())
    width = float(np.sqrt(free_a * free_b))
    tau = min(1.0, max(-1.0, 2 * score / width))
    if exact:
        statistic = (score + n * (n - 1) / 2) / 2
        p = float(kendalltau(a, b, method="exact").pvalue)
    else:
        counts = [count.astype(float) for _, count in sizes]
        statistic = score / float(np.sqrt(_kendall_variance(n, *counts)))
        p = normal_p(statistic)
    pull = (own_a - n) * free_b + (own_b - n) * free_a
    se = float(np.linalg.norm(2 * width * concordance + tau * pull)) / width**2
    lower, upper = NAN, NAN
    if abs(tau) < 1:
        half = z_value(level) * se
        lower, upper = max(-1.0, tau - half), min(1.0, tau + half)
    else:
        note = join_notes(note, "no interval: a perfect correlation")
    return TestResult(
        statistic,
        min(1.0, p),
        method,
        n,
        estimate=tau,
        lower=lower,
        upper=upper,
        se=se,
        level=level,
        note=note,
    )


def from_r(
    r: float, n: int, method: str, level: float, note: str = "", factor: float = 1.0
) -> TestResult:
    """Return the t test of a correlation of ``n`` pairs and its Fisher z interval.

    ``factor`` multiplies the variance 1 / (n - 3) of z.
    """
    from scipy.stats import t

    df = n - 2
    perfect = abs(r) >= 1
    statistic = float(np.sign(r)) * np.inf if perfect else r * float(np.sqrt(df / (1 - r**2)))
    lower = upper = NAN
    if n > 3 and not perfect:
        half = z_value(level) * float(np.sqrt(factor / (n - 3)))
        lower, upper = (float(np.tanh(np.arctanh(r) + s * half)) for s in (-1, 1))
    else:
        note = join_notes(note, "no interval: fewer than four pairs, or a perfect correlation")
    p = 0.0 if perfect else float(2 * t.sf(abs(statistic), df))
    return TestResult(statistic, p, method, n, df, r, lower, upper, level=level, note=note)


def _undefined(method: str, n: int, level: float, note: str) -> TestResult:
    return TestResult(NAN, NAN, method, n, level=level, note=note)


def _r(a: FloatArray, b: FloatArray) -> tuple[float, str]:
    if a.size < 3 or samples.constant(a) or samples.constant(b):
        return NAN, _NO_PAIRS
    x, y = a - a.mean(), b - b.mean()
    r = float(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)))
    return min(1.0, max(-1.0, r)), ""


def _tied(a: FloatArray, b: FloatArray) -> bool:
    return bool(np.unique(a).size < a.size or np.unique(b).size < b.size)


def _concordance(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return for each case the concordant less the discordant cases, (n,)."""
    out = np.empty(a.size)
    for start in range(0, a.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        one, two = np.sign(a[rows, None] - a), np.sign(b[rows, None] - b)
        out[rows] = np.sum(one * two, axis=1)
    return out


def _kendall_variance(n: int, first: FloatArray, second: FloatArray) -> float:
    """Return the null variance of concordant less discordant pairs, given the sizes of ties."""

    def by(values: FloatArray, *steps: float) -> float:
        out = values.copy()
        for step in steps:
            out = out * (values + step)
        return float(out.sum())

    def cubic(values: FloatArray) -> float:
        return float(np.sum(values * (values - 1) * (2 * values + 5)))

    plain = (n * (n - 1) * (2 * n + 5) - cubic(first) - cubic(second)) / 18
    pairs = by(first, -1) * by(second, -1) / (2 * n * (n - 1))
    triples = by(first, -1, -2) * by(second, -1, -2) / (9 * n * (n - 1) * (n - 2))
    return plain + pairs + triples

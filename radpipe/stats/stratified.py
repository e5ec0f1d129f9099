"""Tables in strata: Cochran-Mantel-Haenszel test, common odds ratio, its homogeneity."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.counts import stratified_table, valid
from radpipe.stats.results import (
    NAN,
    Estimate,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    z_value,
)
from radpipe.stats.samples import check_level

__all__ = ["breslow_day", "cmh", "common_odds_ratio", "stratified_table"]

_NO_TEST = "no stratum has two rows and two columns: no test"


def cmh(counts: Any, correction: bool = True, level: float = 0.95) -> TestResult:
    """Test conditional independence given the stratum, as mantelhaen.test.

    Parameters
    ----------
    counts : array (K, r, c)
        Whole numbers, a table for each stratum; strata of fewer than two cases are left out.
    correction : bool
        Continuity correction by 0.5 where |O - E| is as large, for 2x2 tables only.
    level : float
        Confidence level of the common odds ratio, in (0, 1).

    Returns
    -------
    TestResult
        For 2x2 tables ``estimate`` is the odds ratio of Mantel and Haenszel with its interval.
        For larger ones the test is of general association on (r - 1)(c - 1) degrees of freedom.

    References
    ----------
    Mantel and Haenszel, J Natl Cancer Inst 1959;22:719. Landis, Heyman and Koch, Int Stat Rev
    1978;46:237.
    """
    from scipy.stats import chi2

    tables, note = _strata(counts)
    n = int(tables.sum())
    method = "Cochran-Mantel-Haenszel test"
    pooled = tables.sum(axis=0)
    tables = tables[:, pooled.sum(axis=1) > 0][:, :, pooled.sum(axis=0) > 0]
    shape = tables.shape[1:]
    if min(shape) < 2:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, _NO_TEST))
    df = (shape[0] - 1) * (shape[1] - 1)
    off, covariance = _deviation(tables)
    odds = Estimate(NAN, NAN, NAN, "", n, level=level)
    if shape == (2, 2):
        odds = common_odds_ratio(tables, level)
        note = join_notes(note, odds.note)
        method += " with continuity correction" if correction else ""
        gap = abs(off[0])
        off = floats([gap - (0.5 if correction and gap >= 0.5 else 0.0)])
    if np.linalg.matrix_rank(covariance) < df:
        return TestResult(NAN, NAN, method, n, df, note=join_notes(note, _NO_TEST))
    statistic = float(off @ np.linalg.solve(covariance, off))
    return TestResult(
        statistic,
        float(chi2.sf(statistic, df)),
        method,
        n,
        df,
        odds.estimate,
        odds.lower,
        odds.upper,
        level=level,
        note=note,
    )


def common_odds_ratio(counts: Any, level: float = 0.95) -> Estimate:
    """Return the odds ratio of Mantel and Haenszel over K 2x2 tables.

    ``se`` and the interval are of its logarithm: Robins, Breslow and Greenland, Biometrics
    1986;42:311.

    Parameters
    ----------
    counts : array (K, 2, 2)
        Whole numbers, a table for each stratum.
    level : float
        Confidence level, in (0, 1).
    """
    check_level(level)
    tables, note = _two_by_two(counts)
    n = int(tables.sum())
    method = "Mantel-Haenszel odds ratio, Robins-Breslow-Greenland interval"
    a, b, c, d = tables.reshape(-1, 4).T
    size = a + b + c + d
    p, q = (a + d) / size, (b + c) / size
    r, s = a * d / size, b * c / size
    top, bottom = float(r.sum()), float(s.sum())
    if min(top, bottom) == 0:
        value = NAN if top == bottom else (float("inf") if top else 0.0)
        note = join_notes(note, "a product of counts is zero in every stratum: no interval")
        return Estimate(value, NAN, NAN, method, n, level=level, note=note)
    variance = (
        float(p @ r) / (2 * top**2)
        + float(p @ s + q @ r) / (2 * top * bottom)
        + float(q @ s) / (2 * bottom**2)
    )
    value, se = top / bottom, float(np.sqrt(variance))
    factor = float(np.exp(z_value(level) * se))
    return Estimate(value, value / factor, value * factor, method, n, se, level, note=note)


def breslow_day(counts: Any, tarone: bool = True) -> TestResult:
    """Test whether the odds ratio is the same in all strata.

    Parameters
    ----------
    counts : array (K, 2, 2)
        Whole numbers, a table for each stratum; strata with an empty margin are left out.
    tarone : bool
        Tarone's correction for the estimated common odds ratio (Biometrika 1985;72:91).

    Notes
    -----
    Breslow and Day, Statistical Methods in Cancer Research I, 1980, section 4.4: the squared
    distance of each first cell from its expectation under the Mantel-Haenszel odds ratio.
    """
    from scipy.stats import chi2

    tables, note = _two_by_two(counts)
    told = ((tables.sum(axis=1) > 0).all(axis=1)) & ((tables.sum(axis=2) > 0).all(axis=1))
    if not told.all():
        note = join_notes(note, f"{int((~told).sum())} strata with an empty margin left out")
    tables = tables[told]
    n, df = int(tables.sum()), len(tables) - 1
    method = "Breslow-Day test" + (" with Tarone's correction" if tarone else "")
    odds = common_odds_ratio(tables).estimate if len(tables) else NAN
    if df < 1 or not 0 < odds < np.inf:
        note = join_notes(note, "fewer than two strata, or no common odds ratio: no test")
        return TestResult(NAN, NAN, method, n, note=note)
    row, column = tables[:, 0].sum(axis=1), tables[:, :, 0].sum(axis=1)
    a = _first_cell(odds, row, column, tables.sum(axis=(1, 2)))
    cells = np.stack([a, row - a, column - a, tables.sum(axis=(1, 2)) - row - column + a])
    variance = 1 / np.sum(1 / cells, axis=0)
    off = tables[:, 0, 0] - a
    statistic = float(np.sum(off**2 / variance))
    if tarone:
        statistic -= float(off.sum() ** 2 / variance.sum())
    return TestResult(statistic, float(chi2.sf(statistic, df)), method, n, df, note=note)


def _first_cell(odds: float, row: FloatArray, column: FloatArray, n: FloatArray) -> FloatArray:
    """Return the first cells of 2x2 tables with these first margins and this odds ratio.

    The root of a (n - row - column + a) = odds (row - a) (column - a) that lies within the
    margins, in the form that does not cancel.
    """
    square = 1 - odds
    linear = n - row - column + odds * (row + column)
    constant = -odds * row * column
    root = np.sqrt(linear**2 - 4 * square * constant)
    return floats(-2 * constant / (linear + root))


def _deviation(tables: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the sum over strata of O - E without last row and column, and its covariance."""
    total = tables.sum(axis=(1, 2))
    row, column = tables.sum(axis=2), tables.sum(axis=1)
    expected = row[:, :, None] * column[:, None, :] / total[:, None, None]
    off = (tables - expected).sum(axis=0)[:-1, :-1].ravel()
    size = off.size
    covariance = np.zeros((size, size))
    for m, r, c in zip(total, row[:, :-1], column[:, :-1], strict=True):
        by_row, by_column = m * np.diag(r) - np.outer(r, r), m * np.diag(c) - np.outer(c, c)
        covariance += np.kron(by_row, by_column) / (m**2 * (m - 1))
    return floats(off), covariance


def _strata(counts: Any) -> tuple[FloatArray, str]:
    tables = valid(counts, 3)
    large = tables.sum(axis=(1, 2)) >= 2
    small = int((~large).sum())
    return floats(tables[large]), f"{small} strata below two cases left out" if small else ""


def _two_by_two(counts: Any) -> tuple[FloatArray, str]:
    tables, note = _strata(counts)
    if tables.shape[1:] != (2, 2):
        raise ValueError(f"strata of two rows and two columns are needed, not {tables.shape}")
    return tables, note

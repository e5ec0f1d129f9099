"""Repeated measures: analysis of variance with sphericity corrections, mixed design, Friedman."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpipe.stats.counts import coded
from radpipe.stats.kappa_many import kendall_w
from radpipe.stats.results import NAN, FloatArray, IntArray, TestResult, floats, join_notes


@dataclass(frozen=True)
class Sphericity:
    """Whether the differences between conditions have one variance, and by how much not.

    Parameters
    ----------
    mauchly_w, mauchly_p : float
        Mauchly's test; NaN for two conditions, which are spherical.
    greenhouse_geisser, huynh_feldt : float
        Factors of the degrees of freedom. Huynh-Feldt's is as computed and may exceed 1; the test
        takes 1 then.
    note : str
        Why something is undefined.
    """

    mauchly_w: float
    mauchly_p: float
    greenhouse_geisser: float
    huynh_feldt: float
    note: str = ""


@dataclass(frozen=True)
class Effect:
    """One line of the analysis of variance.

    Parameters
    ----------
    statistic, p : float
        F and its p value, sphericity assumed.
    df, df_error : float
        Degrees of freedom.
    mean_square_error : float
        Of the effect's own error stratum.
    p_greenhouse_geisser, p_huynh_feldt : float
        After the correction of the degrees of freedom; for an effect between cases equal to p.
    generalised_eta_squared, partial_eta_squared : float
        Share of the variance: of that of effect and all error, and of effect and its own error.
    """

    statistic: float
    p: float
    df: float
    df_error: float
    mean_square_error: float
    p_greenhouse_geisser: float
    p_huynh_feldt: float
    generalised_eta_squared: float
    partial_eta_squared: float


@dataclass(frozen=True)
class RepeatedMeasures:
    """Analysis of variance of k conditions on the same n cases.

    Parameters
    ----------
    within : Effect
        Conditions.
    between, interaction : Effect or None
        Groups, and groups by conditions; None without groups.
    sphericity : Sphericity
        Of the conditions, within groups.
    method : str
        Name of the analysis.
    n : int
        Cases used.
    note : str
        Why something is undefined, or what was left out.
    """

    within: Effect
    between: Effect | None
    interaction: Effect | None
    sphericity: Sphericity
    method: str
    n: int
    note: str = ""


def rm_anova(values: Any, groups: Any = None) -> RepeatedMeasures:
    """Compare k conditions on the same cases, and groups of cases, as afex::aov_ez.

    Parameters
    ----------
    values : array (n, k)
        One row a case, one column a condition; a row with NaN is left out.
    groups : array (n,), optional
        The group of each case: a mixed (between-within) design.

    Returns
    -------
    RepeatedMeasures
        Sums of squares are of type III (each effect given the others, groups weighted equally).

    Raises
    ------
    ValueError
        If there are fewer than two conditions, or not one group per case.

    Notes
    -----
    Conditions are taken as orthonormal contrasts, so that an effect's sum of squares is the trace
    of its multivariate one. Greenhouse and Geisser, Psychometrika 1959;24:95. Huynh and Feldt,
    J Educ Stat 1976;1:69, with the error degrees of freedom of Lecoutre, J Educ Stat 1991;16:371.
    Generalised eta squared: Olejnik and Algina, Psychol Methods 2003;8:434; groups count as
    manipulated, not as observed.
    """
    table, label, note = _cases(values, groups)
    n, k = table.shape
    g = int(label.max(initial=0)) + 1
    method = "repeated-measures analysis of variance" if groups is None else "mixed design"
    member = np.eye(g)[label]
    size = member.sum(axis=0)
    # With cell means M of contrast scores, E is what is left of the scores within groups.
    scores = table @ contrasts(k)
    means = member.T @ scores / np.maximum(size, 1)[:, None]
    error = (scores - member @ means).T @ (scores - member @ means)
    level = table.mean(axis=1) * np.sqrt(k)
    level_means = member.T @ level / np.maximum(size, 1)
    ss_cases = float(np.sum((level - member @ level_means) ** 2))
    ss_error = float(np.trace(error))
    df_cases = float(n - g)
    df_error = df_cases * (k - 1)
    reason = _undefined(table, df_cases, g, groups is not None, ss_cases, ss_error)
    note = join_notes(note, reason)
    sphericity = _sphericity(error, df_cases, reason)
    factors = min(1.0, sphericity.greenhouse_geisser), min(1.0, sphericity.huynh_feldt)

    def effect(ss: float, df: float, own: float, free: float, within: bool) -> Effect:
        if reason:
            return Effect(NAN, NAN, df, free, NAN, NAN, NAN, NAN, NAN)
        scale = factors if within else (1.0, 1.0)
        return _effect(ss, df, own, free, ss / (ss + ss_cases + ss_error), scale)

    grand = means.mean(axis=0)
    weight = g**2 / float(np.sum(1 / size)) if size.all() else NAN
    within = effect(weight * float(grand @ grand), k - 1.0, ss_error, df_error, True)
    between = interaction = None
    if groups is not None:
        ss = float(size @ (level_means - level.sum() / max(n, 1)) ** 2)
        between = effect(ss, g - 1.0, ss_cases, df_cases, False)
        off = means - scores.sum(axis=0) / max(n, 1)
        crossed = float(size @ np.sum(off**2, axis=1))
        interaction = effect(crossed, (g - 1.0) * (k - 1), ss_error, df_error, True)
    return RepeatedMeasures(within, between, interaction, sphericity, method, n, note)


def mauchly(covariance: Any, df: float) -> tuple[float, float]:
    """Return Mauchly's W and its p value (Ann Math Stat 1940;11:204).

    Parameters
    ----------
    covariance : array (q, q)
        Covariance, or its multiple, of q >= 2 orthonormal contrasts.
    df : float
        Degrees of freedom of the covariance, at least q.

    Notes
    -----
    The p value has the second term of Box's series (Anderson, An Introduction to Multivariate
    Statistical Analysis, 2nd edition 1984, section 10.7.4), with one summand as R's mauchly.test
    and car compute it: 3 (q + 1), the number of conditions, where the book has 3 q.
    """
    from scipy.stats import chi2

    matrix = floats(covariance)
    q = matrix.shape[0]
    logarithm = float(np.linalg.slogdet(matrix)[1]) - q * float(np.log(np.trace(matrix) / q))
    w = float(np.exp(logarithm))
    rho = 1 - (2 * q**2 + q + 2) / (6 * q * df)
    second = (q + 2) * (q - 1) * (q - 2) * (2 * q**3 + 6 * q**2 + 3 * (q + 1) + 2)
    second /= 288 * (df * q * rho) ** 2
    z, free = -df * rho * logarithm, q * (q + 1) / 2 - 1
    first = float(chi2.sf(z, free))
    return w, float(np.clip(first + second * (float(chi2.sf(z, free + 4)) - first), 0, 1))


def friedman(values: Any) -> TestResult:
    """Compare k conditions on the same cases by ranks within cases, as friedman.test.

    Parameters
    ----------
    values : array (n, k)
        One row a case, one column a condition; a row with NaN is left out.

    Returns
    -------
    TestResult
        Chi-square on k - 1 degrees of freedom, corrected for ties; ``estimate`` is Kendall's W,
        the agreement of the cases on the conditions' order.
    """
    table, note = complete(values)
    method = "Friedman test"
    n, k = table.shape
    if n < 2 or all(np.ptp(row) == 0 for row in table):
        note = join_notes(note, "fewer than two cases, or no case differs: no test")
        return TestResult(NAN, NAN, method, n, k - 1, note=note)
    return replace(kendall_w(table.T), method=method, n=n, note=note)


def contrasts(k: int) -> FloatArray:
    """Return k - 1 orthonormal contrasts of k conditions, shape (k, k - 1) (Helmert's)."""
    out = np.zeros((k, k - 1))
    for j in range(1, k):
        out[:j, j - 1] = 1
        out[j, j - 1] = -j
    return floats(out / np.linalg.norm(out, axis=0))


def complete(values: Any) -> tuple[FloatArray, str]:
    """Return the rows (n, k) without missing values and a note on those left out.

    Raises
    ------
    ValueError
        If there are fewer than two conditions.
    """
    table = floats(values)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"cases and at least two conditions are needed, not {table.shape}")
    known = np.isfinite(table).all(axis=1)
    missing = int((~known).sum())
    return table[known], f"{missing} incomplete cases left out" if missing else ""


def _cases(values: Any, groups: Any) -> tuple[FloatArray, IntArray, str]:
    table, note = complete(values)
    known = np.isfinite(floats(values)).all(axis=1)
    if groups is None:
        return table, np.zeros(len(table), dtype=np.int64), note
    labels = np.asarray(groups)
    if labels.shape != known.shape:
        raise ValueError(f"{labels.shape} groups for {known.size} cases")
    return table, coded(labels[known])[1], note


def _undefined(
    table: FloatArray, df: float, groups: int, mixed: bool, ss_cases: float, ss_error: float
) -> str:
    if df < 1:
        return "too few complete cases: no test"
    if mixed and groups < 2:
        return "one group only: no test"
    bound = 1e-28 * float(np.sum(table**2))
    if ss_error <= bound or (mixed and ss_cases <= bound):
        return "no error variance: no test"
    return ""


def _effect(
    ss: float, df: float, own: float, free: float, ges: float, factors: tuple[float, float]
) -> Effect:
    from scipy.stats import f

    statistic = ss / df / (own / free)
    p, gg, hf = (float(f.sf(statistic, e * df, e * free)) for e in (1.0, *factors))
    return Effect(statistic, p, df, free, own / free, gg, hf, ges, ss / (ss + own))


def _sphericity(error: FloatArray, df: float, reason: str) -> Sphericity:
    if reason:
        return Sphericity(NAN, NAN, NAN, NAN, reason)
    q = error.shape[0]
    if q == 1:
        return Sphericity(NAN, NAN, 1.0, 1.0, "two conditions: nothing to correct")
    gg = float(np.trace(error) ** 2 / (q * np.sum(error**2)))
    bottom = q * (df - q * gg)
    hf = ((df + 1) * q * gg - 2) / bottom if bottom > 0 else float("inf")
    if np.linalg.matrix_rank(error) < q:
        return Sphericity(NAN, NAN, gg, hf, "fewer cases than conditions: no Mauchly test")
    return Sphericity(*mauchly(error, df), gg, hf)

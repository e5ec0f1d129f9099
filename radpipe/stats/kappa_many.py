"""Agreement of several raters: Fleiss', Conger's and Light's kappa, Kendall's W."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from radpipe.stats.kappa import Kappa, coded_levels, kappa_of_table, with_errors
from radpipe.stats.results import (
    NAN,
    FloatArray,
    IntArray,
    TestResult,
    floats,
    join_notes,
    normal_p,
    z_value,
)


@dataclass(frozen=True)
class CategoryKappa:
    """Fleiss' kappa of one category against all others, with the test of no agreement."""

    category: Any
    estimate: float
    se0: float
    z: float
    p: float


def fleiss_kappa(
    ratings: Any,
    levels: Sequence[Any] | None = None,
    variance: Literal["sample", "null"] = "sample",
    level: float = 0.95,
) -> Kappa:
    """Return Fleiss' kappa.

    Parameters
    ----------
    ratings : array (subjects, raters)
        Categories; a subject with a missing one (None, NaN) is left out and counted.
    levels : sequence, optional
        All categories; None: those found.
    variance : str
        Of the interval. ``sample``: from how subjects differ (Gwet, Br J Math Stat Psychol
        2008;61:29). ``null``: the one under no agreement, as DescTools::KappaM; it is too small
        where there is agreement. The test uses the null variance in either case.
    level : float
        Confidence level, in (0, 1).

    Notes
    -----
    Fleiss, Psychol Bull 1971;76:378; null variance: Fleiss, Nee and Landis, Psychol Bull
    1979;86:974 (as irr::kappam.fleiss).
    """
    if variance not in ("sample", "null"):
        raise ValueError(f"the variance is sample or null, not {variance!r}")
    coded, names, note = _complete(ratings, levels)
    n, raters = coded.shape
    method = f"Fleiss' kappa; Wald interval ({variance} variance)"
    nothing = Kappa(NAN, method, n, raters, level=level, note=note)
    reason = _too_few(n, raters)
    if reason:
        return replace(nothing, note=join_notes(note, reason))
    tally = _tally(coded, len(names))
    share = tally.sum(axis=0) / (n * raters)
    each = (np.sum(tally**2, axis=1) - raters) / (raters * (raters - 1))
    observed, expected = float(each.mean()), float(share @ share)
    known = replace(nothing, observed=observed, expected=expected)
    if expected >= 1 - 1e-12:
        return replace(known, note=join_notes(note, "one category only: no kappa"))
    kappa = (observed - expected) / (1 - expected)
    free = share * (1 - share)
    spread = float(free.sum()) ** 2 - float(free @ (1 - 2 * share))
    se0 = float(np.sqrt(2 * spread / (n * raters * (raters - 1)))) / float(free.sum())
    se = se0
    if variance == "sample":
        chance = tally @ share / raters
        own = (each - expected - 2 * (1 - kappa) * (chance - expected)) / (1 - expected)
        se = float(np.sqrt(np.sum((own - kappa) ** 2) / (n * (n - 1)))) if n > 1 else NAN
    note = join_notes(note, "one subject: no interval" if np.isnan(se) else "")
    return with_errors(replace(known, estimate=kappa, note=note), se, se0)


def fleiss_by_category(
    ratings: Any, levels: Sequence[Any] | None = None
) -> tuple[CategoryKappa, ...]:
    """Return Fleiss' kappa of each category; parameters as :func:`fleiss_kappa`.

    NaN for a category that nobody or everybody used.
    """
    coded, names, _ = _complete(ratings, levels)
    n, raters = coded.shape
    if _too_few(n, raters):
        return tuple(CategoryKappa(name, *[NAN] * 4) for name in names)
    tally = _tally(coded, len(names))
    share = tally.sum(axis=0) / (n * raters)
    pairs = n * raters * (raters - 1)
    se0 = float(np.sqrt(2 / pairs))
    found = []
    for name, count, p in zip(names, tally.T, share, strict=True):
        used = 0 < p < 1
        kappa = 1 - float(count @ (raters - count)) / (pairs * p * (1 - p)) if used else NAN
        z = kappa / se0
        found.append(CategoryKappa(name, kappa, se0, z, normal_p(z)))
    return tuple(found)


def conger_kappa(ratings: Any, levels: Sequence[Any] | None = None, level: float = 0.95) -> Kappa:
    """Return Conger's kappa, Cohen's for several raters (the "exact" one of irr::kappam.fleiss).

    Chance agreement takes each rater's own use of the categories. Parameters as
    :func:`fleiss_kappa`; the interval is from how subjects differ (jackknife), there is no test.

    Notes
    -----
    Conger, Psychol Bull 1980;88:322.
    """
    coded, names, note = _complete(ratings, levels)
    n, raters = coded.shape
    nothing = Kappa(NAN, "Conger's kappa; jackknife interval", n, raters, level=level, note=note)
    reason = _too_few(n, raters)
    if reason:
        return replace(nothing, note=join_notes(note, reason))
    one_hot = np.eye(len(names))[coded]
    used, tally = one_hot.sum(axis=0), one_hot.sum(axis=1)
    each = (np.sum(tally**2, axis=1) - raters) / (raters * (raters - 1))

    def chance(share: FloatArray) -> FloatArray:
        """Return the agreement of two different raters by chance, over the last two axes."""
        total = share.sum(axis=-2)
        return floats(
            (np.sum(total**2, axis=-1) - np.sum(share**2, axis=(-2, -1))) / (raters * (raters - 1))
        )

    observed, expected = float(each.mean()), float(chance(used / n))
    known = replace(nothing, observed=observed, expected=expected)
    if expected >= 1 - 1e-12:
        return replace(known, note=join_notes(note, "one category only: no kappa"))
    kappa = (observed - expected) / (1 - expected)
    without = chance((used - one_hot) / max(n - 1, 1))
    if n < 3 or (without >= 1 - 1e-12).any():
        return replace(
            known, estimate=kappa, note=join_notes(note, "too few subjects for an interval")
        )
    left = ((each.sum() - each) / (n - 1) - without) / (1 - without)
    se = float(np.sqrt((n - 1) / n * np.sum((left - left.mean()) ** 2)))
    half = z_value(level) * se
    return replace(known, estimate=kappa, se=se, lower=kappa - half, upper=kappa + half)


def light_kappa(ratings: Any, levels: Sequence[Any] | None = None) -> Kappa:
    """Return Light's kappa, the mean of Cohen's over all pairs of raters (irr::kappam.light).

    Parameters as :func:`fleiss_kappa`; it comes without interval and test.

    Notes
    -----
    Light, Psychol Bull 1971;76:365.
    """
    coded, names, note = _complete(ratings, levels)
    n, raters = coded.shape
    nothing = Kappa(NAN, "Light's kappa (mean over pairs of raters)", n, raters, note=note)
    reason = _too_few(n, raters)
    if reason:
        return replace(nothing, note=join_notes(note, reason))
    kappas = []
    for i, j in combinations(range(raters), 2):
        counts = np.zeros((len(names), len(names)))
        np.add.at(counts, (coded[:, i], coded[:, j]), 1)
        kappas.append(kappa_of_table(counts).estimate)
    mean = float(np.mean(kappas))
    if np.isnan(mean):
        note = join_notes(note, "a pair of raters used one and the same category: no kappa")
    return replace(nothing, estimate=mean, note=note)


def kendall_w(ratings: Any, ties: bool = True) -> TestResult:
    """Return Kendall's coefficient of concordance W, ``estimate``, with its chi-square test.

    Parameters
    ----------
    ratings : array (subjects, raters)
        Ordinal or continuous; a subject with a missing rating (NaN) is left out and counted.
    ties : bool
        Correct for ties, as irr::kendall(correct = TRUE).

    Notes
    -----
    Kendall and Babington Smith, Ann Math Stat 1939;10:275. ``statistic`` is
    raters x (subjects - 1) x W on subjects - 1 degrees of freedom.
    """
    from scipy.stats import chi2, rankdata

    values = floats(ratings)
    if values.ndim != 2:
        raise ValueError(f"ratings have subjects and raters, not shape {values.shape}")
    known = np.isfinite(values).all(axis=1)
    method = "Kendall's W" + (", corrected for ties" if ties else "")
    missing = int((~known).sum())
    note = f"{missing} subjects with a missing rating left out" if missing else ""
    kept = values[known]
    n, raters = kept.shape
    reason = _too_few(n, raters) or ("fewer than two subjects: no W" if n < 2 else "")
    if reason:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, reason))
    ranks = floats(rankdata(kept, axis=0))
    tied = 0.0
    if ties:
        for column in kept.T:
            size = np.unique(column, return_counts=True)[1].astype(float)
            tied += float(np.sum(size**3 - size))
    bottom = raters**2 * (n**3 - n) - raters * tied
    if bottom <= 0:
        note = join_notes(note, "every rater gave one value only: no W")
        return TestResult(NAN, NAN, method, n, note=note)
    total = ranks.sum(axis=1)
    w = 12 * float(np.sum((total - total.mean()) ** 2)) / bottom
    statistic, df = raters * (n - 1) * w, n - 1
    return TestResult(
        statistic, float(chi2.sf(statistic, df)), method, n, df, estimate=w, note=note
    )


def _complete(ratings: Any, levels: Sequence[Any] | None) -> tuple[IntArray, tuple[Any, ...], str]:
    coded, names = coded_levels(ratings, levels)
    if coded.ndim != 2:
        raise ValueError(f"ratings have subjects and raters, not shape {coded.shape}")
    whole = (coded >= 0).all(axis=1)
    missing = int((~whole).sum())
    note = f"{missing} subjects with a missing rating left out" if missing else ""
    return coded[whole], names, note


def _too_few(n: int, raters: int) -> str:
    if raters < 2:
        return "fewer than two raters: no agreement to measure"
    return "no subject with all ratings" if n == 0 else ""


def _tally(coded: IntArray, levels: int) -> FloatArray:
    """Return how many raters put each subject into each level, (subjects, levels)."""
    return floats(np.eye(levels)[coded].sum(axis=1))

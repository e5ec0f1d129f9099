"""DeLong's variance of the AUC, its clustered form, and tests between AUCs.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837 (variance, paired test);
Obuchowski, Biometrics 1997;53:567 (several cases of one patient); pROC (Satterthwaite degrees of
freedom for unpaired curves). Over repeats of cross-validation the AUC is the mean over repeats,
and each case's placement value, as a deviation from the AUC of its repeat, is averaged over the
repeats in which the case was predicted. With one repeat this is DeLong's variance itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes, sums
from radpipe.stats.placements import placement_values
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    TestResult,
    floats,
    join_notes,
    labels01,
    normal_p,
    z_value,
)


@dataclass(frozen=True)
class _Influence:
    auc: float
    values: FloatArray  # (n,) placement value minus AUC, averaged over repeats; NaN = unused
    repeats: int
    note: str


def delong(y: Any, score: Any, level: float = 0.95, groups: Any = None) -> Estimate:
    """Return the AUC with DeLong's standard error and a Wald interval clipped to [0, 1].

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        A higher score speaks for the event; cases with NaN are left out and counted in the note.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case; where a patient has several, Obuchowski's clustered variance.
    """
    return delong_repeats(y, floats(score)[:, None], level=level, groups=groups)


def delong_repeats(y: Any, scores: Any, level: float = 0.95, groups: Any = None) -> Estimate:
    """Return the mean AUC over repeats, with the variance of averaged placement values.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    scores : array (n, repeats)
        Out-of-fold scores; NaN where a case was not predicted in a repeat.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case.

    Returns
    -------
    Estimate
        The interval is conditional on the fitted models. NaN with a note for one class.
    """
    positive = labels01(y)
    matrix = _matrix(scores, positive)
    inf = _influence(positive, matrix)
    used = np.isfinite(inf.values)
    variance, note = _variance(inf.values, positive, groups)
    se = float(np.sqrt(variance))
    half = z_value(level) * se
    return Estimate(
        estimate=inf.auc,
        lower=max(0.0, inf.auc - half) if np.isfinite(half) else NAN,
        upper=min(1.0, inf.auc + half) if np.isfinite(half) else NAN,
        se=se,
        method=_method(inf.repeats, groups),
        n=int(used.sum()),
        events=int((used & positive).sum()),
        level=level,
        note=join_notes(inf.note, note),
    )


def delong_paired(y: Any, a: Any, b: Any, level: float = 0.95, groups: Any = None) -> TestResult:
    """Compare two AUCs on the same cases; ``estimate`` is AUC(a) - AUC(b).

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    a, b : array (n,) or (n, repeats)
        Scores of the two models. A cell that is NaN in one of them is used in neither. With
        several repeats, the p value is conditional on the fitted models and does not account
        for training: report the difference and its interval, and take p from permutation.
    """
    positive = labels01(y)
    first, second = _matrix(a, positive), _matrix(b, positive)
    if first.shape != second.shape:
        raise ValueError(f"scores of shapes {first.shape} and {second.shape} are not paired")
    absent = np.isnan(first) | np.isnan(second)
    one = _influence(positive, np.where(absent, NAN, first))
    two = _influence(positive, np.where(absent, NAN, second))
    difference = one.auc - two.auc
    variance, note = _variance(one.values - two.values, positive, groups)
    se = float(np.sqrt(variance))
    z = difference / se if se > 0 else NAN
    if se == 0 and np.isfinite(difference):
        note = join_notes(note, "the variance of the difference is zero: no test")
    half = z_value(level) * se
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method="paired " + _method(one.repeats, groups),
        n=int(np.isfinite(one.values).sum()),
        estimate=difference,
        lower=max(-1.0, difference - half) if np.isfinite(half) else NAN,
        upper=min(1.0, difference + half) if np.isfinite(half) else NAN,
        se=se,
        level=level,
        note=join_notes(one.note, note),
    )


def delong_unpaired(y1: Any, score1: Any, y2: Any, score2: Any) -> TestResult:
    """Compare two AUCs of different cases; Student's t with Satterthwaite's df, as pROC."""
    from scipy.stats import t

    first, second = delong(y1, score1), delong(y2, score2)
    positive1, positive2 = labels01(y1), labels01(y2)
    parts, sizes = [], []
    for positive, score in ((positive1, score1), (positive2, score2)):
        inf = _influence(positive, _matrix(score, positive))
        parts.append(_variance(inf.values, positive, None)[0])
        sizes.append(int(np.isfinite(inf.values).sum()))
    total = parts[0] + parts[1]
    difference = first.estimate - second.estimate
    note = join_notes(first.note, second.note)
    method = "unpaired DeLong test (t, Satterthwaite df)"
    if not total > 0 or min(sizes) < 2:
        note = join_notes(note, "the variance of the difference is zero or undefined: no test")
        return TestResult(NAN, NAN, method, sum(sizes), estimate=difference, note=note)
    statistic = difference / float(np.sqrt(total))
    df = total**2 / sum(v**2 / (n - 1) for v, n in zip(parts, sizes, strict=True))
    half = float(t.ppf(0.975, df) * np.sqrt(total))
    return TestResult(
        statistic=statistic,
        p=float(2 * t.sf(abs(statistic), df)),
        method=method,
        n=sum(sizes),
        df=float(df),
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=float(np.sqrt(total)),
        note=note,
    )


def delong_covariance(y: Any, scores: Any) -> FloatArray:
    """Return the covariance (k, k) of the AUCs of k score columns (n, k) on the same cases."""
    positive = labels01(y)
    matrix = _matrix(scores, positive)
    v = np.column_stack([placement_values(positive, column) for column in matrix.T])
    with_event, without = v[positive], v[~positive]
    if min(with_event.shape[0], without.shape[0]) < 2:
        return np.full((matrix.shape[1], matrix.shape[1]), NAN)
    s10 = np.atleast_2d(np.cov(with_event, rowvar=False)) / with_event.shape[0]
    s01 = np.atleast_2d(np.cov(without, rowvar=False)) / without.shape[0]
    return np.asarray(s10 + s01, dtype=np.float64)


def delong_global(y: Any, scores: Any) -> TestResult:
    """Test that k correlated AUCs (columns of ``scores``, (n, k)) are all equal, by chi-square."""
    from scipy.stats import chi2

    positive = labels01(y)
    matrix = _matrix(scores, positive)
    k = matrix.shape[1]
    aucs = np.array([placement_values(positive, c)[positive].mean() for c in matrix.T])
    contrast = np.column_stack([np.ones(k - 1), -np.eye(k - 1)])
    middle = contrast @ delong_covariance(y, matrix) @ contrast.T
    d = contrast @ aucs
    method = f"DeLong chi-square test of {k} correlated AUCs"
    if not np.isfinite(middle).all() or np.linalg.matrix_rank(middle) < k - 1:
        note = "the covariance of the differences is singular: no test"
        return TestResult(NAN, NAN, method, positive.size, df=k - 1, note=note)
    statistic = float(d @ np.linalg.solve(middle, d))
    return TestResult(statistic, float(chi2.sf(statistic, k - 1)), method, positive.size, df=k - 1)


def _matrix(scores: Any, positive: BoolArray) -> FloatArray:
    matrix = floats(scores)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.shape[0] != positive.shape[0]:
        raise ValueError(f"{matrix.shape[0]} scores for {positive.shape[0]} outcomes")
    return matrix


def _influence(positive: BoolArray, matrix: FloatArray) -> _Influence:
    total = np.zeros(positive.size)
    count = np.zeros(positive.size)
    aucs = []
    for column in matrix.T:
        present = np.isfinite(column)
        values = placement_values(positive[present], column[present])
        if values.size == 0 or np.isnan(values[0]):
            continue  # one class only in this repeat: it has no AUC
        area = float(values[positive[present]].mean())
        aucs.append(area)
        total[present] += values - area
        count[present] += 1
    averaged = np.divide(total, count, out=np.full(total.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(aucs)
    missing = int(np.sum(~np.isfinite(matrix).any(axis=1)))
    if not aucs:
        note = "the AUC is undefined: all cases belong to one class"
    else:
        note = f"{skipped} repeats without both classes left out" if skipped else ""
    if missing:
        note = join_notes(note, f"{missing} cases without a score left out")
    return _Influence(float(np.mean(aucs)) if aucs else NAN, averaged, len(aucs), note)


def _variance(values: FloatArray, positive: BoolArray, groups: Any) -> tuple[float, str]:
    """Return the variance of the AUC from deviations of placement values, and a note."""
    used = np.isfinite(values)
    event, free = used & positive, used & ~positive
    if min(event.sum(), free.sum()) < 2:
        return NAN, "fewer than two cases in a class: no variance" if used.any() else ""
    if not clustered(groups):
        s10 = float(np.var(values[event], ddof=1)) / int(event.sum())
        s01 = float(np.var(values[free], ddof=1)) / int(free.sum())
        return s10 + s01, ""
    group = codes(np.asarray(groups)[used], int(used.sum()))
    value, is_event = values[used], positive[used]
    by_event = sums(np.where(is_event, value, 0.0), group)
    by_free = sums(np.where(is_event, 0.0, value), group)
    m, n = int(is_event.sum()), int((~is_event).sum())
    k = by_event.size
    k10 = np.unique(group[is_event]).size
    k01 = np.unique(group[~is_event]).size
    if min(k10, k01) < 2:
        return NAN, "fewer than two patients in a class: no variance"
    s10 = k10 / ((k10 - 1) * m) * float(np.sum(by_event**2))
    s01 = k01 / ((k01 - 1) * n) * float(np.sum(by_free**2))
    s11 = k / (k - 1) * float(np.sum(by_event * by_free))
    return max(0.0, s10 / m + s01 / n + 2 * s11 / (m * n)), ""


def _method(repeats: int, groups: Any) -> str:
    name = "DeLong, clustered by patient (Obuchowski)" if clustered(groups) else "DeLong"
    return name if repeats <= 1 else f"{name} on placement values averaged over {repeats} repeats"

"""Concordance of a score with survival: Harrell's C with survival::concordance's standard error.

A pair is comparable when the case with the earlier time had the event (an event and a censoring
at the same time are comparable, the event first; two events at the same time are not). A higher
score speaks for an earlier event; equal scores count one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, influence_variance
from radpipe.stats.pairs import Pairs, pair_sums
from radpipe.stats.results import (
    NAN,
    Estimate,
    FloatArray,
    TestResult,
    counted,
    floats,
    join_notes,
    labels01,
    normal_p,
    same_length,
    z_value,
)


@dataclass(frozen=True)
class _Influence:
    c: float
    values: FloatArray  # (n,) influence of each case on c; NaN = unused
    repeats: int
    note: str


def harrell(
    time: Any,
    event: Any,
    score: Any,
    level: float = 0.95,
    groups: Any = None,
    strata: Any = None,
    tau: float | None = None,
) -> Estimate:
    """Return Harrell's C with the infinitesimal-jackknife standard error.

    Parameters
    ----------
    time : array (n,)
        Time of event or censoring, any unit.
    event : array (n,)
        1 where the event was seen.
    score : array (n,)
        A higher score speaks for an earlier event; NaN cases are left out.
    level : float
        Confidence level of the Wald interval (clipped to [0, 1]).
    groups : array (n,), optional
        Patient of each case; influences of one patient's cases are added up.
    strata : array (n,), optional
        Only cases of one stratum are compared.
    tau : float, optional
        Events after it start no pair (``ymax`` of survival::concordance).
    """
    pairs = Pairs.of(floats(time), labels01(event), strata, tau)
    name = "Harrell's C"
    name += " within strata" if strata is not None else ""
    name += f" up to {tau:g}" if tau is not None else ""
    return concordance(pairs, floats(score)[:, None], name, level, groups)


def harrell_repeats(
    time: Any, event: Any, scores: Any, level: float = 0.95, groups: Any = None
) -> Estimate:
    """Return the mean C over repeats (columns), with influences averaged over repeats.

    ``scores`` is (n, repeats), NaN where a case was not predicted in a repeat. The interval is
    conditional on the fitted models.
    """
    pairs = Pairs.of(floats(time), labels01(event))
    return concordance(pairs, _matrix(scores, pairs.time), "Harrell's C", level, groups)


def harrell_covariance(time: Any, event: Any, scores: Any) -> FloatArray:
    """Return the covariance matrix of several C indices on the same cases, shape (k, k).

    ``scores`` is (n, k), one column a score, without NaN.
    """
    pairs = Pairs.of(floats(time), labels01(event))
    matrix = _matrix(scores, pairs.time)
    values = np.column_stack([_influence(pairs, column[:, None]).values for column in matrix.T])
    return floats(values.T @ values)


def harrell_paired(
    time: Any, event: Any, a: Any, b: Any, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare two C indices on the same cases; ``estimate`` is C(a) - C(b).

    ``a`` and ``b`` are (n,) or (n, repeats); a cell that is NaN in one is used in neither. With
    several repeats the p value is conditional on the fitted models: take p from permutation.
    """
    return concordance_paired(
        Pairs.of(floats(time), labels01(event)), a, b, "Harrell's C", level, groups
    )


def concordance(
    pairs: Pairs, matrix: FloatArray, name: str, level: float = 0.95, groups: Any = None
) -> Estimate:
    """Return the concordance over given pairs; ``matrix`` is (n, repeats)."""
    same_length(time=pairs.time, score=matrix)
    inf = _influence(pairs, matrix)
    used = np.isfinite(inf.values)
    se = _se(inf.values, groups) if used.any() else NAN
    half = z_value(level) * se
    return Estimate(
        estimate=inf.c,
        lower=max(0.0, inf.c - half) if used.any() else NAN,
        upper=min(1.0, inf.c + half) if used.any() else NAN,
        se=se,
        method=_method(name, inf.repeats, groups),
        n=int(used.sum()),
        events=int((used & pairs.event).sum()),
        level=level,
        note=inf.note,
    )


def concordance_paired(
    pairs: Pairs, a: Any, b: Any, name: str, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare the concordances of two scores over the same pairs."""
    first, second = _matrix(a, pairs.time), _matrix(b, pairs.time)
    absent = np.isnan(first) | np.isnan(second)
    one = _influence(pairs, np.where(absent, NAN, first))
    two = _influence(pairs, np.where(absent, NAN, second))
    difference = one.c - two.c
    values = one.values - two.values
    se = _se(values, groups) if np.isfinite(values).any() else NAN
    z = difference / se if se > 0 else NAN
    note = one.note if se != 0 else "the variance of the difference is zero: no test"
    half = z_value(level) * se
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method="paired " + _method(name, one.repeats, groups),
        n=int(np.isfinite(values).sum()),
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=se,
        level=level,
        note=note,
    )


def _influence(pairs: Pairs, matrix: FloatArray) -> _Influence:
    total, count = np.zeros(pairs.time.size), np.zeros(pairs.time.size)
    estimates = []
    for column in matrix.T:
        present = np.isfinite(column)
        net, compared = pair_sums(pairs.of_cases(present), column[present])
        all_pairs = float(compared.sum()) / 2
        if all_pairs == 0:
            continue
        somers = float(net.sum()) / 2 / all_pairs
        estimates.append((somers + 1) / 2)
        # An influence is on the mean over this repeat's cases; rescaled, so that a case seen in
        # some repeats only counts as one case of the whole.
        scale = present.sum() / np.isfinite(matrix).any(axis=1).sum()
        total[present] += scale * (net - compared * somers) / all_pairs / 2
        count[present] += 1
    values = np.divide(total, count, out=np.full(total.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(estimates)
    missing = int(np.sum(~np.isfinite(matrix).any(axis=1)))
    if not estimates:
        note = "C is undefined: there is no comparable pair"
    else:
        note = f"{counted(skipped, 'repeat')} without a comparable pair left out" if skipped else ""
    if missing:
        note = join_notes(note, f"{counted(missing, 'case')} without a score left out")
    return _Influence(float(np.mean(estimates)) if estimates else NAN, values, len(estimates), note)


def _matrix(scores: Any, t: FloatArray) -> FloatArray:
    matrix = floats(scores)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.shape[0] != t.shape[0]:
        raise ValueError(f"{matrix.shape[0]} scores for {t.shape[0]} times")
    return matrix


def _se(values: FloatArray, groups: Any) -> float:
    used = np.isfinite(values)
    part = None if groups is None else np.asarray(groups)[used]
    return float(np.sqrt(influence_variance(values[used], part)))


def _method(name: str, repeats: int, groups: Any) -> str:
    name += ", infinitesimal jackknife"
    if clustered(groups):
        name += " clustered by patient"
    return name if repeats <= 1 else f"{name} on influences averaged over {repeats} repeats"

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

_ROWS = 512  # events a block: bounds the memory of the pairwise comparison


@dataclass(frozen=True)
class PairCounts:
    """Pairs by kind, as survival::concordance counts them.

    ``tied_x``: comparable, equal scores; ``tied_y``: two events at one time, other scores;
    ``tied_xy``: two events at one time, equal scores.
    """

    concordant: float
    discordant: float
    tied_x: float
    tied_y: float
    tied_xy: float


@dataclass(frozen=True)
class _Influence:
    c: float
    values: FloatArray  # (n,) influence of each case on c; NaN = unused
    repeats: int
    note: str


def harrell(time: Any, event: Any, score: Any, level: float = 0.95, groups: Any = None) -> Estimate:
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
    """
    return harrell_repeats(time, event, floats(score)[:, None], level, groups)


def harrell_repeats(
    time: Any, event: Any, scores: Any, level: float = 0.95, groups: Any = None
) -> Estimate:
    """Return the mean C over repeats (columns), with influences averaged over repeats.

    ``scores`` is (n, repeats), NaN where a case was not predicted in a repeat. The interval is
    conditional on the fitted models.
    """
    t, d = floats(time), labels01(event)
    inf = _influence(t, d, _matrix(scores, t))
    used = np.isfinite(inf.values)
    se = _se(inf.values, groups) if used.any() else NAN
    half = z_value(level) * se
    return Estimate(
        estimate=inf.c,
        lower=max(0.0, inf.c - half) if used.any() else NAN,
        upper=min(1.0, inf.c + half) if used.any() else NAN,
        se=se,
        method=_method(inf.repeats, groups),
        n=int(used.sum()),
        events=int((used & d).sum()),
        level=level,
        note=inf.note,
    )


def harrell_paired(
    time: Any, event: Any, a: Any, b: Any, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Compare two C indices on the same cases; ``estimate`` is C(a) - C(b).

    ``a`` and ``b`` are (n,) or (n, repeats); a cell that is NaN in one is used in neither. With
    several repeats the p value is conditional on the fitted models: take p from permutation.
    """
    t, d = floats(time), labels01(event)
    first, second = _matrix(a, t), _matrix(b, t)
    absent = np.isnan(first) | np.isnan(second)
    one = _influence(t, d, np.where(absent, NAN, first))
    two = _influence(t, d, np.where(absent, NAN, second))
    difference = one.c - two.c
    values = one.values - two.values
    se = _se(values, groups) if np.isfinite(values).any() else NAN
    z = difference / se if se > 0 else NAN
    note = one.note if se != 0 else "the variance of the difference is zero: no test"
    half = z_value(level) * se
    return TestResult(
        statistic=z,
        p=normal_p(z) if np.isfinite(z) else NAN,
        method="paired " + _method(one.repeats, groups),
        n=int(np.isfinite(values).sum()),
        estimate=difference,
        lower=difference - half,
        upper=difference + half,
        se=se,
        level=level,
        note=note,
    )


def pair_counts(time: Any, event: Any, score: Any) -> PairCounts:
    """Return the pairs by kind. All arrays (n,), without NaN."""
    t, d, s = floats(time), labels01(event), floats(score)
    net, pairs = _pair_sums(t, d, s)
    comparable, difference = float(pairs.sum()) / 2, float(net.sum()) / 2
    tied = same_time = same_both = 0.0
    for rows in _blocks(d):
        equal = s[rows, None] == s
        tied += float(np.sum(_comparable(t, d, rows) & equal))
        both = (t[rows, None] == t) & d
        same_both += float(np.sum(both & equal)) - rows.size
        same_time += float(np.sum(both & ~equal))
    untied = comparable - tied
    return PairCounts(
        concordant=(untied + difference) / 2,
        discordant=(untied - difference) / 2,
        tied_x=tied,
        tied_y=same_time / 2,
        tied_xy=same_both / 2,
    )


def uno(time: Any, event: Any, score: Any, tau: float | None = None) -> Estimate:
    """Return Uno's C up to ``tau`` (Stat Med 2011;30:1105), with weights 1 / G(t-)^2.

    G is the Kaplan-Meier estimate of the censoring distribution of the same cases. Events at or
    after ``tau`` start no pair, as in survC1. There is no interval: bootstrap it.
    """
    from radpipe.stats.ipcw import censoring_survival

    t, d, s = floats(time), labels01(event), floats(score)
    limit = np.inf if tau is None else tau
    g = censoring_survival(t, d).before(t)
    with_weight = d & (t < limit) & (g > 0)
    weight = np.divide(1.0, g**2, out=np.zeros(g.shape), where=with_weight)
    top = bottom = 0.0
    for rows in _blocks(with_weight):
        later = t[rows, None] < t
        credit = (s[rows, None] > s) + 0.5 * (s[rows, None] == s)
        top += float(np.sum(weight[rows] * np.sum(later * credit, axis=1)))
        bottom += float(np.sum(weight[rows] * np.sum(later, axis=1)))
    method = "Uno's C" if tau is None else f"Uno's C up to {tau:g}"
    note = "" if bottom > 0 else "no comparable pair"
    value = top / bottom if bottom > 0 else NAN
    return Estimate(value, NAN, NAN, method, t.size, events=int(d.sum()), note=note)


def _influence(t: FloatArray, d: BoolArray, matrix: FloatArray) -> _Influence:
    total, count = np.zeros(t.size), np.zeros(t.size)
    estimates = []
    for column in matrix.T:
        present = np.isfinite(column)
        net, pairs = _pair_sums(t[present], d[present], column[present])
        all_pairs = float(pairs.sum()) / 2
        if all_pairs == 0:
            continue
        somers = float(net.sum()) / 2 / all_pairs
        estimates.append((somers + 1) / 2)
        # An influence is on the mean over this repeat's cases; rescaled, so that a case seen in
        # some repeats only counts as one case of the whole.
        scale = present.sum() / np.isfinite(matrix).any(axis=1).sum()
        total[present] += scale * (net - pairs * somers) / all_pairs / 2
        count[present] += 1
    values = np.divide(total, count, out=np.full(t.shape, NAN), where=count > 0)
    skipped = matrix.shape[1] - len(estimates)
    missing = int(np.sum(~np.isfinite(matrix).any(axis=1)))
    if not estimates:
        note = "C is undefined: there is no comparable pair"
    else:
        note = f"{skipped} repeats without a comparable pair left out" if skipped else ""
    if missing:
        note = join_notes(note, f"{missing} cases without a score left out")
    return _Influence(float(np.mean(estimates)) if estimates else NAN, values, len(estimates), note)


def _pair_sums(t: FloatArray, d: BoolArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return, for each case, concordant minus discordant pairs and comparable pairs it is in."""
    net, pairs = np.zeros(t.size), np.zeros(t.size)
    for rows in _blocks(d):
        comparable = _comparable(t, d, rows)
        sign = np.where(comparable, np.sign(s[rows, None] - s), 0.0)
        net[rows] += sign.sum(axis=1)
        net += sign.sum(axis=0)
        pairs[rows] += comparable.sum(axis=1)
        pairs += comparable.sum(axis=0)
    return net, pairs


def _comparable(t: FloatArray, d: BoolArray, rows: Any) -> BoolArray:
    later = (t > t[rows, None]) | ((t == t[rows, None]) & ~d)
    return np.asarray(later, dtype=np.bool_)


def _blocks(d: BoolArray) -> list[Any]:
    rows = np.flatnonzero(d)
    return [rows[i : i + _ROWS] for i in range(0, rows.size, _ROWS)]


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


def _method(repeats: int, groups: Any) -> str:
    name = "Harrell's C, infinitesimal jackknife"
    if clustered(groups):
        name += " clustered by patient"
    return name if repeats <= 1 else f"{name} on influences averaged over {repeats} repeats"

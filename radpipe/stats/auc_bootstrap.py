"""Bootstrap intervals and tests of AUCs and partial AUCs, as pROC: percentiles, seeded.

A replicate is a row of counts, how often each case was drawn (:mod:`radpipe.stats.counted_roc`).
Source: Carpenter and Bithell, Stat Med 2000;19:1141 (percentile interval, stratified draws).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpipe.stats.auc_variance import Influence, auc_influence, score_matrix, shared_influences
from radpipe.stats.bootstrap_counts import bootstrap_counts
from radpipe.stats.clusters import clustered, codes
from radpipe.stats.counted_roc import counted_auc, counted_curves
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
)
from radpipe.stats.rocpoints import Focus, partial_areas, partial_auc

Statistic = Callable[[FloatArray], FloatArray]
"""Takes counts (b, n) and returns one value per row."""

Seed = int | np.random.SeedSequence


@dataclass(frozen=True)
class BootstrapPlan:
    """How to draw.

    Parameters
    ----------
    replicates : int
        At least 2.
    level : float
        Confidence level, in (0, 1).
    stratified : bool
        Draw the cases of each class separately, so that their numbers stay.
    seed : int or SeedSequence
        Starts the draws; the same seed gives the same numbers.
    """

    replicates: int = 2000
    level: float = 0.95
    stratified: bool = True
    seed: Seed = 20240

    def __post_init__(self) -> None:
        if self.replicates < 2:
            raise ValueError(f"{self.replicates} bootstrap replicates: at least 2 are needed")
        if not 0 < self.level < 1:
            raise ValueError(f"a confidence level of {self.level:g} is not between 0 and 1")

    def method(self, groups: Any = None) -> str:
        kind = "stratified bootstrap" if self.stratified else "bootstrap"
        unit = " of patients" if clustered(groups) else ""
        return f"{kind}{unit}, percentiles of {self.replicates} replicates"


DEFAULT_PLAN = BootstrapPlan()


@dataclass(frozen=True)
class Bootstrap:
    """A percentile interval with the replicates (m,) that it was read from, and their median.

    ``interval.se`` is their standard deviation. Replicates in which the statistic is undefined
    are left out and counted in the note.
    """

    interval: Estimate
    median: float
    replicates: FloatArray


def bootstrap_auc(
    y: Any, score: Any, plan: BootstrapPlan = DEFAULT_PLAN, groups: Any = None
) -> Bootstrap:
    """Return the AUC with its bootstrap percentile interval.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,) or (n, repeats)
        A higher score speaks for the event; NaN where a case has none. With several repeats the
        mean AUC over repeats, and an interval that is conditional on the fitted models.
    plan : BootstrapPlan
        How to draw.
    groups : array (n,), optional
        Patient of each case; whole patients are drawn.
    """
    positive = labels01(y)
    matrix = score_matrix(score, positive)
    inf = auc_influence(positive, matrix)
    used = np.isfinite(inf.values)
    point = _point(inf, inf.auc, positive, plan, plan.method(groups))
    return bootstrap(point, _mean_auc(matrix[used], positive[used]), positive, used, plan, groups)


def bootstrap_partial_auc(
    y: Any,
    score: Any,
    limit: float,
    focus: Focus = "specificity",
    upper: float = 1.0,
    corrected: bool = False,
    plan: BootstrapPlan = DEFAULT_PLAN,
    groups: Any = None,
) -> Bootstrap:
    """Return the partial AUC, raw or corrected, with its bootstrap percentile interval.

    Parameters
    ----------
    y, score, limit, focus, upper
        As for :func:`radpipe.stats.rocpoints.partial_auc`.
    corrected : bool
        McClish's corrected area; replicates below a useless marker have none and are left out.
    plan, groups
        As for :func:`bootstrap_auc`.
    """
    positive, values = labels01(y), floats(score)
    area = partial_auc(y, score, limit, focus, upper)
    used = np.isfinite(values)
    kind = f"{focus} {limit:g} to {upper:g}" + (", McClish correction" if corrected else "")

    def statistic(counts: FloatArray) -> FloatArray:
        fpr, tpr = counted_curves(counts, positive[used], values[used])
        return partial_areas(fpr, tpr, limit, focus, upper)[int(corrected)]

    point = Estimate(
        area.corrected if corrected else area.raw,
        NAN,
        NAN,
        f"partial AUC, {kind}; {plan.method(groups)}",
        area.n,
        level=plan.level,
        events=int((used & positive).sum()),
        note=area.note,
    )
    return bootstrap(point, statistic, positive, used, plan, groups)


def bootstrap_paired(
    y: Any, a: Any, b: Any, plan: BootstrapPlan = DEFAULT_PLAN, groups: Any = None
) -> TestResult:
    """Compare two AUCs on the same cases; ``estimate`` is AUC(a) - AUC(b).

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    a, b : array (n,) or (n, repeats)
        Scores of the two models. A cell that is NaN in one of them is used in neither.
    plan, groups
        As for :func:`bootstrap_auc`.

    Returns
    -------
    TestResult
        ``statistic`` is the difference over the standard deviation of its replicates, p from the
        normal distribution, as pROC's roc.test; the interval is of percentiles.
    """
    positive = labels01(y)
    first, second = score_matrix(a, positive), score_matrix(b, positive)
    if first.shape != second.shape:
        raise ValueError(f"scores of shapes {first.shape} and {second.shape} are not paired")
    one, two = shared_influences(positive, np.stack([first, second], axis=2))
    used = np.isfinite(one.values)
    absent = np.isnan(first) | np.isnan(second)
    auc_a, auc_b = (
        _mean_auc(np.where(absent, NAN, part)[used], positive[used]) for part in (first, second)
    )
    method = "paired AUCs, " + plan.method(groups)
    point = _point(one, one.auc - two.auc, positive, plan, method)
    drawn = bootstrap(point, lambda c: auc_a(c) - auc_b(c), positive, used, plan, groups)
    return _tested(drawn.interval)


def bootstrap_unpaired(
    y1: Any,
    score1: Any,
    y2: Any,
    score2: Any,
    plan: BootstrapPlan = DEFAULT_PLAN,
    groups1: Any = None,
    groups2: Any = None,
) -> TestResult:
    """Compare two AUCs of different cases; ``estimate`` is the first minus the second.

    Parameters as for :func:`bootstrap_auc`, for each of the two sets; the result as for
    :func:`bootstrap_paired`.
    """
    root = plan.seed
    root = root if isinstance(root, np.random.SeedSequence) else np.random.SeedSequence(root)
    streams = np.random.SeedSequence(root.entropy, spawn_key=root.spawn_key).spawn(2)
    one = bootstrap_auc(y1, score1, replace(plan, seed=streams[0]), groups1)
    two = bootstrap_auc(y2, score2, replace(plan, seed=streams[1]), groups2)
    size = min(one.replicates.size, two.replicates.size)
    first, second = one.interval, two.interval
    point = Estimate(
        first.estimate - second.estimate,
        NAN,
        NAN,
        "unpaired AUCs, " + plan.method(groups1 if clustered(groups1) else groups2),
        first.n + second.n,
        level=plan.level,
        note=join_notes(first.note, second.note),
    )
    drawn = one.replicates[:size] - two.replicates[:size]
    return _tested(percentiles(point, drawn).interval)


def bootstrap(
    point: Estimate,
    statistic: Statistic,
    strata: Any,
    used: BoolArray,
    plan: BootstrapPlan,
    groups: Any,
) -> Bootstrap:
    """Return ``point`` with an interval from replicates of ``statistic`` on the ``used`` cases.

    ``strata`` and ``used`` have shape (n,); ``statistic`` takes counts of the used cases only.
    """
    if not np.isfinite(point.estimate):
        return Bootstrap(point, NAN, np.empty(0))
    kept = None if groups is None else codes(groups, used.size)[used]
    kinds = np.asarray(strata)[used]
    few = ""
    if np.unique(kinds, return_counts=True)[1].min() < 2:
        few = "fewer than two cases in a class: no interval"
    elif kept is not None and np.unique(kept).size < 2:
        few = "fewer than two patients: no interval"
    if few:
        return Bootstrap(replace(point, note=join_notes(point.note, few)), NAN, np.empty(0))
    rng = np.random.default_rng(plan.seed)
    kinds = kinds if plan.stratified else np.zeros(kinds.size)
    blocks = bootstrap_counts(kinds, plan.replicates, rng, kept)
    return percentiles(point, np.concatenate([statistic(counts) for counts in blocks]))


def percentiles(point: Estimate, drawn: FloatArray) -> Bootstrap:
    """Return ``point`` with limits and standard error from replicates (m,), NaN left out."""
    values = drawn[np.isfinite(drawn)]
    lost = drawn.size - values.size
    note = f"{lost} of {drawn.size} replicates undefined and left out" if lost else ""
    if values.size < 2:
        note = join_notes(point.note, note, "fewer than two replicates: no interval")
        return Bootstrap(replace(point, note=note), NAN, values)
    tail = (1 - point.level) / 2
    lower, median, upper = (float(q) for q in np.quantile(values, [tail, 0.5, 1 - tail]))
    se = float(np.std(values, ddof=1))
    note = join_notes(point.note, note, "all replicates are equal" if np.ptp(values) == 0 else "")
    found = replace(point, lower=lower, upper=upper, se=se, note=note)
    return Bootstrap(found, median, values)


def _mean_auc(matrix: FloatArray, positive: BoolArray) -> Statistic:
    """Return the statistic "mean AUC over the columns (repeats) that hold both classes"."""
    held = np.isfinite(matrix)
    both = (held & positive[:, None]).any(axis=0) & (held & ~positive[:, None]).any(axis=0)
    columns = matrix[:, both].T
    return lambda counts: floats(
        np.mean([counted_auc(counts, positive, column) for column in columns], axis=0)
    )


def _point(
    inf: Influence, value: float, positive: BoolArray, plan: BootstrapPlan, method: str
) -> Estimate:
    used = np.isfinite(inf.values)
    events = int((used & positive).sum())
    n = int(used.sum())
    return Estimate(value, NAN, NAN, method, n, NAN, plan.level, events, inf.note)


def _tested(e: Estimate) -> TestResult:
    z = e.estimate / e.se if e.se > 0 else NAN
    p = normal_p(z) if np.isfinite(z) else NAN
    return TestResult(z, p, e.method, e.n, NAN, e.estimate, e.lower, e.upper, e.se, e.level, e.note)

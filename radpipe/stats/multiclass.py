"""Discrimination between more than two classes: Hand-Till, one-vs-rest, macro and micro AUC.

Sources: Hand and Till, Mach Learn 2001;45:171 (pairwise AUC, as pROC's multiclass.roc); Provost and
Domingos, CeDER working paper IS-00-04, 2000 (one-vs-rest weighted by class); multiROC (macro: area
under the mean curve; micro: one curve of all indicators).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import Any

import numpy as np

from radpipe.stats.auc_bootstrap import (
    DEFAULT_PLAN,
    Bootstrap,
    BootstrapPlan,
    bootstrap,
)
from radpipe.stats.clusters import codes
from radpipe.stats.counted_roc import counted_auc
from radpipe.stats.delong import delong
from radpipe.stats.results import (
    NAN,
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    counted,
    floats,
    join_notes,
)
from radpipe.stats.rocpoints import curve, mean_curve

PairAuc = Callable[[BoolArray, BoolArray, FloatArray], FloatArray]
"""Takes who has the event, who is compared at all, and the scores (n,); one AUC or many."""


@dataclass(frozen=True)
class MulticlassAuc:
    """The AUCs of k classes.

    Parameters
    ----------
    classes : tuple
        In the order of the columns.
    pairwise : array (k, k)
        Of each two classes the mean of both directions; NaN on the diagonal.
    hand_till : float
        Mean over all pairs of classes; it does not depend on how frequent they are.
    one_vs_rest : tuple of Estimate
        Each class against all others, with DeLong's interval.
    macro, weighted : float
        Their mean, plain and weighted by the classes' frequencies.
    macro_curve_area : float
        Area under the vertical mean of the one-vs-rest curves.
    micro : Estimate
        One curve of all indicators; the interval takes the k indicators of a case together.
    n : int
        Cases used.
    note : str
        Why something is undefined, or what was left out. All averages are NaN where a class has
        no case.
    """

    classes: tuple[Any, ...]
    pairwise: FloatArray
    hand_till: float
    one_vs_rest: tuple[Estimate, ...]
    macro: float
    weighted: float
    macro_curve_area: float
    micro: Estimate
    n: int
    note: str = ""


@dataclass(frozen=True)
class MulticlassBootstrap:
    """Bootstrap intervals of the averages of :class:`MulticlassAuc`."""

    hand_till: Bootstrap
    macro: Bootstrap
    weighted: Bootstrap


def multiclass_auc(
    y: Any, probabilities: Any, classes: Sequence[Any], level: float = 0.95, groups: Any = None
) -> MulticlassAuc:
    """Return the pairwise, one-vs-rest and averaged AUCs of k classes.

    Parameters
    ----------
    y : array (n,)
        The class of each case.
    probabilities : array (n, k)
        A score for each class, a higher one speaks for it; cases with NaN are left out.
    classes : sequence of k
        The class that each column belongs to; at least two.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case; intervals are then clustered.

    Raises
    ------
    ValueError
        If ``y`` holds a class that is not among ``classes``, or shapes do not fit.
    """
    code, scores, used, note = _checked(y, probabilities, classes)
    k, n = len(classes), code.size
    kept = None if groups is None else np.asarray(groups)[used]
    empty = [str(classes[c]) for c in range(k) if not (code == c).any()]
    if empty:
        note = join_notes(note, f"no case of class {', '.join(empty)}: the averages are undefined")
    pairwise = _pairwise(code, scores, _plain_auc)
    rest = tuple(delong(code == c, scores[:, c], level, kept) for c in range(k))
    areas = floats([e.estimate for e in rest])
    share = np.bincount(code, minlength=k) / max(n, 1)
    indicators = (code[:, None] == np.arange(k)).ravel()
    unit = np.repeat(codes(kept, n), k)
    micro = delong(indicators, scores.ravel(), level, unit)
    how = "DeLong, the indicators of a " + ("case" if groups is None else "patient") + " together"
    if empty:
        area = NAN
    else:
        fpr, tpr = mean_curve([curve(code == c, scores[:, c]) for c in range(k)])
        area = float(np.trapezoid(tpr, fpr))
    return MulticlassAuc(
        classes=tuple(classes),
        pairwise=pairwise[0],
        hand_till=float(_mean_of_pairs(pairwise)[0]),
        one_vs_rest=rest,
        macro=float(np.mean(areas)),
        weighted=float(np.sum(areas * share)),
        macro_curve_area=area,
        micro=replace(micro, n=n, events=-1, method=how),
        n=n,
        note=note,
    )


def bootstrap_multiclass(
    y: Any,
    probabilities: Any,
    classes: Sequence[Any],
    plan: BootstrapPlan = DEFAULT_PLAN,
    groups: Any = None,
) -> MulticlassBootstrap:
    """Return percentile intervals of the Hand-Till, macro and weighted AUC.

    Parameters
    ----------
    y, probabilities, classes, groups
        As for :func:`multiclass_auc`.
    plan : BootstrapPlan
        How to draw; strata are the classes. Every measure sees the same draws.
    """
    found = multiclass_auc(y, probabilities, classes, plan.level, groups)
    code, scores, used, _ = _checked(y, probabilities, classes)
    kept = None if groups is None else np.asarray(groups)[used]
    every = np.ones(code.size, bool)

    def areas(counts: FloatArray) -> FloatArray:
        return np.column_stack(
            [counted_auc(counts, code == c, scores[:, c]) for c in range(len(classes))]
        )

    def hand_till(counts: FloatArray) -> FloatArray:
        def auc(event: BoolArray, among: BoolArray, score: FloatArray) -> FloatArray:
            return counted_auc(counts[:, among], event[among], score[among])

        return _mean_of_pairs(_pairwise(code, scores, auc))

    def weighted(counts: FloatArray) -> FloatArray:
        size = np.column_stack([counts[:, code == c].sum(axis=1) for c in range(len(classes))])
        return floats(np.sum(areas(counts) * size, axis=1) / size.sum(axis=1))

    def interval(
        value: float, name: str, statistic: Callable[[FloatArray], FloatArray]
    ) -> Bootstrap:
        method = f"{name} AUC, {plan.method(groups)}"
        point = Estimate(value, NAN, NAN, method, found.n, level=plan.level, note=found.note)
        return bootstrap(point, statistic, code, every, plan, kept)

    return MulticlassBootstrap(
        hand_till=interval(found.hand_till, "Hand-Till", hand_till),
        macro=interval(found.macro, "macro one-vs-rest", lambda c: areas(c).mean(axis=1)),
        weighted=interval(found.weighted, "weighted one-vs-rest", weighted),
    )


def _checked(
    y: Any, probabilities: Any, classes: Sequence[Any]
) -> tuple[IntArray, FloatArray, BoolArray, str]:
    """Return class numbers and scores of the cases with scores, who they are, and a note."""
    scores, labels = floats(probabilities), np.asarray(y)
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise ValueError(f"classes {list(classes)}: at least two, each once")
    if scores.shape != (labels.size, len(classes)) or labels.ndim != 1:
        raise ValueError(
            f"probabilities of shape {scores.shape} for {labels.size} cases and "
            f"{len(classes)} classes"
        )
    place = {name: i for i, name in enumerate(classes)}
    unknown = sorted({str(v) for v in labels.tolist() if v not in place})
    if unknown:
        raise ValueError(f"classes {unknown} are not among {list(classes)}")
    code = np.array([place[v] for v in labels.tolist()], dtype=np.int64)
    used: BoolArray = np.asarray(np.isfinite(scores).all(axis=1))
    missing = int((~used).sum())
    note = f"{counted(missing, 'case')} without all scores left out" if missing else ""
    return code[used], scores[used], used, note


def _plain_auc(event: BoolArray, among: BoolArray, score: FloatArray) -> FloatArray:
    counts = np.ones((1, int(among.sum())))
    return counted_auc(counts, event[among], score[among])


def _pairwise(code: IntArray, scores: FloatArray, auc: PairAuc) -> FloatArray:
    """Return A(i, j) of Hand and Till for one or many replicates, (b, k, k)."""
    k = scores.shape[1]
    one_way: dict[tuple[int, int], FloatArray] = {}
    for i, j in permutations(range(k), 2):
        one_way[i, j] = auc(code == i, (code == i) | (code == j), scores[:, i])
    rows = one_way[0, 1].size
    out = np.full((rows, k, k), NAN)
    for i, j in combinations(range(k), 2):
        out[:, i, j] = out[:, j, i] = (one_way[i, j] + one_way[j, i]) / 2
    return out


def _mean_of_pairs(pairwise: FloatArray) -> FloatArray:
    i, j = np.triu_indices(pairwise.shape[1], 1)
    return floats(pairwise[:, i, j].mean(axis=1))

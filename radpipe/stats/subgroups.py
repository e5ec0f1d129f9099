"""The effect of a treatment or marker in each subgroup, and whether the effects differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpipe.stats.cox import CoxFit, fit_cox
from radpipe.stats.design import DegenerateDataError, vector
from radpipe.stats.model_tests import likelihood_ratio
from radpipe.stats.results import NAN, Estimate, TestResult
from radpipe.stats.terms import contrasts


@dataclass(frozen=True)
class Subgroup:
    """The hazard ratio in one subgroup.

    Attributes
    ----------
    level : object
        The subgroup's label.
    n, events : int
        Cases, and events among them.
    events_by_arm : tuple of (int, int)
        Events among the cases without and with the treatment; (-1, -1) where it is no 0/1 column.
    hazard_ratio : Estimate
        With its Wald interval; NaN with the reason where the subgroup does not determine it.
    p : float
        Wald.
    """

    level: Any
    n: int
    events: int
    events_by_arm: tuple[int, int]
    hazard_ratio: Estimate
    p: float


@dataclass(frozen=True)
class SubgroupAnalysis:
    """Every subgroup, and the likelihood-ratio test of the interaction."""

    subgroups: tuple[Subgroup, ...]
    interaction: TestResult


def subgroup_hazards(
    treatment: Any, group: Any, time: Any, event: Any, level: float = 0.95
) -> SubgroupAnalysis:
    """Fit a Cox model of ``treatment`` in each subgroup (Efron's ties).

    Parameters
    ----------
    treatment : array of shape (n,)
        0/1, or a number.
    group : array of shape (n,)
        Label of each case's subgroup.
    time, event : array of shape (n,)
        Follow-up, and 1 where it ended with the event.

    Notes
    -----
    The interaction compares the models ``treatment + group`` and ``treatment * group`` on all
    cases. A difference of p values between subgroups is no test of it.
    """
    labels = np.asarray(group, dtype=object)
    n = labels.size
    x, t, d = (
        vector(v, n, k) for v, k in ((treatment, "treatment"), (time, "time"), (event, "event"))
    )
    found = sorted(set(labels.tolist()))
    parts = tuple(_one(level_, x, t, d, labels == level_, level) for level_ in found)
    return SubgroupAnalysis(parts, _interaction(x, labels, t, d, found))


def _one(label: Any, x: Any, t: Any, d: Any, mine: Any, level: float) -> Subgroup:
    binary = bool(np.isin(x, (0.0, 1.0)).all())
    arms = tuple(int(d[mine & (x == arm)].sum()) for arm in (0.0, 1.0)) if binary else (-1, -1)
    n, events = int(mine.sum()), int(d[mine].sum())
    method = "Cox, Efron ties, Wald interval"
    ratio = Estimate(NAN, NAN, NAN, method, n, level=level, events=events)
    p = NAN
    try:
        fit = fit_cox(x[mine], t[mine], d[mine], level=level)
    except DegenerateDataError as error:
        note = str(error)
    else:
        note = _undetermined(fit)
        if not note:
            value, lower, upper = np.exp([fit.coef[0], fit.lower[0], fit.upper[0]])
            ratio = replace(ratio, estimate=value, lower=lower, upper=upper)
            p = float(fit.p[0])
    if note:
        ratio = replace(ratio, note=note)
    return Subgroup(label, n, events, (arms[0], arms[1]), ratio, p)


def _undetermined(fit: CoxFit) -> str:
    if np.isnan(fit.coef[0]):
        return "all cases of the subgroup have the same treatment"
    if fit.monotone:
        return "all events of the subgroup are in one arm: the hazard ratio is 0 or infinite"
    return ""


def _interaction(x: Any, labels: Any, t: Any, d: Any, found: list[Any]) -> TestResult:
    method = "likelihood-ratio test of the interaction"
    n = labels.size
    if len(found) < 2:
        return TestResult(NAN, NAN, method, n, note="one subgroup only")
    groups = contrasts(labels, found)
    try:
        small = fit_cox(np.column_stack([x, groups]), t, d)
        large = fit_cox(np.column_stack([x, groups, x[:, None] * groups]), t, d)
    except DegenerateDataError as error:
        return TestResult(NAN, NAN, method, n, note=str(error))
    few, many = (int(np.isfinite(fit.coef).sum()) for fit in (small, large))
    test = likelihood_ratio(-2.0 * small.loglik, few, -2.0 * large.loglik, many, n)
    note = "the treatment varies in one subgroup only: no test" if few == many else ""
    return replace(test, method=method, note=note)

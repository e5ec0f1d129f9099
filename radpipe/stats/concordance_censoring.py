"""Concordance that the censoring does not move: Uno's C, and Gönen and Heller's K.

Harrell's C counts the pairs that could be compared, so its limit depends on who was censored.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats.concordance import concordance, concordance_paired
from radpipe.stats.pairs import Pairs
from radpipe.stats.results import (
    NAN,
    Estimate,
    TestResult,
    floats,
    join_notes,
    labels01,
    same_length,
)


def uno(
    time: Any,
    event: Any,
    score: Any,
    tau: float | None = None,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return Uno's C up to ``tau`` (Stat Med 2011;30:1105): pairs weigh 1 / G(t-)^2.

    G is the Kaplan-Meier estimate of the censoring distribution of the same cases. Events at or
    after ``tau`` start no pair, as in survC1. The standard error takes the weights as known, as
    survival::concordance does.

    Parameters
    ----------
    time, event, score : array (n,)
        As for :func:`radpipe.stats.concordance.harrell`.
    tau : float, optional
        Where the data end to be trusted: G must be well above 0 there.
    level : float
        Confidence level of the Wald interval (clipped to [0, 1]).
    groups : array (n,), optional
        Patient of each case.
    """
    pairs, note = _weighted(time, event, tau)
    found = concordance(pairs, floats(score)[:, None], _name(tau), level, groups)
    return replace(found, note=join_notes(found.note, note))


def uno_paired(
    time: Any,
    event: Any,
    a: Any,
    b: Any,
    tau: float | None = None,
    level: float = 0.95,
    groups: Any = None,
) -> TestResult:
    """Compare two of Uno's C on the same cases; ``estimate`` is C(a) - C(b)."""
    pairs, note = _weighted(time, event, tau)
    found = concordance_paired(pairs, floats(a), floats(b), _name(tau), level, groups)
    return replace(found, note=join_notes(found.note, note))


def gonen_heller(linear_predictor: Any) -> Estimate:
    """Return K: the probability, under a Cox model, that the higher risk has the earlier event.

    Parameters
    ----------
    linear_predictor : array (n,)
        Log hazards of the cases; the observed times are not used, only the model is.

    References
    ----------
    Gönen M, Heller G. Concordance probability and discriminatory power in proportional hazards
    regression. Biometrika 2005;92:965-970.
    """
    eta = floats(linear_predictor)
    eta = np.sort(eta[np.isfinite(eta)])
    n = eta.size
    method = "Gönen and Heller's K"
    if n < 2:
        return Estimate(NAN, NAN, NAN, method, n, note="fewer than two cases")
    if eta[0] == eta[-1]:
        return Estimate(NAN, NAN, NAN, method, n, note="all linear predictors are equal")
    total = 0.0
    for i in range(n - 1):  # sorted: the later of a pair has the higher risk
        gap = eta[i + 1 :] - eta[i]
        total += float(np.sum((gap > 0) / (1.0 + np.exp(-gap))))
    return Estimate(2.0 * total / (n * (n - 1)), NAN, NAN, method, n)


def _weighted(time: Any, event: Any, tau: float | None) -> tuple[Pairs, str]:
    from radpipe.stats.ipcw import censoring_survival

    t, d = floats(time), labels01(event)
    same_length(time=t, event=d)
    g = censoring_survival(t, d).before(t)
    kept = d & (t < (np.inf if tau is None else tau))
    weight = np.divide(1.0, g**2, out=np.zeros(g.shape), where=kept & (g > 0))
    lost = int(np.sum(kept & (g <= 0)))
    note = f"{lost} events at which no case is left uncensored start no pair" if lost else ""
    return replace(Pairs.of(t, d), weight=weight, same_time=False), note


def _name(tau: float | None) -> str:
    return "Uno's C" if tau is None else f"Uno's C up to {tau:g}"

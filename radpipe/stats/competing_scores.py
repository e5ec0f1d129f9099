"""AUC and Brier score at a horizon where other causes of the event compete, as riskRegression.

Events are numbered: 0 censored, 1, 2, ... the cause. Weights are those of
:mod:`radpipe.stats.ipcw`, with the censoring distribution from all cases, a competing event being
no censoring (Blanche et al., Stat Med 2013;32:5381; Gerds and Schumacher, Biom J 2006;48:1029).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from radpipe.stats.brier_survival import Rule, integrated_of, ipa_of, null_risks_of
from radpipe.stats.censoring import event_codes, follow_up_times
from radpipe.stats.ipcw import (
    Measure,
    at_horizon,
    auc_influence,
    brier_influence,
    paired_at_horizon,
)
from radpipe.stats.results import Estimate, FloatArray, IntArray, TestResult

Controls = Literal["without the event", "event-free"]


def auc_competing(
    time: Any,
    event: Any,
    scores: Any,
    horizon: float,
    cause: int = 1,
    controls: Controls = "without the event",
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the cumulative/dynamic AUC for one cause at a horizon.

    Parameters
    ----------
    time, event : array (n,)
        Time, and 0 (censored) or the number of the cause.
    scores : array (n,) or (n, repeats)
        A higher score speaks for the event by the horizon; NaN where not predicted.
    horizon : float
        In the unit of ``time``.
    cause : int
        The event of interest.
    controls : str
        "without the event": those seen beyond the horizon and those with a competing event by
        then (timeROC's AUC_2, riskRegression's AUC); "event-free": the former only (AUC_1).
    level : float
        Of the Wald interval (clipped to [0, 1]), in (0, 1).
    groups : array (n,), optional
        Patient of each case; influences of one patient's cases are added up.
    """
    t, code = _follow_up(time, event, cause)
    name = f"AUC for cause {cause}, controls {controls},"
    return at_horizon(t, code, scores, horizon, _auc(controls), name, level, groups)


def auc_competing_paired(
    time: Any,
    event: Any,
    a: Any,
    b: Any,
    horizon: float,
    cause: int = 1,
    controls: Controls = "without the event",
    level: float = 0.95,
    groups: Any = None,
) -> TestResult:
    """Compare two AUCs for one cause; ``estimate`` is AUC(a) - AUC(b)."""
    t, code = _follow_up(time, event, cause)
    name = f"AUC for cause {cause}, controls {controls},"
    return paired_at_horizon(t, code, a, b, horizon, _auc(controls), name, level, groups)


def brier_competing(
    time: Any,
    event: Any,
    risks: Any,
    horizon: float,
    cause: int = 1,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the Brier score for one cause; ``risks`` are P(event of the cause by the horizon)."""
    t, code = _follow_up(time, event, cause)
    name = f"Brier score for cause {cause}"
    return at_horizon(t, code, risks, horizon, brier_influence, name, level, groups)


def brier_competing_paired(
    time: Any,
    event: Any,
    a: Any,
    b: Any,
    horizon: float,
    cause: int = 1,
    level: float = 0.95,
    groups: Any = None,
) -> TestResult:
    """Compare two Brier scores for one cause; ``estimate`` is Brier(a) - Brier(b)."""
    t, code = _follow_up(time, event, cause)
    name = f"Brier score for cause {cause}"
    return paired_at_horizon(t, code, a, b, horizon, brier_influence, name, level, groups)


def null_risks_competing(time: Any, event: Any, times: Any, cause: int = 1) -> FloatArray:
    """Return the cumulative incidence (Aalen-Johansen) at each of ``times`` (m,)."""
    t, code = _follow_up(time, event, cause)
    return null_risks_of(t, code, times)


def ipa_competing(time: Any, event: Any, risk: Any, horizon: float, cause: int = 1) -> Estimate:
    """Return 1 - Brier / Brier of the cumulative incidence; see brier_survival.ipa_at."""
    t, code = _follow_up(time, event, cause)
    return ipa_of(t, code, risk, horizon)


def integrated_brier_competing(
    time: Any,
    event: Any,
    risks: Any,
    times: Any,
    cause: int = 1,
    start: float = 0.0,
    stop: float | None = None,
    rule: Rule = "step",
    normalise: bool = True,
    level: float = 0.95,
    groups: Any = None,
) -> Estimate:
    """Return the integrated Brier score for one cause; see brier_survival.integrated_brier."""
    t, code = _follow_up(time, event, cause)
    return integrated_of(t, code, risks, times, (start, stop), rule, normalise, level, groups)


def _follow_up(time: Any, event: Any, cause: int) -> tuple[FloatArray, IntArray]:
    t = follow_up_times(time)
    return t, event_codes(event, t.size, cause)


def _auc(controls: Controls) -> Measure:
    if controls not in ("without the event", "event-free"):
        raise ValueError(f"controls are 'without the event' or 'event-free', not {controls!r}")
    return partial(auc_influence, rivals=controls == "without the event")

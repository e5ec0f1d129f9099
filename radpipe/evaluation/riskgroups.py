"""Survival of risk groups: who is at high risk, the curves, numbers at risk, and the test.

Under resampling a case belongs to the group that most of its repeats put it in (``score >=
cut-off``, each fit's cut-off learned on its own inner predictions); a draw is high risk. The
log-rank p value is printed for held-out splits only: on groups made from out-of-fold predictions
it rejects far too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.table import Slice, slices
from radpipe.stats.logrank import log_rank
from radpipe.stats.survival import Interval, at_risk, kaplan_meier

GROUPS = ("low", "high")

NO_P = (
    "no p value: the groups come from out-of-fold predictions, on which the log-rank test rejects "
    "too often; it needs a permutation of the whole procedure"
)


@dataclass(frozen=True)
class RiskGroupData:
    """Tables behind a figure of risk groups.

    Parameters
    ----------
    members : DataFrame
        model, split, case, group ("low" or "high"), votes (share of repeats that said high).
    curves : DataFrame
        model, split, group, time, survival, lower, upper, events, censored, starting at time 0.
    at_risk : DataFrame
        model, split, group, time, at_risk.
    summary : DataFrame
        model, split, group, n, events, median, median_lower, median_upper, conf.
    tests : DataFrame
        model, split, statistic, df, p, method, note.
    """

    members: pd.DataFrame
    curves: pd.DataFrame
    at_risk: pd.DataFrame
    summary: pd.DataFrame
    tests: pd.DataFrame


def risk_groups(part: Slice) -> pd.DataFrame:
    """Return case, group and votes of the cases that have a cut-off in some repeat."""
    known = np.isfinite(part.call)
    some = known.any(axis=1)
    votes = np.where(known, part.call, 0.0).sum(axis=1)[some] / known.sum(axis=1)[some]
    return pd.DataFrame(
        {"case": part.case[some], "group": np.where(votes >= 0.5, "high", "low"), "votes": votes}
    )


def survival_of_groups(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    grid: Sequence[float] | None = None,
    conf: Interval = "log-log",
) -> RiskGroupData:
    """Return Kaplan-Meier curves of low and high risk groups for every model and split.

    Parameters
    ----------
    grid : sequence of float, optional
        Times of the numbers at risk; six even steps up to the last time by default.
    conf : str
        Kind of the pointwise interval.
    """
    members, curves, numbers, summary, tests = [], [], [], [], []
    for part in slices(predictions, outcomes, endpoint):
        own = risk_groups(part)
        if own.empty:
            continue
        assert part.time is not None
        assert part.event is not None
        head = {"model": part.model, "split": part.split}
        members.append(own.assign(**head))
        place = pd.Index(part.case).get_indexer(own["case"])
        t, d = part.time[place], part.event[place]
        label = own["group"].to_numpy()
        times = np.asarray(grid if grid is not None else default_grid(float(part.time.max())))
        for name in GROUPS:
            if not (label == name).any():
                continue
            km = kaplan_meier(t[label == name], d[label == name], conf)
            curve = pd.DataFrame(
                {
                    "time": np.append(0.0, km.times),
                    "survival": np.append(1.0, km.survival),
                    "lower": np.append(1.0, km.lower),
                    "upper": np.append(1.0, km.upper),
                    "events": np.append(0.0, km.events),
                    "censored": np.append(0.0, km.censored),
                }
            )
            curves.append(curve.assign(group=name, **head))
            table = pd.DataFrame({"time": times, "at_risk": at_risk(t[label == name], times)})
            numbers.append(table.assign(group=name, **head))
            summary.append(
                {
                    **head,
                    "group": name,
                    "n": km.n,
                    "events": km.n_events,
                    "median": km.median.estimate,
                    "median_lower": km.median.lower,
                    "median_upper": km.median.upper,
                    "conf": km.conf,
                }
            )
        tests.append({**head, **_test(part, t, d, label)})
    keys = ["model", "split"]
    return RiskGroupData(
        members=_stack(members, [*keys, "case", "group", "votes"]),
        curves=_stack(
            curves,
            [*keys, "group", "time", "survival", "lower", "upper", "events", "censored"],
        ),
        at_risk=_stack(numbers, [*keys, "group", "time", "at_risk"]),
        summary=pd.DataFrame(
            summary,
            columns=[
                *keys,
                "group",
                "n",
                "events",
                "median",
                "median_lower",
                "median_upper",
                "conf",
            ],
        ),
        tests=pd.DataFrame(tests, columns=[*keys, "statistic", "df", "p", "method", "note"]),
    )


def default_grid(last: float, steps: int = 6) -> np.ndarray:
    """Return round, even times from 0 that reach about the last one."""
    if not last > 0:
        return np.zeros(1)
    raw = last / steps
    size = 10 ** np.floor(np.log10(raw))
    step = size * min((1, 2, 2.5, 5, 10), key=lambda m: abs(m * size - raw))
    return np.arange(0, last + step * 1e-9, step)


def _test(part: Slice, t: Any, d: Any, label: Any) -> dict[str, Any]:
    test = log_rank(t, d, label)
    nothing = {"statistic": np.nan, "df": test.df, "p": np.nan, "method": test.method}
    if part.split in ("resampled", "apparent"):
        note = NO_P if part.resampled else "no p value: the groups were made on these very cases"
        return {**nothing, "note": note}
    if part.group is not None:
        return {**nothing, "note": "no p value: the test has no form for several cases a patient"}
    return {**nothing, "statistic": test.statistic, "p": test.p, "note": test.note}


def _stack(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat([t.reindex(columns=columns) for t in tables], ignore_index=True)

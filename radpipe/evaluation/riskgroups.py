"""Survival of risk groups: who is at high risk, the curves, numbers at risk, and the test.

A score at or above the cut-off is high risk; of two cut-offs, a score between them is of
intermediate risk. Under resampling a case belongs to the group that most of its repeats put it in
(each fit's cut-offs are learned on its own inner predictions); of a draw it is the higher one.
Where other events compete, the curve is the cumulative incidence and the test is Gray's.

The p value is printed for held-out splits only: on groups made from out-of-fold predictions the
log-rank test rejects far too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.evaluation.groupcurves import GroupCurve, cumulative, hazard_ratios, survival
from radpipe.evaluation.survival import event_codes
from radpipe.evaluation.table import Slice, horizons_of, slices
from radpipe.stats.gray import gray_test
from radpipe.stats.logrank import log_rank, trend
from radpipe.stats.survival import Interval, at_risk

TWO = ("low", "high")
THREE = ("low", "intermediate", "high")

NO_P = (
    "no p value: the groups come from out-of-fold predictions, on which such a test rejects too "
    "often; hold cases out (cohort.split) for one"
)

_KEYS = ["model", "split"]
_TESTS = ["statistic", "df", "p", "method", "trend_p", "trend_method", "note"]


@dataclass(frozen=True)
class RiskGroupData:
    """Tables behind a figure of risk groups.

    Parameters
    ----------
    members : DataFrame
        model, split, case, group ("low", "intermediate" or "high"), votes (share of repeats that
        said so).
    curves : DataFrame
        model, split, group, time, survival (or, where events compete, incidence), lower, upper,
        events, censored, starting at time 0.
    at_risk : DataFrame
        model, split, group, time, at_risk.
    summary : DataFrame
        model, split, group, n, events, median, median_lower, median_upper, conf.
    at_horizons : DataFrame
        model, split, group, horizon, estimate, lower, upper, method, note: the curve's height.
    tests : DataFrame
        model, split, statistic, df, p, method, trend_p, trend_method (three groups), note.
    hazard_ratios : DataFrame
        model, split, group, hr, lower, upper: against the low group, where there is a test.
    """

    members: pd.DataFrame
    curves: pd.DataFrame
    at_risk: pd.DataFrame
    summary: pd.DataFrame
    at_horizons: pd.DataFrame
    tests: pd.DataFrame
    hazard_ratios: pd.DataFrame


def risk_groups(part: Slice) -> pd.DataFrame:
    """Return case, group and votes of the cases that have a cut-off in some repeat."""
    names = TWO if part.above is None else THREE
    # A fit with one cut-off of two says nothing of three groups: NaN is no vote.
    tier = part.call if part.above is None else part.call + part.above
    counts = np.column_stack([(tier == k).sum(axis=1) for k in range(len(names))])
    some = counts.any(axis=1)
    counts = counts[some]
    place = len(names) - 1 - counts[:, ::-1].argmax(axis=1)
    votes = counts[np.arange(len(counts)), place] / counts.sum(axis=1)
    return pd.DataFrame(
        {"case": part.case[some], "group": np.array(names, dtype=object)[place], "votes": votes}
    )


def survival_of_groups(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    grid: Sequence[float] | None = None,
    conf: Interval = "log-log",
) -> RiskGroupData:
    """Return the curves of two or three risk groups for every model and split.

    Parameters
    ----------
    grid : sequence of float, optional
        Times of the numbers at risk; six even steps up to the last time by default.
    conf : str
        Kind of the pointwise interval of a Kaplan-Meier curve; incidences have log-log ones.
    """
    members, curves, numbers, summary, heights, tests = [], [], [], [], [], []
    ratios: list[pd.DataFrame] = []
    for part in slices(predictions, outcomes, endpoint):
        own = risk_groups(part)
        if own.empty:
            continue
        assert part.time is not None
        assert part.event is not None
        head = {"model": part.model, "split": part.split}
        members.append(own.assign(**head))
        place = pd.Index(part.case).get_indexer(own["case"])
        t, code, label = part.time[place], event_codes(part)[place], own["group"].to_numpy()
        times = np.asarray(grid if grid is not None else default_grid(float(part.time.max())))
        for name in THREE:
            rows = label == name
            if not rows.any():
                continue
            rivals = part.competing is not None
            curve = (
                cumulative(t[rows], code[rows]) if rivals else survival(t[rows], code[rows], conf)
            )
            curves.append(curve.table.assign(group=name, **head))
            table = pd.DataFrame({"time": times, "at_risk": at_risk(t[rows], times)})
            numbers.append(table.assign(group=name, **head))
            summary.append({**head, "group": name, **curve.summary})
            at = [curve.at(h) for h in horizons_of(endpoint)]
            heights.append(pd.DataFrame(at).assign(group=name, **head))
        tests.append({**head, **_test(part, t, code, label)})
        if pd.notna(tests[-1]["p"]) and part.competing is None:
            ratios.append(hazard_ratios(t, code, label, THREE).assign(**head))
    group = [*_KEYS, "group"]
    drawn = ["incidence" if any("incidence" in c for c in curves) else "survival"]
    points = ["horizon", "estimate", "lower", "upper", "method", "note"]
    return RiskGroupData(
        members=_stack(members, [*_KEYS, "case", "group", "votes"]),
        curves=_stack(curves, [*group, "time", *drawn, "lower", "upper", "events", "censored"]),
        at_risk=_stack(numbers, [*group, "time", "at_risk"]),
        summary=pd.DataFrame(summary, columns=[*group, *GroupCurve.SUMMARY]),
        at_horizons=_stack([h for h in heights if "horizon" in h], [*group, *points]),
        tests=pd.DataFrame(tests, columns=[*_KEYS, *_TESTS]),
        hazard_ratios=_stack(ratios, [*group, "hr", "lower", "upper"]),
    )


def default_grid(last: float, steps: int = 6) -> np.ndarray:
    """Return round, even times from 0 that reach about the last one."""
    if not last > 0:
        return np.zeros(1)
    raw = last / steps
    size = 10 ** np.floor(np.log10(raw))
    step = size * min((1, 2, 2.5, 5, 10), key=lambda m: abs(m * size - raw))
    return np.arange(0, last + step * 1e-9, step)


def _test(part: Slice, t: Any, code: NDArray[Any], label: NDArray[Any]) -> dict[str, Any]:
    """Return the test of the groups, and for trend over three; without p where it is not honest."""
    order = np.array([THREE.index(name) for name in label])
    nothing = {"statistic": np.nan, "p": np.nan, "trend_p": np.nan, "trend_method": ""}
    if part.competing is not None:
        gray = gray_test(t, code, order)
        found = {"df": gray.df, "method": gray.method.removesuffix(" for cause 1")}
        values = {"statistic": gray.statistic, "p": gray.p}
        noted = gray.note
    else:
        test = log_rank(t, code, order)
        found, values, noted = {"df": test.df, "method": test.method}, {}, test.note
        values = {"statistic": test.statistic, "p": test.p}
        if len(test.groups) == len(THREE):
            ordered = trend(test)
            values |= {"trend_p": ordered.p, "trend_method": ordered.method}
    if part.split in ("resampled", "apparent"):
        note = NO_P if part.resampled else "no p value: the groups were made on these very cases"
        return {**nothing, **found, "note": note}
    if part.group is not None:
        note = "no p value: the test has no form for several cases a patient"
        return {**nothing, **found, "note": note}
    return {**nothing, **found, **values, "note": noted}


def _stack(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat([t.reindex(columns=columns) for t in tables], ignore_index=True)

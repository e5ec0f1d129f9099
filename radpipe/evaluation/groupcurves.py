"""One group's curve: Kaplan-Meier, or the cumulative incidence where other events compete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from radpipe.stats.cox import fit_cox
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.survival import Interval, kaplan_meier


@dataclass(frozen=True)
class GroupCurve:
    """A curve with what is told of it.

    Parameters
    ----------
    table : DataFrame
        time, survival or incidence, lower, upper, events, censored, from time 0 on.
    summary : mapping
        SUMMARY: cases, events, and the median time with its interval; an incidence has none.
    at : callable
        From a time to horizon, estimate, lower, upper, method and note; missing after the last
        time of the group.
    """

    SUMMARY: ClassVar[tuple[str, ...]] = (
        *("n", "events", "median", "median_lower", "median_upper", "conf"),
    )

    table: pd.DataFrame
    summary: dict[str, Any]
    at: Callable[[float], dict[str, Any]]


def survival(time: Any, event: Any, conf: Interval) -> GroupCurve:
    """Return the Kaplan-Meier curve of times (n,) and events (n,), 1 where it was seen."""
    km = kaplan_meier(time, event, conf)
    table = _table("survival", 1.0, km.times, km.survival, km.lower, km.upper)
    table["events"], table["censored"] = np.append(0.0, km.events), np.append(0.0, km.censored)
    values = (km.n, km.n_events, km.median.estimate, km.median.lower, km.median.upper, km.conf)
    method = f"Kaplan-Meier, {conf} interval"
    return GroupCurve(
        table,
        dict(zip(GroupCurve.SUMMARY, values, strict=True)),
        lambda at: _point(at, km.times, km.at(at), km.interval_at(at), method),
    )


def cumulative(time: Any, code: Any) -> GroupCurve:
    """Return the cumulative incidence of cause 1 from times (n,) and codes (n,), 0 censored."""
    cif = cumulative_incidence(time, code)
    table = _table("incidence", 0.0, cif.times, cif.incidence, cif.lower, cif.upper)
    left = cif.at_risk - np.append(cif.at_risk[1:], 0.0)
    table["events"] = np.append(0.0, cif.events)
    table["censored"] = np.append(0.0, left - cif.events - cif.competing)
    values = (cif.n, cif.n_events, np.nan, np.nan, np.nan, cif.conf)
    method = f"Aalen-Johansen, {cif.conf} interval"
    return GroupCurve(
        table,
        dict(zip(GroupCurve.SUMMARY, values, strict=True)),
        lambda at: _point(at, cif.times, cif.at(at), cif.interval_at(at), method),
    )


def hazard_ratios(time: Any, event: Any, label: Any, order: Sequence[str]) -> pd.DataFrame:
    """Return each group's hazard ratio against the first that has cases (Cox, Efron's ties).

    Parameters
    ----------
    time, event, label : array (n,)
        Times, events (1 where it was seen), and the group of each case.
    order : sequence of str
        The groups, the reference first.

    Returns
    -------
    DataFrame
        Columns group, hr, lower, upper; NaN where it has no finite estimate, and of the reference
        1 without limits.
    """
    there = [name for name in order if (label == name).any()]
    table = pd.DataFrame({"group": there, "hr": np.nan, "lower": np.nan, "upper": np.nan})
    table.loc[:0, "hr"] = 1.0
    if len(there) > 1 and np.any(event):
        X = np.column_stack([label == name for name in there[1:]]).astype(float)
        fit = fit_cox(X, time, event)
        values = np.column_stack([fit.coef, fit.lower, fit.upper])
        values[list(fit.monotone)] = np.nan
        values[~(fit.se > 0)] = np.nan  # no event while both groups were at risk
        table.loc[1:, ["hr", "lower", "upper"]] = np.exp(values)
    return table


def _table(name: str, start: float, times: Any, height: Any, lower: Any, upper: Any) -> Any:
    return pd.DataFrame(
        {
            "time": np.append(0.0, times),
            name: np.append(start, height),
            "lower": np.append(start, lower),
            "upper": np.append(start, upper),
        }
    )


def _point(at: float, times: Any, height: Any, limits: Any, method: str) -> dict[str, Any]:
    beyond = at > times[-1]
    values = [np.nan if beyond else float(v) for v in (height, *limits)]
    told = dict(zip(("estimate", "lower", "upper"), values, strict=True))
    note = "the group was not followed up to this time" if beyond else ""
    return {"horizon": at, **told, "method": method, "note": note}

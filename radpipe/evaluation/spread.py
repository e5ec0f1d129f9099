"""The distribution of a metric over random splits: a spread, never an interval.

The splits share cases, so that their spread says how much depends on the split; it says nothing
of how far other cohorts would differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.stats.results import join_notes

SCHEME = "repeated_splits"
"""The resampling scheme whose repeats are a distribution."""

_KEY = ["model", "split", "metric", "class", "horizon"]


def each_split(predictions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the out-of-fold predictions of each random split, as if it were the only one."""
    rows = predictions[predictions["kind"] == "out-of-fold"]
    for _, part in rows.groupby("repeat", sort=True):
        yield part.assign(repeat=0)


def not_resampled(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions of the final models."""
    return predictions[predictions["kind"] != "out-of-fold"]


def method(splits: int, level: float = 0.95) -> str:
    """Return what is printed beside a value of many splits."""
    return f"median and central {level:.0%} of {splits} random splits: a spread, not an interval"


def central(values: NDArray[np.float64], level: float = 0.95) -> tuple[float, float, float]:
    """Return the lower limit, the median and the upper limit of the central share of values."""
    known = values[np.isfinite(values)]
    if not known.size:
        return np.nan, np.nan, np.nan
    tail = (1 - level) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail])
    return float(low), float(middle), float(high)


def over_splits(tables: Sequence[pd.DataFrame], level: float = 0.95) -> pd.DataFrame:
    """Return what many splits give of each metric.

    Parameters
    ----------
    tables : sequence of DataFrame
        The metrics table of each split (`radpipe.evaluation.metrics.metrics`), at least one.
    level : float
        Share of the splits between ``lower`` and ``upper``, in (0, 1).

    Returns
    -------
    DataFrame
        Their columns, one row a metric: ``estimate`` is the median over splits, ``lower`` and
        ``upper`` hold the central share of them; ``se`` is missing. ``n``, ``patients``,
        ``events`` and the counts of a proportion are means over splits, ``repeats`` the splits
        in which the metric is defined.
    """
    both = pd.concat(tables, ignore_index=True)
    rows = []
    for _, part in both.groupby(_KEY, sort=False, dropna=False):
        values = part["estimate"].to_numpy(dtype=float)
        low, middle, high = central(values, level)
        undefined = int((~np.isfinite(values)).sum())
        means = {
            name: part[name].mean()
            for name in ("n", "patients", "events", "numerator", "denominator")
        }
        whole = {name: round(float(means[name])) for name in ("n", "patients", "events")}
        rows.append(
            {
                **part.iloc[0].to_dict(),
                **means,
                **whole,
                "estimate": middle,
                "lower": low,
                "upper": high,
                "se": np.nan,
                "method": method(len(values), level),
                "repeats": len(values) - undefined,
                "note": _lost(part, "estimate"),
            }
        )
    return pd.DataFrame(rows, columns=list(both.columns))


def middles(
    tables: Sequence[pd.DataFrame], keys: Sequence[str], value: str, level: float = 0.95
) -> pd.DataFrame:
    """Return what many splits give of each entry of a table.

    Parameters
    ----------
    tables : sequence of DataFrame
        One table a split, at least one; columns ``lower``, ``upper`` and ``method`` among others.
    keys : sequence of str
        The columns that say what an entry is.
    value : str
        The column whose central share of the splits ``lower`` and ``upper`` hold.
    level : float
        That share, in (0, 1).

    Returns
    -------
    DataFrame
        Their columns, one row an entry; numbers are medians over the splits that have it.
    """
    both = pd.concat([t for t in tables if len(t)] or tables, ignore_index=True)
    numbers = [c for c in both.select_dtypes("number").columns if c not in keys]
    rows = []
    for _, part in both.groupby(list(keys), sort=False, dropna=False):
        low, _, high = central(part[value].to_numpy(dtype=float), level)
        whole = {c: central(part[c].to_numpy(dtype=float), level)[1] for c in numbers}
        counts = {c: round(whole[c]) for c in numbers if pd.api.types.is_integer_dtype(both[c])}
        limits = {"lower": low, "upper": high, "method": method(len(part), level)}
        note = {"note": _lost(part, value)} if "note" in both else {}
        rows.append({**part.iloc[0].to_dict(), **whole, **counts, **limits, **note})
    return pd.DataFrame(rows, columns=list(both.columns))


def _lost(part: pd.DataFrame, value: str) -> str:
    """Return in how many splits a value is undefined, and why."""
    undefined = ~np.isfinite(part[value].to_numpy(dtype=float))
    lost = int(undefined.sum())
    why = next((note for note in part.loc[undefined, "note"] if note), "")
    return join_notes(f"undefined in {lost} of {len(part)} splits" if lost else "", why)

"""The distribution of a metric over random splits: a spread, never an interval.

The splits share cases, so that their spread says how much depends on the split; it says nothing
of how far other cohorts would differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

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
    tail = (1 - level) / 2
    rows = []
    for _, part in both.groupby(_KEY, sort=False, dropna=False):
        values = part["estimate"].to_numpy(dtype=float)
        known = values[np.isfinite(values)]
        low, middle, high = (
            np.quantile(known, [tail, 0.5, 1 - tail]) if known.size else np.full(3, np.nan)
        )
        undefined = len(values) - known.size
        lost = f"undefined in {undefined} of {len(values)} splits" if undefined else ""
        why = next((note for note in part.loc[part["estimate"].isna(), "note"] if note), "")
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
                "method": f"median and central {level:.0%} of {len(values)} random splits: a "
                "spread, not an interval",
                "repeats": known.size,
                "note": join_notes(lost, why),
            }
        )
    return pd.DataFrame(rows, columns=list(both.columns))

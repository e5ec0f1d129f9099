"""Events of low, intermediate and high risk, where a binary endpoint has two cut-offs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.outputs.base import OutputData
from radpipe.outputs.words import in_order, interval, is_survival, rows_of, split_title

TWO_CUTS = (
    "With two cut-offs a case is called positive from the lower one on: the measures are of "
    "intermediate and high risk together against low risk. "
)


def has_two(data: OutputData, models: Sequence[str]) -> bool:
    """Return whether any of the models sorts the cases of a binary endpoint into three groups."""
    rows = rows_of(data, models)
    high = "cutoff_high" in rows and bool(rows["cutoff_high"].notna().any())
    return high and data.endpoint["kind"] == "binary"


def strata(data: OutputData, models: Sequence[str], splits: Sequence[str]) -> pd.DataFrame:
    """Return n, events and their rate in each group, a row a split, model and group.

    Out of fold a case is of the group that most of its repeats put it into. Empty where no model
    of a binary endpoint has two cut-offs.
    """
    from radpipe.evaluation.riskgroups import THREE, risk_groups
    from radpipe.evaluation.table import slices
    from radpipe.stats.proportions import wilson_clustered

    rows: list[dict[str, Any]] = []
    parts = slices(rows_of(data, models), data.outcomes, data.endpoint) if models else []
    for part in parts:
        if is_survival(data) or part.above is None or part.label:
            continue
        assert part.y is not None
        own = risk_groups(part)
        place = pd.Index(part.case).get_indexer(own["case"])
        for name in THREE:
            at = place[own["group"] == name]
            group = None if part.group is None else part.group[at]
            rate = wilson_clustered(part.y[at], np.ones(at.size), group)
            head = {"model": part.model, "split": part.split, "group": name}
            limits = {"rate": rate.estimate, "lower": rate.lower, "upper": rate.upper}
            rows.append({**head, "n": at.size, "events": int(part.y[at].sum()), **limits})
    return in_order(pd.DataFrame(rows), splits, models) if rows else pd.DataFrame()


def strata_table(found: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return the same as a reader wants it."""
    if found.empty:
        return found
    return pd.DataFrame(
        [
            {
                "Model": data.model_label(str(row["model"])),
                "Cases": split_title(str(row["split"])),
                "Risk": row["group"],
                "n": row["n"],
                "Events": row["events"],
                "Rate (95% interval)": interval(
                    *(100 * row[key] for key in ("rate", "lower", "upper")), digits=0
                ).replace(" (", "% (", 1),
            }
            for _, row in found.iterrows()
        ]
    )

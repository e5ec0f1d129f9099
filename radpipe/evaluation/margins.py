"""How far each case's score lies from the cut-off of the fit that predicted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radpipe.evaluation.predictions import IN_BAG, split_labels, validate

MARGIN_COLUMNS = ("model", "split", "case", "y", "margin", "called")


def margins(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> pd.DataFrame:
    """Return each case's score minus the cut-off, of a binary endpoint.

    Returns
    -------
    DataFrame
        Columns MARGIN_COLUMNS, rising margins within a model and split. Over repeats ``margin`` is
        the mean of the differences, each on its own fit's scale, and ``called`` the share of the
        repeats in which the score reaches the cut-off. Rows without a cut-off are left out.
    """
    validate(predictions, outcomes)
    split = split_labels(predictions)
    rows = predictions.assign(
        split=split,
        margin=predictions["score"] - predictions["cutoff"],
        called=(predictions["score"] >= predictions["cutoff"]).astype(float),
    )
    rows = rows[(split != IN_BAG) & rows["margin"].notna()]
    keys = ["model", "split", "case"]
    table = rows.groupby(keys, sort=False, as_index=False)[["margin", "called"]].mean()
    table["y"] = table["case"].map(outcomes.set_index("case")["y"]).astype(int)
    order = table.sort_values("margin", kind="stable").groupby(["model", "split"], sort=False)
    found = [part for _, part in order]
    columns = list(MARGIN_COLUMNS)
    return pd.concat(found, ignore_index=True)[columns] if found else table.reindex(columns=columns)

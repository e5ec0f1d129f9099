"""What the predictions table holds: its columns, the kinds of its rows, and what is wrong."""

from __future__ import annotations

import pandas as pd

from radpipe.core.errors import RadpipeError

COLUMNS = (
    "format",
    "case",
    "group",
    "cohort",
    "split",
    "repeat",
    "fold",
    "model",
    "class",
    "horizon",
    "score",
    "risk",
    "cutoff",
    "kind",
)
IN_BAG = "in-bag"
KINDS = ("out-of-fold", "held-out", "apparent", IN_BAG)
"""In-bag rows serve corrections for optimism; no slice holds them."""


def validate(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    """Check both tables.

    Raises
    ------
    RadpipeError
        If a column is missing, a kind is unknown, a case was predicted twice in a repeat, or a
        predicted case has no outcome.
    """
    missing = [c for c in COLUMNS if c not in predictions.columns]
    if missing:
        raise RadpipeError(f"predictions: columns are missing: {', '.join(missing)}")
    unknown = sorted(set(predictions["kind"]) - set(KINDS))
    if unknown:
        raise RadpipeError(f"predictions: unknown kind {unknown[0]!r}; allowed: {', '.join(KINDS)}")
    key = ["model", "kind", "split", "class", "repeat", "horizon", "case"]
    twice = predictions.duplicated(key)
    if twice.any():
        row = predictions.loc[twice].iloc[0]
        raise RadpipeError(
            f"predictions: {row['model']} predicts case {row['case']} twice in repeat "
            f"{row['repeat']}"
        )
    if outcomes["case"].duplicated().any():
        raise RadpipeError("outcomes: a case stands there twice")
    orphans = set(predictions["case"]) - set(outcomes["case"])
    if orphans:
        raise RadpipeError(f"predictions: case {sorted(orphans)[0]} has no outcome")


def split_labels(predictions: pd.DataFrame) -> pd.Series:
    """Return each row's split: "resampled", "apparent", "in-bag", or the held-out one's label."""
    named = {"out-of-fold": "resampled", "apparent": "apparent", IN_BAG: IN_BAG}
    return predictions["kind"].map(named).fillna(predictions["split"]).astype(str)

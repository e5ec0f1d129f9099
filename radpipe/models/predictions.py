"""The predictions table of a study, from the scores of its models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from radpipe.resampling.plan import FINAL

FORMAT = 1
COLUMNS = (
    "format", "case", "group", "cohort", "split", "repeat", "fold", "model", "class",
    "horizon", "score", "risk", "cutoff", "cutoff_high", "draws", "comparable", "kind",
)  # fmt: skip


def predictions_table(scores: Mapping[str, pd.DataFrame], cohort: pd.DataFrame) -> pd.DataFrame:
    """Combine the models' scores into the one table that every metric and figure reads.

    Parameters
    ----------
    scores : mapping of str to DataFrame
        Each model's scores table (`radpipe.models.crossfit.CrossFit`).
    cohort : DataFrame
        One row a case: case, group, cohort, split.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. ``kind`` is ``out-of-fold`` (split ``resampled``), ``in-bag`` (so too:
        what a bootstrap fit says of its own rows, each drawn ``draws`` times), ``held-out``
        (split of the case) or ``apparent`` (split ``train``); repeat and fold are 0 in the
        last two. Inner predictions stay with the model.
    """
    about = cohort.set_index("case")[["group", "cohort", "split"]]
    tables = []
    for model, table in scores.items():
        shown = table[table["role"] != "inner"]
        final = (shown["scope"] == FINAL).to_numpy()
        apparent = (shown["role"] == "apparent").to_numpy()
        place = shown["scope"].where(~final, "r0f0").str.extract(r"^r(\d+)f(\d+)$").astype(int)
        held = about.loc[shown["case"]].reset_index(drop=True)
        split = np.where(final, np.where(apparent, "train", held["split"]), "resampled")
        in_bag = (shown["role"] == "in-bag").to_numpy()
        resampled = np.where(in_bag, "in-bag", "out-of-fold")
        kind = np.where(final, np.where(apparent, "apparent", "held-out"), resampled)
        tables.append(
            pd.DataFrame(
                {
                    "format": FORMAT,
                    "case": shown["case"].to_numpy(),
                    "group": held["group"].to_numpy(),
                    "cohort": held["cohort"].to_numpy(),
                    "split": split,
                    "repeat": place[0].to_numpy(),
                    "fold": place[1].to_numpy(),
                    "model": model,
                    "class": shown["class"].to_numpy(),
                    "horizon": shown["horizon"].to_numpy(),
                    "score": shown["score"].to_numpy(),
                    "risk": shown["risk"].to_numpy(),
                    "cutoff": shown["cutoff"].to_numpy(),
                    "cutoff_high": shown["cutoff_high"].to_numpy(),
                    "draws": shown["draws"].to_numpy(),
                    "comparable": shown["comparable"].to_numpy(),
                    "kind": kind,
                },
                columns=list(COLUMNS),
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))

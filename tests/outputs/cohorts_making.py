"""Made-up studies with several test cohorts, long names, and random splits."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import outputs_making

from radpipe.outputs.base import OutputData

LONG = (
    "临床影像组学联合模型预测软组织肉瘤肺转移的列线图模型",
    "$x_1$ & <b>",
    "signature_of_T1_and_PET_features_chosen_by_mRMR_and_LASSO_in_2024",
    "Clinical",
    "A model with a really very long name that no journal would print",
)
COHORTS = ("internal", "external:beijing", "external:鲁南")


def cohorts(**options: Any) -> OutputData:
    """Return a study of five models whose held-out cases are of three cohorts."""
    settings = {"n": 160, "models": 5, "held_out": True, "labels": LONG, "repeats": 2, **options}
    data = outputs_making.make(**settings)
    outcomes = data.outcomes.copy()
    held = (outcomes["split"] != "train").to_numpy()
    outcomes.loc[held, "split"] = np.resize(COHORTS, held.sum())
    split = outcomes.set_index("case")["split"]
    rows = data.predictions.copy()
    tested = rows["kind"] == "held-out"
    rows.loc[tested, "split"] = rows.loc[tested, "case"].map(split)
    return dataclasses.replace(
        data,
        outcomes=outcomes,
        predictions=rows,
        cohort=data.cohort.assign(split=outcomes["split"].to_numpy()),
    )


def random_splits(data: OutputData) -> OutputData:
    """Return the study as if its repeats were random splits."""
    endpoint = {**data.endpoint, "resampling": "repeated_splits"}
    return dataclasses.replace(data, endpoint=endpoint)

"""Puts the models' predictions into the one table that metrics and figures read."""

from __future__ import annotations

import pandas as pd

from radpipe.evaluation.metrics import metrics
from radpipe.io import atomic
from radpipe.models.predictions import predictions_table
from radpipe.steps.context import Context
from radpipe.steps.material import endpoint
from radpipe.study.derived import all_models


def run(context: Context, item: str, shard: int) -> str:
    """Write predictions.parquet, outcomes.parquet and metrics.parquet."""
    cohort = context.cohort()
    names = all_models(context.study.spec)
    scores = {name: pd.read_parquet(context.paths.scores(name)) for name in names}
    table = predictions_table(scores, cohort)
    wanted = ["case", "group", "cohort", "split", "y", "time", "event"]
    atomic.write_parquet(context.paths.predictions, table)
    outcomes = cohort[[c for c in wanted if c in cohort]]
    atomic.write_parquet(context.paths.outcomes, outcomes)
    atomic.write_parquet(context.paths.metrics, metrics(table, outcomes, endpoint(context)))
    return f"{len(names)} models, {len(cohort)} cases, {len(table)} predictions"

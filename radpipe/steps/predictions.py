"""Puts the models' predictions into the one table that metrics and figures read."""

from __future__ import annotations

import pandas as pd

from radpipe.evaluation.against import beyond_volume
from radpipe.evaluation.metrics import metrics
from radpipe.evaluation.outcomes import outcome_columns
from radpipe.io import atomic
from radpipe.models.predictions import predictions_table
from radpipe.steps.context import Context
from radpipe.steps.material import endpoint
from radpipe.steps.uses import note_held_out
from radpipe.study.derived import VOLUME_CONTROL, all_inputs, all_models


def run(context: Context, item: str, shard: int) -> str:
    """Write predictions.parquet, outcomes.parquet and metrics.parquet."""
    spec, cohort = context.study.spec, context.cohort()
    names = all_models(spec)
    scores = {name: pd.read_parquet(context.paths.scores(name)) for name in names}
    table = predictions_table(scores, cohort)
    about = endpoint(context)
    wanted = ["case", "group", "cohort", "split", *outcome_columns(about["kind"], about["classes"])]
    atomic.write_parquet(context.paths.predictions, table)
    outcomes = cohort[wanted]
    atomic.write_parquet(context.paths.outcomes, outcomes)
    measured = [metrics(table, outcomes, about)]
    if VOLUME_CONTROL in names:
        imaged = [name for name in spec.models if all_inputs(spec, name).blocks]
        measured.append(beyond_volume(table, outcomes, about, imaged, VOLUME_CONTROL))
    found = pd.concat([part for part in measured if len(part)], ignore_index=True)
    # Before anyone can read what the held-out cases say; an interrupted step is noted once.
    note_held_out(context, table)
    atomic.write_parquet(context.paths.metrics, found)
    return f"{len(names)} models, {len(cohort)} cases, {len(table)} predictions"

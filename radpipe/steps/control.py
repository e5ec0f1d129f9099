"""Runs one model's permuted-endpoint control."""

from __future__ import annotations

import pandas as pd

from radpipe.io import atomic
from radpipe.models.permute import Procedure, control, permuted_metrics
from radpipe.steps.context import Context
from radpipe.study.derived import all_inputs, all_models, chain_of, inputs_of

FOLDS = 5
"""Folds of a permutation where the study's own resampling has none."""


def run(context: Context, name: str, shard: int) -> str:
    """Write the model's metric under permutations of the endpoint."""
    spec = context.study.spec
    cohort = context.cohort()
    cohort = cohort[cohort["split"] == "train"].reset_index(drop=True)
    resampling = spec.evaluation.resampling
    folds = getattr(resampling, "folds", FOLDS)
    values = permuted_metrics(
        procedure(context, name, cohort),
        context.outcome(cohort),
        cohort["group"].to_numpy(dtype=str),
        context.dictionary(all_inputs(spec, name).clinical),
        spec.evaluation.seed,
        n=spec.controls.permutations,
        folds=folds,
        inner_folds=resampling.inner_folds,
    )
    survival = spec.endpoint.type == "survival"
    record = control(name, values, None, survival) | {"folds": folds}
    atomic.write_json(context.paths.control(name), record)
    return f"{name}: {len(values)} permutations"


def procedure(context: Context, name: str, cohort: pd.DataFrame) -> Procedure:
    """Return a model with all that leads to it, its sub-models included."""
    spec = context.study.spec
    model = all_models(spec)[name]
    parts = inputs_of(spec, model.inputs).models
    own = [n for n in model.inputs if n not in parts]
    chain = chain_of(spec, model)
    return Procedure(
        name,
        model,
        context.inputs(own, cohort).static,
        chain.steps if chain else None,
        tuple(procedure(context, part, cohort) for part in parts),
    )

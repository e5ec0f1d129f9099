"""Runs one model's permuted-endpoint control."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from radpipe.evaluation.headline_metric import HEADLINE, headline_value
from radpipe.io import atomic
from radpipe.io.progress import Teller
from radpipe.models.inputs import Inputs
from radpipe.models.permute import Procedure, control, permuted_metrics
from radpipe.steps.context import Context
from radpipe.study.derived import all_inputs, all_models, chains_of, free_inputs, inputs_of
from radpipe.study.preparationrefs import steps_of

FOLDS = 5
"""Folds of a permutation where the study's own resampling has none."""


def run(context: Context, name: str, shard: int) -> str:
    """Write the model's metric under permutations of the endpoint."""
    spec = context.study.spec
    cohort = context.cohort()
    cohort = cohort[cohort["split"] == "train"].reset_index(drop=True)
    resampling = spec.evaluation.resampling
    folds = getattr(resampling, "folds", FOLDS)
    values, reasons = permuted_metrics(
        procedure(context, name, cohort),
        context.outcome(cohort),
        cohort["group"].to_numpy(dtype=str),
        context.dictionary(all_inputs(spec, name).variables),
        spec.evaluation.seed,
        n=spec.controls.permutations,
        folds=folds,
        inner_folds=resampling.inner_folds,
        measure=headline_value,
        tell=Teller(context.paths.progress, "control", name, "permutations"),
    )
    record = control(name, values, HEADLINE[spec.endpoint.type].name, reasons)
    atomic.write_json(context.paths.control(name), record | {"folds": folds})
    lost = f", {record['undefined']} of them without a value" if record["undefined"] else ""
    return f"{name}: {len(values)} permutations{lost}"


def procedure(context: Context, name: str, cohort: pd.DataFrame) -> Procedure:
    """Return a model with all that leads to it, its sub-models included."""
    spec = context.study.spec
    model = all_models(spec)[name]
    parts = inputs_of(spec, model.inputs).models
    own = [n for n in model.inputs if n not in parts]
    chains, preparation = chains_of(spec, model), steps_of(spec, model)
    compared = [n for chain in chains if chain.needs_readings for n in chain.inputs]
    inputs = context.inputs(own, cohort, preparation, compared)
    below = tuple(procedure(context, part, cohort) for part in parts)
    return Procedure(
        name,
        model,
        inputs.static,
        [(chain.steps, _columns(inputs, chain.inputs, context.classes)) for chain in chains],
        below,
        preparation,
        inputs.readings,
        _columns(inputs, free_inputs(spec, model), context.classes),
    )


def _columns(inputs: Inputs, names: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Return the columns of a selection's inputs, those of models included."""
    scores = [f"{n}[{c}]" for n in names for c in range(len(classes))] if classes else list(names)
    return [*inputs.of(names), *scores]

"""Fits one model through the whole plan, and keeps its predictions and the final model."""

from __future__ import annotations

from typing import Any

from radpipe.core.target import kind_of
from radpipe.io import atomic
from radpipe.io.models import write_model
from radpipe.io.progress import Teller
from radpipe.models.chains import chosen
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs
from radpipe.models.training import training_variables
from radpipe.selection.chain import ChainResult, Chosen
from radpipe.steps.context import Context
from radpipe.steps.univariable import univariable
from radpipe.study.derived import all_models, chains_of, free_inputs, uncalibrated_parts
from radpipe.study.preparationrefs import steps_of


def run(context: Context, name: str, shard: int) -> str:
    """Write the model's scores, what it learned, and the final model."""
    spec = context.study.spec
    model = all_models(spec)[name]
    cohort = context.cohort()
    y = context.outcome(cohort)
    preparation = steps_of(spec, model)
    inputs = context.inputs(model.inputs, cohort, preparation)
    plan = context.plan(cohort, y)
    found = crossfit(
        name,
        model,
        inputs,
        y,
        plan,
        spec.evaluation.seed,
        chains=kept(context, model, inputs),
        horizons=context.horizons,
        classes=context.classes,
        preparation=preparation,
        tell=Teller(context.paths.progress, "fit", name, "fits"),
    )
    seen = inputs.of_risks(context.classes) if model.stacks(kind_of(y)) == "risk" else inputs
    final = plan.scopes[0]
    rows = final.train
    table = seen.training(final, rows)
    training = training_variables(table, found.final)
    raw = any(True for _ in uncalibrated_parts(spec, name))
    calibrated = found.fit["calibrated_risk"] and not raw
    report = {**found.fit, "calibrated_risk": calibrated, "training": training}
    report |= univariable(context, model, found.final, table, y[rows], inputs.groups[rows])
    write_model(context.paths.final(name), found.final)
    atomic.write_json(context.paths.fit(name), report)
    atomic.write_parquet(context.paths.scores(name), found.scores)
    return f"{name}: {len(found.fit['cutoffs'])} resamples in {found.fit['seconds']} s"


def kept(context: Context, model: Any, inputs: Inputs) -> dict[str, Chosen] | None:
    """Return what the model's selections left for each fit; None where it has none."""
    spec, chains = context.study.spec, chains_of(context.study.spec, model)
    records = {
        "+".join(chain.inputs): atomic.read_json(context.paths.chain(chain.name))
        for chain in chains
    }
    if not records:
        return None
    found = {
        name: {key: ChainResult.from_dict(fit) for key, fit in record.items()}
        for name, record in records.items()
    }
    parts = [inputs.of(chain.inputs) for chain in chains]
    return chosen(found, inputs.of(free_inputs(spec, model)), parts)

"""Fits one model through the whole plan, and keeps its predictions and the final model."""

from __future__ import annotations

from radpipe.io import atomic
from radpipe.io.models import write_model
from radpipe.models.crossfit import crossfit
from radpipe.steps.context import Context
from radpipe.study.derived import all_models, chain_of


def run(context: Context, name: str, shard: int) -> str:
    """Write the model's scores, what it learned, and the final model."""
    spec = context.study.spec
    model = all_models(spec)[name]
    cohort = context.cohort()
    y = context.outcome(cohort)
    chain = chain_of(spec, model)
    kept = None
    if chain is not None:
        record = atomic.read_json(context.paths.chain(chain.name))
        kept = {key: fit["selected"] for key, fit in record.items()}
    found = crossfit(
        name,
        model,
        context.inputs(model.inputs, cohort),
        y,
        context.plan(cohort, y),
        spec.evaluation.seed,
        chains=kept,
        horizons=context.horizons,
    )
    write_model(context.paths.final(name), found.final)
    atomic.write_json(context.paths.fit(name), found.fit)
    atomic.write_parquet(context.paths.scores(name), found.scores)
    return f"{name}: {len(found.fit['cutoffs'])} resamples in {found.fit['seconds']} s"

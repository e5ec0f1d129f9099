"""Runs one selection chain in every fit of the plan; the models that name it share the result."""

from __future__ import annotations

from radpipe.io import atomic
from radpipe.io.progress import Teller
from radpipe.models.chains import run_chains
from radpipe.resampling.plan import FINAL
from radpipe.steps.context import Context
from radpipe.study.derived import chains


def run(context: Context, name: str, shard: int) -> str:
    """Write what the chain kept in each fit, and what each of its steps dropped."""
    chain = chains(context.study.spec)[name]
    cohort = context.cohort()
    y = context.outcome(cohort)
    compared = chain.inputs if chain.needs_readings else ()
    found = run_chains(
        chain.steps,
        context.inputs(chain.inputs, cohort, chain.preparation, compared),
        y,
        context.plan(cohort, y),
        context.study.spec.evaluation.seed,
        preparation=chain.preparation,
        tell=Teller(context.paths.progress, "chain", name, "fits"),
    )
    fits = {key: result.to_dict(details=key == FINAL) for key, result in found.items()}
    atomic.write_json(context.paths.chain(name), fits)
    return f"{name}: {len(fits)} fits"

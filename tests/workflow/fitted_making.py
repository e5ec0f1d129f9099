"""A study whose steps are done in this process, and the command line as its user types it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from radpipe import cli
from radpipe.steps.context import open_context
from radpipe.steps.runner import STEPS
from radpipe.study.derived import all_models, chains
from radpipe.study.shards import study_shards


def fit_study(study: Path, reports: Path) -> None:
    """Do every step from the images to the models' cards, in the order of a run."""
    context = open_context(study, reports=reports)
    spec = context.study.spec

    def step(name: str, item: str = "", shard: int = 0) -> None:
        STEPS[name](context, item, shard)

    step("cohort")
    step("clinical")
    for block in spec.extracted:
        for shard in range(len(study_shards(context.study, block))):
            step("extract", block, shard)
        step("gather", block)
    for block in spec.derived:
        step("derive", block)
    for chain in chains(spec):
        step("chain", chain)
    for model in all_models(spec):
        step("fit", model)
    step("predictions")
    step("cards")


def radpipe(*words: object) -> str:
    """Return what a command prints; what is no ordinary end of it is raised."""
    done = CliRunner().invoke(cli.app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output

"""Settles who is in the cohort, with what outcome, and on which side of the split."""

from __future__ import annotations

from radpipe.io import atomic
from radpipe.steps.context import Context
from radpipe.steps.gather import collect
from radpipe.study.cohort import Cohort, build_cohort

CLINICAL = "clinical."


def run(context: Context, item: str, shard: int) -> str:
    """Write cohort.parquet: case, group, cohort, split and the endpoint."""
    frame = included(context).frame
    frame = frame[[c for c in frame.columns if not c.startswith(CLINICAL)]]
    atomic.write_parquet(context.paths.cohort, frame)
    return f"{len(frame)} cases"


def included(context: Context) -> Cohort:
    """Return the cohort, without the cases that failed where the user goes on without them.

    A case that fails in one block leaves the study as a whole, so that all models are
    compared on the same cases.
    """
    if not context.exclude_failed:
        return build_cohort(context.study)
    failed: dict[str, str] = {}
    for block in context.study.spec.blocks:
        failed |= collect(context, block)[1]
    return build_cohort(
        context.study, without={case: _in_print(why) for case, why in failed.items()}
    )


def _in_print(failure: str) -> str:
    """Return what was wrong with a case, without the file's name and the cure."""
    return f"not extracted: {failure.partition(': ')[2].partition('; ')[0]}"

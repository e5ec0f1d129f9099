"""Settles who is in the cohort, with what outcome, and on which side of the split."""

from __future__ import annotations

from radpipe.io import atomic
from radpipe.steps.context import Context
from radpipe.steps.gather import collect, emptied
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

    And without those that lack a region whose absence excludes a case.

    A case that fails in one block leaves the study as a whole, so that all models are
    compared on the same cases.
    """
    spec = context.study.spec
    without: dict[str, str] = {}
    for block in spec.may_exclude:
        region = spec.extracted[block].region
        without |= dict.fromkeys(emptied(context, block), f"no voxel of region {region}")
    for block in spec.extracted if context.exclude_failed else ():
        failed = collect(context, block)[1]
        without |= {case: _in_print(why) for case, why in failed.items()}
    return build_cohort(context.study, without=without)


def _in_print(failure: str) -> str:
    """Return what was wrong with a case, without the file's name and the cure."""
    return f"not extracted: {failure.partition(': ')[2].partition('; ')[0]}"

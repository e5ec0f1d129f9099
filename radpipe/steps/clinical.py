"""Reads the clinical variables, and what there is to say of the cohort."""

from __future__ import annotations

from radpipe.io import atomic
from radpipe.steps.cohort import CLINICAL, included
from radpipe.steps.context import Context


def run(context: Context, item: str, shard: int) -> str:
    """Write clinical.parquet (case, ``clinical.NAME`` ...) and cohort.json."""
    cohort = included(context)
    names = [c for c in cohort.frame.columns if c.startswith(CLINICAL)]
    atomic.write_parquet(context.paths.clinical, cohort.frame[["case", *names]])
    atomic.write_json(context.paths.cohort_info, cohort.info)
    return f"{len(names)} clinical variables"

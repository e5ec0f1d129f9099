"""Gathers the shards of a block into one table, and stops where a case has failed."""

from __future__ import annotations

import math

import pandas as pd

from radpipe.core.errors import RadpipeError
from radpipe.features.names import expected, feature_id
from radpipe.io import atomic
from radpipe.io.store import Store
from radpipe.steps.context import Context
from radpipe.study.shards import study_shards


def run(context: Context, block: str, shard: int) -> str:
    """Write the features of one block, a row a case.

    Raises
    ------
    RadpipeError
        Cases failed that are not excluded; all of them, with the lines that exclude them.
    """
    keys, failed = collect(context, block)
    left_out = set(context.study.spec.cohort.exclude)
    failed = {case: why for case, why in failed.items() if case not in left_out}
    if failed and not context.exclude_failed:
        raise RadpipeError(failure_text(failed, context.study.name, bool(left_out)))
    store = Store(context.paths.store)
    rows = {}
    for case, key in keys.items():
        values = store.get(key)
        if values is None:
            raise RadpipeError(
                f"{context.study.name}: the features of case {case} in block {block} are no "
                "longer in the case store; run again to extract them"
            )
        rows[case] = values
    names = expected(context.study.spec.settings(block))
    policy = context.study.spec.empty(block)
    if policy in ("missing", "zero"):
        value = 0.0 if policy == "zero" else math.nan
        rows |= {case: dict.fromkeys(names, value) for case in emptied(context, block)}
    for case, values in rows.items():
        if set(values) != set(names):
            raise RadpipeError(
                f"{context.study.name}: block {block} gives other features for case {case} than "
                "its settings tell; a picture of two dimensions needs force_2d: axial"
            )
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=float)
    frame.columns = [feature_id(block, name) for name in names]
    frame.insert(0, "case", list(rows))
    atomic.write_parquet(context.paths.block(block), frame.sort_values("case"))
    return f"{block}: {len(rows)} cases, {len(names)} features, {len(failed)} failed"


def collect(context: Context, block: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the shards of a block say: case -> store key, and case -> failure."""
    keys: dict[str, str] = {}
    failed: dict[str, str] = {}
    for number in range(len(study_shards(context.study, block))):
        record = atomic.read_json(context.paths.shard(block, number))
        keys |= record["keys"]
        failed |= record["failed"]
    return keys, failed


def emptied(context: Context, block: str) -> dict[str, str]:
    """Return the cases without a voxel of the block's region, which is allowed, with the reason."""
    found: dict[str, str] = {}
    for number in range(len(study_shards(context.study, block))):
        found |= atomic.read_json(context.paths.shard(block, number)).get("empty", {})
    return found


def failure_text(failed: dict[str, str], study: str, excludes: bool) -> str:
    """Return the failures, a line each, and the lines of study.yaml that exclude them."""
    lines = [why if case in why else f"case {case}: {why}" for case, why in failed.items()]
    lines.append(
        "mend these and run again, or go on without them: "
        f"radpipe run {study} --exclude-failed, or in study.yaml under cohort"
        f"{', with what stands there' if excludes else ''}:"
    )
    lines.append("  exclude:")
    lines += [f'    "{case}": "features could not be extracted"' for case in failed]
    return "\n".join(lines)

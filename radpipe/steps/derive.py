"""Makes the blocks that are not extracted: read from a table, or made of other blocks."""

from __future__ import annotations

import pandas as pd

from radpipe.features.names import feature_id
from radpipe.io import atomic
from radpipe.steps.context import Context
from radpipe.study.blocks import TableSpec
from radpipe.study.cohort import build_cohort
from radpipe.study.derivation import derive
from radpipe.study.feature_tables import read_features


def run(context: Context, block: str, shard: int) -> str:
    """Write the features of one block, a row a case."""
    spec, paths = context.study.spec, context.paths
    own = spec.derived[block]
    if isinstance(own, TableSpec):
        rows = build_cohort(context.study).rows
        frame = read_features(context.study, block, rows).frame
        frame = frame.set_axis([feature_id(block, str(name)) for name in frame.columns], axis=1)
    else:
        parts = {part: pd.read_parquet(paths.block(part)).set_index("case") for part in own.parts}
        frame = derive(spec, block, parts)
    table = frame.rename_axis("case").reset_index().sort_values("case")
    atomic.write_parquet(paths.block(block), table)
    lost = int(frame.isna().to_numpy().sum())
    return f"{block}: {len(frame)} cases, {frame.shape[1]} features, {lost} values missing"

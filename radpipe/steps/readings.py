"""Gathers the second readings of a block, and gives them to whoever compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from radpipe.core.errors import FaultsError, RadpipeError
from radpipe.features.names import expected, feature_id
from radpipe.io import atomic
from radpipe.io.store import Store
from radpipe.selection.icc import PERTURBED
from radpipe.steps.context import Context
from radpipe.steps.gather import collect, emptied
from radpipe.study.cohort import build_cohort
from radpipe.study.readings import item_of, made_of, readers_of
from radpipe.study.table_readings import table_readings


def run(context: Context, block: str, shard: int) -> str:
    """Write the second readings of one block, a row a reader and case.

    Raises
    ------
    RadpipeError
        Readings failed that are not left out; all of them, with the lines that leave them out.
    """
    spec, store = context.study.spec, Store(context.paths.store)
    if block not in spec.extracted:
        return _of_tables(context, block)
    names = expected(spec.settings(block))
    rows: list[dict[str, object]] = []
    failed: dict[tuple[str, str], str] = {}
    for reader in readers_of(spec, block):
        keys, failures = collect(context, item_of(block, reader))
        failed |= {(reader, case): why for case, why in failures.items()}
        for case, key in keys.items():
            values = store.get(key)
            if values is None:
                raise RadpipeError(
                    f"{context.study.name}: the features of case {case}, reading {reader}, in "
                    f"block {block} are no longer in the case store; run again to extract them"
                )
            rows.append({"reader": reader, "case": case, **values})
        if spec.empty(block) == "zero":
            lost = emptied(context, item_of(block, reader))
            rows += [{"reader": reader, "case": c, **dict.fromkeys(names, 0.0)} for c in lost]
    if failed and not context.exclude_failed:
        raise RadpipeError(failure_text(failed, context.study.name))
    frame = pd.DataFrame(rows, columns=["reader", "case", *names])
    frame = frame.astype(dict.fromkeys(names, float))
    frame.columns = ["reader", "case", *(feature_id(block, name) for name in names)]
    atomic.write_parquet(context.paths.readings(block), frame)
    return f"{block}: {len(rows)} readings, {len(failed)} failed"


def _of_tables(context: Context, block: str) -> str:
    """Write the second readings of a block that is read from tables."""
    found = table_readings(context.study, block, build_cohort(context.study))
    if found.faults:
        raise FaultsError(found.faults)
    frames = [
        frame.add_prefix(feature_id(block, "")).rename_axis("case").reset_index()
        for frame in found.frames.values()
    ]
    for reader, frame in zip(found.frames, frames, strict=True):
        frame.insert(0, "reader", reader)
    atomic.write_parquet(context.paths.readings(block), pd.concat(frames, ignore_index=True))
    return f"{block}: {sum(map(len, frames))} readings"


def failure_text(failed: Mapping[tuple[str, str], str], study: str) -> str:
    """Return the failures, a line each, and the lines of study.yaml that leave them out."""
    lines = [
        f"case {case}, reading {reader}: {why.replace('exclude the case', 'leave the reading out')}"
        for (reader, case), why in failed.items()
    ]
    lines.append(
        "mend these and run again, or go on without them (the cases stay in the study): "
        f"radpipe run {study} --exclude-failed, or in study.yaml:"
    )
    lost: dict[str, list[str]] = {}
    for reader, case in failed:
        place = f"readers.{reader}"
        lost.setdefault("perturbations" if reader.startswith(PERTURBED) else place, []).append(case)
    for place, cases in lost.items():
        lines.append(f"  {place}.exclude:")
        reason = "features could not be extracted"
        lines += [f'    "{case}": "{reason}"' for case in dict.fromkeys(cases)]
    return "\n".join(lines)


def read_readings(
    context: Context, blocks: Sequence[str], cases: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return the second readings of blocks.

    Parameters
    ----------
    context : Context
        The study; the readings of what the blocks are made of are gathered.
    blocks : sequence of str
        Extracted blocks and tables, and blocks made of them, whose readings are made of theirs.
    cases : sequence of str
        The rows, in this order.

    Returns
    -------
    dict of str to DataFrame
        Reader -> rows of ``cases``, columns ``block__feature``; NaN where a case was not read. A
        block that the reader did not read has no columns.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for block in blocks:
        for reader, frame in _of_block(context, block).items():
            found.setdefault(reader, []).append(frame.reindex(cases))
    return {reader: pd.concat(frames, axis=1) for reader, frames in found.items()}


def _of_block(context: Context, block: str) -> dict[str, pd.DataFrame]:
    """Return the second readings of one block by reader, indexed by case."""
    spec = context.study.spec
    if made_of(spec, block) == [block]:
        if not readers_of(spec, block):
            return {}
        frame = pd.read_parquet(context.paths.readings(block))
        return {
            str(reader): rows.drop(columns="reader").set_index("case")
            for reader, rows in frame.groupby("reader", sort=False)
        }
    from radpipe.study.derivation import derive

    parts = {part: _of_block(context, part) for part in spec.derived[block].parts}
    readers = [set(found) for found in parts.values()]
    both = [reader for reader in next(iter(parts.values())) if all(reader in r for r in readers)]
    return {
        reader: derive(spec, block, {part: found[reader] for part, found in parts.items()})
        for reader in both
    }

"""Extracts one shard of a block: each case on its own, what is in the store left alone."""

from __future__ import annotations

from radpipe.core.errors import CaseError
from radpipe.io import atomic, progress
from radpipe.io.progress import Event
from radpipe.io.store import Store
from radpipe.steps.context import Context
from radpipe.steps.extractor import Extractor
from radpipe.study.files import block_files
from radpipe.study.shards import study_shards


def run(context: Context, block: str, shard: int) -> str:
    """Extract the cases of one shard; a case that fails costs no other.

    Returns
    -------
    str
        How many cases were computed, found in the store, or failed.
    """
    files = block_files(context.study, block)
    cases = study_shards(context.study, block)[shard]
    extractor = Extractor.of(Store(context.paths.store))
    keys: dict[str, str] = {}
    failed: dict[str, str] = {}
    computed = 0
    for case in cases:
        pair = files[case]
        try:
            keys[case], status = extractor(pair.image, pair.mask, pair.label, pair.settings)
            computed += status == "computed"
            message = ""
        except CaseError as error:
            message = str(error)
            failed[case], status = message, "failed"
        progress.add(context.paths.progress, Event("extract", block, status, case, message))
    atomic.write_json(
        context.paths.shard(block, shard),
        {"block": block, "shard": shard, "keys": keys, "failed": failed},
    )
    return (
        f"{block}, shard {shard}: {len(cases)} cases, {computed} computed, "
        f"{len(keys) - computed} found in the store, {len(failed)} failed"
    )

"""Extracts one shard of a block: each case on its own, what is in the store left alone."""

from __future__ import annotations

from pathlib import Path

from radpipe.core.errors import CaseError
from radpipe.imaging.volume import EmptyRegion
from radpipe.io import atomic, progress
from radpipe.io.progress import Event
from radpipe.io.store import Store
from radpipe.steps.context import Context
from radpipe.steps.extractor import Extractor
from radpipe.study.files import block_files
from radpipe.study.readings import parts_of
from radpipe.study.shards import study_shards


def run(context: Context, block: str, shard: int) -> str:
    """Extract the cases of one shard, of a block or of one of its second readings.

    A case that fails costs no other.

    Returns
    -------
    str
        How many cases were computed, found in the store, or failed.
    """
    files = block_files(context.study, block)
    cases = study_shards(context.study, block)[shard]
    spec, own = context.study.spec, parts_of(block)[0]
    extractor = Extractor.of(Store(context.paths.store), spec.extracted[own].engine)
    policy = spec.empty(own)
    tries = context.paths.tries(block, shard)
    number = next_try(tries, context.exclude_failed)
    keys: dict[str, str] = {}
    failed: dict[str, str] = {}
    empty: dict[str, str] = {}
    computed = 0
    for case in cases:
        if case not in files:
            continue  # a simulated case that nobody read twice
        pair = files[case]
        try:
            keys[case], status = extractor(
                pair.image, pair.mask, pair.label, pair.settings, pair.perturbation
            )
            computed += status == "computed"
            message = ""
        except EmptyRegion as error:
            message, status = str(error), "empty"
            if policy == "fault":
                message += f"; or allow it (regions.{spec.extracted[own].region}.empty)"
                status = "failed"
            (failed if policy == "fault" else empty)[case] = message
        except CaseError as error:
            message = str(error)
            failed[case], status = message, "failed"
        progress.add(context.paths.progress, Event("extract", block, status, case, message))
    atomic.write_json(tries, {"number": number, "failing": bool(failed)})
    atomic.write_json(
        context.paths.shard(block, shard),
        {"block": block, "shard": shard, "keys": keys, "failed": failed, "empty": empty},
    )
    return (
        f"{block}, shard {shard}: {len(keys) + len(failed)} cases, {computed} computed, "
        f"{len(keys) - computed} found in the store, {len(failed)} failed"
        + (f", {len(empty)} without the region" if empty else "")
    )


def next_try(path: Path, exclude_failed: bool) -> int:
    """Return the number of a shard's next try, which its job depends on.

    After a try with a failing case it is the next number, so that the case is tried again. It
    is the last one where the user goes on without the case, or none failed: nothing is done
    again then, nor all that follows.
    """
    if not path.exists():
        return 0
    last = atomic.read_json(path)
    return int(last["number"]) + int(last["failing"] and not exclude_failed)

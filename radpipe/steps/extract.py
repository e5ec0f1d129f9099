"""Extracts one shard of a block: each case on its own, what is in the store left alone."""

from __future__ import annotations

from pathlib import Path

from radpipe.core.digests import code_digest, digest
from radpipe.core.errors import CaseError, Fault
from radpipe.features.engine import Engine
from radpipe.features.extract import code_of, extract
from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.features.settings import canonical
from radpipe.io import atomic, progress
from radpipe.io.images import read_image, read_mask
from radpipe.io.progress import Event
from radpipe.io.store import Store
from radpipe.steps.context import Context
from radpipe.study.files import BlockFiles, block_files
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
    engine: Engine = ENGINES[DEFAULT_ENGINE]()
    version = engine.version()
    code = digest(code_of(engine.name), code_digest(["radpipe.io.images"]))
    store = Store(context.paths.store)
    keys: dict[str, str] = {}
    computed: list[str] = []
    failed: dict[str, str] = {}
    for case in cases:
        try:
            pair = files[case]
            key = store.key(
                store.digest_file(pair.image),
                store.digest_file(pair.mask),
                pair.label,
                canonical(pair.settings),
                engine.name,
                version,
                code,
            )
            status = "stored"
            if store.get(key) is None:
                store.put(key, _compute(pair, engine), {"image": pair.image.name})
                computed.append(case)
                status = "computed"
            keys[case] = key
            message = ""
        except (CaseError, MemoryError) as error:
            message = _reason(error, files[case].image)
            failed[case], status = message, "failed"
        progress.add(context.paths.progress, Event("extract", block, status, case, message))
    atomic.write_json(
        context.paths.shard(block, shard),
        {"block": block, "shard": shard, "keys": keys, "failed": failed},
    )
    stored = len(keys) - len(computed)
    return (
        f"{block}, shard {shard}: {len(cases)} cases, {len(computed)} computed, "
        f"{stored} found in the store, {len(failed)} failed"
    )


def _compute(pair: BlockFiles, engine: Engine) -> dict[str, float]:
    image, mask = read_image(pair.image), read_mask(pair.mask)
    names = str(pair.image), str(pair.mask)
    return extract(image, mask, pair.label, pair.settings, engine, *names)


def _reason(error: CaseError | MemoryError, image: Path) -> str:
    if isinstance(error, CaseError):
        return str(error)
    cure = "run with fewer cores, resample to larger voxels, or exclude the case"
    return str(Fault(str(image), "needs more memory than there is", cure))

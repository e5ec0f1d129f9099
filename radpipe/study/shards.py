"""Deals the cases of a block into shards, which are extracted one job each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

from radpipe.simulate.cohort import case_ids
from radpipe.study.files import BlockFiles, block_files
from radpipe.study.load import Study
from radpipe.study.readings import parts_of

CASES_PER_SHARD = 12
"""Cases a job: enough to make up for its start, few enough to keep many cores busy."""

Shards = tuple[tuple[str, ...], ...]


def deal_shards(cases: Sequence[str], sizes: Mapping[str, int]) -> Shards:
    """Deal cases, the largest first, round-robin into shards of like work.

    Parameters
    ----------
    cases : sequence of str
        What to deal.
    sizes : mapping of str to int
        Size of each case's mask file in bytes; a case without one counts 0.

    Returns
    -------
    tuple of tuple of str
        At least one shard; none is empty where there is a case.
    """
    ordered = sorted(cases, key=lambda case: (-sizes.get(case, 0), case))
    count = max(1, ceil(len(ordered) / CASES_PER_SHARD))
    return tuple(tuple(ordered[start::count]) for start in range(count))


def shards_of(study: Study, files: Mapping[str, BlockFiles]) -> Shards:
    """Return the shards of a block whose files are known already."""
    if study.simulated:  # before the phantoms are made there are no sizes to go by
        return deal_shards(list(files), {})
    return deal_shards(list(files), {case: _size(pair.mask) for case, pair in files.items()})


def study_shards(study: Study, block: str) -> Shards:
    """Return the shards of a block; they depend on the cohort and its masks alone."""
    if study.spec.simulate is not None and not study.has_data:
        left_out = set(study.spec.cohort.exclude)
        cases = case_ids(study.spec.simulate)
        return deal_shards([case for case in cases if case not in left_out], {})
    if study.simulated:  # the shards are the same before and after the phantoms are made
        block, _ = parts_of(block)
    return shards_of(study, block_files(study, block))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

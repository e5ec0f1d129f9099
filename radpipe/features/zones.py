"""Zones: connected voxels of one grey level, found by joining runs of rows."""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel
from radpipe.features.region import Levels


def zones_of(levels: Levels, planar: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey-level rank (from 0) and the size in voxels of every zone.

    Parameters
    ----------
    levels : Levels
        The region's grey levels.
    planar : bool
        Voxels are connected with the 8 around them in their plane, not with all 26.

    Returns
    -------
    ranks, sizes : ndarray of int64, shape (zones,)
    """
    voxels = int(levels.counts.sum())
    ranks = np.empty(voxels, np.uint16)
    sizes = np.empty(voxels, np.int32)
    found = _zones(levels.ranks, levels.rows, planar, ranks, sizes)
    return ranks[:found].astype(np.int64) - 1, sizes[:found].astype(np.int64)


@kernel()
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel()
def _join_rows(parent, begin, end, level, first, stop, other, other_stop):
    """Join runs of one row with those of a row beside it that touch them and are alike."""
    for i in range(first, stop):
        while other < other_stop and end[other] < begin[i]:
            other += 1
        j = other
        while j < other_stop and begin[j] <= end[i]:
            if level[j] == level[i]:
                a, b = _root(parent, i), _root(parent, j)
                if a < b:
                    parent[b] = a
                else:
                    parent[a] = b
            j += 1


@kernel("int64(uint16[:,:,::1], int32[:,:,::1], boolean, uint16[::1], int32[::1])")
def _zones(ranks, rows, planar, zone_rank, zone_size):
    depth, height, _ = ranks.shape
    most = zone_rank.size
    begin = np.empty(most, np.int32)  # of a run
    end = np.empty(most, np.int32)  # one after its last voxel
    level = np.empty(most, np.uint16)
    parent = np.empty(most, np.int32)
    row_first = np.zeros((depth, height + 1), np.int32)  # its first run; then the next row's
    runs = 0
    for z in range(depth):
        for y in range(height):
            row_first[z, y] = runs
            low, high = rows[z, y, 0], rows[z, y, 1]
            row = ranks[z, y]
            x = low
            while x < high:
                value = row[x]
                if value == 0:
                    x += 1
                    continue
                begin[runs] = x
                level[runs] = value
                parent[runs] = runs
                while row[x] == value:
                    x += 1
                end[runs] = x
                runs += 1
            if row_first[z, y] == runs:
                continue
            first = row_first[z, y]
            if y > 0:
                _join_rows(
                    parent, begin, end, level, first, runs, row_first[z, y - 1], row_first[z, y]
                )
            if planar or z == 0:
                continue
            for other in range(max(0, y - 1), min(height, y + 2)):
                a, b = row_first[z - 1, other], row_first[z - 1, other + 1]
                if a < b:
                    _join_rows(parent, begin, end, level, first, runs, a, b)
        row_first[z, height] = runs
    size = np.zeros(runs, np.int32)
    for i in range(runs):
        size[_root(parent, i)] += end[i] - begin[i]
    zones = 0
    for i in range(runs):
        if size[i] > 0:
            zone_rank[zones] = level[i]
            zone_size[zones] = size[i]
            zones += 1
    return zones

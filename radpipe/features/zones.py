"""Zones: connected voxels of one grey level."""

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
    voxels = len(levels.places)
    ranks = np.empty(voxels, np.uint16)
    sizes = np.empty(voxels, np.int32)
    labels = np.empty(levels.ranks.size, np.int32)
    _, height, width = levels.ranks.shape
    found = _zones(
        levels.ranks.ravel(), levels.places, height * width, width, planar, labels, ranks, sizes
    )
    return ranks[:found].astype(np.int64) - 1, sizes[:found].astype(np.int64)


@kernel()
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel()
def _joined(parent, a, b):
    """Join two zones, and return the name of the whole."""
    a, b = _root(parent, a), _root(parent, b)
    if a < b:
        parent[b] = a
        return a
    parent[a] = b
    return b


@kernel(
    "int64(uint16[::1], int32[::1], int64, int64, boolean, int32[::1], uint16[::1], int32[::1])"
)
def _zones(ranks, places, plane, row, planar, labels, zone_rank, zone_size):
    """Name each voxel's zone after neighbours that came before it.

    The voxel below (in a plane: above) touches all other neighbours that came before: where it
    is alike, they are one zone with it already. The voxel to the left touches all but those on
    the right.
    """
    centre = row if planar else plane
    right = np.array([row - 1, plane + row - 1, plane - 1, plane - row - 1])
    rest = np.array(
        [row, row + 1, plane, plane + 1, plane + row, plane + row + 1, plane - row, plane - row + 1]
    )
    rights, rests = (1, 2) if planar else (4, 8)
    parent = np.empty(places.size, np.int32)
    size = np.zeros(places.size, np.int32)
    names = 0
    for i in range(places.size):
        j = np.int64(places[i])
        level = ranks[j]
        if ranks[j - centre] == level:
            name = labels[j - centre]
        else:
            name = np.int32(-1)
            if ranks[j - 1] == level:
                name = labels[j - 1]
            else:
                for k in range(rests):
                    other = j - rest[k]
                    if ranks[other] == level:
                        name = labels[other] if name < 0 else _joined(parent, name, labels[other])
            for k in range(rights):
                other = j - right[k]
                if ranks[other] == level:
                    name = labels[other] if name < 0 else _joined(parent, name, labels[other])
            if name < 0:
                name = np.int32(names)
                parent[names] = names
                zone_rank[names] = level
                names += 1
        labels[j] = name
        size[name] += 1
    for i in range(names):
        root = _root(parent, i)
        if root != i:
            size[root] += size[i]
            size[i] = 0
    zones = 0
    for i in range(names):
        if size[i] > 0:
            zone_rank[zones] = zone_rank[i]
            zone_size[zones] = size[i]
            zones += 1
    return zones

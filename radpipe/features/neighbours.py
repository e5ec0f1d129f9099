"""Counts of neighbouring grey levels: all matrices but the zones', in one pass over the region.

A region lies in a box with an edge of zeros around it, so that no neighbour needs a test for the
border. One half of the neighbours of every voxel is visited (the offsets), and each gives both
directions: co-occurrences, dependences, sums of the neighbourhood, and runs.
"""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel
from radpipe.features.region import Levels


def offsets_of(distances: tuple[int, ...], planar: bool) -> np.ndarray:
    """Return one of each pair of opposite steps whose longest component is a distance.

    Parameters
    ----------
    distances : tuple of int
        In voxels.
    planar : bool
        Leave out steps along z.

    Returns
    -------
    ndarray of int64, shape (directions, 3)
        Steps along z, y, x.
    """
    reach = max(distances)
    steps = range(reach, -reach - 1, -1)
    found = [
        (z, y, x)
        for z in ([0] if planar else steps)
        for y in steps
        for x in steps
        if (z, y, x) > (0, 0, 0) and max(abs(z), abs(y), abs(x)) in distances
    ]
    return np.array(found, dtype=np.int64)


def count(levels: Levels, offsets: np.ndarray, runs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Count pairs of neighbours, and runs of equal levels.

    Parameters
    ----------
    levels : Levels
        The region's grey levels.
    offsets : ndarray of int64, shape (directions, 3)
        From :func:`offsets_of`; none longer than the box's edge.
    runs : bool
        Whether to count runs, for which the offsets have distance 1.

    Returns
    -------
    pairs : ndarray of uint32, shape (directions, levels, levels)
        Voxels of a level whose neighbour in the direction has another.
    runs : ndarray of int64, shape (directions, levels, longest)
        Runs by level and length; a direction in which no line holds two voxels of the region is
        empty, as the region is flat there. Of length 0 where runs were not asked for.
    """
    k, n = len(offsets), len(levels.values)
    depth, height, width = levels.box.shape
    pairs = np.zeros((k, n + 1, n + 1), np.uint32)
    longest = max(depth, height, width) if runs else 0
    found = np.zeros((k, longest + 1, n + 1), np.uint32)
    lengths = np.zeros((k, 2 * height * width if runs else 0), np.uint16)
    _count(
        levels.ranks.ravel(),
        levels.places,
        levels.slices,
        levels.steps(offsets),
        offsets[:, 0].copy(),
        height * width,
        lengths,
        pairs,
        found,
    )
    pairs = pairs[:, 1:, 1:]
    if not runs:
        return pairs, found[:, 1:, 1:].astype(np.int64)
    used = np.flatnonzero(found[:, 1:, 1:].any(axis=(0, 2)))[-1] + 1
    found = found[:, 1 : used + 1, 1:].transpose(0, 2, 1).astype(np.int64)
    for d in np.flatnonzero(~pairs.any(axis=(1, 2))):
        if not _any_line_twice(levels.ranks > 0, offsets[d]):
            found[d] = 0
    return pairs, found


def surroundings(levels: Levels, offsets: np.ndarray, alpha: int) -> tuple[np.ndarray, np.ndarray]:
    """Compare every voxel with all its neighbours.

    Parameters
    ----------
    levels : Levels
        The region's grey levels.
    offsets : ndarray of int64, shape (directions, 3)
        From :func:`offsets_of`; none longer than the box's edge.
    alpha : int
        How far two levels may differ and still be alike.

    Returns
    -------
    dependences : ndarray of int64, shape (levels, 2 * directions + 1)
        Voxels by how many of their neighbours are alike.
    differences : ndarray of float64, shape (levels,)
        Sum of the differences between a voxel and the mean of its neighbours.
    """
    n = len(levels.values)
    dependences = np.zeros((n + 1, 2 * len(offsets) + 1), np.int64)
    differences = np.zeros(n + 1)
    steps = levels.steps(offsets)
    both = np.concatenate([steps, -steps])
    box, ranks = levels.box.ravel(), levels.ranks.ravel()
    _surroundings(box, ranks, levels.places, both, alpha, dependences, differences)
    return dependences[1:], differences[1:]


def _any_line_twice(inside: np.ndarray, step: np.ndarray) -> bool:
    """Return whether a line along ``step`` holds two voxels, however far apart."""
    places = np.argwhere(inside)
    axis = int(np.flatnonzero(step)[0])
    lines = places - np.outer(places[:, axis] * step[axis], step)
    return len(np.unique(lines, axis=0)) < len(lines)


@kernel(
    "void(uint16[::1], int32[::1], int64[::1], int64[::1], int64[::1], int64, uint16[:,::1],"
    " uint32[:,:,::1], uint32[:,:,::1])"
)
def _count(ranks, places, slices, steps, depths, plane, lengths, pairs, runs):
    """Count slice by slice, so that one matrix and a few slices stay at hand.

    ``lengths`` holds, for a slice and the one before, how long the run is that a voxel ends so
    far. Nothing is decided by branches, which would be guessed wrongly too often.
    """
    with_runs = lengths.shape[1] > 0
    for z in range(slices.size - 1):
        first, stop = slices[z], slices[z + 1]
        for d in range(steps.size):
            step = steps[d]
            matrix = pairs[d]
            for i in range(first, stop):
                j = np.uint64(places[i])
                matrix[ranks[j], ranks[j + np.uint64(step)]] += np.uint32(1)
            if not with_runs:
                continue
            known, table = lengths[d], runs[d]
            source = z - depths[d]
            now = ((z & 1) - z) * plane
            before = ((source & 1) - source) * plane - step
            for i in range(first, stop):
                place = np.int64(places[i])
                j = np.uint64(place)
                same = np.uint16(ranks[j] == ranks[j - np.uint64(step)])
                length = np.uint16(known[np.uint64(place + before)] * same) + np.uint16(1)
                known[np.uint64(place + now)] = length
            for i in range(first, stop):
                place = np.int64(places[i])
                j = np.uint64(place)
                here = ranks[j]
                ends = np.uint32(here != ranks[j + np.uint64(step)])
                table[known[np.uint64(place + now)], here] += ends


@kernel("void(uint16[::1], uint16[::1], int32[::1], int64[::1], int64, int64[:,::1], float64[::1])")
def _surroundings(box, ranks, places, steps, alpha, dependences, differences):
    for i in range(places.size):
        place = np.uint64(places[i])
        centre = np.int64(box[place])
        total = np.int64(0)
        number = np.int64(0)
        alike = np.int64(0)
        if alpha == 0:
            for d in range(steps.size):
                other = np.int64(box[place + np.uint64(steps[d])])
                total += other
                number += np.int64(other != 0)
                alike += np.int64(other == centre)
        else:
            for d in range(steps.size):
                other = np.int64(box[place + np.uint64(steps[d])])
                total += other
                number += np.int64(other != 0)
                alike += np.int64((other != 0) & (abs(other - centre) <= alpha))
        rank = ranks[place]
        dependences[rank, alike] += 1
        if number > 0:
            differences[rank] += abs(centre - total / number)

"""Counts of neighbouring grey levels: all matrices but the zones', in one pass over the region.

A region lies in a box with an edge of zeros around it, so that no neighbour needs a test for the
border. One half of the neighbours of every voxel is visited (the offsets), and each gives both
directions: co-occurrences, dependences, sums of the neighbourhood, and runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpipe.core.kernels import kernel
from radpipe.features.region import Levels


@dataclass(frozen=True)
class Counts:
    """What was counted, by rank of grey level (0 the lowest that is there).

    Parameters
    ----------
    pairs : ndarray of uint32, shape (directions, levels, levels)
        Voxels of a level whose neighbour in the direction has another.
    dependences : ndarray of int64, shape (levels, 2 * directions + 1)
        Voxels by how many of their neighbours are alike.
    differences : ndarray of float64, shape (levels,)
        Sum of the differences between a voxel and the mean of its neighbours.
    """

    pairs: np.ndarray
    dependences: np.ndarray
    differences: np.ndarray


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


def count(levels: Levels, offsets: np.ndarray, alpha: int) -> Counts:
    """Count the neighbours of every voxel of a region.

    Parameters
    ----------
    levels : Levels
        The region's grey levels.
    offsets : ndarray of int64, shape (directions, 3)
        From :func:`offsets_of`; none longer than the box's edge.
    alpha : int
        How far two levels may differ and still be alike.
    """
    k, n = len(offsets), len(levels.values)
    pairs = np.zeros((k, n + 1, n + 1), np.uint32)
    dependences = np.zeros((n + 1, 2 * k + 1), np.int64)
    differences = np.zeros(n + 1)
    _count(levels.box, levels.ranks, levels.rows, offsets, alpha, pairs, dependences, differences)
    return Counts(pairs[:, 1:, 1:], dependences[1:], differences[1:])


def runs_of(levels: Levels, offsets: np.ndarray) -> np.ndarray:
    """Count runs of equal levels.

    Parameters
    ----------
    levels : Levels
        The region's grey levels.
    offsets : ndarray of int64, shape (directions, 3)
        From :func:`offsets_of`, of distance 1.

    Returns
    -------
    ndarray of int64, shape (directions, levels, longest)
        Runs by level and length; a direction in which no line holds two voxels of the region is
        empty, as the region is flat there.
    """
    k, n = len(offsets), len(levels.values)
    runs = np.zeros((k, max(levels.box.shape) + 1, n + 1), np.uint32)
    lengths = np.zeros((k, 2, *levels.box.shape[1:]), np.uint16)
    _runs(levels.ranks, levels.rows, offsets, lengths, runs)
    found = runs[:, 1:, 1:].astype(np.int64)
    found = found[:, : np.flatnonzero(found.any(axis=(0, 2)))[-1] + 1]
    for d in np.flatnonzero(~found[:, 1:].any(axis=(1, 2))):
        if not _any_line_twice(levels.ranks > 0, offsets[d]):
            found[d] = 0
    return found.transpose(0, 2, 1)


def _any_line_twice(inside: np.ndarray, step: np.ndarray) -> bool:
    """Return whether a line along ``step`` holds two voxels, however far apart."""
    places = np.argwhere(inside)
    axis = int(np.flatnonzero(step)[0])
    lines = places - np.outer(places[:, axis] * step[axis], step)
    return len(np.unique(lines, axis=0)) < len(lines)


# Rows are cut out before the inner loops: an index that may be negative would be tested for it,
# and the loops could not use the processor's vectors.


@kernel()
def _neighbourhood(centre, ahead, behind, alpha, total, number, alike):
    """Add the neighbours of a row in one direction and its opposite."""
    if alpha == 0:
        for i in range(centre.size):
            a, b, c = np.int32(ahead[i]), np.int32(behind[i]), np.int32(centre[i])
            total[i] += a + b
            number[i] += np.int32(a != 0) + np.int32(b != 0)
            alike[i] += np.int32(a == c) + np.int32(b == c)
    else:
        for i in range(centre.size):
            a, b, c = np.int32(ahead[i]), np.int32(behind[i]), np.int32(centre[i])
            total[i] += a + b
            number[i] += np.int32(a != 0) + np.int32(b != 0)
            alike[i] += np.int32((a != 0) & (abs(a - c) <= alpha))
            alike[i] += np.int32((b != 0) & (abs(b - c) <= alpha))


@kernel(
    "void(uint16[:,:,::1], uint16[:,:,::1], int32[:,:,::1], int64[:,::1], int32,"
    " uint32[:,:,::1], int64[:,::1], float64[::1])"
)
def _count(box, ranks, rows, offsets, alpha, pairs, dependences, differences):
    depth, height, width = box.shape
    total = np.zeros(width, np.int32)
    number = np.zeros(width, np.int32)
    alike = np.zeros(width, np.int32)
    for z in range(depth):
        for y in range(height):
            low, high = rows[z, y, 0], rows[z, y, 1]
            if low >= high:
                continue
            centre, rank = box[z, y, low:high], ranks[z, y, low:high]
            total[:] = 0
            number[:] = 0
            alike[:] = 0
            for d in range(offsets.shape[0]):
                dz, dy, dx = offsets[d, 0], offsets[d, 1], offsets[d, 2]
                ahead = box[z + dz, y + dy, low + dx : high + dx]
                behind = box[z - dz, y - dy, low - dx : high - dx]
                _neighbourhood(centre, ahead, behind, alpha, total, number, alike)
                there = ranks[z + dz, y + dy, low + dx : high + dx]
                matrix = pairs[d]
                for i in range(rank.size):
                    matrix[rank[i], there[i]] += np.uint32(1)
            for i in range(rank.size):
                level = rank[i]
                if level != 0:
                    dependences[level, alike[i]] += 1
                    if number[i] > 0:
                        differences[level] += abs(centre[i] - total[i] / number[i])


@kernel("void(uint16[:,:,::1], int32[:,:,::1], int64[:,::1], uint16[:,:,:,::1], uint32[:,:,::1])")
def _runs(ranks, rows, offsets, lengths, runs):
    """Count runs where they end.

    ``lengths`` holds, for two slices, how many voxels back each voxel's run began; voxels
    outside the region are counted with level 0, which spares a branch.
    """
    depth, height, _ = ranks.shape
    for z in range(depth):
        for y in range(height):
            low, high = rows[z, y, 0], rows[z, y, 1]
            if low >= high:
                continue
            here = ranks[z, y, low:high]
            for d in range(offsets.shape[0]):
                dz, dy, dx = offsets[d, 0], offsets[d, 1], offsets[d, 2]
                ahead = ranks[z + dz, y + dy, low + dx : high + dx]
                behind = ranks[z - dz, y - dy, low - dx : high - dx]
                before = lengths[d, (z - dz) & 1, y - dy, low - dx : high - dx]
                now = lengths[d, z & 1, y, low:high]
                if dz == 0 and dy == 0:
                    for i in range(here.size):  # each depends on the one before
                        same = here[i] == behind[i] and here[i] != 0
                        now[i] = before[i] + 1 if same else 1
                else:
                    for i in range(here.size):
                        same = np.uint16(here[i] == behind[i]) & np.uint16(here[i] != 0)
                        now[i] = np.uint16(before[i] * same) + np.uint16(1)
                matrix = runs[d]
                for i in range(here.size):
                    ends = np.uint32(here[i] != ahead[i])
                    matrix[now[i], here[i]] += ends

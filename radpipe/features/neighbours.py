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
    plane, longest = height * width, max(depth, height, width)
    pairs = np.zeros((k, n + 1, n + 1), np.uint32)
    links = np.zeros((k, longest if runs else 0, n + 1), np.uint32)
    most = _count(
        levels.ranks.ravel(),
        levels.places,
        levels.slices,
        levels.steps(offsets),
        offsets[:, 0].copy(),
        plane,
        np.zeros((k, 2 * plane if runs else 0), np.uint16),
        np.empty(int(np.diff(levels.slices).max()) + 1, np.int32),
        pairs,
        links,
    )
    if not runs:
        return pairs[:, 1:, 1:], np.zeros((k, n, 0), np.int64)
    found = _runs(links[:, 1 : most + 1, 1:], levels.counts)
    alone = pairs[:, 1:, 0].sum(axis=1) == len(levels.places)
    for d in np.flatnonzero(alone):
        if not _any_line_twice(levels.ranks > 0, offsets[d]):
            found[d] = 0
    return pairs[:, 1:, 1:], found


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
    box, ranks = levels.box.ravel(), levels.ranks.ravel()
    _surroundings(box, ranks, levels.places, steps, alpha, dependences, differences)
    return dependences[1:], differences[1:]


def _runs(links: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return runs by level and length, from how many links of equal neighbours there are.

    Parameters
    ----------
    links : ndarray of uint32, shape (directions, most links of a run, levels)
        Links that are the first, the second, ... of their run, as runs of at least that many have.
    counts : ndarray of int64, shape (levels,)
        Voxels of each level.
    """
    k, most, n = links.shape
    at_least = np.zeros((k, most + 2, n), np.int64)
    at_least[:, 1:-1] = links
    at_least[:, 0] = counts - at_least[:, 1:].sum(axis=1)  # each link makes one run of two
    return (at_least[:, :-1] - at_least[:, 1:]).transpose(0, 2, 1)


def _any_line_twice(inside: np.ndarray, step: np.ndarray) -> bool:
    """Return whether a line along ``step`` holds two voxels, however far apart."""
    places = np.argwhere(inside)
    axis = int(np.flatnonzero(step)[0])
    lines = places - np.outer(places[:, axis] * step[axis], step)
    return len(np.unique(lines, axis=0)) < len(lines)


@kernel(
    "int64(uint16[::1], int32[::1], int64[::1], int64[::1], int64[::1], int64, uint16[:,::1],"
    " int32[::1], uint32[:,:,::1], uint32[:,:,::1])"
)
def _count(ranks, places, slices, steps, depths, plane, known, linked, pairs, links):
    """Count slice by slice, so that one matrix and a few slices stay at hand.

    A voxel and a neighbour that is alike are a link, and runs are chains of links: only voxels
    that have one (``linked``) are looked at again. ``known`` holds, for a slice and the one
    after, how many links of its run come before a voxel. Nothing is decided by branches, which
    would be guessed wrongly too often. Returns the most links of a run.
    """
    with_runs = known.shape[1] > 0
    most = np.uint16(0)
    for z in range(slices.size - 1):
        first, stop = slices[z], slices[z + 1]
        for d in range(steps.size):
            step = np.uint64(steps[d])
            matrix = pairs[d]
            number = np.uint64(0)
            for i in range(first, stop):
                j = np.uint64(places[i])
                here, other = ranks[j], ranks[j + step]
                matrix[here, other] += np.uint32(1)
                linked[number] = places[i]
                number += np.uint64(here == other)
            if not with_runs:
                continue
            before, table = known[d], links[d]
            after = z + depths[d]
            start = (z & 1) * plane
            now = start - z * plane
            then = ((after & 1) - after) * plane + steps[d]
            for i in range(np.int64(number)):
                place = np.int64(linked[i])
                count = before[np.uint64(place + now)] + np.uint16(1)
                before[np.uint64(place + then)] = count
                most = max(most, count)
                table[count, ranks[np.uint64(place)]] += np.uint32(1)
            before[start : start + plane] = 0
    return most


CHUNK = 1024
"""Places of the box that are compared with their neighbours side by side."""
GAP = 64
"""Places outside the region that are compared for nothing rather than ending a chunk."""


@kernel("void(uint16[::1], uint16[::1], int32[::1], int64[::1], int64, int64[:,::1], float64[::1])")
def _surroundings(box, ranks, places, steps, alpha, dependences, differences):
    """Compare stretches of the box with stretches around them, by the processor's vectors."""
    totals = np.empty(CHUNK, np.int64)
    numbers = np.empty(CHUNK, np.int32)
    likes = np.empty(CHUNK, np.int32)
    first = 0
    while first < places.size:
        low = np.int64(places[first])
        end = first + 1
        while end < places.size and places[end] - places[end - 1] <= GAP:
            if places[end] - low >= CHUNK:
                break
            end += 1
        high = np.int64(places[end - 1]) + 1
        centre = box[low:high]
        total, number, alike = totals[: high - low], numbers[: high - low], likes[: high - low]
        total[:] = 0
        number[:] = 0
        alike[:] = 0
        for d in range(steps.size):
            ahead = box[low + steps[d] : high + steps[d]]
            behind = box[low - steps[d] : high - steps[d]]
            if alpha == 0:
                for s in range(centre.size):
                    here, a, b = centre[s], ahead[s], behind[s]
                    total[s] += np.int64(a) + np.int64(b)
                    number[s] += np.int32(a != 0) + np.int32(b != 0)
                    alike[s] += np.int32(a == here) + np.int32(b == here)
            else:
                for s in range(centre.size):
                    here, a, b = np.int32(centre[s]), np.int32(ahead[s]), np.int32(behind[s])
                    total[s] += a + b
                    number[s] += np.int32(a != 0) + np.int32(b != 0)
                    alike[s] += np.int32((a != 0) & (abs(a - here) <= alpha))
                    alike[s] += np.int32((b != 0) & (abs(b - here) <= alpha))
        for i in range(first, end):
            s = places[i] - low
            rank = ranks[places[i]]
            dependences[rank, alike[s]] += 1
            if number[s] > 0:
                differences[rank] += abs(np.int64(centre[s]) - total[s] / number[s])
        first = end

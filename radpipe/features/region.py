"""A region of interest as the features need it: its voxels in order, and boxes of grey levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radpipe.core.kernels import kernel


@dataclass(frozen=True)
class Region:
    """The voxels of a region in its bounding box.

    Parameters
    ----------
    inside : ndarray of bool, shape (z, y, x)
        The region in its bounding box.
    spacing : tuple of 3 float
        Voxel size along z, y, x in mm.
    """

    inside: np.ndarray
    spacing: tuple[float, float, float]

    @cached_property
    def places(self) -> np.ndarray:
        """Return where the region's voxels lie in the flattened box, in order."""
        return np.flatnonzero(self.inside).astype(np.int32)

    def values(self, box: np.ndarray) -> np.ndarray:
        """Return the grey values of the region's voxels from an image of the box."""
        return np.ascontiguousarray(box).reshape(-1)[self.places]

    def turned(self, axis: int) -> Region:
        """Return the region with an axis (0 z, 1 y, 2 x) moved to the front."""
        if axis == 0:
            return self
        order = [axis, *(other for other in range(3) if other != axis)]
        inside = np.ascontiguousarray(self.inside.transpose(order))
        return Region(inside, tuple(self.spacing[i] for i in order))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Levels:
    """Grey levels of a region, in a box with an edge of zeros.

    Parameters
    ----------
    values : ndarray of int64, shape (levels,)
        Grey levels that are there, rising, counted from 1.
    counts : ndarray of int64, shape (levels,)
        Voxels of each.
    box : ndarray of uint16, shape (z, y, x)
        Grey level of each voxel, 0 outside the region.
    ranks : ndarray of uint16, shape (z, y, x)
        Place of that level in ``values``, from 1.
    places : ndarray of int32, shape (voxels,)
        Where the region's voxels lie in the flattened box, in order.
    slices : ndarray of int64, shape (z + 1,)
        Which of ``places`` each slice begins with.
    """

    values: np.ndarray
    counts: np.ndarray
    box: np.ndarray
    ranks: np.ndarray
    places: np.ndarray
    slices: np.ndarray

    @property
    def highest(self) -> int:
        """Return the highest grey level."""
        return int(self.values[-1])

    def steps(self, offsets: np.ndarray) -> np.ndarray:
        """Return steps along z, y, x as steps in the flattened box."""
        _, height, width = self.box.shape
        return offsets @ np.array([height * width, width, 1])


class Frame:
    """The box that a region's levels are written into, made once for all images.

    Parameters
    ----------
    region : Region
        What lies in it.
    edge : int
        Zeros around the box; as many as the longest step to a neighbour.
    """

    def __init__(self, region: Region, edge: int) -> None:
        shape = tuple(size + 2 * edge for size in region.inside.shape)
        inside = np.zeros(shape, np.bool_)
        inside[tuple(slice(edge, edge + size) for size in region.inside.shape)] = region.inside
        self.places = np.flatnonzero(inside).astype(np.int32)
        per_slice = np.count_nonzero(inside, axis=(1, 2))
        self.slices = np.concatenate([[0], np.cumsum(per_slice)]).astype(np.int64)
        self._box = np.zeros(shape, np.uint16)
        self._ranks = np.zeros(shape, np.uint16)

    def levels(self, of: np.ndarray) -> Levels:
        """Return levels (one a voxel, in order) in the frame; the next call takes its place."""
        counts = np.bincount(of)
        values = np.flatnonzero(counts)
        _scatter(of, self.places, self._box.reshape(-1))
        ranks = self._box
        if len(values) < values[-1]:
            rank = np.zeros(len(counts), np.uint16)
            rank[values] = np.arange(1, len(values) + 1)
            _scatter(rank[of], self.places, self._ranks.reshape(-1))
            ranks = self._ranks
        return Levels(values, counts[values], self._box, ranks, self.places, self.slices)


@kernel("void(uint16[::1], int32[::1], uint16[::1])")
def _scatter(values, places, box):
    for i in range(values.size):
        box[places[i]] = values[i]

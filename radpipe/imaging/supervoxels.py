"""An image cut into small compact pieces of like grey values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_MM3 = 250.0
LEAST_VOXELS = 20
COMPACTNESS = 0.1
"""How much a distance of one piece's width counts against the image's whole range of grey."""
ROUNDS = 6
TAILS = (2.0, 98.0)
"""Percentiles that the range of grey is taken between."""


def supervoxels(
    image: NDArray[np.number], spacing: tuple[float, float, float]
) -> NDArray[np.int64]:
    """Return the number of the piece that each voxel belongs to, from 0 without gaps.

    Parameters
    ----------
    image : array, shape (z, y, x)
        Finite grey values.
    spacing : tuple of float
        Voxel size in mm, in the order of the axes.

    Returns
    -------
    int array, shape (z, y, x)
        Pieces hold about 250 mm3, or 20 voxels where that is more.

    Notes
    -----
    Simple linear iterative clustering (Achanta et al., IEEE Trans Pattern Anal Mach Intell
    2012;34:2274): k-means of grey value and place, each centre looking at its surroundings alone.
    Pieces are not forced to be in one part.
    """
    from scipy.ndimage import gaussian_filter

    step = np.asarray(spacing, dtype=float)
    grey = gaussian_filter(image.astype(float), step.min() / step)
    low, high = np.percentile(grey, TAILS)
    grey = np.clip((grey - low) / (high - low), 0, 1) if high > low else np.zeros_like(grey)
    width = _width(image.shape, step)
    centres = _seeds(grey, step, width)
    places = np.indices(image.shape).reshape(3, -1)
    labels = np.zeros(image.shape, dtype=np.int64)
    for _ in range(ROUNDS):
        labels = _nearest(grey, step, width, centres, labels)
        own = labels.ravel()
        count = np.maximum(np.bincount(own, minlength=len(centres)), 1)
        sums = [np.bincount(own, part, len(centres)) for part in (*places, grey.ravel())]
        kept = np.bincount(own, minlength=len(centres)) > 0
        centres[kept] = (np.stack(sums, axis=1) / count[:, None])[kept]
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int64)


def _width(shape: tuple[int, ...], step: NDArray[np.float64]) -> float:
    """Return the width of a piece in mm; of one slice, pieces are flat."""
    volume = max(LEAST_MM3, LEAST_VOXELS * float(step.prod()))
    if shape[0] == 1:
        return float(np.sqrt(max(LEAST_MM3 ** (2 / 3), LEAST_VOXELS * step[1] * step[2])))
    return float(np.cbrt(volume))


def _seeds(
    grey: NDArray[np.float64], step: NDArray[np.float64], width: float
) -> NDArray[np.float64]:
    """Return the first centres (z, y, x, grey), on a regular grid."""
    along = []
    for size, voxel in zip(grey.shape, step, strict=True):
        count = max(1, round(size * voxel / width))
        along.append((np.arange(count) + 0.5) * size / count - 0.5)
    grid = np.stack(np.meshgrid(*along, indexing="ij"), axis=-1).reshape(-1, 3)
    at = np.clip(np.rint(grid).astype(int), 0, np.array(grey.shape) - 1)
    return np.column_stack([grid, grey[tuple(at.T)]])


def _nearest(
    grey: NDArray[np.float64],
    step: NDArray[np.float64],
    width: float,
    centres: NDArray[np.float64],
    before: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the nearest centre of each voxel, the first of equally near ones.

    A voxel that no centre is near enough to keeps the one that it had ``before``.
    """
    best = np.full(grey.shape, np.inf)
    labels = before.copy()
    scale = COMPACTNESS * step / width
    for number, (*centre, value) in enumerate(centres):
        window, parts = [], []
        for axis, at in enumerate(centre):
            low = max(0, int(np.floor(at - width / step[axis])))
            high = min(grey.shape[axis], int(np.ceil(at + width / step[axis])) + 1)
            window.append(slice(low, high))
            parts.append((scale[axis] * (np.arange(low, high) - at)) ** 2)
        place = tuple(window)
        far = (grey[place] - value) ** 2
        far += parts[0][:, None, None] + parts[1][None, :, None] + parts[2][None, None, :]
        nearer = far < best[place]
        best[place][nearer] = far[nearer]
        labels[place][nearer] = number
    return labels

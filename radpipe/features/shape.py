"""Shape of a region in space: volume, surface, axes and diameters.

Definitions are PyRadiomics': the mesh passes halfway between voxels, and the axes are those of
the ellipsoid with the voxels' covariance.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.features.mesh import diameters, surface_and_volume


def shape(inside: np.ndarray, spacing: tuple[float, float, float]) -> dict[str, float]:
    """Return the shape features of a mask.

    Parameters
    ----------
    inside : ndarray of bool, shape (z, y, x)
        The region, not empty.
    spacing : tuple of 3 float
        Voxel size along z, y, x in mm.
    """
    padded = np.pad(inside, 1)
    surface, volume = surface_and_volume(padded, spacing)
    by_slice, by_column, by_row, largest = diameters(padded, spacing)
    least, minor, major = axis_variances(inside, spacing)
    ball = (36 * math.pi * volume * volume) ** (1 / 3)
    return {
        "Compactness1": volume / (surface**1.5 * math.sqrt(math.pi)),
        "Compactness2": 36 * math.pi * volume**2 / surface**3,
        "Elongation": math.sqrt(minor / major) if major else math.nan,
        "Flatness": math.sqrt(least / major) if major else math.nan,
        "LeastAxisLength": 4 * math.sqrt(least),
        "MajorAxisLength": 4 * math.sqrt(major),
        "Maximum2DDiameterColumn": by_column,
        "Maximum2DDiameterRow": by_row,
        "Maximum2DDiameterSlice": by_slice,
        "Maximum3DDiameter": largest,
        "MeshVolume": volume,
        "MinorAxisLength": 4 * math.sqrt(minor),
        "Sphericity": ball / surface,
        "SphericalDisproportion": surface / ball,
        "SurfaceArea": surface,
        "SurfaceVolumeRatio": surface / volume,
        "VoxelVolume": int(inside.sum()) * math.prod(spacing),
    }


def axis_variances(inside: np.ndarray, spacing: tuple[float, ...]) -> list[float]:
    """Return the variances of the voxels' places along their main axes in mm², rising.

    Sums of whole numbers are exact, so that a flat region has a variance of 0 and no noise.
    """
    places = [index.astype(np.int64) for index in np.nonzero(inside)]
    n = len(places[0])
    sums = [int(a.sum()) for a in places]
    covariance = np.empty((len(places), len(places)))
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            exact = n * int((a * b).sum()) - sums[i] * sums[j]
            covariance[i, j] = exact / n**2 * spacing[i] * spacing[j]
    return [max(float(v), 0.0) for v in np.linalg.eigvalsh(covariance)]

"""Shape of a region in one plane: surface, perimeter, axes and diameter.

Definitions are PyRadiomics': the line around the region passes halfway between pixels (marching
squares), and where two pixels touch at a corner only, it goes between them.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.features.mesh import diameters
from radpipe.features.shape import axis_variances


def shape_2d(inside: np.ndarray, spacing: tuple[float, float]) -> dict[str, float]:
    """Return the shape features of a mask in a plane.

    Parameters
    ----------
    inside : ndarray of bool, shape (y, x)
        The region, not empty.
    spacing : tuple of 2 float
        Pixel size along y, x in mm.
    """
    padded = np.pad(inside, 1)
    perimeter, surface = _line(padded, spacing)
    minor, major = axis_variances(inside, spacing)
    sphericity = 2 * math.sqrt(math.pi * surface) / perimeter
    flat = np.pad(padded[None], [(1, 1), (0, 0), (0, 0)])
    return {
        "Elongation": math.sqrt(minor / major) if major else math.nan,
        "MajorAxisLength": 4 * math.sqrt(major),
        "MaximumDiameter": diameters(flat, (1.0, *spacing))[0],
        "MeshSurface": surface,
        "MinorAxisLength": 4 * math.sqrt(minor),
        "Perimeter": perimeter,
        "PerimeterSurfaceRatio": perimeter / surface,
        "PixelSurface": int(inside.sum()) * math.prod(spacing),
        "SphericalDisproportion": 1 / sphericity,
        "Sphericity": sphericity,
    }


def _line(inside: np.ndarray, spacing: tuple[float, float]) -> tuple[float, float]:
    """Return length and enclosed surface of the line, from counts of the sixteen 2x2 squares."""
    m = inside.astype(np.int64)
    number = m[:-1, :-1] + 2 * m[:-1, 1:] + 4 * m[1:, 1:] + 8 * m[1:, :-1]
    counts = np.bincount(number.ravel(), minlength=16)
    y, x = spacing
    diagonal = 0.5 * math.hypot(y, x)
    corners = counts[[1, 2, 4, 8, 7, 11, 13, 14]].sum()
    saddles = counts[5] + counts[10]
    perimeter = (
        diagonal * (corners + 2 * saddles)
        + x * (counts[3] + counts[12])
        + y * (counts[6] + counts[9])
    )
    eighths = (
        counts[[1, 2, 4, 8]].sum()
        + 2 * saddles
        + 4 * (counts[3] + counts[6] + counts[9] + counts[12])
        + 7 * counts[[7, 11, 13, 14]].sum()
        + 8 * counts[15]
    )
    return float(perimeter), float(eighths * y * x / 8)

"""PyRadiomics' words for settings, and ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

INTERPOLATORS = {
    "nearest": "sitkNearestNeighbor",
    "linear": "sitkLinear",
    "bspline": "sitkBSpline",
    "gaussian": "sitkGaussian",
    "label_gaussian": "sitkLabelGaussian",
    "hamming_sinc": "sitkHammingWindowedSinc",
    "cosine_sinc": "sitkCosineWindowedSinc",
    "welch_sinc": "sitkWelchWindowedSinc",
    "lanczos_sinc": "sitkLanczosWindowedSinc",
    "blackman_sinc": "sitkBlackmanWindowedSinc",
}
"""Our names of interpolators, and PyRadiomics', in the order of the numbers 1 to 10.

The numbers are SimpleITK's, but for 3: B-spline was 3 when PyRadiomics' schema was written, and
is 23 in SimpleITK today, which knows no 3.
"""

PLANES = ("axial", "coronal", "sagittal")
"""Planes of the voxel grid, in the order of ``force2Ddimension``: across z, y and x."""


class ImageType(NamedTuple):
    """One of our filters, and its settings with PyRadiomics' keys for them."""

    kind: str
    keys: Mapping[str, str]


IMAGE_TYPES = {
    "Original": ImageType("original", {}),
    "LoG": ImageType("log", {"sigma_mm": "sigma"}),
    "Wavelet": ImageType(
        "wavelet", {"family": "wavelet", "start_level": "start_level", "level": "level"}
    ),
    "Square": ImageType("square", {}),
    "SquareRoot": ImageType("square_root", {}),
    "Logarithm": ImageType("logarithm", {}),
    "Exponential": ImageType("exponential", {}),
    "Gradient": ImageType("gradient", {"use_spacing": "gradientUseSpacing"}),
    "LBP2D": ImageType(
        "lbp_2d",
        {"radius": "lbp2DRadius", "samples": "lbp2DSamples", "method": "lbp2DMethod"},
    ),
    "LBP3D": ImageType(
        "lbp_3d",
        {
            "levels": "lbp3DLevels",
            "radius": "lbp3DIcosphereRadius",
            "subdivision": "lbp3DIcosphereSubdivision",
        },
    ),
}
"""PyRadiomics' names of filters, and ours."""
